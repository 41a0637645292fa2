/** Which forge serves a repository, and that the way to a remote is asked for at each call and kept nowhere. */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { forgeChooser } from '../src/forges/choose.ts';
import { deleteTaskBranch, fetchHeads, type MintRemote, pushTaskBranch } from '../src/forges/git-remote.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

const COMMIT = '1'.repeat(40);
const { signal } = new AbortController();

test('the forge that a repository names serves it', async () => {
  const { path } = await Forge.make(PROJECT);
  expect(forgeChooser(new Map())({ forge: 'local', url: path }).name).toBe('local');
});

test.each(['sourcehut', '', 'constructor'])(
  'a forge that this version does not know (%j) refuses every call',
  async (name) => {
    const { path } = await Forge.make(PROJECT);
    const forge = forgeChooser(new Map())({ forge: name, url: path });
    const reason = `this version knows no forge called ${JSON.stringify(name)}`;
    const git = { gitDir: path };
    const land = { git, main: 'main', from: COMMIT, commit: COMMIT, members: [] };
    const branch = { git, branch: 'b', main: 'main', commit: COMMIT, expected: COMMIT, signal };
    const dir = join(scratchFolder(), 'mirror.git');
    expect(await forge.fetch({ dir, main: 'main', timeoutMs: 1_000, signal })).toEqual({ kind: 'unreachable', reason });
    expect(await forge.cannotLand('main')).toMatchObject({ reason });
    expect(await forge.requiredChecks({ commit: COMMIT, main: 'main' })).toEqual({ kind: 'unreachable', reason });
    expect(await forge.prepare(land)).toEqual({ kind: 'cannot-land', reason });
    expect(await forge.land(land)).toEqual({ kind: 'cannot-land', reason });
    expect(await forge.pushBranch(branch)).toEqual({ kind: 'unpushed', reason });
    expect(await forge.deleteBranch(branch)).toEqual({ kind: 'unknown', reason });
    const answers = [
      forge.setStatus({ commit: COMMIT, state: 'error', text: '' }),
      forge.comment({ taskId: 't', pullRequest: 1, text: '' }),
      forge.pullRequests(),
      forge.pullRequest(1),
      forge.comments({ pullRequest: 1, cursor: null }),
      forge.mayCommand('ada'),
      forge.finish({ number: 1, branch: 'b', commit: COMMIT, main: 'main' }),
      forge.inspect('main'),
    ];
    for (const answer of await Promise.all(answers)) expect(answer).toEqual({ kind: 'unsupported', reason });
  },
);

test('without the credential that the repository names nothing is tried, and only its name is reported', async () => {
  const mint: MintRemote = async () => ({ kind: 'no-credential', name: 'WORK' });
  const reason = 'the credential WORK is not set';
  const dir = join(scratchFolder(), 'mirror.git');
  const branch = { git: { gitDir: dir }, branch: 'b', main: 'main', commit: COMMIT, expected: COMMIT, signal };
  expect(await fetchHeads(mint, { dir, main: 'main', timeoutMs: 1_000, signal })).toEqual({
    kind: 'unreachable',
    reason,
  });
  expect(await pushTaskBranch(mint, branch)).toEqual({ kind: 'unpushed', reason });
  expect(await deleteTaskBranch(mint, branch)).toEqual({ kind: 'unknown', reason });
});

test('a token is asked for at each call, reaches the remote, and stays in no answer and no file', async () => {
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(403).end('no');
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/app.git`;
  let minted = 0;
  const mint: MintRemote = async () => {
    minted += 1;
    return { kind: 'remote', url, authorization: `Bearer planted-secret-${minted}` };
  };
  const behind = await Forge.make(PROJECT);
  const dir = join(scratchFolder(), 'mirror.git');
  const git = { gitDir: behind.path };
  const commit = behind.push({ branch: 'b', from: 'main' }, { b: 'b' });
  const branch = { git, branch: 'c', main: 'main', commit, expected: commit, signal };
  const answers = [
    await fetchHeads(mint, { dir, main: 'main', timeoutMs: 60_000, signal }),
    await pushTaskBranch(mint, branch),
    await deleteTaskBranch(mint, branch),
  ];
  await new Promise((resolve) => server.close(resolve));
  expect(answers.map(({ kind }) => kind)).toEqual(['unreachable', 'unpushed', 'unknown']);
  expect(minted).toBe(3);
  expect(new Set(seen)).toEqual(new Set([1, 2, 3].map((one) => `Bearer planted-secret-${one}`)));
  expect(JSON.stringify(answers)).not.toContain('planted-secret');
  const written = [dir, behind.path].flatMap((root) =>
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1')),
  );
  expect(written.length).toBeGreaterThan(0);
  expect(written.filter((text) => text.includes('planted-secret'))).toEqual([]);
});
