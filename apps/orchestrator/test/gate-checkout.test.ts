import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { CiName } from '../src/cli/ci-environment.ts';
import { CI_CLONES, type CiClone, gitIn, inEnvironment, type Project, projectWithPull } from './ci-clones.ts';
import { cli, onlyJson, type Said } from './recording-terminal.ts';
import { PROJECT, scratchFolder } from './scratch-forge.ts';
import { isWhole, testWhole } from './tool-tests.ts';

let project: Project;
beforeAll(async () => {
  project = await projectWithPull(PROJECT);
});

const gate = ({ dir, env }: CiClone, ...words: string[]): Promise<Said> =>
  inEnvironment(env, () => cli(['gate', 'security', '--json', ...words], dir));

/** What of a clone is nobody's business but its user's. */
const ownThings = (dir: string): string =>
  [
    gitIn(dir, 'for-each-ref', 'refs/heads', 'refs/tags'),
    gitIn(dir, 'status', '--porcelain', '--ignored'),
    gitIn(dir, 'rev-parse', 'HEAD'),
    gitIn(dir, 'config', '--list', '--local'),
  ].join('\n');

describe('a clone of CI, and nothing but `gatehouse gate security`', () => {
  const SYSTEMS = (Object.keys(CI_CLONES) as CiName[]).filter(
    (name) => isWhole || name === 'github' || name === 'buildkite',
  );
  const COMPLETE: ReadonlySet<CiName> = new Set(['buildkite']);

  test.each(SYSTEMS)(
    '%s: is judged at the very commits of the pull request, with --fetch where it is cut short',
    async (system) => {
      const clone = CI_CLONES[system](project);
      const before = ownThings(clone.dir);
      const plain = await gate(clone);
      if (COMPLETE.has(system)) expect(plain.exit).toBe(0);
      else {
        expect(plain.exit).toBe(2);
        expect(plain.err).toMatch(/git fetch --no-tags .*(?:--unshallow|--refetch).* origin .*or pass --fetch \(/);
      }
      const said = await gate(clone, '--fetch');
      expect([said.exit, onlyJson(said)]).toMatchObject([
        0,
        {
          base_sha: project.main,
          head_sha: project.topic,
          subject: {
            branch: { name: 'topic', sha: project.topic },
            base: { name: 'origin/main', sha: project.main },
            ci: { system },
            fetched: !COMPLETE.has(system),
          },
        },
      ]);
      expect(said.err).toContain(`${system} `);
      expect(ownThings(clone.dir)).toBe(before);
      // Once it is whole enough, nothing is fetched.
      expect(onlyJson(await gate(clone))).toMatchObject({ status: 'pass', subject: { fetched: false } });
    },
  );

  test('the command that the message names makes the same clone one that can be judged', async () => {
    const clone = CI_CLONES.github(project);
    for (let round = 0; round < 3; round += 1) {
      const command = /(git fetch [^;]*?), or pass --fetch/.exec((await gate(clone)).err)?.[1];
      if (command === undefined) break;
      execFileSync('sh', ['-c', command], { cwd: clone.dir, stdio: 'ignore' });
    }
    expect(onlyJson(await gate(clone))).toMatchObject({ status: 'pass', head_sha: project.topic });
  });

  testWhole('--fetch goes only as deep as it must', async () => {
    const long = await projectWithPull({ ...PROJECT });
    for (let n = 0; n < 90; n += 1) long.forge.push({ branch: 'main' }, { n: `${n}\n` });
    const topic = long.forge.push({ branch: 'late', from: 'main' }, { late: 'x\n' });
    const dir = join(scratchFolder(), 'co');
    gitIn('/', 'clone', '--quiet', '--depth=1', '--branch', 'late', long.url, dir);
    const said = await gate({ dir, env: {} }, '--base', 'origin/main', '--fetch');
    expect(onlyJson(said)).toMatchObject({ status: 'pass', head_sha: topic });
    const count = Number(gitIn(dir, 'rev-list', '--count', 'HEAD'));
    expect(count).toBeGreaterThan(2);
    expect(count).toBeLessThan(60);
  });

  test('a branch is never offered as its own base: against itself it would add nothing', async () => {
    const dir = join(scratchFolder(), 'cut');
    gitIn('/', 'clone', '--quiet', '--depth=1', '--branch', 'topic', project.url, dir);
    const said = await gate({ dir, env: {} });
    expect(said.exit).toBe(2);
    expect(said.err).toMatch(/main, where the branch would land, is not in this shallow clone; fetch it: git fetch /);
    expect(said.err).not.toContain('did you mean topic');
  });

  test('the environment of another checkout chooses nothing in silence', async () => {
    const { env } = CI_CLONES.github(project);
    const dir = join(scratchFolder(), 'other');
    gitIn('/', 'clone', '--quiet', '--branch', 'topic', project.url, dir);
    gitIn(dir, 'checkout', '--quiet', 'topic~1');
    const said = await gate({ dir, env });
    expect(said).toMatchObject({ exit: 2, err: expect.stringMatching(/environment is about .*HEAD is at/) });
    const named = await gate({ dir, env }, '--branch', 'HEAD');
    expect(onlyJson(named)).toMatchObject({ subject: { base: { name: 'origin/main', from: 'default' }, ci: null } });
    expect(named.err).toContain('its environment is about');
  });
});

describe('a clone of a person', () => {
  let dir = '';
  beforeAll(() => {
    dir = join(scratchFolder(), 'co');
    gitIn('/', 'clone', '--quiet', '--branch', 'topic', project.url, dir);
  });
  const judged = async (...words: string[]) => onlyJson(await gate({ dir, env: {} }, ...words));

  test.each([
    [[], 'HEAD', 'default'],
    [['--branch', 'HEAD'], '--branch', 'default'],
    [['--branch', 'topic', '--base', 'origin/main'], '--branch', '--base'],
    [['--branch', 'origin/topic', '--base', 'main'], '--branch', '--base'],
  ])('is judged by %j', async (words, branchFrom, baseFrom) => {
    expect(await judged(...words)).toMatchObject({
      status: 'pass',
      head_sha: project.topic,
      base_sha: project.main,
      subject: { branch: { from: branchFrom }, base: { name: 'origin/main', from: baseFrom }, ci: null },
    });
  });

  test('is judged by commits, from a directory in it, and by the merge of a pull request', async () => {
    const { main, topic, pull } = project;
    expect(await judged('--branch', topic, '--base', main.slice(0, 12))).toMatchObject({ base_sha: main });
    gitIn(dir, 'fetch', '--quiet', 'origin', '+refs/pull/7/merge:refs/remotes/pull/7/merge');
    expect(await judged('--branch', 'refs/remotes/pull/7/merge', '--base', 'origin/main')).toMatchObject({
      head_sha: pull,
      status: 'pass',
    });
    gitIn(dir, 'branch', '--quiet', 'main', topic);
    const ahead = await judged('--branch', 'main', '--base', 'origin/main');
    gitIn(dir, 'branch', '--quiet', '-D', 'main');
    expect(ahead).toMatchObject({ head_sha: topic, base_sha: main });
  });

  test.each([
    [['--branch', 'topicc'], /did you mean topic\?/],
    [['--base', 'origin/none'], /git fetch --no-tags origin \+refs\/heads\/none:refs\/remotes\/origin\/none/],
    [['--branch', 'f'.repeat(40)], /ffffffffffff is not in this clone; fetch it: git fetch --no-tags origin .*f{40}/],
    [['--branch', "a';touch<x;'"], /'\+refs\/heads\/a'\\''/],
    [['--branch', 'HEAD~1'], /cannot be used/],
  ])('is told for %j what to do', async (words, message) => {
    const said = await gate({ dir, env: {} }, ...words);
    expect(said.exit).toBe(2);
    expect(said.err).toMatch(message);
  });

  test('--fetch that finds nothing at the remote says so in the words of git', async () => {
    const said = await gate({ dir, env: {} }, '--base', 'origin/none', '--fetch');
    expect(said).toMatchObject({ exit: 3, err: expect.stringContaining("couldn't find remote ref") });
  });
});
