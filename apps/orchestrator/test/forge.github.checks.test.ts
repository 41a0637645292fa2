/** Required checks at GitHub: check runs and statuses of one commit, over a double judged by its published description. */
import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Forge } from '../src/forges/port.ts';
import { forgeAt, type Github, startGithub } from './github-double.ts';
import { Forge as BareRepository, PROJECT } from './scratch-forge.ts';

const { publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

let github: Github;
let forge: Forge;
let commit: string;
let template: BareRepository;
beforeAll(async () => {
  template = await BareRepository.make(PROJECT);
});

beforeEach(async () => {
  const behind = template.copy();
  commit = behind.head('main');
  github = await startGithub(behind.path);
  forge = forgeAt(github.url, github.double.tokenOf('queue'));
});

const answer = () => forge.requiredChecks({ commit, main: 'main' });
const rule = (context: string, appId: number | null = null): void =>
  void github.repository.rulesets.push({ id: 7, name: 'main', required: [{ context, appId }] });

/** A check run by an App, as its installation writes it. */
async function run(slug: string, of: { readonly name: string; readonly conclusion?: string }): Promise<number> {
  const { state } = github.double;
  const app =
    state.apps.find((one) => one.slug === slug) ??
    github.double.addApp({ slug, publicKey, permissions: { checks: 'write' }, repositories: new Set(['octo/app']) });
  const account = state.account(`${slug}[bot]`, 'Bot');
  state.bearers.set(`ghp_${account.login}`, { account, scopes: null, app, expiresAtMs: null });
  const response = await fetch(`${github.double.url}/api/v3/repos/octo/app/check-runs`, {
    method: 'POST',
    headers: { authorization: `Bearer ghp_${account.login}` },
    body: JSON.stringify({ ...of, head_sha: commit }),
  });
  expect(response.status).toBe(201);
  return app.id;
}

describe('a required check run', () => {
  beforeEach(() => rule('ci'));

  test.each(['success'])('with the conclusion %s is green', async (conclusion) => {
    await run('actions', { name: 'ci', conclusion });
    expect(await answer()).toEqual({ kind: 'green' });
  });

  test.each(['neutral', 'skipped'])(
    'that is %s counts as passed, as GitHub has it, and is named',
    async (conclusion) => {
      await run('actions', { name: 'ci', conclusion });
      expect(await answer()).toEqual({ kind: 'green', reason: `counted as passed: ci: ${conclusion}` });
    },
  );

  test.each(['failure', 'cancelled', 'timed_out', 'action_required'])('that is %s is red', async (conclusion) => {
    await run('actions', { name: 'ci', conclusion });
    expect(await answer()).toEqual({ kind: 'red', reason: `GitHub requires ci: ${conclusion}` });
  });

  test('that is queued is pending, and one that was never reported, too', async () => {
    expect(await answer()).toEqual({ kind: 'pending', reason: 'ci was not reported yet' });
    await run('actions', { name: 'ci' });
    expect(await answer()).toEqual({ kind: 'pending', reason: 'ci: queued' });
  });

  test('and a status of its name are both required', async () => {
    await run('actions', { name: 'ci', conclusion: 'success' });
    await github.as('dev', `POST statuses/${commit}`, { state: 'pending', context: 'ci' });
    expect(await answer()).toMatchObject({ kind: 'pending' });
  });
});

test('a check that an App has to report is not taken from another App', async () => {
  const wanted = await run('trusted', { name: 'other', conclusion: 'success' });
  rule('ci', wanted);
  await run('stranger', { name: 'ci', conclusion: 'success' });
  expect(await answer()).toMatchObject({ kind: 'pending' });
  await run('trusted', { name: 'ci', conclusion: 'success' });
  expect(await answer()).toEqual({ kind: 'green' });
});

test.each(['write', 'admin'] as const)('classic protection is honoured by a token with the role %s', async (role) => {
  github.double.grant(github.repository, 'queue', role);
  github.repository.protection.set('main', { required: [{ context: 'ci', appId: null }], enforceAdmins: false });
  expect(await answer()).toMatchObject({ kind: 'pending' });
  await github.as('dev', `POST statuses/${commit}`, { state: 'success', context: 'ci' });
  expect(await answer()).toEqual({ kind: 'green' });
});

test('a token that may bypass a ruleset honours its checks all the same', async () => {
  github.repository.rulesets.push({
    id: 7,
    name: 'main',
    required: [{ context: 'ci', appId: null }],
    bypass: ['queue'],
  });
  expect(await answer()).toMatchObject({ kind: 'pending' });
});

test('a private repository whose plan has no rules requires nothing by them', async () => {
  github.repository.isUnpaid = true;
  expect(await answer()).toEqual({ kind: 'green' });
});

test('more than a page of checks is read to its end', async () => {
  rule('ci');
  for (let at = 0; at < 100; at += 1)
    github.repository.checkRuns.push({ ...(await firstRun()), id: at, name: `job ${at}` });
  await run('actions', { name: 'ci', conclusion: 'failure' });
  expect(await answer()).toMatchObject({ kind: 'red' });
});

async function firstRun() {
  if (github.repository.checkRuns.length === 0) await run('actions', { name: 'first', conclusion: 'success' });
  const [first] = github.repository.checkRuns;
  if (first === undefined) throw new Error('no check run was written');
  return first;
}

describe('what was reported, required or not', () => {
  const reported = async () => {
    const said = await forge.reportedChecks?.({ commit, main: 'main' });
    return said !== undefined && 'names' in said ? [said.kind, ...said.names] : [said?.kind];
  };

  test('is none without a report, and none where everything was skipped', async () => {
    expect(await reported()).toEqual(['none']);
    await run('actions', { name: 'docs', conclusion: 'skipped' });
    expect(await reported()).toEqual(['none']);
  });

  test('is everything where nothing is required, and what was skipped is named as such', async () => {
    await run('actions', { name: 'unit', conclusion: 'success' });
    await run('actions', { name: 'docs', conclusion: 'skipped' });
    expect(await reported()).toEqual(['green', 'unit', 'docs (skipped)']);
    await run('actions', { name: 'lint', conclusion: 'failure' });
    expect(await reported()).toEqual(['red']);
  });

  test('is what is required where something is', async () => {
    rule('unit');
    await run('actions', { name: 'lint', conclusion: 'failure' });
    expect(await reported()).toEqual(['pending']);
    await run('actions', { name: 'unit', conclusion: 'success' });
    expect((await reported())[0]).toBe('green');
  });
});
