// Every contender runs a command with a deadline: run(command, args, { timeoutMs, graceMs }) settles when it says it is done.
import { spawn, spawnSync } from 'node:child_process';
import { execa } from 'execa';
import killProcessGroup from 'kill-process-group';
import treeKill from 'tree-kill';
import { containmentLevel, runInGroup } from '../../../packages/proc-group/src/index.ts';

const PIPES = ['ignore', 'pipe', 'pipe'];

const signal = (pid, name) => {
  try {
    process.kill(pid, name);
  } catch {
    // Gone.
  }
};

/** A deadline by hand around a spawn, as one writes it with a package that only kills. */
function byHand(file, args, { timeoutMs, graceMs, detached = true, terminate, kill }) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: PIPES, detached });
    child.stdout.resume();
    child.stderr.resume();
    let grace;
    const deadline = setTimeout(() => {
      terminate(child);
      grace = setTimeout(() => kill(child), graceMs);
    }, timeoutMs);
    const done = (code, name) => {
      clearTimeout(deadline);
      // The grace goes on for the others of the group.
      if (code === null && name === null) clearTimeout(grace);
      resolve({ code, signal: name });
    };
    child.on('error', () => done(null, null));
    child.on('close', done);
  });
}

const group = (pid, name) => signal(-pid, name);
const installed = (tool) => spawnSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', tool]).status === 0;

const ours = (containment) => (command, args, limits) => runInGroup({ command, args, containment, ...limits });

const wrapped = (tool, flags) => (command, args, limits) =>
  byHand(tool, [...flags, command, ...args], {
    ...limits,
    terminate: (child) => child.kill('SIGTERM'),
    kill: (child) => group(child.pid, 'SIGKILL'),
  });

const peers = {
  'spawn({ timeout })': (command, args, { timeoutMs }) =>
    new Promise((resolve) => {
      const child = spawn(command, args, { stdio: PIPES, timeout: timeoutMs });
      child.stdout.resume();
      child.stderr.resume();
      child.on('close', (code, name) => resolve({ code, signal: name }));
    }),
  'kill(-pid)': (command, args, limits) =>
    byHand(command, args, {
      ...limits,
      terminate: (child) => group(child.pid, 'SIGTERM'),
      kill: (child) => group(child.pid, 'SIGKILL'),
    }),
  'tree-kill': (command, args, limits) =>
    byHand(command, args, {
      ...limits,
      detached: false,
      terminate: (child) => treeKill(child.pid, 'SIGTERM', () => {}),
      kill: (child) => treeKill(child.pid, 'SIGKILL', () => {}),
    }),
  'kill-process-group': (command, args, limits) =>
    byHand(command, args, {
      ...limits,
      terminate: (child) => void killProcessGroup(child, { signal: 'SIGTERM' }).catch(() => {}),
      kill: (child) => void killProcessGroup(child, { signal: 'SIGKILL' }).catch(() => {}),
    }),
  execa: (command, args, { timeoutMs, graceMs }) =>
    execa(command, args, {
      timeout: timeoutMs,
      forceKillAfterDelay: graceMs,
      reject: false,
      buffer: false,
      stdio: PIPES,
    }),
  'execa killDescendants': (command, args, { timeoutMs, graceMs }) =>
    execa(command, args, {
      timeout: timeoutMs,
      forceKillAfterDelay: graceMs,
      killDescendants: true,
      reject: false,
      buffer: false,
      stdio: PIPES,
    }),
};

const tools = {
  tini: ['tini -s -g', wrapped('tini', ['-s', '-g', '--'])],
  'dumb-init': ['dumb-init', wrapped('dumb-init', ['--'])],
  timeout: [
    'timeout(1)',
    (command, args, { timeoutMs, graceMs }) =>
      byHand('timeout', ['-k', String(graceMs / 1000), String(timeoutMs / 1000), command, ...args], {
        timeoutMs: 60_000,
        graceMs: 0,
        terminate: () => {},
        kill: () => {},
      }),
  ],
};

export async function allContenders() {
  const machine = await containmentLevel();
  const usable = new Set(machine.details.filter((detail) => detail.usable).map((detail) => detail.level));
  const absent = [];
  const found = { ...peers };
  for (const [tool, [name, run]] of Object.entries(tools)) {
    if (installed(tool)) found[name] = run;
    else absent.push(tool);
  }
  const levels = { kernel: 'best', namespace: 'namespace', cookie: 'cookie' };
  for (const [level, containment] of Object.entries(levels)) {
    if (usable.has(level)) found[`gatehouse ${level}`] = ours(containment);
    else absent.push(`level ${level}`);
  }
  return { contenders: found, absent, usable };
}
