/** https behind a certificate of one's own and ssh with one key: what goes through, and what a person reads where it does not. */
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type GitHost, gitHost, type SshHost, sshHost } from '@gatehouse/doubles';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Forge, LandRequest } from '../src/forges/port.ts';
import { basicAuthorization } from '../src/forges/remote-of.ts';
import { trust, withCredential } from './remote-credential.ts';
import { Forge as BareRepository, PROJECT, scratchFolder } from './scratch-forge.ts';
import { describeWhole } from './tool-tests.ts';

const { signal } = new AbortController();
const TOKEN = 'a-token-that-is-planted';
let behind: BareRepository;
let dir: string;
beforeEach(async () => {
  behind = await BareRepository.make(PROJECT);
  dir = join(scratchFolder(), 'mirror.git');
});

const fetchOf = (forge: Forge) => forge.fetch({ dir, main: 'main', timeoutMs: 60_000, signal });
/** Why nothing is fetched, for people. */
async function whyNot(forge: Forge): Promise<string> {
  const answer = await fetchOf(forge);
  if (answer.kind !== 'unreachable') throw new Error('it was fetched');
  return answer.reason;
}
/** A commit on main that is fetched as the branch `work`, and what landing it asks for. */
async function workToLand(forge: Forge): Promise<LandRequest> {
  const from = behind.head('main');
  const commit = behind.push({ branch: 'work', from: 'main' }, { 'work.txt': 'done\n' });
  expect(await fetchOf(forge)).toMatchObject({ kind: 'fresh', heads: { main: from, work: commit } });
  return { git: { gitDir: dir }, main: 'main', from, commit, members: [] };
}

describeWhole('https', () => {
  const hosts: GitHost[] = [];
  const host = async (authorization: string | null = basicAuthorization(TOKEN)): Promise<GitHost> => {
    const made = await gitHost({ path: behind.path, authorization });
    hosts.push(made);
    trust(made.certificate);
    return made;
  };
  afterEach(async () => {
    await Promise.all(hosts.splice(0).map((one) => one.close()));
  });

  test('without the authority that signed the certificate nothing is fetched, and the reason names the setting', async () => {
    const { url } = await host();
    trust('');
    expect(await whyNot(withCredential(url, { token: TOKEN }))).toContain('NODE_EXTRA_CA_CERTS');
  });

  test('a token that the host does not know, or that is not set, is named as a credential', async () => {
    const { url } = await host();
    expect(await whyNot(withCredential(url, { token: 'another' }))).toContain(
      'does not let the credential work in; look whether it may read and push here',
    );
    expect(await whyNot(withCredential(url, {}))).toBe('the credential work has no token; set ORCH_CREDENTIAL_WORK');
  });

  test('a redirect is not followed: the other host is asked for nothing and shown nothing', async () => {
    const [first, other] = [await host(), await host(null)];
    first.inItsPlace = ({ target }) => ({
      status: 302,
      headers: { location: `${new URL(other.url).origin}${target}` },
      body: Buffer.alloc(0),
    });
    expect(await whyNot(withCredential(first.url, { token: TOKEN }))).toContain('which is not followed');
    expect(other.received).toEqual([]);
    expect(first.received.length).toBeGreaterThan(0);
  });

  test.each([
    [
      '401, which no other push will change',
      401,
      { kind: 'cannot-land', reason: expect.stringContaining('credential') },
    ],
    ['403, which no other push will change', 403, { kind: 'cannot-land', reason: expect.stringContaining('403') }],
    ['500 without having moved main', 500, { kind: 'in-doubt', reason: expect.stringContaining('500') }],
  ])('a landing that is answered %s is decided by main', async (_, status, answer) => {
    const one = await host();
    const forge = withCredential(one.url, { token: TOKEN });
    const landing = await workToLand(forge);
    one.inItsPlace = ({ target }) =>
      target.includes('git-receive-pack') ? { status, headers: {}, body: Buffer.from('no') } : null;
    expect(await forge.land(landing)).toEqual(answer);
    expect(behind.head('main')).toBe(landing.from);
  });

  test('a landing that is answered 500 after main had moved is landed', async () => {
    const one = await host();
    const forge = withCredential(one.url, { token: TOKEN });
    const landing = await workToLand(forge);
    one.inItsPlace = ({ method, path }) => {
      if (method !== 'POST' || !path.endsWith('/git-receive-pack')) return null;
      behind.git('update-ref', 'refs/heads/main', landing.commit);
      return { status: 500, headers: {}, body: Buffer.from('no') };
    };
    expect(await forge.land(landing)).toEqual({ kind: 'landed' });
  });
});

describeWhole('ssh', () => {
  let host: SshHost;
  beforeAll(async () => {
    host = await sshHost();
  });
  afterAll(() => host.close());

  const knownHosts = (...lines: string[]): string => {
    const path = join(scratchFolder(), "100% known, 'odd'".replaceAll("'", ''));
    writeFileSync(path, lines.join(''));
    return path;
  };
  const over = (values: { readonly sshKey?: string; readonly knownHosts?: string }): Forge =>
    withCredential(`${host.url}${behind.path}`, {
      sshKey: host.key,
      knownHosts: knownHosts(host.knownHost),
      ...values,
    });

  test('heads come, a branch is pushed and deleted, and the tested commit lands, without a word to an agent', async () => {
    const asked: unknown[] = [];
    const agent = createServer((socket) => asked.push(socket.destroy()));
    const place = join(scratchFolder(), 'agent');
    await new Promise<void>((ready) => agent.listen(place, ready));
    const before = process.env['SSH_AUTH_SOCK'];
    process.env['SSH_AUTH_SOCK'] = place;
    try {
      const forge = over({});
      const landing = await workToLand(forge);
      const { git, commit } = landing;
      const branch = { git, main: 'main', branch: 'task', signal };
      expect(await forge.cannotLand('main')).toBeNull();
      expect(await forge.pushBranch({ ...branch, commit, expected: null })).toEqual({ kind: 'pushed' });
      expect(behind.head('task')).toBe(commit);
      expect(await forge.deleteBranch({ ...branch, expected: commit })).toEqual({ kind: 'deleted' });
      expect(await forge.prepare(landing)).toEqual({ kind: 'prepared' });
      expect(await forge.land(landing)).toEqual({ kind: 'landed' });
      expect(behind.head('main')).toBe(commit);
      const theirs = behind.push({ branch: 'main' }, { 'theirs.txt': 'x' });
      expect(await forge.land(landing)).toEqual({ kind: 'landed' });
      expect(behind.head('main')).toBe(theirs);
      expect(asked).toEqual([]);
    } finally {
      if (before === undefined) delete process.env['SSH_AUTH_SOCK'];
      else process.env['SSH_AUTH_SOCK'] = before;
      await new Promise((closed) => agent.close(closed));
    }
  });

  test('a host key that is not known, or is another one now, ends the call with what to compare', async () => {
    expect(await whyNot(over({ knownHosts: knownHosts() }))).toMatch(/the host key of .* is not known; compare what/);
    expect(await whyNot(over({ knownHosts: knownHosts(host.otherHost) }))).toContain(
      'shows another host key than the one that is known',
    );
  });

  test('a key that the host does not take, that is not there or that others can read is named as a credential', async () => {
    expect(await whyNot(over({ sshKey: host.strangersKey }))).toContain('does not take the key of the credential work');
    const open = join(scratchFolder(), 'open-key');
    writeFileSync(open, 'no key');
    chmodSync(open, 0o644);
    for (const sshKey of ['/nowhere/at/all', open]) {
      const reason = await whyNot(over({ sshKey }));
      expect(reason).toContain('the private key of the credential work cannot be used');
      expect(reason).not.toContain(sshKey);
    }
    expect(await whyNot(over({ sshKey: '/a "quoted" key' }))).toContain('the path of the private key is absolute and');
    expect(await whyNot(over({ sshKey: '' }))).toContain('ORCH_CREDENTIAL_WORK_SSH_KEY');
  });
});
