/** A store out of a built checkout, filled and made ready so that what is measured can be carried out COUNT times in a row. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

export const REPO = 'bench';
export const T0 = 1_800_000_000_000;
export const LEASE_MS = 60_000;

/** Where a checkout keeps what opens the store; the names moved once. */
const DOORS = ['testing.js', 'simulation-door.js'];

/** Opens stores of the checkout at `root`, which must be built. */
export async function storesOf(root) {
  const service = join(resolve(root), 'apps/orchestrator');
  const door = DOORS.map((name) => join(service, 'dist', name)).find(existsSync);
  if (door === undefined) throw new Error(`${service} is not built`);
  const { connect, migrate, storeOn } = await import(pathToFileURL(door).href);
  const engineAt = join(resolve(root), 'packages/stage-engine/dist/index.js');
  const { decide, initialState, DEFAULT_CONFIG } = await import(pathToFileURL(engineAt).href);
  return {
    engine: { decide, initialState, config: DEFAULT_CONFIG },
    open: (file) => {
      const connection = connect(file);
      migrate(connection);
      return { store: storeOn(connection), sqlite: connection.sqlite };
    },
  };
}

/** One repository and `count` tasks, each with a gate job that is ready. The disk is not waited for. */
export async function fill({ store, sqlite }, engine, count) {
  sqlite.pragma('synchronous = OFF');
  await store.addRepo({
    id: REPO,
    url: 'file:///bench',
    forge: 'local',
    main: 'main',
    profile: 'gates-only',
    atMs: T0,
  });
  for (let n = 0; n < count; n += 1) {
    const task = { id: `task-${n}`, repoId: REPO, profile: 'gates-only', branch: `feature/${n}`, key: `K-${n}` };
    await store.addTask({ ...task, title: `Task ${n}`, actor: 'bench', atMs: T0 + n }, engine);
  }
  sqlite.pragma('synchronous = FULL');
}

export const claim = (store) =>
  store.claimJob({
    workerId: 'w1',
    kinds: ['gate', 'landing', 'agent', 'probe'],
    nowMs: T0 + 1_000_000,
    leaseMs: LEASE_MS,
    limits: { agents: 1_000_000, gateRuns: 1_000_000 },
    host: 'host',
  });

const FINDINGS = [
  { severity: 'info', message: 'one line of a finding that a person reads', path: 'src/index.ts', line: 7 },
];
const SHA = 'a'.repeat(40);

/** The verdict of a gate as its job records it. */
export function transitionOf(job, engine) {
  const atMs = T0 + 2_000_000;
  const verdict = { status: 'pass', reason: 'nothing was found', findings: FINDINGS, warnings: [] };
  const gateRun = {
    check: job.step,
    baseSha: SHA,
    headSha: SHA,
    testedSha: SHA,
    tree: SHA,
    status: 'pass',
    cause: null,
    reason: verdict.reason,
    findings: FINDINGS,
    warnings: [],
    artefact: null,
    durationMs: 1_200,
    gateDigest: 'd'.repeat(64),
    createdAt: atMs,
  };
  return {
    taskId: job.taskId,
    event: { kind: 'check-answered', check: job.step, verdict, atMs },
    engine,
    job: { jobId: job.id, token: job.token },
    writes: { task: { baseSha: SHA, headSha: SHA }, gateRuns: [gateRun], artefacts: [] },
    actor: 'w1',
  };
}
