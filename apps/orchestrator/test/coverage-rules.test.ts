/** What `gatehouse.yaml` may say of coverage rules, and whose word counts. */
import { describe, expect, test } from '@jest/globals';
import { type PolicyFile, parsePolicyFile } from '../src/policy/policy-file.ts';
import { resolvePolicy } from '../src/policy/resolve-policy.ts';
import { settingsFrom } from './live-gatehouse.ts';

const file = (coverage: object | null): PolicyFile | null => {
  if (coverage === null) return null;
  const test = { command: 'npm test', setup: 'npm ci' };
  const answer = parsePolicyFile(JSON.stringify({ version: 1, test, coverage }), 'gatehouse.yaml');
  if (answer.kind !== 'policy') throw new Error(answer.problems.join());
  return answer.policy;
};

const resolve = (base: object | null, operator: object | null = null, env: Readonly<Record<string, string>> = {}) =>
  resolvePolicy({ base: file(base), operator: file(operator), detected: null }, settingsFrom(env)).coverage;

const own = (rules: object): object => ({ command: 'c', ...rules });

describe('the rules of coverage', () => {
  test('are all named in gatehouse.yaml, each with its strictness and its slack', () => {
    const rules = {
      patch: { min: 80, policy: 'block', slack: 3 },
      per_file: { policy: 'warn', min: 60, slack: 4 },
      labels: [{ label: 'api', paths: ['services/api/'], policy: 'block', min: 90, slack: 1, carry_forward: true }],
      vanished: 'block',
      shrunk: { policy: 'block', slack: 10 },
      unmeasured: 'off',
      pragmas: { policy: 'block' },
      config: 'block',
      ignore: ['generated/'],
      on_unknown: 'open',
    };
    expect(resolve(own(rules))).toMatchObject({
      patch: { minPpm: 800_000, policy: 'block', slackLines: 3 },
      perFile: { minPpm: 600_000, policy: 'warn', slackLines: 4 },
      labels: [
        { label: 'api', paths: ['services/api/'], policy: 'block', minPpm: 900_000, slackLines: 1, carryForward: true },
      ],
      vanished: 'block',
      shrunk: { policy: 'block', slack: 10 },
      unmeasured: 'off',
      pragmas: { policy: 'block' },
      config: 'block',
      ignore: ['generated/'],
      onUnknown: 'open',
      failClosed: false,
    });
  });

  test('a finding the operator names may be made stricter by base, never milder', () => {
    expect(resolve(own({ vanished: 'block' }), { vanished: 'warn' })).toMatchObject({ vanished: 'block' });
    expect(resolve(own({ vanished: 'off' }), { vanished: 'warn' })).toMatchObject({ vanished: 'warn' });
    const slack = { vanished: { policy: 'block', slack: 99 } };
    expect(resolve(own(slack), { vanished: 'block' })).toMatchObject({ vanished: 'block' });
  });

  test('what the operator leaves out and demands of lines, files and labels is the operator’s alone', () => {
    const operator = { ignore: ['a/'], patch: { min: 90, policy: 'block' }, per_file: { policy: 'block' } };
    const base = own({ ignore: ['src/'], patch: { min: 1, policy: 'off' }, per_file: { policy: 'off' } });
    expect(resolve(base, operator)).toMatchObject({
      ignore: ['a/'],
      patch: { minPpm: 900_000, policy: 'block' },
      perFile: { policy: 'block' },
    });
  });

  test.each([
    [undefined, undefined, {}, { failClosed: false }],
    ['open', undefined, {}, { failClosed: false, onUnknown: 'open' }],
    ['open', 'closed-if-base-ok', {}, { failClosed: false }],
    ['closed', 'open', {}, { failClosed: true }],
    ['open', undefined, { ORCH_COVERAGE_FAIL_CLOSED: 'true' }, { failClosed: true }],
  ])('unknown: base says %s, the operator %s', (base, operator, env, expected) => {
    const of = (word: string | undefined) => (word === undefined ? {} : { on_unknown: word });
    const policy = resolve(own(of(base)), of(operator), env);
    expect(policy).toMatchObject(expected);
    if (!('onUnknown' in expected)) expect(policy).not.toHaveProperty('onUnknown');
  });

  test('a coverage command that is the test command needs no name of its own', () => {
    expect(resolve({ with_test: true, report: 'lcov.info' })).toMatchObject({
      command: 'npm test',
      setup: 'npm ci',
      withTest: true,
    });
    expect(resolve({ report: 'lcov.info' })).toBeNull();
  });

  test.each([
    [{ vanished: 'maybe' }, 'coverage.vanished'],
    [{ shrunk: { policy: 'block', slack: -1 } }, 'coverage.shrunk'],
    [{ ignore: ['/etc/'] }, 'must be the beginning of a path'],
    [{ labels: [{ label: 'x', paths: [], policy: 'block' }] }, 'coverage.labels.0.paths'],
    [{ labels: [{ label: 'x', policy: 'block', carry_forward: true }] }, 'carries nothing forward without paths'],
    [{ labels: [{ label: 'x', paths: ['a/'], polcy: 'block' }] }, 'did you mean policy?'],
    [{ per_file: { mim: 3, policy: 'off' } }, 'did you mean min?'],
    [{ shrink: 'off' }, 'did you mean shrunk?'],
  ])('%j is refused with its place', (rules, said) => {
    const answer = parsePolicyFile(JSON.stringify({ version: 1, coverage: own(rules) }), 'gatehouse.yaml');
    expect(answer.kind === 'invalid' ? answer.problems.join('\n') : 'accepted').toContain(said);
  });
});
