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

  test('an unknown key is an error that names the nearest one', () => {
    expect(problems('version: 1\ntest: { comand: npm test }\n')).toContain(
      'unknown key test.comand; did you mean command?',
    );
    expect(problems('version: 1\nsecurty: {}\n')).toContain('did you mean security?');
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

  test('the base may block more severities, never fewer', () => {
    const level = (text: string) =>
      resolvePolicy({ operator: null, base: parsed(text), detected: null }, settings()).depSeverity;
    expect(level('version: 1\nsecurity: { dep_severity: critical }\n')).toBe('high');
    expect(level('version: 1\nsecurity: { dep_severity: low }\n')).toBe('low');
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
