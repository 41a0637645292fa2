import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { CI_CLONES, type CiClone, gitIn, type Project, projectWithPull } from './ci-clones.ts';
import { sarifProblems } from './sarif-schema.ts';
import { PROJECT, scratchFolder } from './scratch-forge.ts';
import { testWhole } from './tool-tests.ts';

const RECIPES = fileURLToPath(new URL('../../../docs/recipes/', import.meta.url));
const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const TOKEN = ['gh', 'p_', 'Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d'].join('');

let project: Project;
let leaking: Project;
/** `npx` as it is found on PATH, with the built command in place of the published package. */
let shim = '';
beforeAll(async () => {
  [project, leaking] = await Promise.all([projectWithPull(PROJECT), projectWithPull(PROJECT, { key: `${TOKEN}\n` })]);
  shim = scratchFolder();
  const words = 'if [ "$1" = --yes ] && [ "$2" = @gatehouse/cli ]; then shift 2; else echo "npx: $*" >&2; exit 99; fi';
  writeFileSync(join(shim, 'npx'), `#!/bin/sh\n${words}\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
  chmodSync(join(shim, 'npx'), 0o755);
});

const recipe = (name: string): string => readFileSync(join(RECIPES, name), 'utf8');

function sh(script: string, { dir, env }: CiClone) {
  const own = { PATH: `${shim}:${process.env['PATH']}`, HOME: scratchFolder(), GIT_CONFIG_NOSYSTEM: '1' };
  const ran = spawnSync('sh', ['-e', '-c', script], { cwd: dir, env: { ...own, ...env }, encoding: 'utf8' });
  return { exit: ran.status, out: ran.stdout, err: ran.stderr };
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly jobs: { readonly gate: { readonly steps: readonly { readonly run?: string }[] } };
}

const stepsOf = (name: string): string =>
  (parse(recipe(name)) as Workflow).jobs.gate.steps.flatMap(({ run }) => run ?? []).join('\n');

test('every recipe has a test here, a place to be copied to, and names no unsafe event', () => {
  const names = readdirSync(RECIPES).filter((name) => name !== 'README.md');
  const here = readFileSync(fileURLToPath(import.meta.url), 'utf8');
  for (const name of names) {
    expect(here).toContain(`'${name}'`);
    expect(recipe('README.md')).toContain(`(${name})`);
    expect(recipe(name)).not.toContain('pull_request_target');
  }
  expect(names.length).toBe(6);
});

describe('the commands of a workflow, in a clone as its system makes it', () => {
  const read = (dir: string, file: string): string => readFileSync(join(dir, file), 'utf8');

  testWhole('GitHub Actions: a good pull request passes, is summed up, and its SARIF is valid', () => {
    const script = stepsOf('github-actions.yml');
    const clone = CI_CLONES.github(project);
    const summary = join(clone.dir, '../summary.md');
    writeFileSync(summary, '');
    const said = sh(script, { ...clone, env: { ...clone.env, GITHUB_STEP_SUMMARY: summary } });
    expect([said.exit, said.out]).toEqual([0, expect.stringContaining('PASS  check_branch_mergeable')]);
    expect(sarifProblems(JSON.parse(read(clone.dir, 'gatehouse.sarif')))).toEqual([]);
    expect(readFileSync(summary, 'utf8')).toContain('`all`: pass');
  });

  test('GitHub Actions: a pull request with a secret fails, with an annotation at its line', () => {
    const said = sh(stepsOf('github-actions.yml'), CI_CLONES.github(leaking));
    expect([said.exit, said.out]).toEqual([1, expect.stringMatching(/^::error file=key,.*title=secret\//m)]);
    expect(said.out).not.toContain(TOKEN.slice(6, 20));
  });

  testWhole('Gitea Actions: the same by its own clone', () => {
    const said = sh(stepsOf('gitea-actions.yml'), CI_CLONES.gitea(leaking));
    expect([said.exit, said.out]).toEqual([1, expect.stringMatching(/^::error file=key,/m)]);
  });

  test('GitLab CI: a merge request has its test report, whatever the verdict', () => {
    const { gatehouse } = parse(recipe('gitlab-ci.yml')) as {
      gatehouse: { script: string[]; artifacts: { reports: { junit: string } } };
    };
    const clone = CI_CLONES.gitlab(leaking);
    expect(sh(gatehouse.script.join('\n'), clone).exit).toBe(1);
    expect(read(clone.dir, gatehouse.artifacts.reports.junit)).toMatch(
      /<testsuite name="check_security_gate".*failures="1"/,
    );
  });
});

function clone({ url }: Project): string {
  const dir = join(scratchFolder(), 'co');
  gitIn('/', 'clone', '--quiet', '--branch', 'topic', url, dir);
  return dir;
}

describe('a hook of git', () => {
  const push = (dir: string, ...words: string[]) => sh(`git push --quiet ${words.join(' ')}`, { dir, env: {} });
  const change = (dir: string, file: string, text: string): void => {
    writeFileSync(join(dir, file), text);
    gitIn(dir, 'add', file);
    gitIn(dir, '-c', 'user.name=A', '-c', 'user.email=a@b.invalid', 'commit', '--quiet', '-m', file);
  };

  testWhole('pre-push lets good commits go, and holds a secret back on a known and on a new branch', async () => {
    const dir = clone(await projectWithPull(PROJECT));
    copyFileSync(join(RECIPES, 'pre-push'), join(dir, '.git/hooks/pre-push'));
    change(dir, 'good', 'x\n');
    expect(push(dir, 'origin', 'topic')).toMatchObject({
      exit: 0,
      out: expect.stringContaining('PASS  check_security_gate'),
    });
    const pushed = gitIn(dir, 'rev-parse', 'origin/topic');
    change(dir, 'key', `${TOKEN}\n`);
    for (const refs of ['topic', 'HEAD:refs/heads/fresh'])
      expect(push(dir, 'origin', refs)).toMatchObject({
        exit: 1,
        out: expect.stringContaining('FAIL  check_security_gate'),
      });
    expect(gitIn(dir, 'ls-remote', 'origin', 'refs/heads/topic', 'refs/heads/fresh')).toBe(
      `${pushed}\trefs/heads/topic`,
    );
    // A deletion has nothing to be judged.
    expect(push(dir, 'origin', ':topic').exit).toBe(0);
  });

  const withHook = (dir: string): string => {
    copyFileSync(join(RECIPES, 'pre-push'), join(dir, '.git/hooks/pre-push'));
    return dir;
  };
  const started = (branch: string): string => {
    const dir = join(scratchFolder(), 'new');
    gitIn('/', 'init', '--quiet', `--initial-branch=${branch}`, dir);
    return withHook(dir);
  };
  const bare = (branch: string): string => {
    const dir = join(scratchFolder(), 'bare.git');
    gitIn('/', 'init', '--quiet', '--bare', `--initial-branch=${branch}`, dir);
    return dir;
  };
  const stopped = {
    exit: 1,
    out: expect.stringContaining('FAIL  check_security_gate'),
    err: expect.stringContaining('git push --no-verify goes around this'),
  };

  for (const [branch, words, by] of [
    ['main', 'the name of the remote', 'origin'],
    ['master', 'the name of the remote', 'origin'],
    ['trunk', 'its path', ''],
    ['main', 'its address', 'file://'],
  ] as const)
    testWhole(
      `pre-push judges the first push of ${branch} to an empty remote by ${words} from its first commit on`,
      () => {
        const dir = started(branch);
        const remote = bare(branch);
        gitIn(dir, 'remote', 'add', 'origin', remote);
        const to = by === 'origin' ? by : `${by}${remote}`;
        change(dir, 'key', `${TOKEN}\n`);
        gitIn(dir, 'rm', '--quiet', 'key');
        change(dir, 'good', 'x\n');
        expect(push(dir, to, branch)).toMatchObject(stopped);
        gitIn(dir, 'checkout', '--quiet', '--orphan', 'clean');
        change(dir, 'better', 'y\n');
        expect(push(dir, to, `clean:${branch}`)).toMatchObject({ exit: 0 });
        // Now the remote has a main to be compared with, whatever it is called.
        gitIn(dir, 'checkout', '--quiet', '-b', 'topic');
        change(dir, 'more', 'z\n');
        expect(push(dir, to, 'topic')).toMatchObject({ exit: 0, err: expect.not.stringContaining('commit-') });
        change(dir, 'key', `${TOKEN}\n`);
        expect(push(dir, to, 'topic')).toMatchObject(stopped);
      },
    );

  testWhole('pre-push judges what is forced over commits that this clone has never seen', async () => {
    const project = await projectWithPull(PROJECT);
    const dir = withHook(clone(project));
    project.forge.push({ branch: 'topic' }, { other: 'of somebody else\n' });
    change(dir, 'good', 'x\n');
    expect(push(dir, '--force', 'origin', 'topic')).toMatchObject({ exit: 0 });
    project.forge.push({ branch: 'topic' }, { again: 'x\n' });
    change(dir, 'key', `${TOKEN}\n`);
    expect(push(dir, '--force', 'origin', 'topic')).toMatchObject(stopped);
  });

  testWhole('the entry of pre-commit-config.yaml judges what is checked out', () => {
    const { repos } = parse(recipe('pre-commit-config.yaml')) as { repos: [{ hooks: [{ entry: string }] }] };
    const { entry } = repos[0].hooks[0];
    expect(sh(entry, { dir: clone(leaking), env: {} }).exit).toBe(1);
  });
});

testWhole('make gate answers as CI does', () => {
  const dir = clone(project);
  copyFileSync(join(RECIPES, 'Makefile'), join(dir, 'Makefile'));
  expect(sh('make --silent gate', { dir, env: {} })).toMatchObject({
    exit: 0,
    out: expect.stringContaining('PASS  check_coverage_gate'),
  });
  expect(sh('make --silent audit', { dir, env: {} })).toMatchObject({
    exit: 0,
    out: expect.stringContaining('PASS  audit_repository'),
  });
});
