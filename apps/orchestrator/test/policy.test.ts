import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { detectDefault } from '../src/policy/detect-default.ts';
import { type PolicyFile, parsePolicyFile } from '../src/policy/policy-file.ts';
import { resolvePolicy } from '../src/policy/resolve-policy.ts';
import { parseSettings, type Settings } from '../src/settings.ts';

const settings = (environment = {}): Settings => {
  const read = parseSettings(environment);
  if (read.kind !== 'settings') throw new Error(read.problems.join());
  return read.settings;
};
const parsed = (text: string): PolicyFile => {
  const answer = parsePolicyFile(text, 'gatehouse.yaml');
  if (answer.kind !== 'policy') throw new Error(answer.problems.join());
  return answer.policy;
};
const problems = (text: string): string => {
  const answer = parsePolicyFile(text, 'gatehouse.yaml');
  return answer.kind === 'invalid' ? answer.problems.join('\n') : '';
};

describe('gatehouse.yaml', () => {
  test('durations become milliseconds and percentages parts per million', () => {
    const policy = parsed(
      'version: 1\ntest: { command: npm test, timeout: 15m }\ncoverage: { command: x, min: 79.99 }\n',
    );
    expect(policy.test?.timeout).toBe(900_000);
    expect(policy.coverage?.min).toBe(799_900);
  });

  test('only an operator’s file can say that ci runs the tests', () => {
    const text = 'version: 1\nci: { command: npm run lint, covers: test }\n';
    expect(parsed(text).ci).toEqual({ command: 'npm run lint', covers: 'test' });
    const answer = parsePolicyFile(text, 'gatehouse.yaml', 'repository');
    expect(answer).toMatchObject({ kind: 'invalid', problems: [expect.stringContaining("into the operator's file")] });
    expect(problems('version: 1\nci: { covers: lint }\n')).toContain('ci.covers');
  });

  test('an unknown key is an error that names the nearest one', () => {
    expect(problems('version: 1\ntest: { comand: npm test }\n')).toContain(
      'unknown key test.comand; did you mean command?',
    );
    expect(problems('version: 1\nsecurty: {}\n')).toContain('did you mean security?');
  });

  test('a report stands inside the checkout; what leaves it is a mistake with its place', () => {
    const problemOf = (report: string): string =>
      problems(`version: 1\ncoverage: { command: x, report: '${report}' }\n`);
    for (const report of ['coverage/lcov.info', 'a..b/c', './coverage//lcov.info', 'x/./y'])
      expect(problemOf(report)).toBe('');
    expect(parsed("version: 1\ncoverage: { command: x, report: './a//b/./c' }\n").coverage?.report).toBe('a/b/c');
    const wrong: readonly (readonly [string, string])[] = [
      ['../rep.info', 'leaves the checkout'],
      ['a/../../b', 'leaves the checkout'],
      ['/etc/passwd', 'must be relative'],
      ['.git/x', 'a place of git itself'],
      ['.', 'must be plain'],
      ['a/', 'must be plain'],
      ['', 'is empty'],
    ];
    for (const [report, words] of wrong) {
      expect(problemOf(report)).toMatch(/^gatehouse\.yaml: coverage\.report: .* \(line 2\)$/);
      expect(problemOf(report)).toContain(words);
    }
  });

  test('names of a report are mapped to folders inside the checkout', () => {
    const text =
      "version: 1\ncoverage: { command: x, path_map: { /build/: '', 'a b': src/, x: ./lib }, max_unplaced: 0.5 }\n";
    expect(parsed(text).coverage).toMatchObject({
      path_map: { '/build/': '', 'a b': 'src/', x: './lib' },
      max_unplaced: 5000,
    });
    for (const to of ['../x', '/src', 'a/../b'])
      expect(problems(`version: 1\ncoverage: { command: x, path_map: { x: '${to}' } }\n`)).toContain(
        'coverage.path_map.x',
      );
  });

  test('a path rule names its paths and what is run; anything that could mean another thing is refused with its place', () => {
    expect(parsed("version: 1\nrules: [{ paths: ['docs/**', '*.md'], test: skip }]\n").rules).toEqual([
      { paths: ['docs/**', '*.md'], test: 'skip' },
    ]);
    const wrong: readonly (readonly [string, string])[] = [
      ["{ paths: ['*.{md,txt}'], test: skip }", 'rules.0.paths.0: a pattern knows only *, ? and **'],
      ["{ paths: ['/docs/**'], test: skip }", 'rules.0.paths.0: a pattern begins at the root of the repository'],
      ['{ paths: [], test: skip }', 'rules.0.paths'],
      ["{ paths: [a], test: '  ' }", 'rules.0.test: must be skip, or a command'],
      ['{ paths: [a] }', 'rules.0.test'],
      ['{ paths: [a], tests: skip, test: skip }', 'unknown key rules.0.tests; did you mean test?'],
    ];
    for (const [rule, says] of wrong) expect(problems(`version: 1\nrules: [${rule}]\n`)).toContain(says);
    const rules = Array.from({ length: 51 }, () => '{ paths: [a], test: skip }').join();
    expect(problems(`version: 1\nrules: [${rules}]\n`)).toContain('gatehouse.yaml: rules: ');
  });

  test('caches are plain paths below HOME or the checkout', () => {
    const { test } = parsed('version: 1\ntest: { command: x, cache: [~/.npm, node_modules] }\n');
    expect(test?.cache).toEqual(['~/.npm', 'node_modules']);
    for (const path of ['/etc', '../x', '~', '~/.ssh/../x', '.git/hooks'])
      expect(problems(`version: 1\ntest: { cache: ['${path}'] }\n`)).toContain(
        'gatehouse.yaml: test.cache: must hold plain paths',
      );
    expect(problems('version: 1\ntest: { caches: [a] }\n')).toContain('did you mean cache?');
  });

  test('a syntax error names its line', () => {
    expect(problems('version: 1\ntest: { command: [\n')).toMatch(/gatehouse\.yaml:\d+: /);
  });

  test('a key given twice, an alias, a wrong version and an empty file are refused', () => {
    for (const text of ['version: 1\nversion: 1\n', 'version: &a 1\ntest: *a\n', 'version: 2\n', ''])
      expect(problems(text)).not.toBe('');
  });

  test('whatever the text, the answer is a value', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) =>
        ['policy', 'invalid'].includes(parsePolicyFile(text, 'x').kind),
      ),
    );
  });
});

describe('tests in quarantine', () => {
  const ENTRY = { name: 'a > b', owner: 'ann', reason: 'races', expires: '2027-01-31' };
  const file = (test: object): PolicyFile => parsed(JSON.stringify({ version: 1, test }));
  const resolved = (operator: object | null, base: object | null) => {
    const answer = resolvePolicy(
      {
        operator: operator === null ? null : file(operator),
        base: base === null ? null : file(base),
        detected: { command: 'x', because: 'y' },
      },
      settings(),
    );
    return {
      flaky: answer.test?.flaky,
      names: answer.test?.quarantine?.map(({ name }) => name),
      said: answer.warnings,
    };
  };
  const other = { ...ENTRY, name: 'c' };

  test('each entry names a test, an owner, a reason and a real day, and there are at most 20', () => {
    expect(file({ flaky: 'quarantine', quarantine: [ENTRY] }).test?.quarantine).toEqual([ENTRY]);
    const bad: readonly object[] = [
      { ...ENTRY, name: ' ' },
      { ...ENTRY, name: 'x'.repeat(301) },
      { ...ENTRY, owner: '' },
      { ...ENTRY, expires: '2027-02-31' },
      { ...ENTRY, expires: 'soon' },
      { name: 'a' },
    ];
    for (const entry of bad)
      expect(problems(JSON.stringify({ version: 1, test: { quarantine: [entry] } }))).toContain('test.quarantine.0');
    const many = Array.from({ length: 21 }, () => ENTRY);
    expect(problems(JSON.stringify({ version: 1, test: { quarantine: many } }))).toContain('at most 20 tests');
    expect(problems(JSON.stringify({ version: 1, test: { quarantine: [{ ...ENTRY, until: 'x' }] } }))).toContain(
      'unknown key test.quarantine.0.until; did you mean',
    );
  });

  test.each<[object | null, object | null, string, readonly string[] | undefined]>([
    [null, { flaky: 'quarantine', quarantine: [ENTRY] }, 'quarantine', ['a > b']],
    [{ flaky: 'quarantine' }, { quarantine: [ENTRY] }, 'quarantine', ['a > b']],
    [{ flaky: 'quarantine', quarantine: [ENTRY] }, null, 'quarantine', ['a > b']],
    [{ flaky: 'quarantine', quarantine: [ENTRY] }, { quarantine: [other] }, 'quarantine', ['a > b']],
    [{ flaky: 'pass' }, { flaky: 'quarantine', quarantine: [ENTRY] }, 'pass', undefined],
    [{ flaky: 'quarantine', quarantine: [ENTRY] }, { flaky: 'pass' }, 'pass', undefined],
    [{ flaky: 'quarantine', quarantine: [ENTRY] }, { flaky: 'block' }, 'block', undefined],
    [{ flaky: 'block' }, { flaky: 'quarantine', quarantine: [ENTRY] }, 'block', undefined],
    [null, { quarantine: [ENTRY] }, 'pass', undefined],
    [null, null, 'pass', undefined],
  ])('operator %j and base %j: the stricter mode counts, and an operator alone adds to his list', (...row) => {
    const [operator, base, flaky, names] = row;
    expect(resolved(operator, base)).toMatchObject({ flaky, names });
  });

  test('a list or an entry without effect is a warning', () => {
    expect(resolved(null, { quarantine: [ENTRY] }).said.join()).toContain('test.quarantine has no effect');
    const both = resolved({ flaky: 'quarantine', quarantine: [ENTRY] }, { quarantine: [ENTRY, other] });
    expect(both.said.join()).toContain('1 of its entries do not count');
  });
});

describe('the trusted gate definition', () => {
  const detected = { command: 'npm test', because: 'package.json has a test script' };

  test("an operator's command wins over the base's, and the base's over the detected one", () => {
    const operator = parsed('version: 1\ntest: { command: make check }\n');
    const base = parsed('version: 1\ntest: { command: npm run all }\n');
    expect(resolvePolicy({ operator, base, detected }, settings()).test?.command).toBe('make check');
    expect(resolvePolicy({ operator: null, base, detected }, settings()).test?.command).toBe('npm run all');
    const last = resolvePolicy({ operator: null, base: null, detected }, settings());
    expect(last).toMatchObject({ source: 'detected', test: { command: 'npm test' } });
    expect(last.warnings.join()).toContain('package.json has a test script');
  });

  test("an operator's caches win over the base's, and none are none", () => {
    const [operator, base] = ['a', 'b'].map((path) => parsed(`version: 1\ntest: { command: x, cache: [${path}] }\n`));
    const cacheOf = (sources: Parameters<typeof resolvePolicy>[0]) => resolvePolicy(sources, settings()).test?.cache;
    expect(cacheOf({ operator: operator ?? null, base: base ?? null, detected })).toEqual(['a']);
    expect(cacheOf({ operator: null, base: base ?? null, detected })).toEqual(['b']);
    expect(
      cacheOf({ operator: null, base: parsed('version: 1\ntest: { command: x, cache: [] }\n'), detected }),
    ).toBeUndefined();
  });

  test('the base may shorten a deadline and raise the least number of tests, never the other way', () => {
    const operator = parsed('version: 1\ntest: { command: x, timeout: 60s, min_tests: 5 }\n');
    const looser = parsed('version: 1\ntest: { timeout: 10m, min_tests: 1 }\n');
    const tighter = parsed('version: 1\ntest: { timeout: 30s, min_tests: 9 }\n');
    expect(resolvePolicy({ operator, base: looser, detected: null }, settings()).test).toMatchObject({
      timeoutMs: 60_000,
      minTests: 5,
    });
    expect(resolvePolicy({ operator, base: tighter, detected: null }, settings()).test).toMatchObject({
      timeoutMs: 30_000,
      minTests: 9,
    });
  });

  test('who blocks changes of what decides how tests run, blocks them; nobody loosens that', () => {
    const [block, warn] = ['block', 'warn'].map((way) =>
      parsed(`version: 1\ntest: { command: x, gate_files: ${way} }\n`),
    );
    const gateFiles = (operator: PolicyFile | null = null, base: PolicyFile | null = null) =>
      resolvePolicy({ operator, base, detected }, settings()).test?.gateFiles;
    expect([gateFiles(block, warn), gateFiles(warn, block), gateFiles(warn, warn), gateFiles()]).toEqual([
      'block',
      'block',
      undefined,
      undefined,
    ]);
  });

  test('submodules are fetched where the base asks for it, unless the operator says no', () => {
    const [fetch, none] = ['fetch', 'none'].map((way) =>
      parsed(`version: 1\ntest: { command: x, submodules: ${way} }\n`),
    );
    const submodules = (operator: PolicyFile | null = null, base: PolicyFile | null = null) =>
      resolvePolicy({ operator, base, detected }, settings()).test?.submodules;
    expect([submodules(null, fetch), submodules(fetch), submodules(none, fetch), submodules()]).toEqual([
      'fetch',
      'fetch',
      undefined,
      undefined,
    ]);
  });

  test('the base may block more severities, never fewer', () => {
    const level = (text: string) =>
      resolvePolicy({ operator: null, base: parsed(text), detected: null }, settings()).depSeverity;
    expect(level('version: 1\nsecurity: { dep_severity: critical }\n')).toBe('high');
    expect(level('version: 1\nsecurity: { dep_severity: low }\n')).toBe('low');
  });

  test('gitlinks and large files warn from 10 MiB on, and either source may only tighten the other', () => {
    const entriesOf = (operator: string | null, base: string) =>
      resolvePolicy(
        {
          operator: operator === null ? null : parsed(`version: 1\n${operator}\n`),
          base: parsed(`version: 1\n${base}\n`),
          detected: null,
        },
        settings(),
      ).entries;
    const mib = 1024 * 1024;
    expect(entriesOf(null, '')).toEqual({ gitlinks: 'warn', largeFiles: 'warn', largeBytes: 10 * mib });
    expect(entriesOf(null, 'security: { gitlinks: block, max_file_size: 2GiB }')).toEqual({
      gitlinks: 'block',
      largeFiles: 'warn',
      largeBytes: 2048 * mib,
    });
    const strict = 'security: { large_files: block, max_file_size: 1MiB }';
    const lax = 'security: { large_files: warn, max_file_size: 20MiB }';
    for (const [operator, base] of [
      [strict, lax],
      [lax, strict],
    ] as const)
      expect(entriesOf(operator, base)).toMatchObject({ largeFiles: 'block', largeBytes: mib });
    for (const wrong of ['10', '10mb', '-1MiB', '1.5MiB'])
      expect(parsePolicyFile(`version: 1\nsecurity: { max_file_size: ${wrong} }\n`, 'f').kind).toBe('invalid');
  });

  test("path rules are one source's: the base's never stand beside what an operator fixed about the tests", () => {
    const base = parsed("version: 1\ntest: { command: x }\nrules: [{ paths: ['docs/**'], test: skip }]\n");
    const rulesOf = (operator: string | null) => {
      const sources = { operator: operator === null ? null : parsed(`version: 1\n${operator}\n`), base, detected };
      const { rules, warnings } = resolvePolicy(sources, settings());
      return { rules, isTold: warnings.some((warning) => warning.startsWith('rules of the base are not used')) };
    };
    const own = [{ paths: ['docs/**'], test: 'skip' }];
    expect(rulesOf(null)).toEqual({ rules: own, isTold: false });
    expect(rulesOf('test: { timeout: 60s }')).toEqual({ rules: own, isTold: false });
    expect(rulesOf('test: { command: make check }')).toEqual({ rules: [], isTold: true });
    expect(rulesOf('test: { min_tests: 100 }')).toEqual({ rules: [], isTold: true });
    expect(rulesOf('rules: []')).toEqual({ rules: [], isTold: true });
    expect(rulesOf('rules: [{ paths: [site/**], test: npm run site }]')).toEqual({
      rules: [{ paths: ['site/**'], test: { command: 'npm run site' } }],
      isTold: true,
    });
  });

  test("an operator's path map stands alone, and a base may only lower the share that may be unplaced", () => {
    const placing = (operator: string | null, base: string) => {
      const read = (keys: string) => parsed(`version: 1\ncoverage: { command: c${keys} }\n`);
      const sources = { operator: operator === null ? null : read(operator), base: read(base), detected: null };
      const { pathMap, maxUnplacedPpm } = resolvePolicy(sources, settings()).coverage ?? {};
      return [pathMap, maxUnplacedPpm];
    };
    expect(placing(null, '')).toEqual([undefined, undefined]);
    expect(placing(null, ', path_map: { a: b }, max_unplaced: 50')).toEqual([{ a: 'b' }, 10_000]);
    expect(placing(null, ', max_unplaced: 0')).toEqual([undefined, 0]);
    expect(placing(', max_unplaced: 20, path_map: { x: y }', ', path_map: { a: b }')).toEqual([{ x: 'y' }, 200_000]);
    expect(placing(', max_unplaced: 20', ', max_unplaced: 3')).toEqual([undefined, 30_000]);
  });

  test('coverage takes the highest floor and the smallest tolerance', () => {
    const base = parsed('version: 1\ncoverage: { command: c, min: 70, epsilon: 5 }\n');
    const policy = resolvePolicy({ operator: null, base, detected: null }, settings({ ORCH_COVERAGE_MIN: '80' }));
    expect(policy.coverage).toMatchObject({ minPpm: 800_000, epsilonPpm: 1000 });
  });

  test('the digest changes with anything that matters', () => {
    const digest = (text: string) =>
      resolvePolicy({ operator: null, base: parsed(text), detected: null }, settings()).digest;
    expect(digest('version: 1\ntest: { command: a }\n')).not.toBe(digest('version: 1\ntest: { command: b }\n'));
    expect(digest('version: 1\ntest: { command: a }\n')).toBe(digest('version: 1\ntest: {command:   a}\n'));
  });

  test('nothing known about a repository means no test command, never a guess', () => {
    expect(detectDefault(new Set(['README.md']), null)).toBeNull();
    expect(
      detectDefault(new Set(['package.json']), '{"scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}'),
    ).toBeNull();
    expect(
      detectDefault(new Set(['package.json', 'package-lock.json']), '{"scripts":{"test":"node --test"}}'),
    ).toMatchObject({ command: 'npm test', setup: expect.stringContaining('npm ci') });
    const unlocked = '{"scripts":{"test":"uvu"},"devDependencies":{"uvu":"0.5.4"}}';
    expect(detectDefault(new Set(['package.json']), unlocked)).toMatchObject({
      setup: expect.stringContaining('npm install'),
    });
    expect(
      detectDefault(new Set(['package.json']), '{"scripts":{"test":"node --test"},"dependencies":{}}'),
    ).not.toHaveProperty('setup');
    expect(
      detectDefault(new Set(['package.json']), '{"scripts":{"build":"echo {x}","test":"node --test"}}'),
    ).toMatchObject({ command: 'npm test' });
    for (const manifest of ['', '[]', '{"scripts":{"test":{}}}', '{"scripts":', '{"test":"node --test"}'])
      expect(detectDefault(new Set(['package.json']), manifest)).toBeNull();
    expect(detectDefault(new Set(['pyproject.toml']), null)).toMatchObject({ command: 'python3 -m pytest -q' });
  });
});
