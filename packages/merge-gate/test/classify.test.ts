import {
  classifyRetestFailure,
  ENDINGS,
  faultOf,
  faultOfGit,
  type RetestEnding,
  type RetestFacts,
  type TestCount,
} from '@gatehouse/merge-gate';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

const count = (ran: number, failed: readonly string[] = []): TestCount => ({
  kind: 'counted',
  runner: 'tap',
  total: ran,
  ran,
  failed,
});
const failing = (failures: number): TestCount => ({ ...count(200), failures });
const UNKNOWN: TestCount = { kind: 'unknown', reason: 'no summary', failed: [] };

const UNREPORTED: TestCount = { kind: 'unreported', reason: 'the test report x.xml is not there', failed: [] };

const facts = (run: RetestFacts['run'], changes: Partial<RetestFacts> = {}): RetestFacts => ({
  run,
  output: '',
  tests: count(3),
  minTests: 1,
  ...changes,
});
const exited = (code: number, changes: Partial<RetestFacts> = {}): RetestFacts =>
  facts({ kind: 'exited', code }, changes);

const rows: readonly (readonly [string, RetestFacts, string, string])[] = [
  ['exit 0 with enough tests', exited(0), 'passed', 'green'],
  ['exit 0 with a count that cannot be read', exited(0, { tests: UNKNOWN }), 'passed-uncounted', 'green'],
  ['exit 0 with zero tests', exited(0, { tests: count(0) }), 'no-tests', 'tool-failed'],
  ['exit 0 with fewer tests than asked for', exited(0, { minTests: 4 }), 'too-few-tests', 'tool-failed'],
  ['exit 0 where nothing is to be counted', exited(0, { tests: UNKNOWN, minTests: 0 }), 'passed', 'green'],
  ['exit 0 without the report that was asked for', exited(0, { tests: UNREPORTED }), 'no-report', 'tool-failed'],
  ['exit 1 without the report that was asked for', exited(1, { tests: UNREPORTED }), 'failed', 'red'],
  ['exit 1', exited(1, { tests: count(3, ['x']) }), 'failed', 'red'],
  ['exit 1 without a summary', exited(1, { tests: UNKNOWN }), 'failed', 'red'],
  ['exit 5 with nothing collected', exited(5, { tests: count(0) }), 'no-tests', 'tool-failed'],
  ['exit 1 with no test run and a suite that cannot load', exited(1, { tests: count(0, ['a.js']) }), 'failed', 'red'],
  ['exit 125', exited(125), 'failed', 'red'],
  ['exit 126', exited(126), 'not-executable', 'infra'],
  ['exit 127', exited(127), 'not-found', 'infra'],
  ['exit 128', exited(128), 'failed', 'red'],
  ['exit 137, a KILL as the shell reports it', exited(137), 'signalled', 'infra'],
  ['exit 255', exited(255), 'failed', 'red'],
  ['exit 0 with a named failure', exited(0, { tests: count(3, ['x']) }), 'failed', 'red'],
  ['exit 0 with a counted failure that has no name', exited(0, { tests: failing(1) }), 'failed', 'red'],
  ['exit 0 with a failure, counting switched off', exited(0, { tests: failing(1), minTests: 0 }), 'failed', 'red'],
  [
    'exit 0 with a package that fails and no count',
    exited(0, { tests: { ...UNKNOWN, failed: ['p'] } }),
    'failed',
    'red',
  ],
  [
    'exit 0 without its report, by an output that names a failure',
    exited(0, { tests: { ...UNREPORTED, failed: ['x'] } }),
    'no-report',
    'tool-failed',
  ],
  [
    'exit 2 with a collection error that has no name',
    exited(2, { tests: { ...count(0), failures: 1 } }),
    'failed',
    'red',
  ],
  ['exit 127, the number of failures', exited(127, { tests: failing(127) }), 'failed', 'red'],
  ['exit 150, the number of failures', exited(150, { tests: failing(150) }), 'failed', 'red'],
  ['a signal', facts({ kind: 'signaled', signal: 'SIGSEGV' }), 'signalled', 'infra'],
  ['a deadline', facts({ kind: 'timeout' }), 'timed-out', 'infra'],
  ['a cancelled run', facts({ kind: 'cancelled', reason: 'STOP' }), 'cancelled', 'infra'],
  ['too much output', facts({ kind: 'output-limit' }), 'output-limit', 'infra'],
  ['a command that cannot be started', facts({ kind: 'spawn-failed' }), 'spawn-failed', 'infra'],
  ['a refused request', facts({ kind: 'refused', reason: 'level' }), 'refused', 'tool-failed'],
];

describe('every way a run can end', () => {
  test.each(rows)('%s', (_title, given, ending, outcome) => {
    expect(classifyRetestFailure(given)).toMatchObject({ ending, outcome });
  });

  const faultLines: readonly (readonly [string, string])[] = [
    ['disk-full', 'Error: ENOSPC: no space left on device, write'],
    ['disk-full', 'fatal: write error: Disk quota exceeded'],
    ['out-of-memory', 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'],
    [
      'out-of-memory',
      'A jest worker process (pid=7) was terminated by another process: signal=SIGKILL, exitCode=null.',
    ],
    ['out-of-memory', 'Killed'],
    ['no-processes', 'sh: 1: fork: Resource temporarily unavailable'],
    ['network-down', 'npm error code EAI_AGAIN'],
    ['network-down', 'npm ERR! code ENOTFOUND'],
    ['network-down', 'fatal: unable to access: Could not resolve host: example.org'],
    ['network-down', 'urllib3: Failed to establish a new connection: [Errno 101] Network is unreachable'],
  ];
  test.each(faultLines)('%s is recognised in: %s', (ending, line) => {
    const output = `${'x\n'.repeat(50)}${line}\n${'y\n'.repeat(50)}`;
    expect(classifyRetestFailure(exited(1, { output }))).toMatchObject({ ending, outcome: 'infra' });
  });

  const innocent: readonly string[] = [
    'Error: connect ECONNREFUSED 127.0.0.1:5432',
    'getaddrinfo ENOTFOUND localhost',
    'he was killed by the dragon',
    'expected "timeout" to equal "green"',
  ];
  test.each(innocent)('a suite’s own words stay red: %s', (output) => {
    expect(classifyRetestFailure(exited(1, { output }))).toMatchObject({ ending: 'failed', outcome: 'red' });
  });

  test('a build that failed for a full disk or a dead network is the machine’s, and a test that failed is not', () => {
    const output =
      'go: m@v1: dial tcp: lookup example.org: Temporary failure in name resolution\nFAIL\tp [setup failed]\n';
    const built = { ...UNKNOWN, failed: ['p (build)'], unbuilt: 1 };
    expect(classifyRetestFailure(exited(1, { output, tests: built }))).toMatchObject({ ending: 'network-down' });
    expect(classifyRetestFailure(exited(0, { output, tests: built }))).toMatchObject({ ending: 'failed' });
    expect(classifyRetestFailure(exited(1, { tests: built }))).toMatchObject({ ending: 'failed' });
    const tested = { ...built, failed: ['p (build)', 'TestA'] };
    expect(classifyRetestFailure(exited(1, { output, tests: tested }))).toMatchObject({ ending: 'failed' });
  });

  test('a fault mentioned long before the end, or by a command that passed, means nothing', () => {
    const early = `ENOSPC is handled\n${'ok\n'.repeat(20_000)}`;
    expect(classifyRetestFailure(exited(1, { output: early })).outcome).toBe('red');
    expect(classifyRetestFailure(exited(0, { output: 'ENOSPC' })).outcome).toBe('green');
  });

  test('every row says in one line why', () => {
    for (const { reason } of Object.values(ENDINGS)) expect(reason).toMatch(/^[^\n]{20,110}$/);
  });
});

test('only an exit status of zero is green, only a run that ended by itself is red', () => {
  const kinds = ['exited', 'signaled', 'timeout', 'cancelled', 'output-limit', 'spawn-failed', 'refused'] as const;
  fc.assert(
    fc.property(
      fc.constantFrom(...kinds),
      fc.integer({ min: -1, max: 300 }),
      fc.string(),
      fc.integer({ min: 0, max: 3 }),
      (kind, code, output, ran) => {
        const { outcome } = classifyRetestFailure(facts({ kind, code }, { output, tests: count(ran) }));
        if (outcome === 'green') return kind === 'exited' && code === 0 && ran > 0;
        return outcome !== 'red' || (kind === 'exited' && code !== 0);
      },
    ),
  );
});

describe('a machine fault that may hit other runs', () => {
  test('is only what blames no change, and never an end by itself or by our own hand', () => {
    const endings = Object.keys(ENDINGS) as RetestEnding[];
    const own = endings.filter((ending) => faultOf({ ending }) === null);
    expect(own.filter((ending) => ENDINGS[ending].outcome === 'infra')).toEqual(['cancelled', 'output-limit']);
    for (const ending of endings.filter((one) => !own.includes(one))) expect(ENDINGS[ending].outcome).toBe('infra');
    expect(faultOf({})).toBeNull();
    expect(faultOf({ ending: 'constructor' })).toBeNull();
  });

  test.each([
    ['network', 'fatal: unable to access', 'network'],
    ['other', 'error: No space left on device', 'disk'],
    ['other', 'fatal: bad object', null],
    ['missing-object', 'fatal: bad object', null],
    ['cancelled', '', null],
  ] as const)('a git call that failed as %s (%s) met %s', (trouble, stderr, met) => {
    expect(faultOfGit({ trouble, stderr })).toBe(met);
  });
});
