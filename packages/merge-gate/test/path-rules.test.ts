import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { matchesGlob } from 'node:path/posix';
import {
  checkBranchMergeable,
  type MergeRequest,
  type MergeVerdict,
  mergeCheckVerdict,
  type PathRule,
  type ResultKey,
  validatePathPattern,
} from '@gatehouse/merge-gate';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decideTest } from '../src/path-rules/decide.ts';
import { parseRules } from '../src/path-rules/parse.ts';
import { matchesPath, pathPattern } from '../src/path-rules/pattern.ts';
import { isTrustPath } from '../src/path-rules/trust-paths.ts';
import { POLICY, RUN_TESTS, ScratchRepository } from './scratch-repository.ts';

const matches = (pattern: string, path: string): boolean => matchesPath(pathPattern(pattern), path.split('/'));

describe('a pattern', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['docs/**', ['docs/a.md', 'docs/a/b', 'docs/.hidden'], ['docs', 'docs2/a', 'a/docs/b', 'Docs/a.md']],
    ['**', ['a', 'a/b', '.x'], []],
    ['**/*.md', ['a.md', 'a/b/c.md', '.md'], ['a.mdx', 'a.md/b']],
    ['*.md', ['a.md', '.md'], ['a/b.md']],
    ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b', 'a/b/b'], ['a/b/c', 'b']],
    ['a?c/*', ['abc/d'], ['ac/d', 'a/c/d', 'abc/d/e']],
    ['*a*b*', ['ab', 'xaxbx', 'aab'], ['ba', 'a', 'a/b']],
    ['LICENSE', ['LICENSE'], ['license', 'a/LICENSE', 'LICENSE.md']],
    ['a (b)/+@$.^|', ['a (b)/+@$.^|'], ['a b/+@$.^|']],
  ])('%s', (pattern, yes, no) => {
    expect(validatePathPattern(pattern)).toEqual({ kind: 'valid' });
    for (const path of yes) expect([path, matches(pattern, path)]).toEqual([path, true]);
    for (const path of no) expect([path, matches(pattern, path)]).toEqual([path, false]);
  });

  test.each([
    '',
    '/a',
    'a/',
    'a//b',
    './a',
    'a/../b',
    'a\\b',
    '!a',
    '*.{md,txt}',
    '[ab]',
    'a**',
    '**b/c',
    'a\nb',
    'x'.repeat(501),
  ])('%j is refused with a word on what to write', (pattern) => {
    expect(validatePathPattern(pattern)).toMatchObject({ kind: 'invalid', reason: expect.stringMatching(/\S/) });
  });

  test('it matches what the globs of Node match', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 });
    const sign = fc.string({ unit: fc.constantFrom('a', 'b', '?', '*'), minLength: 1, maxLength: 4 });
    const part = fc.oneof(
      sign.filter((text) => !text.includes('**')),
      fc.constant('**'),
    );
    const [patterns, paths] = [part, name].map((of) => fc.array(of, { minLength: 1, maxLength: 4 }));
    fc.assert(
      fc.property(patterns ?? fc.constant([]), paths ?? fc.constant([]), (pattern, path) => {
        const [glob, file] = [pattern.join('/'), path.join('/')];
        expect([glob, file, matches(glob, file)]).toEqual([glob, file, matchesGlob(file, glob)]);
      }),
      { numRuns: 1_000 },
    );
  });

  test('a hostile path is answered at once: an expression that tries every way again would not come back', () => {
    expect(matches('*a*a*a*a*a*b', 'a'.repeat(4_000))).toBe(false);
    expect(matches('**/a/**/a/**/a/**/a/**/b', Array.from({ length: 2_000 }, () => 'a').join('/'))).toBe(false);
  });
});

const DOCS: PathRule = { paths: ['docs/**', '*.md'], test: 'skip' };
const SITE: PathRule = { paths: ['docs/site/**'], test: { command: 'site' } };
const LINKS: PathRule = { paths: ['docs/*.txt'], test: { command: 'links' } };
const decide = (rules: readonly PathRule[], ...paths: string[]) =>
  decideTest(rules, { paths: new Set(paths), isTrusted: false });

describe('which rule holds', () => {
  test('only a change that is covered as a whole is skipped', () => {
    expect(decide([DOCS], 'docs/a', 'docs/b/c', 'README.md')).toEqual({
      kind: 'skip',
      rules: [
        { pattern: 'docs/**', test: 'skip', paths: 2 },
        { pattern: '*.md', test: 'skip', paths: 1 },
      ],
    });
    expect(decide([DOCS], 'docs/a', 'src/a.ts')).toEqual({ kind: 'whole' });
    expect(decide([DOCS])).toEqual({ kind: 'whole' });
    expect(decide([], 'docs/a')).toEqual({ kind: 'whole' });
    expect(decideTest([DOCS], { paths: new Set(['docs/a']), isTrusted: true })).toEqual({ kind: 'whole' });
  });

  test('the most specific pattern wins, whatever the order; of two alike the later', () => {
    for (const rules of [
      [DOCS, SITE],
      [SITE, DOCS],
    ])
      expect(decide(rules, 'docs/site/x')).toMatchObject({ kind: 'narrowed', command: 'site' });
    const exact: PathRule = { paths: ['docs/site/x'], test: 'skip' };
    expect(decide([exact, SITE], 'docs/site/x')).toMatchObject({ kind: 'skip' });
    const longer: PathRule = { paths: ['docs/**/*.md'], test: { command: 'longer' } };
    expect(decide([longer, DOCS], 'docs/a.md')).toMatchObject({ command: 'longer' });
    const again: PathRule = { paths: ['docs/**'], test: { command: 'later' } };
    expect(decide([DOCS, again], 'docs/a')).toMatchObject({ command: 'later' });
    expect(decide([again, DOCS], 'docs/a')).toMatchObject({ kind: 'skip' });
  });

  test('a skip beside one command narrows to it; two commands are the whole one', () => {
    expect(decide([DOCS, SITE], 'docs/a', 'docs/site/x')).toMatchObject({ kind: 'narrowed', command: 'site' });
    expect(decide([DOCS, SITE, LINKS], 'docs/a.txt', 'docs/site/x')).toEqual({ kind: 'whole' });
  });

  test.each([
    'gatehouse.yaml',
    'package.json',
    'docs/package.json',
    'pnpm-lock.yaml',
    'docs/.npmrc',
    '.github/workflows/ci.yml',
    'docs/jest.config.js',
    'conftest.py',
    'requirements-dev.txt',
    'go.mod',
    'crates/a/Cargo.lock',
    'Makefile',
    'docs/makefile',
    'tsconfig.base.json',
    '.gitattributes',
    'node_modules/.bin/node',
    'a/vite.config.mts',
    'build.gradle.kts',
    'Dockerfile',
    'tests.Dockerfile',
    'ci/docker-compose.test.yml',
    'Containerfile',
    '.containerignore',
    'docker-bake.hcl',
    'Earthfile',
    '.devcontainer.json',
    '.env',
    'PACKAGE.JSON',
    '.mocharc.yml',
    'pytest.ini',
    'App.csproj',
    '.gitlab-ci.yml',
  ])('no rule covers %s', (path) => {
    expect(isTrustPath(path)).toBe(true);
    expect(decide([{ paths: ['**'], test: 'skip' }], 'docs/a.md', path)).toEqual({ kind: 'whole' });
  });

  test.each(['docs/a.md', 'src/index.ts', 'docs/img/x.png', 'package.json.md', 'docs/build.md', 'src/environment.ts'])(
    '%s is an ordinary file',
    (path) => {
      expect(isTrustPath(path)).toBe(false);
    },
  );

  test('a change too large to be compared is tested as a whole', () => {
    const rules: readonly PathRule[] = [{ paths: Array.from({ length: 50 }, () => 'docs/**'), test: 'skip' }];
    const path = (at: number) => `docs/${String(at).padStart(95, '0')}`;
    const many = Array.from({ length: 801 }, (_, at) => path(at));
    expect(decide(rules, ...many)).toEqual({ kind: 'whole' });
    expect(decide(rules, ...many.slice(1))).toMatchObject({ kind: 'skip', rules: [{ paths: 800 }] });
  });
});

test.each<[string, unknown]>([
  ['no list', {}],
  ['too many', Array.from({ length: 51 }, () => DOCS)],
  ['a rule without paths', [{ paths: [], test: 'skip' }]],
  ['too many paths', [{ paths: Array.from({ length: 51 }, () => 'a'), test: 'skip' }]],
  ['a pattern that is none', [{ paths: ['/a'], test: 'skip' }]],
  ['a path that is no text', [{ paths: [7], test: 'skip' }]],
  ['no command', [{ paths: ['a'], test: { command: ' ' } }]],
  ['another word than skip', [{ paths: ['a'], test: 'none' }]],
  ['null', [null]],
])('rules are refused as a whole for %s', (_what, rules) => {
  expect(parseRules(rules as never)).toMatchObject({ kind: 'invalid' });
});

describe('a candidate under rules', () => {
  let scratch: ScratchRepository;
  beforeEach(async () => {
    scratch = await ScratchRepository.open({ 'docs/a.md': 'one\ntwo\nthree\nfour\n', 'docs/check.sh': 'exit 1\n' });
  });
  afterEach(() => scratch.close());
  const kept: ResultKey[] = [];
  const results = {
    lookup: async ({ tree, gateDigest }: ResultKey) =>
      kept.some((one) => one.tree === tree && one.gateDigest === gateDigest) ? ('green' as const) : ('none' as const),
    record: async (key: ResultKey, outcome: string) => void (outcome === 'green' && kept.push(key)),
  };
  const ask = async (branch: string, changes: Partial<MergeRequest>): Promise<MergeVerdict> => {
    const verdict = await checkBranchMergeable(await scratch.request(branch, changes), {
      lease: scratch.lease,
      results,
    });
    if (verdict.kind === 'mergeable') await scratch.lease.release(verdict.proof);
    return verdict;
  };
  const reasonOf = (verdict: MergeVerdict) => mergeCheckVerdict(verdict, { base: '', head: '' }).reason;
  const rules = [DOCS];

  test('what is skipped runs nothing, is remembered as nothing, and the verdict names the rule', async () => {
    scratch.commit('main', { 't/three.sh': 'true\n' });
    scratch.commit('words', { 'docs/a.md': 'other\n' }, 'main~1');
    const verdict = await ask('words', { rules });
    expect(verdict).toMatchObject({ kind: 'mergeable', evidence: { kind: 'rule' }, warnings: [] });
    expect(reasonOf(verdict)).toMatch(
      /^green on top of \w{12}: no test is asked for; by the rule docs\/\*\*: skip \(1 path\)$/,
    );
    expect(scratch.story).toEqual([]);
    expect(await ask('words', {})).toMatchObject({ evidence: { kind: 'first-try' } });
    expect(scratch.story).toEqual(['branch green']);
  });

  test('a file that is moved out of the covered folder, or into it, counts with both names', async () => {
    scratch.commit('out', { 'docs/a.md': null, 'src.md/a.md': 'one\ntwo\nthree\nfour\n' });
    scratch.commit('in', { 't/one.sh': null, 'docs/one.sh': 'true\n' });
    for (const branch of ['out', 'in'])
      expect(await ask(branch, { rules })).toMatchObject({ evidence: { kind: 'first-try' } });
  });

  test('a branch that touches what decides is tested as a whole, however the rules read', async () => {
    scratch.commit('sly', { 'docs/a.md': 'other\n', 'package.json': '{}\n', 't/one.sh': 'false\n' });
    const all: PathRule[] = [{ paths: ['**'], test: 'skip' }];
    expect(await ask('sly', { rules: all })).toMatchObject({ kind: 'red' });
  });

  test('the narrowed command decides, by its own count, and its green is none of the whole command', async () => {
    scratch.commit('words', { 'docs/a.md': 'other\n' });
    const narrow: PathRule[] = [{ paths: ['docs/**'], test: { command: 'echo "ok 1 - links"; echo 1..1' } }];
    const policy = { ...POLICY, minTests: 2 };
    const verdict = await ask('words', { rules: narrow, policy });
    expect(verdict).toMatchObject({ kind: 'mergeable', evidence: { kind: 'first-try', run: { tests: { total: 1 } } } });
    expect(reasonOf(verdict)).toContain('(1 test); by the rule docs/**: `echo "ok 1 - links"; echo 1..1` (1 path)');
    expect(await ask('words', { rules: narrow, policy })).toMatchObject({ evidence: { kind: 'remembered' } });
    expect(await ask('words', { policy })).toMatchObject({
      evidence: { kind: 'first-try', run: { command: RUN_TESTS } },
    });
  });

  test('a narrowed command that is red is held against main under the same command', async () => {
    scratch.commit('words', { 'docs/a.md': 'bad words\n' });
    const words = {
      command: 'if grep -q bad docs/a.md; then echo "not ok 1 - words"; exit 1; fi; echo "ok 1 - words"',
    };
    const verdict = await ask('words', { rules: [{ paths: ['docs/**'], test: words }] });
    expect(verdict).toMatchObject({ kind: 'red', rules: [{ pattern: 'docs/**' }], certificate: { baseRun: words } });
    expect(reasonOf(verdict)).toContain('by the rule docs/**');
    expect(await ask('words', {})).toMatchObject({ kind: 'mergeable' });
  });

  test('a narrowed command that the branch itself changes proves nothing: the whole one is run', async () => {
    scratch.commit('sly', { 'docs/a.md': 'bad\n', 'docs/check.sh': 'exit 0\n' });
    const verdict = await ask('sly', { rules: [{ paths: ['docs/**'], test: { command: 'sh docs/check.sh' } }] });
    expect(verdict).toMatchObject({ kind: 'mergeable', evidence: { run: { command: RUN_TESTS } } });
  });

  describe('through a link', () => {
    const evidenceOf = async (branch: string) => {
      const verdict = await ask(branch, { rules });
      return verdict.kind === 'mergeable' ? verdict.evidence.kind : verdict.kind;
    };

    test.each([
      ['to what no rule covers', '../t', 'first-try'],
      ['to a file that no rule covers', '../t/one.sh', 'first-try'],
      ['to the whole tree', '..', 'first-try'],
      ['to nothing', 'nothing', 'first-try'],
      ['out of the tree', '/etc', 'first-try'],
      ['to what the rule covers', 'a.md', 'rule'],
    ])('that the branch adds %s', async (_what, target, evidence) => {
      scratch.link('branch', 'docs/l', target);
      expect(await evidenceOf('branch')).toBe(evidence);
    });

    test('of main to what the branch changes: the link is changed, too', async () => {
      scratch.link('main', 'docs/between', '../docs');
      scratch.link('main', 't/words', '../docs/between');
      scratch.commit('branch', { 'docs/a.md': 'other\n' });
      expect(await evidenceOf('branch')).toBe('first-try');
    });
  });

  test('no rule covers a file that is made executable, or a submodule', async () => {
    scratch.commit('mode', {});
    scratch.run('update-index', '--chmod=+x', 'docs/a.md');
    chmodSync(join(scratch.clone, 'docs/a.md'), 0o755);
    scratch.commit('mode', {});
    scratch.commit('module', {});
    mkdirSync(join(scratch.clone, 'docs/sub'));
    scratch.run('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},docs/sub`);
    scratch.commit('module', {});
    for (const branch of ['mode', 'module'])
      expect([branch, await ask(branch, { rules })]).toMatchObject([branch, { evidence: { kind: 'first-try' } }]);
  });
});
