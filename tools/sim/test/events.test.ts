/** What is held against landings, logs, alerts, tokens and ends fires on what it forbids. */
import { type CancellationStore, type RunRef, type Runs, settleStop } from '@gatehouse/cancel';
import { engineConfig, parseSettings } from '@gatehouse/orchestrator/testing';
import { initialState } from '@gatehouse/stage-engine';
import { LeaseProof } from '@gatehouse/verdict';
import { expect, test } from '@jest/globals';
import { openDatabase } from '../src/database.ts';
import { type Change, newHistory } from '../src/history.ts';
import { alerts } from '../src/invariants/alerts.ts';
import { claimedRunsKnown } from '../src/invariants/claimed-runs-known.ts';
import { type EndedTask, endViolations } from '../src/invariants/ends.ts';
import { type GateRow, type LandedCommit, landingViolations } from '../src/invariants/landing.ts';
import { type LoggedEvent, replay } from '../src/invariants/replay.ts';
import { staleness } from '../src/staleness.ts';

const GOOD: Change = {
  id: 1,
  red: false,
  clash: 0,
  file: 0,
  secret: false,
  lines: [1, 1],
  breaks: false,
  mends: false,
};
const history = newHistory();
const head = (change: Partial<Change> = {}) => history.grow([history.root.sha], [{ ...GOOD, ...change }]);

function landing(change: Partial<Change> = {}, more: Partial<LandedCommit> = {}): LandedCommit {
  const commit = head(change);
  const run = (check: string): GateRow => ({
    check,
    status: 'pass',
    base: history.root.sha,
    head: commit.sha,
    tested: commit.sha,
  });
  const runs = ['check_security_gate', 'check_branch_mergeable', 'check_coverage_gate', 'check_image_freshness'];
  const before = history.root;
  return { taskId: 't', commit, before, head: commit.sha, runs: runs.map(run), overridden: [], stop: null, ...more };
}

test('a landing that every gate passed is in order', () => {
  expect(landingViolations(landing())).toEqual([]);
  expect(landingViolations(landing({}, { stop: 'deferred' }))).toEqual([]);
});

test.each(['check_security_gate', 'check_branch_mergeable', 'check_coverage_gate', 'check_image_freshness'])(
  'a landing without a pass of %s for that very commit is not',
  (check) => {
    const good = landing();
    const without = (changed: Partial<GateRow>): LandedCommit => ({
      ...good,
      runs: good.runs.map((run) => (run.check === check ? { ...run, ...changed } : run)),
    });
    expect(landingViolations(without({ status: 'fail' }))).toHaveLength(1);
    expect(landingViolations(without({ head: head().sha }))).toHaveLength(1);
    if (check !== 'check_security_gate') expect(landingViolations(without({ tested: head().sha }))).toHaveLength(1);
    expect(landingViolations({ ...without({ status: 'fail' }), overridden: [check] })).toEqual([]);
  },
);

test('a landing that is red, leaks, leaves main or comes after its stop is not, whatever the gates said', () => {
  expect(landingViolations(landing({ red: true }))).toEqual([expect.stringContaining('red')]);
  expect(landingViolations(landing({ secret: true }))).toEqual([expect.stringContaining('secret')]);
  expect(landingViolations(landing({}, { stop: 'cancelled' }))).toEqual([expect.stringContaining('stop')]);
  const good = landing();
  const elsewhere = head();
  const runs = good.runs.map((run) => ({ ...run, base: elsewhere.sha }));
  expect(landingViolations({ ...good, before: elsewhere, runs })).toEqual([expect.stringContaining('main left')]);
});

test('a log whose events do not make the stored state is noticed', () => {
  const read = parseSettings({});
  if (read.kind !== 'settings') throw new Error('the defaults are settings');
  const engine = engineConfig(read.settings);
  const { state } = engine.decide(initialState('gates-only'), { kind: 'enqueued', atMs: 1 }, engine.config);
  const event = { seq: 1, taskId: 't', kind: 'enqueued', body: '{"kind":"enqueued","atMs":1}' } as const;
  type Stored = Pick<LoggedEvent, 'profile' | 'state'>;
  const check = (stored: Stored) => replay(engine).check([{ ...event, ...stored }]);
  const row = (stored: unknown): Stored => ({ profile: 'gates-only', state: JSON.stringify(stored) });
  expect(check(row(state))).toEqual([]);
  expect(check(row({ ...state, episode: 2 }))).toHaveLength(1);
  expect(check({ profile: null, state: null })).toHaveLength(1);
});

test('a second alert for the same blocked spell is noticed, one for the next spell is not', () => {
  const blocked = { reason: 'attempts spent', detail: '', remindAtMs: null, reminders: 0 } as const;
  const state = { ...initialState('full'), blocked };
  const seen = alerts();
  const alert = (key: string) => [{ taskId: 't', scope: 'task', key }];
  expect(seen.check(alert('a'), () => state)).toEqual([]);
  expect(seen.check(alert('b'), () => ({ ...state, episode: 2 }))).toEqual([]);
  expect(seen.check(alert('c'), () => state)).toHaveLength(1);
});

test('an end without its answer, or with another one, is noticed', () => {
  const ended = (more: Partial<EndedTask>): EndedTask => ({
    id: 't',
    stage: 'done',
    status: 'active',
    ended: 'done',
    blocked: null,
    landed: 'c',
    headOnMain: true,
    stops: [],
    ...more,
  });
  expect(endViolations(ended({}))).toEqual([]);
  expect(endViolations(ended({ stops: ['too_late'] }))).toEqual([]);
  expect(endViolations(ended({ stage: 'deploy', status: 'waiting' }))).toHaveLength(1);
  expect(endViolations(ended({ headOnMain: false }))).toHaveLength(1);
  expect(endViolations(ended({ stage: 'cancelled', ended: 'stopped' }))).toHaveLength(1);
  expect(endViolations(ended({ stops: ['stopping'] }))).toHaveLength(1);
  expect(endViolations(ended({ stage: 'cancelled', ended: 'x', stops: ['stopping', 'cancelled'] }))).toHaveLength(1);
});

test('a token of a job, of the lease or of mail that was never handed out is stale', async () => {
  const { store, ...database } = openDatabase();
  await store.addRepo({ id: 'r', url: '', forge: 'local', main: 'main', profile: 'gates-only', atMs: 1 });
  const granted = await store.acquireLease({ repoId: 'r', holder: 't', attempt: 1, atMs: 1, ttlMs: 9 });
  const isStale = staleness({ store, ...database });
  if (granted.kind !== 'acquired') throw new Error('expected the lease');
  expect(isStale([granted.proof, 2])).toBeNull();
  expect(isStale([{ expectedSeq: 0, proof: granted.proof }])).toBeNull();
  expect(isStale([new LeaseProof('r', 't', 7)])).toContain('token 1');
  expect(isStale([{ taskId: 't', leaseToken: 2 }])).toContain('token 1');
  expect(isStale([{ jobId: 3, token: 1 }])).toContain('job 3');
  expect(isStale([{ job: { jobId: 3, token: 1 } }])).toContain('job 3');
  expect(isStale([{ id: 4, token: 1, payload: null }])).toContain('mail 4');
  expect(isStale(['r', 5, null])).toBeNull();
  await store.close();
});

test('a process that leaves behind a run of its own as unknown is blamed, one that leaves that of another is not', async () => {
  const seen = claimedRunsKnown();
  seen.claimed('service-1', { id: 14, token: 1 });
  seen.claimed('service-2', { id: 14, token: 2 });
  const left = await noteOf({ id: '14', token: 1 }, { kind: 'unknown' });
  expect(seen.check('service-1', left)).toEqual([expect.stringContaining('run 14 (claim 1)')]);
  expect(seen.check('service-2', left)).toEqual([]);
  expect(seen.check('service-1', await noteOf({ id: '14', token: 3 }, { kind: 'unknown' }))).toEqual([]);
  const alive = { kind: 'ended', verified: false, leftovers: ['4711'] } as const;
  expect(seen.check('service-1', await noteOf({ id: '14', token: 1 }, alive))).toEqual([]);
});

/** What a stop really writes on the tombstone of a task whose run ended so. */
async function noteOf(run: RunRef, end: Awaited<ReturnType<Runs['end']>>): Promise<string> {
  const notes: string[] = [];
  const facts = { profile: 'gates-only', branch: 'b', head: null, main: 'main', protectedNames: [] } as const;
  const done = async () => ({ kind: 'done' }) as const;
  const cleanUp = {
    copyArtefacts: done,
    keepHead: done,
    removeWorkplace: done,
    deleteBranch: done,
    releaseLease: done,
  };
  const ledger: CancellationStore = {
    requestStop: async () => ({ kind: 'unknown-task' }),
    beginAttempt: async () => ({ kind: 'cancelled', attempt: 1, runs: [run], facts }),
    completed: async () => ({ kind: 'recorded' }),
    releaseKeys: async ({ note }) => {
      notes.push(note);
      return { kind: 'recorded' };
    },
  };
  await settleStop({ taskId: 't' }, { ledger, runs: { end: async () => end }, cleanUp });
  return notes.join();
}
