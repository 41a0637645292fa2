/** Landing by a plain push on real repositories, and what a real Gitea 1.25.4 answered to such pushes, as it was recorded. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  deleteCandidate,
  fetchMirror,
  landByPush,
  openMirror,
  pushCandidate,
  remoteBranch,
  whereMainIs,
} from '@gatehouse/git';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { git, Planted } from './planted-repository.ts';

let planted: Planted;
let url: string;
let base: string;
let work: string;
/** What every request names: the mirror, which holds `work`, and the remote, a bare repository. */
let request: { readonly repo: { readonly gitDir: string }; readonly url: string; readonly main: string };

async function prepare(): Promise<void> {
  planted = new Planted();
  base = planted.commit({ a: '1' });
  work = planted.branch('work').commit({ b: '1' });
  url = join(planted.root, 'remote.git');
  git(planted.root, 'clone', '--quiet', '--bare', planted.dir, url);
  const opened = await openMirror({ dir: join(planted.root, 'mirror'), url });
  if (opened.kind !== 'opened') throw new Error(JSON.stringify(opened));
  request = { repo: opened.repo, url, main: 'main' };
}
const mainOf = (): string => git('/', `--git-dir=${url}`, 'rev-parse', 'refs/heads/main');
/** A person's commit on the remote's main. */
function theirs(): string {
  const commit = planted.on('main').commit({ theirs: 'x' });
  planted.git('push', '--quiet', url, 'main');
  return commit;
}
function hook(name: string, body: string): void {
  mkdirSync(join(url, 'hooks'), { recursive: true });
  writeFileSync(join(url, 'hooks', name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(url, 'hooks', name), 0o755);
}

describe('a plain push of the tested commit', () => {
  beforeEach(prepare);

  test('moves main to it; the same again is landed', async () => {
    expect(await landByPush({ ...request, commit: work })).toEqual({ kind: 'landed' });
    expect(mainOf()).toBe(work);
    expect(await landByPush({ ...request, commit: work })).toEqual({ kind: 'landed' });
  });

  test('never takes anything from a main that moved, whether its commits are known here or not', async () => {
    const before = theirs();
    expect(await landByPush({ ...request, commit: work })).toMatchObject({ kind: 'not-fast-forward' });
    await fetchMirror(request);
    expect(await landByPush({ ...request, commit: work })).toMatchObject({ kind: 'not-fast-forward' });
    expect(mainOf()).toBe(before);
  });

  test('that a hook declines is refused, in the words of the hook', async () => {
    hook('pre-receive', 'echo "error: Only the release team lands here" >&2; exit 1');
    expect(await landByPush({ ...request, commit: work })).toEqual({
      kind: 'refused',
      reason: '[remote rejected] (pre-receive hook declined): Only the release team lands here',
    });
    expect(mainOf()).toBe(base);
  });

  test('that meets another one on the way is not-fast-forward: the server swaps main for nobody twice', async () => {
    const other = planted.branch('other', 'main').commit({ c: '1' });
    planted.git('push', '--quiet', url, 'other');
    hook('pre-receive', `unset GIT_QUARANTINE_PATH; git update-ref refs/heads/main ${other}`);
    expect(await landByPush({ ...request, commit: work })).toMatchObject({ kind: 'not-fast-forward' });
    expect(mainOf()).toBe(other);
  });

  test('to a remote that is not there says nothing about main', async () => {
    const nowhere = { ...request, url: join(planted.root, 'nowhere.git') };
    expect(await landByPush({ ...nowhere, commit: work })).toMatchObject({ kind: 'git-failed' });
    expect(await whereMainIs({ ...nowhere, commit: work })).toMatchObject({ kind: 'git-failed' });
    expect(await remoteBranch({ url: nowhere.url, branch: 'main' })).toMatchObject({ kind: 'git-failed' });
  });
});

/** A mirror that a stand-in for git never looks at. */
function standIn(): void {
  planted = new Planted();
  request = { repo: { gitDir: planted.dir }, url: planted.dir, main: 'main' };
}

const OID = 'b7c0549c655480c59f2cc7868e5e726271b37e3d';
const answered = (flag: string, summary: string): string =>
  `To http://127.0.0.1:3300/org/r1.git\n${flag}\t${OID}:refs/heads/main\t${summary}\nDone\n`;
const FAILED = "error: failed to push some refs to 'http://127.0.0.1:3300/org/r1.git'\n";
const PROTECTED = `remote: \nremote: error:        \nremote: error: Not allowed to push to protected branch main        \nremote: error:        \n${FAILED}`;
const RACE = `remote: error: cannot lock ref 'refs/heads/main': is at ${'1'.repeat(40)} but expected ${'2'.repeat(40)}        \n${FAILED}`;

test.each([
  ['moved', 0, answered(' ', '11de698..b7c0549'), '', { kind: 'landed' }],
  ['there already', 0, answered('=', '[up to date]'), '', { kind: 'landed' }],
  ['main moved', 1, answered('!', '[rejected] (fetch first)'), FAILED, { kind: 'not-fast-forward' }],
  ['behind', 1, answered('!', '[rejected] (non-fast-forward)'), FAILED, { kind: 'not-fast-forward' }],
  ['two at once', 1, answered('!', '[remote rejected] (failed to update ref)'), RACE, { kind: 'not-fast-forward' }],
  [
    'protected',
    1,
    answered('!', '[remote rejected] (pre-receive hook declined)'),
    PROTECTED,
    {
      kind: 'refused',
      reason: '[remote rejected] (pre-receive hook declined): Not allowed to push to protected branch main',
    },
  ],
  ['broken inside', 1, answered('!', '[remote rejected] (unpacker error)'), FAILED, { kind: 'git-failed' }],
])('Gitea answers %s', async (_, code, stdout, stderr, answer) => {
  standIn();
  writeFileSync(join(planted.root, 'stdout'), stdout);
  writeFileSync(join(planted.root, 'stderr'), stderr);
  const gitPath = planted.script(`cd ${planted.root}; cat stdout; cat stderr >&2; exit ${code}`);
  expect(await landByPush({ ...request, commit: OID, gitPath })).toMatchObject(answer);
});

describe('where main is', () => {
  beforeEach(prepare);

  test('is read from the remote, and whether it holds the commit, without moving a ref here', async () => {
    const refs = () => git('/', `--git-dir=${request.repo.gitDir}`, 'for-each-ref');
    const before = refs();
    expect(await whereMainIs({ ...request, commit: work })).toEqual({ kind: 'main', at: base, has: false });
    const moved = theirs();
    expect(await whereMainIs({ ...request, commit: work })).toEqual({ kind: 'main', at: moved, has: false });
    expect(await whereMainIs({ ...request, commit: base })).toEqual({ kind: 'main', at: moved, has: true });
    expect(await whereMainIs({ ...request, commit: moved })).toEqual({ kind: 'main', at: moved, has: true });
    expect(await whereMainIs({ ...request, main: 'mian', commit: work })).toEqual({
      kind: 'main',
      at: null,
      has: false,
    });
    expect(refs()).toBe(before);
  });

  test('is told for any branch without a repository of our own, and for no name that only ends like it', async () => {
    expect(await remoteBranch({ url, branch: 'work' })).toEqual({ kind: 'found', sha: work });
    git('/', `--git-dir=${url}`, 'update-ref', 'refs/heads/team/lonely', base);
    expect(await remoteBranch({ url, branch: 'lonely' })).toEqual({ kind: 'absent' });
    expect(await remoteBranch({ url, branch: '--upload-pack=id' })).toMatchObject({ kind: 'refused' });
  });
});

test('a candidate is shown under its own name and taken away again, as often as it is asked', async () => {
  await prepare();
  const shown = () =>
    git('/', `--git-dir=${url}`, 'for-each-ref', '--format=%(objectname) %(refname)', 'refs/gatehouse');
  for (const _ of [1, 2]) expect(await pushCandidate({ ...request, commit: work })).toEqual({ kind: 'pushed' });
  expect(shown()).toBe(`${work} refs/gatehouse/candidate/${work}`);
  for (const _ of [1, 2]) expect(await deleteCandidate({ ...request, commit: work })).toEqual({ kind: 'deleted' });
  expect(shown()).toBe('');
});

describe('what proves a call', () => {
  beforeEach(standIn);

  const authorization = `Basic ${Buffer.from('ada:planted/secret+1').toString('base64')}`;
  const forms = [authorization.slice(6), 'planted/secret+1', encodeURIComponent('planted/secret+1')];

  test('stands in no answer, however the other side quotes it back', async () => {
    const said = `you sent ${authorization} and that is ${forms.join(' or ')}`;
    const gitPath = planted.script(`echo "fatal: $GIT_CONFIG_VALUE_0; ${said}" >&2; exit 128`);
    const way = { ...request, url: 'https://git.example.test/a/b', authorization, gitPath };
    for (const answer of [await landByPush({ ...way, commit: OID }), await fetchMirror(way)]) {
      expect(answer).toMatchObject({ kind: 'git-failed', stderr: expect.stringContaining('you sent ***') });
      for (const form of forms) expect(JSON.stringify(answer)).not.toContain(form);
    }
  });

  test('is not in it in part either, where what git said was cut', async () => {
    const gitPath = planted.script(`(printf %019d; yes '${authorization}' | head -c 20000) >&2; exit 128`);
    const way = { ...request, url: 'https://git.example.test/a/b', authorization, gitPath };
    const answer = await remoteBranch({ ...way, branch: 'main' });
    expect(answer).toMatchObject({ kind: 'git-failed', stderr: expect.stringMatching(/^0{19}(\*{3}\n)+\*{3}$/) });
  });

  test('is one key over ssh: no agent, no configuration, no question, and paths are taken literally', async () => {
    const gitPath = planted.script('echo "fatal: $GIT_SSH_COMMAND" >&2; exit 128');
    const ssh = { keyFile: '/keys/100% mine', knownHostsFile: '/etc/known hosts' };
    const answer = await remoteBranch({ url: 'git@git.example.test:a/b', branch: 'main', ssh, gitPath });
    if (answer.kind !== 'git-failed') throw new Error(answer.kind);
    expect(answer.stderr.replaceAll("' '", "'\n'")).toMatchInlineSnapshot(`
"fatal: 'ssh'
'-F'
'none'
'-i'
'/keys/100%% mine'
'-o'
'BatchMode=yes'
'-o'
'IdentitiesOnly=yes'
'-o'
'IdentityAgent=none'
'-o'
'CertificateFile=none'
'-o'
'PreferredAuthentications=publickey'
'-o'
'StrictHostKeyChecking=yes'
'-o'
'UpdateHostKeys=no'
'-o'
'ClearAllForwardings=yes'
'-o'
'ForwardAgent=no'
'-o'
'ForwardX11=no'
'-o'
'PermitLocalCommand=no'
'-o'
'ProxyCommand=none'
'-o'
'ControlMaster=no'
'-o'
'ControlPath=none'
'-o'
'ConnectTimeout=30'
'-o'
'ServerAliveInterval=30'
'-o'
'UserKnownHostsFile="~/.ssh/known_hosts" "~/.ssh/known_hosts2" "/etc/known hosts"'"
`);
    for (const keyFile of ['relative', "/a'b", '/a"b', '/a\\b', '/a$b', '/a\nb'])
      expect(await remoteBranch({ url: 'git@git.example.test:a/b', branch: 'main', ssh: { keyFile } })).toMatchObject({
        kind: 'refused',
      });
  });
});
