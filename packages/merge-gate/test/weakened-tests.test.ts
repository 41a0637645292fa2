/** What a branch does to its tests without a count that tells: expected failures, passing over, ends of the process. */
import { changedEntries } from '@gatehouse/git';
import { checkBranchMergeable, type MergeVerdict, memoryLease, memoryTests } from '@gatehouse/merge-gate';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readWeakening, type Weakening } from '../src/weakened-tests.ts';
import { POLICY, ScratchRepository } from './scratch-repository.ts';

let scratch: ScratchRepository;
beforeEach(async () => {
  scratch = await ScratchRepository.open();
});
afterEach(() => scratch.close());

/** The runner says what `say` says, whatever the branch holds. */
const ask = async (say: string, { block = false, tests = memoryTests() } = {}): Promise<MergeVerdict> =>
  checkBranchMergeable(
    await scratch.request('branch', {
      policy: { ...POLICY, command: say, ...(block ? { fewerTests: 'block' as const } : {}) },
    }),
    { lease: memoryLease(), tests },
  );

const UNCOUNTED = 'printf "ok  \\texample.org/a\\t0.01s\\n"';
const COUNTED = 'echo "Tests:       2 passed, 2 total"';

const NOTHING = { isSuspected: false, expectedToFail: 0, words: '' };

/** What is read of the planted branch. */
async function weakening(): Promise<Weakening> {
  const { git, base, head } = await scratch.request('branch');
  const signal = new AbortController().signal;
  const found = await changedEntries({ repo: git, base, head, signal });
  return readWeakening({ git, changed: found.kind === 'listed' ? found.entries : [], signal });
}

const plant = (path: string, before: string, after: string | null): void => {
  scratch.commit('main', { [path]: before });
  scratch.commit('branch', { [path]: after });
};

describe('where nothing is counted the text of the branch is told', () => {
  const go = 'package a\nfunc TestOne(t *testing.T) {\n}\nfunc TestTwo(t *testing.T) {\n}\n';
  test.each<[string, string, string, string | null, string]>([
    ['a skip', 'a_test.go', go, go.replace('{\n', '{\n\tt.Skip("later")\n'), 'passes over 1 test (a_test.go)'],
    ['a test that is gone', 'a_test.go', go, go.split('func TestTwo')[0] ?? '', 'takes out 1 test (a_test.go)'],
    ['a file that is gone', 'a_test.go', go, null, 'takes out 2 tests (a_test.go)'],
    ['a build tag', 'a_test.go', go, `//go:build ignore\n${go}`, 'passes over 1 test (a_test.go)'],
    [
      'a TestMain that runs none',
      'a_test.go',
      go,
      `${go}func TestMain(m *testing.M) {}\n`,
      'ends the process in a file of tests (a_test.go)',
    ],
    [
      'a TestMain that selects',
      'a_test.go',
      go,
      `${go}func TestMain(m *testing.M) { flag.Set("test.run", "One"); os.Exit(m.Run()) }\n`,
      'passes over 1 test (a_test.go)',
    ],
    [
      'an end of the process',
      'a_test.go',
      go,
      `${go}func TestMain(m *testing.M) { os.Exit(0) }\n`,
      'ends the process in a file of tests (a_test.go)',
    ],
  ])('%s', async (_what, path, before, after, words) => {
    plant(path, before, after);
    expect(await weakening()).toEqual({ isSuspected: true, expectedToFail: 0, words });
  });

  const java = 'class ATest {\n  @Test\n  void holds() {}\n}\n';
  test.each([
    ['@Ignore'],
    ['@org.junit.Ignore'],
    ['@org.junit.jupiter.api.Disabled("later")'],
    ['@DisabledOnOs(OS.LINUX)'],
    ['@EnabledIfSystemProperty(named = "a", matches = "b")'],
    ['@Test(enabled = false)'],
  ])('%s in front of a class of Java', async (annotation) => {
    plant('src/test/java/ATest.java', java, `${annotation}\n${java}`);
    expect(await weakening()).toMatchObject({
      isSuspected: true,
      words: 'passes over 1 test (src/test/java/ATest.java)',
    });
  });

  test.each(['testdata/a_test.go', '_a_test.go', 'a_windows_test.go'])(
    'a move to %s, which go does not take',
    async (path) => {
      scratch.commit('main', { 'a_test.go': go });
      scratch.commit('branch', { 'a_test.go': null, [path]: go });
      expect(await weakening()).toMatchObject({ isSuspected: true, words: 'takes out 2 tests (a_test.go)' });
    },
  );

  test('it warns, and refuses where the policy says so', async () => {
    plant('a_test.go', go, null);
    const weakened = 'takes out 2 tests (a_test.go)';
    const warned = `tests-fell: the branch ${weakened}, and no count of its runner tells`;
    expect(await ask(UNCOUNTED)).toMatchObject({
      kind: 'mergeable',
      warnings: [expect.stringContaining('tests-uncounted'), warned],
    });
    expect(await ask(UNCOUNTED, { block: true })).toEqual({ kind: 'tests-fell', weakened });
  });

  test('a TestMain that ends with the status of its tests is as it should be, and so are more tests', async () => {
    plant('a_test.go', go, `${go}func TestMain(m *testing.M) { os.Exit(m.Run()) }\nfunc TestThree(t *testing.T) {}\n`);
    // It is worth a run of main where tests are counted.
    expect(await weakening()).toEqual({ ...NOTHING, isSuspected: true });
  });
});

describe('what a runner counts as passed because it failed', () => {
  const js = "test('one', () => {});\ntest('two', () => {});\n";
  const rust = '#[test]\nfn one() {}\n';
  test.each([
    ['Jest', 'a.test.js', js, js.replace("test('two'", "test.failing('two'")],
    ['Vitest', 'a.test.ts', js, js.replace("test('two'", "test.fails('two'")],
    ['Playwright', 'a.spec.ts', js, js.replace("'two', () => {", "'two', () => { test.fail();")],
    ['node:test', 'a.test.mjs', js, js.replace("'two', ", "'two', { expectFailure: true }, ")],
    ['Rust', 'src/lib.rs', rust, rust.replace('#[test]', '#[test]\n#[should_panic]')],
  ])('%s: its mark is counted', async (_runner, path, before, after) => {
    plant(path, before, after);
    const words = `marks 1 test as expected to fail (${path})`;
    expect(await weakening()).toEqual({ isSuspected: true, expectedToFail: 1, words });
  });

  test('an equal count does not hide it', async () => {
    plant('src/lib.rs', rust, rust.replace('#[test]', '#[test]\n#[should_panic]'));
    const weakened = 'marks 1 test as expected to fail (src/lib.rs)';
    const warning = `tests-fell: the branch ${weakened}, and no count of its runner tells`;
    expect(await ask(COUNTED)).toMatchObject({ kind: 'mergeable', warnings: [warning] });
    expect(await ask(COUNTED, { block: true })).toEqual({ kind: 'tests-fell', weakened });
  });

  test.each([
    ['a new test that expects a panic', rust, `${rust}#[test]\n#[should_panic]\nfn two() {}\n`],
    ['a panic that is expected no more', rust.replace('fn', '#[should_panic]\nfn'), rust],
  ])('%s is no weakening', async (_what, before, after) => {
    plant('src/lib.rs', before, after);
    expect(await weakening()).toEqual(NOTHING);
  });
});

test.each([
  ['tests/a.rs', 'tests/deep/a.rs', true],
  ['test_a.py', 'check_a.py', true],
  ['a.test.js', 'a.js', true],
  ['a.test.js', 'b.test.js', false],
])('a file that moves from %s to %s is worth a run of main: %s', async (from, to, isSuspected) => {
  scratch.commit('main', { [from]: '#[test]\nfn one() {}\n' });
  scratch.commit('branch', { [from]: null, [to]: '#[test]\nfn one() {}\n' });
  expect(await weakening()).toEqual({ ...NOTHING, isSuspected });
});

test('a test that is marked as one that may fail counts for nothing, by the runner’s own words', async () => {
  plant('a.py', 'def test_one(): pass\n', '@pytest.mark.xfail\ndef test_one(): pass\n');
  const says =
    'if cat *.py | grep -q xfail; then echo "== 1 passed, 1 xfailed in 0.1s =="; else echo "== 2 passed in 0.1s =="; fi';
  expect(await ask(says)).toMatchObject({ warnings: ['tests-fell: main runs 2 tests, the branch 1'] });
  expect(scratch.story).toEqual(['branch green', 'base green']);
});

test('a green from memory is told all the same, and refused where the policy says it by now', async () => {
  const results = new Map<string, 'green'>();
  const memory = {
    lookup: async ({ tree }: { readonly tree: string }) => results.get(tree) ?? ('none' as const),
    record: async ({ tree }: { readonly tree: string }) => void results.set(tree, 'green'),
  };
  const tests = memoryTests();
  const again = async (branch: string, block = false) =>
    checkBranchMergeable(
      await scratch.request(branch, { policy: { ...POLICY, ...(block ? { fewerTests: 'block' as const } : {}) } }),
      { lease: memoryLease(), tests, results: memory },
    );
  scratch.commit('before', { 'a.txt': 'a\n' });
  const first = await again('before');
  if (first.kind === 'mergeable') scratch.land(first.tested);
  scratch.commit('deletes', { 't/two.sh': null }, 'before');
  const warnings = ['tests-fell: main runs 2 tests, the branch 1'];
  expect(await again('deletes')).toMatchObject({ kind: 'mergeable', evidence: { kind: 'first-try' }, warnings });
  expect(await again('deletes')).toMatchObject({ kind: 'mergeable', evidence: { kind: 'remembered' }, warnings });
  expect(await again('deletes', true)).toEqual({ kind: 'tests-fell', onMain: 2, ran: 1 });
});
