/** What a run left: read from git, the store and the process table after the last service has ended. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteStore } from '../../apps/orchestrator/dist/store/sqlite/open.js';
import { DEFAULT_CONFIG, decide, initialState } from '../../packages/stage-engine/dist/index.js';

const git = (dir, ...args) => execFileSync('git', ['-C', dir, ...args], { encoding: 'utf8' }).trim();
const lines = (text) => text.split('\n').filter((line) => line !== '');

/** Every breach, one line each; there must be none. */
export async function auditRun({ forge, dataDir, before, branches, tasks, stops, marker, root }) {
  const breaches = [];
  const opened = openSqliteStore(join(dataDir, 'gatehouse.db'));
  if (opened.kind !== 'opened') return [`the store cannot be opened: ${opened.trouble.message}`];
  const { store } = opened;
  const subjects = lines(git(forge, 'log', '--first-parent', '--format=%s', `${before}..refs/heads/main`));
  for (const branch of branches) {
    const task = await store.getTask(tasks.get(branch.name));
    if (task === null) {
      breaches.push(`${branch.name}: its task is lost`);
      continue;
    }
    const landings = subjects.filter((subject) => subject === `work of ${branch.name}`).length;
    breaches.push(
      ...judge(branch, task, { landings, answer: stops.get(branch.name) }),
      ...(await replayed(store, branch, task)),
    );
    if (landings > 0) breaches.push(...(await proven({ store, forge }, branch, task)));
  }
  const strangers = subjects.filter((subject) => !branches.some(({ name }) => subject === `work of ${name}`));
  if (strangers.length > 0) breaches.push(`main holds what nobody enqueued: ${strangers.join(', ')}`);
  const leases = await store.listLeases();
  if (leases.length > 0) breaches.push(`a merge lease is still held by ${leases[0].holder}`);
  if ((await store.listTickets()).length > 0) breaches.push('a ticket is left');
  const live = await store.listJobs({ live: true });
  if (live.length > 0) breaches.push(`${live.length} live jobs are left, the first for ${live[0].step}`);
  await store.close();
  return [...breaches, ...leftOnDisk({ forge, dataDir }), ...forwardOnly(forge), ...survivors(marker, root)];
}

/** Where a task must have arrived, with and without a stop. A stop whose answer was lost is judged by what it left. */
function judge(branch, task, { landings, answer }) {
  const says = (what) => [`${branch.name}: ${what} (stage ${task.stage}, ${task.status}, ${task.state.ended ?? '-'})`];
  if (landings > 1) return says(`landed ${landings} times`);
  const landed = landings === 1;
  if (landed !== (task.landedSha !== null)) return says(`main says landed ${landed}, the store says otherwise`);
  const stopped = answer !== undefined && answer !== 'too_late' && task.cancelRequestedAt !== null;
  if (answer !== undefined && answer !== 'lost' && answer !== 'too_late' && !stopped)
    return says(`a stop was answered ${answer} and forgotten`);
  if (answer === 'too_late' && (task.stage !== 'done' || !landed))
    return says('a stop was too late for what never landed');
  if (!stopped) return asWanted(branch, task, landed) ? [] : says(`should have ended "${branch.end}"`);
  if (task.stage !== 'cancelled') return says(`was stopped (${answer}) and is not cancelled`);
  if (task.cancelledAt === null) return says(`was stopped (${answer}) and never settled`);
  if (landed && (answer === 'cancelled' || answer === 'stopping'))
    return says(`landed after a stop answered ${answer}`);
  if (landed && !task.state.ended.startsWith('merged')) return says('landed and does not say so');
  return [];
}

function asWanted(branch, task, landed) {
  if (branch.end === 'landed') return task.stage === 'done' && landed;
  return task.status === 'blocked' && task.state.blocked.reason === branch.end && !landed;
}

/** The event log, replayed by the reducer, gives the stored state. */
async function replayed(store, { name }, task) {
  const config = { ...DEFAULT_CONFIG, infraRetryMax: 1, infraBackoffMs: 500, pollMs: 500 };
  let state = initialState(task.profile);
  for (const { kind, body } of await store.taskEvents(task.id, { limit: 1000 }))
    if (body !== null && body.kind === kind) state = decide(state, body, config).state;
  return JSON.stringify(state) === JSON.stringify(task.state) ? [] : [`${name}: its events do not replay to its state`];
}

/** What main got is the tested commit, with a recorded pass of each gate for it. */
async function proven({ store, forge }, { name }, task) {
  const runs = await store.gateRuns({ taskId: task.id });
  const merged = runs.find((run) => run.check === 'check_branch_mergeable' && run.status === 'pass');
  if (merged?.testedSha !== task.landedSha) return [`${name}: ${task.landedSha} landed without a recorded green`];
  const breaches = ['check_security_gate', 'check_coverage_gate'].filter(
    (check) => !runs.some((run) => run.check === check && run.status === 'pass' && run.headSha === merged.headSha),
  );
  try {
    git(forge, 'merge-base', '--is-ancestor', task.landedSha, 'refs/heads/main');
  } catch {
    breaches.push('its presence in main');
  }
  return breaches.map((what) => `${name}: landed without ${what}`);
}

function leftOnDisk({ forge, dataDir }) {
  const slots = existsSync(join(dataDir, 'slots'))
    ? readdirSync(join(dataDir, 'slots')).flatMap((repo) => readdirSync(join(dataDir, 'slots', repo)))
    : [];
  return [
    ...(slots.length > 0 ? [`slots are left: ${slots.join(' ')}`] : []),
    ...(existsSync(join(forge, 'refs', 'heads', 'main.lock')) ? ['main.lock is left in the forge'] : []),
  ];
}

function forwardOnly(forge) {
  const moves = lines(readFileSync(join(forge, 'logs', 'refs', 'heads', 'main'), 'utf8')).map((line) =>
    line.split(' '),
  );
  const breaches = [];
  for (const [from, to] of moves) {
    if (/^0+$/.test(from)) continue;
    try {
      git(forge, 'merge-base', '--is-ancestor', from, to);
    } catch {
      breaches.push(`main moved from ${from.slice(0, 12)} to ${to.slice(0, 12)}, which is not forward`);
    }
  }
  return breaches;
}

/** Processes that name this run anywhere on their command line, this one left out. */
export function survivors(...words) {
  const found = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    let command = '';
    try {
      command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    } catch {
      continue;
    }
    if (words.some((word) => command.includes(word))) found.push(`process ${pid} survives: ${command.slice(0, 120)}`);
  }
  return found;
}
