/** What stands on main blames no branch and is told to a person: once while it lasts, and for an audit that is due. */
import { join } from 'node:path';
import type { RepositoryAudit } from '@gatehouse/security-gate';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ServiceContext } from '../src/context.ts';
import { silentLog } from '../src/platform/logger.ts';
import { createRevision } from '../src/platform/revision.ts';
import type { Store } from '../src/store/port/index.ts';
import { watchHealth } from '../src/worker/health-watcher.ts';
import { healthIn, type KeptHealth } from '../src/workspace/main-health.ts';
import { memoryStore } from './landing-scene.ts';
import { ask, register, serviceForAll, settingsFrom } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';
import { REPO } from './store/world.ts';

const TOKEN = ['gh', 'p_', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'].join('');
const HOUR = 3_600_000;
const [FIRST, SECOND, THIRD, FOURTH] = ['1', '2', '3', '4'].map((digit) => digit.repeat(40)) as [
  string,
  string,
  string,
  string,
];

let [store, nowMs, kept]: [Store, number, KeptHealth] = [] as never;
beforeEach(async () => {
  [store, nowMs, kept] = [await memoryStore(), HOUR, healthIn(scratchFolder())];
});
afterEach(() => store.close());

const check = { status: 'pass', reason: '', findings: [], warnings: [] } as const;
const secret = (fingerprint: string) => ({
  ...{ rule: 'secret/github', why: '', path: `${fingerprint}.ini`, commit: FIRST, blob: FIRST, line: 3, column: 1 },
  ...{ length: 40, fingerprint, where: 'content', encoding: 'text', count: 1 },
});
const weak = (name: string) => ({
  ...{ id: 'GHSA-1', aliases: [], package: name, versions: ['1.0.0'], severity: 'high', title: 'it breaks', url: '' },
});

/** What an audit found: secrets by fingerprint, and packages; null: it could not be told. */
function found(secrets: readonly string[] | null, packages: readonly string[] | null, more = 0): RepositoryAudit {
  const scan =
    secrets === null
      ? { kind: 'timeout' }
      : { kind: 'scanned', findings: secrets.map(secret), introduced: secrets.length + more };
  const audit =
    packages === null
      ? { kind: 'unreachable', reason: 'the feed is gone', changes: [] }
      : { kind: 'audited', introduced: packages.map(weak) };
  return { check, scan, audit } as unknown as RepositoryAudit;
}

const FEED = { name: 'double' } as ServiceContext['feed'];

function watching(
  answers: readonly RepositoryAudit[],
  more: Partial<KeptHealth> & { readonly feed?: null } = {},
  environment = {},
) {
  let audits = 0;
  const service = {
    ...{
      store,
      log: silentLog,
      now: () => nowMs,
      memory: createRevision(),
      feed: more.feed === null ? null : FEED,
    },
    settings: settingsFrom({ ORCH_DATA_DIR: scratchFolder(), ORCH_SECURITY_GATE_REPOS: '*', ...environment }),
    mirrors: { directory: () => 'mirror' } as unknown as ServiceContext['mirrors'],
    loadPolicy: async () => ({ kind: 'policy', policy: {} }) as never,
    mainHealth: {
      ...kept,
      ...more,
      audit: async () => {
        audits += 1;
        return answers[Math.min(audits, answers.length) - 1] as RepositoryAudit;
      },
    },
  };
  const { signal } = new AbortController();
  const look = (commit: string) =>
    watchHealth(service, { repo: { id: REPO, main: 'main', policyPath: null }, commit, signal });
  return { look, audits: () => audits };
}

async function alerts(): Promise<readonly string[]> {
  const rows = await store.claimOutbox({ nowMs: 1e15, leaseMs: 1e15, limit: 99, kinds: ['alert'] });
  return rows.map(({ payload }) => (payload as { text: string }).text);
}

test('what stands there is told once, in one alert, for as many polls and starts as it lasts', async () => {
  const { look, audits } = watching([found(['a', 'b'], ['left'])]);
  for (let polls = 0; polls < 3; polls += 1) await look(FIRST);
  expect(audits()).toBe(1);
  expect(await alerts()).toEqual([
    expect.stringMatching(
      /^main of demo holds 2 secrets and 1 known vulnerability at 111111111111, for which no branch is blamed: secret\/github in a\.ini:3; .*left@1\.0\.0 high GHSA-1.*gatehouse audit --repo demo/,
    ),
  ]);
  const again = watching([found(['a', 'b'], ['left'])]);
  await again.look(FIRST);
  expect(again.audits()).toBe(0);
  nowMs += 25 * HOUR;
  await again.look(FIRST);
  expect(again.audits()).toBe(1);
  expect(await alerts()).toEqual([]);
});

test('a main that has moved is audited, not for every move; only what is new is told, and what comes back', async () => {
  const { look, audits } = watching([found(['a'], []), found(['a', 'b'], []), found([], []), found(['a'], [])]);
  await look(FIRST);
  await look(SECOND);
  expect(audits()).toBe(1);
  nowMs += HOUR;
  await look(SECOND);
  expect(await alerts()).toEqual([
    expect.stringContaining('a.ini'),
    expect.stringMatching(/1 secret at 2{12}.*: secret\/github in b\.ini/),
  ]);
  expect(await kept.read(REPO)).toMatchObject({
    commit: SECOND,
    findings: [
      { id: 'a', since: FIRST },
      { id: 'b', since: SECOND },
    ],
  });
  nowMs += HOUR;
  await look(THIRD);
  expect(await kept.read(REPO)).toMatchObject({ commit: THIRD, findings: [] });
  expect(await alerts()).toEqual([]);
  nowMs += HOUR;
  await look(FOURTH);
  expect(audits()).toBe(4);
  expect(await alerts()).toEqual([expect.stringMatching(/1 secret at 4{12}/)]);
});

test('secrets that an audit does not list are counted and told of once, however many they are next time', async () => {
  const { look } = watching([found(['a', 'b'], [], 700), found(['a', 'b'], [], 650)]);
  await look(FIRST);
  expect(await alerts()).toEqual([
    expect.stringMatching(/^main of demo holds 702 secrets at .*; 700 more secrets, which are not listed/),
  ]);
  nowMs += HOUR;
  await look(SECOND);
  expect(await alerts()).toEqual([]);
  expect((await kept.read(REPO))?.findings.at(-1)).toMatchObject({ count: 650, since: FIRST });
});

test('what could not be looked at is kept as it was known, said, and tried again within the day', async () => {
  const { look, audits } = watching([found(['a'], ['left']), found(null, null), found(['a'], ['left'])]);
  await look(FIRST);
  expect(await alerts()).toHaveLength(1);
  nowMs += HOUR;
  await look(SECOND);
  expect(await kept.read(REPO)).toMatchObject({
    findings: [{ id: 'a' }, { id: 'left GHSA-1' }],
    unknown: ['secrets (timeout)', 'dependencies (the feed is gone)'],
  });
  nowMs += HOUR;
  await look(SECOND);
  expect(audits()).toBe(3);
  expect(await alerts()).toEqual([]);
});

test('what a feed leaves open for a while is kept as it was known; what it never answers for is not waited for', async () => {
  const open = (ecosystem: string) => {
    const one = found([], []);
    return { ...one, audit: { ...one.audit, gaps: [{ ecosystem, kind: 'unreachable', reason: 'it is slow' }] } };
  };
  const { look } = watching([found([], ['left']), open('npm'), open('Maven')] as readonly RepositoryAudit[]);
  await look(FIRST);
  nowMs += HOUR;
  await look(SECOND);
  expect(await kept.read(REPO)).toMatchObject({
    findings: [{ id: 'left GHSA-1', since: FIRST }],
    unknown: ['dependencies of npm (it is slow)'],
  });
  nowMs += HOUR;
  await look(THIRD);
  expect(await kept.read(REPO)).toMatchObject({ findings: [], unknown: [] });
});

test('a feed that is not configured is no reason to look again', async () => {
  const { look, audits } = watching([found([], null)], { feed: null });
  await look(FIRST);
  nowMs += 2 * HOUR;
  await look(FIRST);
  expect(audits()).toBe(1);
});

test('what is told and then not kept is told once all the same', async () => {
  const { look, audits } = watching([found(['a'], [])], {
    keep: async () => ({ kind: 'unwritable', code: 'ENOSPC', reason: 'full' }),
  });
  await look(FIRST);
  await look(FIRST);
  expect(audits()).toBe(2);
  expect(await alerts()).toHaveLength(1);
});

test('where the security gate does not hold nobody looks', async () => {
  const { look, audits } = watching([found(['a'], [])], {}, { ORCH_SECURITY_GATE_REPOS: 'another' });
  await look(FIRST);
  expect(audits()).toBe(0);
});

test('a secret on the main of a registered repository reaches the alert, doctor and the board, masked', async () => {
  const forge = await Forge.make({ ...PROJECT, 'app.ini': `token = ${TOKEN}\n` });
  const service = await serviceForAll(join(scratchFolder(), 'data'));
  await register(service, forge.path);
  const { context } = service;
  const repo = await context.store.getRepo('app');
  if (repo === null || context.mainHealth === null) throw new Error('it is not registered');
  const doctor = async () =>
    JSON.parse((await ask(service, '/repos/app/forge')).text) as readonly { name: string; detail: string }[];
  expect((await doctor()).map(({ name }) => name)).not.toContain('health of main');
  const { signal } = new AbortController();
  const mirror = await context.mirrors.refresh(repo, signal);
  const commit = mirror.kind === 'fresh' ? (mirror.heads['main'] ?? '') : '';
  await watchHealth({ ...context, mainHealth: context.mainHealth }, { repo, commit, signal });
  const [line] = (await doctor()).filter(({ name }) => name === 'health of main');
  expect(line).toMatchObject({ status: 'warn', next: 'gatehouse audit --repo app' });
  expect(line?.detail).toMatch(/^it holds 1 secret at /);
  const page = (await ask(service, '/board/repos/app', { headers: { accept: 'text/html' } })).text;
  expect(page).toContain('Health of main');
  expect(page).toContain('app.ini:1');
  const sent = await context.store.listOutbox({ kind: 'alert', state: 'sent', limit: 9 });
  const due = await context.store.listOutbox({ kind: 'alert', state: 'pending', limit: 9 });
  const told = JSON.stringify([...sent, ...due]);
  expect(told).toContain('main of app holds 1 secret');
  expect(page + told + JSON.stringify(line)).not.toContain(TOKEN);
});
