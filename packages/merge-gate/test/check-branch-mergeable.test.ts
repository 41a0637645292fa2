import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolveCommit } from '@gatehouse/git';
import { checkBranchMergeable, type Mergeable, type MergeVerdict, mergeCheckVerdict } from '@gatehouse/merge-gate';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { POLICY, ScratchRepository } from './scratch-repository.ts';

let scratch: ScratchRepository;
beforeEach(async () => {
  scratch = await ScratchRepository.open();
});
afterEach(() => scratch.close());

const ask = async (branch: string, changes: Parameters<ScratchRepository['request']>[1] = {}): Promise<MergeVerdict> =>
  checkBranchMergeable(await scratch.request(branch, changes), { lease: scratch.lease });

const mergeable = (verdict: MergeVerdict): Mergeable => {
  expect(verdict).toMatchObject({ kind: 'mergeable' });
  return verdict as Mergeable;
};

const treeOf = async (commit: string): Promise<string> => {
  const found = await resolveCommit({ repo: scratch.git, ref: commit });
  return found.kind === 'found' ? found.tree : '';
};

const statusOf = (verdict: MergeVerdict): string => {
  const check = mergeCheckVerdict(verdict, { base: '', head: '' });
  return 'cause' in check ? `${check.status} ${check.cause}` : check.status;
};

describe('a branch that may land', () => {
  test('a green branch on top of main is mergeable as it is, with the lease held', async () => {
    const head = scratch.commit('good', { 'feature.txt': 'new\n' });
    const verdict = mergeable(await ask('good'));
    expect(verdict).toMatchObject({ tested: head, head, tree: await treeOf(head), warnings: [] });
    expect(verdict.evidence).toMatchObject({ kind: 'first-try', run: { tests: { total: 2 }, exitCode: 0 } });
    expect(await scratch.lease.held(verdict.proof)).toBe(true);
    expect(scratch.story).toEqual(['branch green']);
    expect(statusOf(verdict)).toBe('pass');
  });

  test('a branch behind main is tested as the combination of both, and that commit is the one that may land', async () => {
    const head = scratch.commit('behind', { 't/three.sh': 'true\n' });
    const main = scratch.commit('main', { 't/four.sh': 'true\n' });
    const verdict = mergeable(await ask('behind'));
    expect(verdict).toMatchObject({ base: main, head });
    expect(verdict.tested).not.toBe(head);
    expect(verdict.evidence).toMatchObject({
      run: { tests: { total: 4 }, commit: verdict.tested, tree: verdict.tree },
    });
    expect(await treeOf(verdict.tested)).toBe(verdict.tree);
  });

  test('neither main nor the branch is moved by the check', async () => {
    const head = scratch.commit('behind', { 'a.txt': 'a\n' });
    const main = scratch.commit('main', { 'b.txt': 'b\n' });
    mergeable(await ask('behind'));
    expect(scratch.run('ls-remote', scratch.origin, 'refs/heads/main')).toContain(main);
    expect(scratch.run('ls-remote', scratch.origin, 'refs/heads/behind')).toContain(head);
  });

  test('a branch that heals a broken main lands', async () => {
    scratch.commit('main', { 't/one.sh': 'false\n' });
    scratch.commit('healer', { 't/one.sh': 'true\n' });
    mergeable(await ask('healer'));
  });

  test('the whole output of each command is in its log file', async () => {
    scratch.commit('good', { 't/loud.sh': 'echo from the test\n' });
    const verdict = mergeable(await ask('good', { policy: { ...POLICY, setup: 'echo from the setup' } }));
    expect(scratch.story).toEqual(['setup green', 'branch green']);
    const [setup = '', branch = ''] = scratch.runs.map((run) => readFileSync(run.logPath ?? '', 'utf8'));
    expect(setup).toContain('from the setup');
    expect(branch).toContain('from the test');
    expect(verdict.evidence).toMatchObject({ run: { excerpt: expect.stringContaining('from the test') } });
  });
});

describe('a branch at fault', () => {
  test('a conflict names the paths to resolve', async () => {
    scratch.commit('clash', { 'README.md': 'one\nmine\nthree\n' });
    scratch.commit('main', { 'README.md': 'one\nyours\nthree\n' });
    const verdict = await ask('clash');
    expect(verdict).toEqual({ kind: 'conflicted', paths: ['README.md'] });
    expect(mergeCheckVerdict(verdict, { base: '', head: '' }).findings).toMatchObject([{ path: 'README.md' }]);
    expect(await scratch.leaseIsFree()).toBe(true);
  });

  test('red carries a certificate: red twice with the branch, green without it, the failing test by name', async () => {
    scratch.commit('red', { 't/bad.sh': 'echo why it fails; false\n' });
    const verdict = await ask('red');
    expect(verdict).toMatchObject({
      kind: 'red',
      certificate: { failing: ['t/bad.sh'], baseRun: { outcome: 'green' } },
    });
    expect(scratch.story.slice(0, 3)).toEqual(['branch red', 'branch-again red', 'base green']);
    expect(scratch.tally).toEqual({ 'branch red': 1, 'branch-again red': 4, 'base green': 5 });
    const check = mergeCheckVerdict(verdict, { base: '', head: '' });
    expect(check.status).toBe('fail');
    expect(check.findings.map(({ message }) => message).join('\n')).toMatch(/why it fails[\s\S]*t\/bad\.sh/);
    expect(await scratch.leaseIsFree()).toBe(true);
  });

  test('the first two runs are under the lease, the alternation is not', async () => {
    scratch.commit('red', { 't/bad.sh': 'false\n' });
    const free: string[] = [];
    await ask('red', { onRun: async ({ purpose }) => void free.push(`${purpose} ${await scratch.leaseIsFree()}`) });
    expect(free.slice(0, 2)).toEqual(['branch false', 'branch-again false']);
    expect(new Set(free.slice(2))).toEqual(new Set(['base true', 'branch-again true']));
  });

  test('a branch that breaks the setup is red by the name of the setup', async () => {
    scratch.commit('red', { 'broken.txt': 'x\n' });
    const verdict = await ask('red', { policy: { ...POLICY, setup: '! test -e broken.txt' } });
    expect(verdict).toMatchObject({ kind: 'red', certificate: { failing: ['(setup)'] } });
  });

  test('a branch cannot redefine its own gate: the policy is the caller’s', async () => {
    scratch.commit('liar', {
      't/bad.sh': 'false\n',
      'run-tests.sh': 'echo 1..5; exit 0\n',
      'package.json': '{"scripts":{"test":"exit 0"}}\n',
      'gatehouse.yaml': 'version: 1\ntest: { command: "true", min_tests: 0 }\n',
    });
    expect(await ask('liar')).toMatchObject({ kind: 'red' });
  });

  test('a lost regression marker fails the branch before any test runs', async () => {
    scratch.commit('main', { 'src/fix.ts': 'export const theFix = 1;\n' });
    scratch.commit('loser', { 'src/fix.ts': 'export const theFixture = 1;\n' });
    const markers = [{ ticket: 'ORCH-1', symbol: 'theFix', file: 'src/fix.ts' }];
    const verdict = await ask('loser', { markers });
    expect(verdict).toEqual({ kind: 'marker-lost', markers });
    expect(scratch.story).toEqual([]);
    expect(await scratch.leaseIsFree()).toBe(true);
  });

  test('a marker that main itself lost warns and blames no branch', async () => {
    scratch.commit('good', { 'a.txt': 'a\n' });
    const verdict = mergeable(
      await ask('good', { markers: [{ ticket: 'ORCH-1', symbol: 'theFix', file: 'src/fix.ts' }] }),
    );
    expect(verdict.warnings).toEqual(['marker-lost-on-main: ORCH-1 theFix']);
  });

  test('two branches green alone and red together do not both land', async () => {
    scratch.commit('main', { 't/together.sh': '! { test -e a.txt && test -e b.txt; }\n' });
    scratch.commit('left', { 'a.txt': 'a\n' });
    scratch.commit('right', { 'b.txt': 'b\n' });
    const left = mergeable(await ask('left'));
    await scratch.lease.release(left.proof);
    const alone = mergeable(await ask('right'));
    await scratch.lease.release(alone.proof);
    scratch.land(left.tested);
    expect(await ask('right')).toMatchObject({ kind: 'red', certificate: { failing: ['t/together.sh'] } });
  });
});

describe('no branch at fault', () => {
  test('main red with and without the branch is main-broken', async () => {
    scratch.commit('main', { 't/one.sh': 'false\n' });
    scratch.commit('innocent', { 'a.txt': 'a\n' });
    const verdict = await ask('innocent');
    expect(verdict).toMatchObject({ kind: 'main-broken', certificate: { baseRun: { outcome: 'red' } } });
    expect(statusOf(verdict)).toBe('defer main-broken');
    expect(await scratch.leaseIsFree()).toBe(true);
  });

  test('red once and green once is flaky: it passes with a warning, or waits where the policy says so', async () => {
    const state = join(scratch.root, 'been-here');
    scratch.commit('flaky', { 't/flaky.sh': 'test -e "$STATE" || { touch "$STATE"; false; }\n' });
    const verdict = mergeable(await ask('flaky', { policy: { ...POLICY, setEnv: { STATE: state } } }));
    expect(verdict.evidence).toMatchObject({ kind: 'flaky', first: { outcome: 'red' }, run: { outcome: 'green' } });
    expect(verdict.warnings).toHaveLength(1);
    await scratch.lease.release(verdict.proof);
    const other = { ...POLICY, flaky: 'block', setEnv: { STATE: `${state}-2` } } as const;
    const blocked = await ask('flaky', { policy: other });
    expect(blocked).toMatchObject({ kind: 'flaky-blocked' });
    expect(statusOf(blocked)).toBe('defer infra');
    expect(await scratch.leaseIsFree()).toBe(true);
  });

  test('red twice with no failing test in common blames no branch', async () => {
    const state = join(scratch.root, 'been-here');
    scratch.commit('unsteady', {
      't/a.sh': 'test -e "$STATE" || { touch "$STATE"; touch now; false; }\n',
      't/b.sh': 'test -e now\n',
    });
    const verdict = await ask('unsteady', { policy: { ...POLICY, setEnv: { STATE: state } } });
    expect(verdict).toMatchObject({ kind: 'infra', reason: expect.stringContaining('no failing test in common') });
    expect(scratch.story).toEqual(['branch red', 'branch-again red']);
  });

  test('a base with too few tests certifies nothing', async () => {
    scratch.commit('red', { 't/bad.sh': 'false\n' });
    const verdict = await ask('red', { policy: { ...POLICY, minTests: 3 } });
    expect(verdict).toMatchObject({ kind: 'tool-failed', reason: expect.stringContaining('base cannot be judged') });
  });

  test('no test at all is never green, whatever the exit status says', async () => {
    scratch.commit('empty', { 't/one.sh': null, 't/two.sh': null });
    const verdict = await ask('empty');
    expect(verdict).toMatchObject({ kind: 'tool-failed', run: { exitCode: 0, ending: 'no-tests' } });
    expect(statusOf(verdict)).toBe('error tool-failed');
    expect(await scratch.leaseIsFree()).toBe(true);
  });

  test('a command that this machine does not have is infra', async () => {
    scratch.commit('good', { 'a.txt': 'a\n' });
    expect(await ask('good', { policy: { ...POLICY, command: 'no-such-command-here' } })).toMatchObject({
      kind: 'infra',
    });
    expect(scratch.story).toEqual(['branch infra']);
  });

  test('of two contenders one is tested and the other learns who holds the lease', async () => {
    scratch.commit('left', { 'a.txt': 'a\n' });
    scratch.commit('right', { 'b.txt': 'b\n' });
    const requests = [
      await scratch.request('left'),
      await scratch.request('right', { slotDir: `${scratch.slotDir}-2` }),
    ];
    const verdicts = await Promise.all(
      requests.map((request) => checkBranchMergeable(request, { lease: scratch.lease })),
    );
    expect(verdicts.map(({ kind }) => kind)).toEqual(['mergeable', 'busy']);
    expect(verdicts[1]).toMatchObject({ holder: 'task-left' });
    expect(statusOf(verdicts[1] as MergeVerdict)).toBe('defer lock-busy');
  });
});

describe('refs that move', () => {
  const watch = (): { base: string; head: string; url: string } => ({
    base: 'refs/heads/main',
    head: 'refs/heads/task',
    url: scratch.url,
  });

  test('a base that moved during the run is refused as stale', async () => {
    scratch.commit('task', { 'a.txt': 'a\n' });
    let main = '';
    const onRun = (): void => {
      main = scratch.commit('main', { 'b.txt': 'b\n' });
    };
    const verdict = await ask('task', { watch: watch(), onRun });
    expect(verdict).toEqual({ kind: 'base-moved', found: main });
    expect(await scratch.leaseIsFree()).toBe(true);
  });

  test('a branch that moved during the run is refused as stale', async () => {
    scratch.commit('task', { 'a.txt': 'a\n' });
    let head = '';
    const onRun = (): void => {
      head = scratch.commit('task', { 'evil.txt': 'untested\n' });
    };
    expect(await ask('task', { watch: watch(), onRun })).toEqual({ kind: 'branch-moved', found: head });
    expect(await scratch.leaseIsFree()).toBe(true);
  });

  test('a branch that moved before the run is not run at all', async () => {
    scratch.commit('task', { 'a.txt': 'a\n' });
    const request = await scratch.request('task', { watch: watch() });
    const head = scratch.commit('task', { 'b.txt': 'b\n' });
    const verdict = await checkBranchMergeable(request, { lease: scratch.lease });
    expect(verdict).toEqual({ kind: 'branch-moved', found: head });
    expect(scratch.story).toEqual([]);
  });

  test('a branch that was deleted meanwhile has moved', async () => {
    scratch.commit('task', { 'a.txt': 'a\n' });
    const onRun = (): void => void scratch.run('push', '--quiet', 'origin', ':refs/heads/task');
    expect(await ask('task', { watch: watch(), onRun })).toEqual({ kind: 'branch-moved', found: 'gone' });
  });

  test('a branch that moved to what its origin has lost has moved, too', async () => {
    scratch.commit('task', { 'a.txt': 'a\n' });
    const request = await scratch.request('task', { watch: watch() });
    const head = scratch.commit('task', { 'b.txt': 'b\n' });
    rmSync(join(scratch.origin, 'objects', head.slice(0, 2), head.slice(2)));
    const verdict = await checkBranchMergeable(request, { lease: scratch.lease });
    expect(verdict).toEqual({ kind: 'branch-moved', found: head });
  });

  test('a branch that moved has moved, also where its slot cannot be had', async () => {
    scratch.commit('task', { 'a.txt': 'a\n' });
    const request = await scratch.request('task', { watch: watch() });
    const head = scratch.commit('task', { 'b.txt': 'b\n' });
    writeFileSync(join(scratch.root, 'slots'), 'no directory');
    const verdict = await checkBranchMergeable(request, { lease: scratch.lease });
    expect(verdict).toEqual({ kind: 'branch-moved', found: head });
  });

  test('an origin that cannot be reached is not an answer about the branch', async () => {
    scratch.commit('task', { 'a.txt': 'a\n' });
    const verdict = await ask('task', { watch: { ...watch(), url: `file://${scratch.root}/nowhere.git` } });
    expect(['infra', 'tool-failed']).toContain(verdict.kind);
    expect(await scratch.leaseIsFree()).toBe(true);
  });
});

describe('pushing the caught-up branch', () => {
  const headAt = (branch: string): string =>
    scratch.run('ls-remote', scratch.origin, `refs/heads/${branch}`).split('\t')[0] ?? '';

  test('a green combination is pushed to the task branch, and main stays where it was', async () => {
    scratch.commit('task', { 'a.txt': 'a\n' });
    const main = scratch.commit('main', { 'b.txt': 'b\n' });
    const verdict = mergeable(await ask('task', { push: { url: scratch.url, branch: 'task' } }));
    expect(headAt('task')).toBe(verdict.tested);
    expect(headAt('main')).toBe(main);
  });

  test('what is not green is not pushed', async () => {
    const head = scratch.commit('task', { 't/bad.sh': 'false\n' });
    scratch.commit('main', { 'b.txt': 'b\n' });
    expect(await ask('task', { push: { url: scratch.url, branch: 'task' } })).toMatchObject({ kind: 'red' });
    expect(headAt('task')).toBe(head);
  });

  test('an author who pushed meanwhile is not overwritten', async () => {
    scratch.commit('task', { 'a.txt': 'a\n' });
    scratch.commit('main', { 'b.txt': 'b\n' });
    let found = '';
    const onRun = (): void => {
      found = scratch.commit('task', { 'more.txt': 'm\n' });
    };
    const verdict = await ask('task', { push: { url: scratch.url, branch: 'task' }, onRun });
    expect(verdict).toEqual({ kind: 'branch-moved', found });
    expect(headAt('task')).toBe(found);
  });

  test('main is no task branch: a push to it is refused and nothing opens', async () => {
    scratch.commit('task', { 'a.txt': 'a\n' });
    const main = scratch.commit('main', { 'b.txt': 'b\n' });
    const verdict = await ask('task', { push: { url: scratch.url, branch: 'main' } });
    expect(verdict).toMatchObject({ kind: 'tool-failed', reason: expect.stringContaining('refused') });
    expect(headAt('main')).toBe(main);
    expect(await scratch.leaseIsFree()).toBe(true);
  });
});

test('a slot never shows a command what the run before it left', async () => {
  scratch.commit('first', { 't/leaves.sh': 'mkdir -p left && touch left/over\n' });
  const verdict = mergeable(await ask('first'));
  await scratch.lease.release(verdict.proof);
  expect(existsSync(join(scratch.slotDir, 'left/over'))).toBe(true);
  scratch.commit('second', { 't/looks.sh': '! test -e left/over\n' });
  mergeable(await ask('second'));
});
