/** A tree of processes that ignores every polite signal is stopped, once, and the keys of its task are set free. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { requestStop, type SettlePorts, settleStop, tombstoneKey } from '@gatehouse/cancel';

const stubborn = 'trap "" TERM INT HUP; (while :; do sleep 1; done) & while :; do sleep 1; done';
const child = spawn('sh', ['-c', stubborn], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
// Every process of the tree holds the pipe, so its end is the proof that none is left.
const over = once(child.stdout.resume(), 'close');
const task = { id: 'task-7', key: 'feature/T-7', stage: 'running', attempts: 0 };
const facts = { profile: 'gates-only', branch: task.key, head: null, main: 'main', protectedNames: [] } as const;
const run = { id: 'job-1', token: 1 };
const nothingToDo = async () => ({ kind: 'done' }) as const;

const ports: SettlePorts = {
  ledger: {
    requestStop: async () => {
      if (task.stage !== 'running') return { kind: 'already', runs: [] };
      task.stage = 'stopping';
      return { kind: 'stopping', runs: [run] };
    },
    beginAttempt: async () => {
      if (task.stage === 'released') return { kind: 'released' };
      return { kind: 'stopping', attempt: ++task.attempts, runs: [run], facts };
    },
    completed: async ({ verified }) => {
      task.stage = verified ? 'cancelled' : 'cancelled, unverified';
      return { kind: 'recorded' };
    },
    releaseKeys: async ({ taskId }) => {
      Object.assign(task, { stage: 'released', key: tombstoneKey(task.key, taskId) });
      return { kind: 'recorded' };
    },
  },
  runs: {
    end: async (_run, { graceMs }) => {
      if (child.pid === undefined) return { kind: 'unknown' };
      process.kill(-child.pid, 'SIGTERM');
      const polite = await Promise.race([over.then(() => true), delay(graceMs, false)]);
      if (!polite) process.kill(-child.pid, 'SIGKILL');
      await over;
      return { kind: 'ended', verified: true, leftovers: [] };
    },
  },
  cleanUp: {
    copyArtefacts: nothingToDo,
    keepHead: nothingToDo,
    removeWorkplace: nothingToDo,
    deleteBranch: nothingToDo,
    releaseLease: nothingToDo,
  },
};

const stop = { taskId: task.id, reason: 'not wanted any more', actor: 'ann' };
console.log((await requestStop(stop, ports)).kind, (await requestStop(stop, ports)).kind);
const answer = await settleStop({ taskId: task.id, graceMs: 200 }, ports);
console.log(answer.kind, 'verified' in answer && answer.verified === true ? 'nothing is left' : 'unproven');
console.log(task.key, (await settleStop({ taskId: task.id }, ports)).kind);
