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
];

test.each(rows)('%s', (_title, given, ending, outcome) => {
  expect(classifyEnd(given)).toMatchObject({ ending, outcome });
});

test('only an exit status of zero is green, only a command that ended by itself is red', () => {
  const kinds = ['exited', 'signaled', 'timeout', 'cancelled', 'output-limit', 'spawn-failed', 'refused'] as const;
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
