/** Every way a command can end, and that the machine's faults are kept apart from the command's own. */
import {
  classifyEnd,
  ENDINGS,
  type EndFacts,
  faultOf,
  faultOfGit,
  gitFault,
  type RunEnding,
} from '@gatehouse/gate-run';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

const exited = (code: number, output = ''): EndFacts => ({ run: { kind: 'exited', code }, output });

const rows: readonly (readonly [string, EndFacts, string, string])[] = [
  ['exit 0', exited(0), 'passed', 'green'],
  ['exit 1', exited(1), 'failed', 'red'],
  ['exit 125', exited(125), 'failed', 'red'],
  ['exit 126', exited(126), 'not-executable', 'infra'],
  ['exit 127', exited(127), 'not-found', 'infra'],
  ['exit 128', exited(128), 'failed', 'red'],
  ['exit 137, a KILL as the shell reports it', exited(137), 'signalled', 'infra'],
  ['exit 139, a SEGV as the shell reports it', exited(139), 'signalled', 'infra'],
  ['exit 255', exited(255), 'failed', 'red'],
  ['a signal', { run: { kind: 'signaled', signal: 'SIGSEGV' }, output: '' }, 'signalled', 'infra'],
  [
    'a status that may be a signal',
    { run: { kind: 'signaled', signal: 'SIG22', inferred: true }, output: '' },
    'signalled',
    'infra',
  ],
  [
    'the same of a runner that counts failures',
    { run: { kind: 'signaled', signal: 'SIGTTOU', inferred: true }, output: '', failures: 150 },
    'failed',
    'red',
  ],
  [
    'a signal while failures were counted already',
    { run: { kind: 'signaled', signal: 'SIGKILL' }, output: '', failures: 3 },
    'signalled',
    'infra',
  ],
  ['a real-time signal', { run: { kind: 'signaled', signal: 'SIGRTMIN+6' }, output: '' }, 'signalled', 'infra'],
  ['exit 168, a real-time signal as the shell reports it', exited(168), 'signalled', 'infra'],
  ['a status that nobody knows', { run: { kind: 'unknown', reason: 'untold' }, output: '' }, 'status-unknown', 'infra'],
  ['a deadline', { run: { kind: 'timeout' }, output: '' }, 'timed-out', 'infra'],
  ['a cancelled run', { run: { kind: 'cancelled', reason: 'STOP' }, output: '' }, 'cancelled', 'infra'],
  ['too much output', { run: { kind: 'output-limit' }, output: '' }, 'output-limit', 'infra'],
  ['a command that cannot be started', { run: { kind: 'spawn-failed' }, output: '' }, 'spawn-failed', 'infra'],
  ['a refused request', { run: { kind: 'refused', reason: 'level' }, output: '' }, 'refused', 'tool-failed'],
  ['a full disk', exited(1, 'Error: ENOSPC: no space left on device, write'), 'disk-full', 'infra'],
  ['a killed worker', exited(1, 'signal=SIGKILL, exitCode=null.'), 'out-of-memory', 'infra'],
  ['no more processes', exited(1, 'sh: 1: fork: Resource temporarily unavailable'), 'no-processes', 'infra'],
  ['a dead network', exited(1, 'npm error code EAI_AGAIN'), 'network-down', 'infra'],
  ['a refused loopback connection', exited(1, 'getaddrinfo ENOTFOUND localhost'), 'failed', 'red'],
  ['a fault that a green command speaks of', exited(0, 'ENOSPC'), 'passed', 'green'],
  ['exit 0 with tests that failed', { ...exited(0), failures: 1 }, 'failed', 'red'],
  ['exit 127 that is a count', { ...exited(127), failures: 127 }, 'failed', 'red'],
  ['exit 126 that is a count', { ...exited(126), failures: 126 }, 'failed', 'red'],
  ['exit 150 that is a count', { ...exited(150), failures: 150 }, 'failed', 'red'],
  ['exit 137 after a whole summary', { ...exited(137), failures: 2 }, 'failed', 'red'],
  ['a signal after a whole summary', { run: { kind: 'signaled' }, output: '', failures: 2 }, 'signalled', 'infra'],
  [
    'an unknown status after a whole summary',
    { run: { kind: 'unknown' }, output: '', failures: 2 },
    'status-unknown',
    'infra',
  ],
  ['a deadline after a whole summary', { run: { kind: 'timeout' }, output: '', failures: 2 }, 'timed-out', 'infra'],
  [
    'a fault spoken of in a run that counts failures',
    { ...exited(1, 'npm error code ENOSPC'), failures: 1 },
    'failed',
    'red',
  ],
];

test.each(rows)('%s', (_title, given, ending, outcome) => {
  expect(classifyEnd(given)).toMatchObject({ ending, outcome });
});

test('a status that the command lost is said with the count that gives it away', () => {
  expect(classifyEnd({ ...exited(0), failures: 2 }).reason).toBe(
    "exit status 0, but the runner counts 2 failing tests: the command lost the runner's status",
  );
  expect(classifyEnd({ ...exited(127), failures: 1 }).reason).toMatch(
    /exit status 127, the runner counts 1 failing test\)$/,
  );
});

/** What tools print when the machine fails them. */
const BELIEVED: readonly (readonly [string, string])[] = [
  ['disk-full', "cp: error writing 't/copy.sh': No space left on device"],
  ['disk-full', "OSError: [Errno 28] No space left on device: '/build/x'"],
  ['disk-full', 'fatal error: error writing to /build/x.s: No space left on device'],
  ['disk-full', 'thread main: Os { code: 28, kind: StorageFull, message: x }: No space left on device (os error 28)'],
  ['disk-full', 'npm ERR! code ENOSPC'],
  ['disk-full', 'npm error errno EDQUOT'],
  ['out-of-memory', '<--- FATAL ERROR: Ineffective mark-compacts near heap limit - JavaScript heap out of memory'],
  ['out-of-memory', 'bash: line 1:  4711 Killed                  node big.js'],
  ['out-of-memory', 'sh: 0: Cannot allocate memory'],
  ['no-processes', 'sh: 1: Cannot fork'],
  ['no-processes', 'Error: spawn /bin/sh EAGAIN'],
  ['network-down', "fatal: unable to access 'https://example.org/': Could not resolve host: example.org"],
  ['network-down', 'go: example.org/m@v1: dial tcp: lookup example.org: Temporary failure in name resolution'],
  ['network-down', 'Error: getaddrinfo EAI_AGAIN registry.example.org'],
];

test.each(BELIEVED)('%s is believed where a tool says: %s', (ending, line) => {
  expect(classifyEnd(exited(1, `ok\n${line}\nok\n`))).toMatchObject({ ending, outcome: 'infra' });
});

/** What tests print that are about such faults. */
const TITLES: readonly string[] = [
  'AssertionError: expected ENOSPC: no space left on device, got EACCES',
  'Error: expected EAI_AGAIN',
  '  1) says ENOSPC when the disk is full',
  'FAIL: "No space left on device" is shown to the user',
  '✗ retries on EAI_AGAIN',
  'not ok 3 - maps ENOMEM: not enough memory',
  'E       OSError: [Errno 28] No space left on device',
  '+ Cannot allocate memory',
  "'Error: ENOSPC: no space left on device' !== undefined",
  '    "code: No space left on device"',
  'test handles_ENFILE ... wrong',
];

test.each(TITLES)('a fault is not believed where a test can have said it: %s', (line) => {
  expect(classifyEnd(exited(1, line))).toMatchObject({ ending: 'failed', outcome: 'red' });
});

test('only an exit status of zero is green, only a command that ended by itself is red', () => {
  const kinds = [
    'exited',
    'signaled',
    'unknown',
    'timeout',
    'cancelled',
    'output-limit',
    'spawn-failed',
    'refused',
  ] as const;
  fc.assert(
    fc.property(fc.constantFrom(...kinds), fc.integer({ min: -1, max: 300 }), fc.string(), (kind, code, output) => {
      const { outcome } = classifyEnd({ run: { kind, code }, output });
      if (outcome === 'green') return kind === 'exited' && code === 0;
      return outcome !== 'red' || (kind === 'exited' && code !== 0);
    }),
  );
});

describe('a fault that others may meet, too', () => {
  test('is only what blames no change, and never an end by itself or by our own hand', () => {
    const endings = Object.keys(ENDINGS) as RunEnding[];
    const own = endings.filter((ending) => faultOf({ ending }) === null);
    expect(own.filter((ending) => ENDINGS[ending].outcome === 'infra')).toEqual(['cancelled', 'output-limit']);
    for (const ending of endings.filter((one) => !own.includes(one))) expect(ENDINGS[ending].outcome).toBe('infra');
    expect([faultOf({}), faultOf({ ending: 'constructor' })]).toEqual([null, null]);
  });

  test('every row says in one line why', () => {
    for (const { reason } of Object.values(ENDINGS)) expect(reason).toMatch(/^[^\n]{20,110}$/);
  });

  test('behind a git call is read from what git said', () => {
    expect(faultOfGit({ trouble: 'network', stderr: '' })).toBe('network');
    expect(faultOfGit({ trouble: 'other', stderr: 'error: No space left on device' })).toBe('disk');
    expect(faultOfGit({ trouble: 'missing-object', stderr: 'fatal: bad object' })).toBeNull();
    expect(gitFault('push', { kind: 'refused', reason: 'unable to write to the remote' })).toEqual({
      kind: 'infra',
      reason: 'git push: refused (unable to write to the remote)',
      trouble: 'disk',
    });
  });
});
