/**
 * The one way to run a command on a commit: fit the deadline, lay the commit out, then setup and command in one HOME, each
 * in its own process group with a log, a record and one stop. Why there is only one: docs/adr/0011-one-way-to-run-a-command.md.
 */
import { checkoutSlot } from '@gatehouse/git';
import { giveCaches, keepCaches } from './adapters/cache-files.ts';
import { openAsUser, openWorld } from './adapters/open-world.ts';
import { makeHome, removeHome } from './adapters/private-home.ts';
import { type FittedDeadline, fitDeadline } from './fit-deadline.ts';
import { gitFault } from './git-fault.ts';
import { parseRequest } from './parse-request.ts';
import { recordRefusal } from './record-command.ts';
import type { RunRequest } from './request.ts';
import { aboutOf, type Run, recorded, runStep, type Step } from './run-step.ts';
import type { CheckoutFailed, CommitRun } from './verdict.ts';

/** Runs the setup, if there is one, and the command on the commit. Leaves the slot as they left it. */
export async function runOnCommit(asked: RunRequest): Promise<CommitRun> {
  const parsed = parseRequest(asked);
  if (parsed.kind === 'invalid') return { kind: 'refused', reason: parsed.reason };
  const { request } = parsed;
  const times = timesOf(request);
  if (times.kind === 'impossible') return { kind: 'refused', reason: times.reason };
  const placed = await place(request);
  if (placed.kind === 'checkout-failed') return placed;
  const warnings = times.kind === 'clamped' ? [times.reason] : [];
  return runAtHome({ request, times, tree: placed.tree, warnings, home: null, world: null });
}

/** What the setup installs into HOME is there for the command, and gone with the run. */
async function runAtHome(run: Run): Promise<CommitRun> {
  const made = await makeHome(run.request.slot.dir);
  if (made.kind === 'unmade') run.warnings.push(made.reason);
  const home = made.kind === 'made' ? made.home : null;
  try {
    return await runWithCaches({ ...run, home });
  } finally {
    const left = home === null ? null : await removeHome(home);
    if (left !== null) run.warnings.push(left);
  }
}

/** Caches are in place before the setup, and leave HOME before it is removed. */
async function runWithCaches(run: Run): Promise<CommitRun> {
  const { request, home, warnings } = run;
  const { cache, slot, signal } = request;
  if (cache === undefined || home === null) return runSeparated(run);
  const roots = { home, dir: slot.dir };
  warnings.push(...(await giveCaches(cache, roots, signal)));
  const answer = await runSeparated(run);
  if (answer.kind === 'ran' && answer.run.outcome === 'green')
    warnings.push(...(await keepCaches(cache, roots, signal)));
  return answer;
}

/** Where nothing can separate them as they are to be, no command is run. */
async function runSeparated(run: Run): Promise<CommitRun> {
  const { request, home, warnings } = run;
  const { slot, visible = {}, signal, limits: { isolation } = {} } = request;
  if (isolation === undefined) return runCommands(run);
  if (home === null) return { kind: 'refused', reason: `isolation by ${isolation.kind} needs a HOME of the run` };
  const place = { dir: slot.dir, home, visible, signal };
  const world = await (isolation.kind === 'bwrap' ? openWorld(isolation, place) : openAsUser(isolation, place));
  if (world.kind === 'closed') return { kind: 'refused', reason: world.reason };
  try {
    return await runCommands({ ...run, world });
  } finally {
    const left = await world.close();
    if (left !== null) warnings.push(left);
  }
}

const runCommands = async (run: Run): Promise<CommitRun> => (await runSetup(run)) ?? runCommand(run);

/** The deadlines of a request under the reaper's limit, where there is one. */
function timesOf({ setup, timeoutMs, setupTimeoutMs = timeoutMs, graceMs, limits = {} }: RunRequest): FittedDeadline {
  const { reaperLimitMs, validateDeadline = true } = limits;
  const isWatched = reaperLimitMs !== undefined && validateDeadline;
  return fitDeadline({
    timeoutMs,
    setupTimeoutMs: setup === undefined ? 0 : setupTimeoutMs,
    graceMs,
    reaperLimitMs: reaperLimitMs ?? Number.NaN,
    validate: isWatched,
  });
}

async function place({
  slot,
  commit,
  signal,
}: RunRequest): Promise<{ readonly kind: 'placed'; readonly tree: string | null } | CheckoutFailed> {
  if (slot.kind === 'stands') return { kind: 'placed', tree: slot.tree };
  const { git, dir, keep, gitTimeoutMs: timeoutMs } = slot;
  const ready = await checkoutSlot({ repo: git, dir, commit, keep, signal, timeoutMs });
  if (ready.kind === 'ready') return { kind: 'placed', tree: ready.tree };
  const { kind: outcome, ...why } = gitFault('checkout', ready);
  return { kind: 'checkout-failed', outcome, ...why, failure: ready };
}

/** Null when the command may follow. */
async function runSetup(run: Run): Promise<CommitRun | null> {
  const { setup } = run.request;
  if (setup === undefined) return null;
  const ended = await runStep(run, { name: 'setup', command: setup, timeoutMs: run.times.setupTimeoutMs });
  switch (ended.kind) {
    case 'ran':
      return ended.run.outcome === 'green' ? null : { kind: 'setup-failed', run: ended.run, ended: ended.ended };
    case 'unsupervised':
      return { kind: 'setup-failed', run: ended.run, ended: ended.crash };
    case 'no-logs':
      return ended;
  }
}

async function runCommand(run: Run): Promise<CommitRun> {
  const { command, prepare } = run.request;
  const step: Step = { name: 'command', command, timeoutMs: run.times.timeoutMs };
  const reason = prepare === undefined ? null : await prepare();
  if (reason === null) return runStep(run, step);
  return { kind: 'refused', reason, run: await recorded(run, recordRefusal(aboutOf(run, step), reason)) };
}
