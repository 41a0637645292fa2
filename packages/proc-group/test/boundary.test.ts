import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  containmentLevel,
  outputText,
  type RunSpec,
  removeTree,
  runInGroup,
  signalNumber,
} from '@gatehouse/proc-group';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canLeave, elsewhere } from './elsewhere.ts';
import { testIf } from './trees.ts';

const refuse = (): never => {
  throw new Error('no read allowed');
};
const hostile: unknown = new Proxy(function target() {}, {
  get: refuse,
  has: refuse,
  ownKeys: refuse,
  getPrototypeOf: refuse,
  getOwnPropertyDescriptor: refuse,
  apply: refuse,
});
const hostileObject: unknown = new Proxy({}, { get: refuse, has: refuse, ownKeys: refuse, getPrototypeOf: refuse });

const ask = (spec: unknown) => runInGroup(spec as RunSpec);
const good = { command: 'true', timeoutMs: 10_000, containment: 'group' } as const;

/** fast-check reads the values it makes, so hostile ones are put in afterwards. */
const spoil = (value: unknown): unknown => {
  if (value === '@hostile') return hostile;
  if (value === '@hostile object') return hostileObject;
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  return Array.isArray(value)
    ? value.map(spoil)
    : Object.fromEntries(Object.entries(value).map(([name, field]) => [name, spoil(field)]));
};

describe('runInGroup never throws', () => {
  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'refused'],
    ['null', null, 'refused'],
    ['a string', 'rm -rf /', 'refused'],
    ['a hostile function', hostile, 'refused'],
    ['a hostile object', hostileObject, 'crashed'],
    ['an empty command', { ...good, command: '' }, 'refused'],
    ['no deadline', { command: 'true' }, 'refused'],
    ['a deadline that is not a number', { ...good, timeoutMs: Number.NaN }, 'refused'],
    ['an endless deadline', { ...good, timeoutMs: Number.POSITIVE_INFINITY }, 'refused'],
    ['a negative grace', { ...good, graceMs: -1 }, 'refused'],
    ['arguments that are no strings', { ...good, args: [hostileObject] }, 'refused'],
    ['an environment of numbers', { ...good, env: { set: { A: 1 } } }, 'refused'],
    ['a hostile environment', { ...good, env: { set: hostileObject } }, 'crashed'],
    ['a signal that is none', { ...good, signal: { aborted: 'no' } }, 'refused'],
    ['an unknown containment', { ...good, containment: 'bubble' }, 'refused'],
    ['an unknown level', { ...good, require: 'steel' }, 'refused'],
    ['a limit of zero', { ...good, limits: { cpuSeconds: 0 } }, 'refused'],
    ['a half identity', { ...good, runAs: { uid: 1 } }, 'refused'],
    ['a trust that is none', { ...good, trusted: 'yes' }, 'refused'],
    ['standard output to pass on', { ...good, descriptors: [1] }, 'refused'],
    ['descriptors that are hostile', { ...good, descriptors: [hostileObject] }, 'refused'],
    ['a descriptor that is not open', { ...good, descriptors: [4711] }, 'spawn-failed'],
    ['a session of nobody', { ...good, session: 'theirs' }, 'refused'],
    ['a hangup that is none', { ...good, ignoreHangup: 1 }, 'refused'],
    ['a start that cannot be called', { ...good, onStart: hostileObject }, 'refused'],
    ['a start that throws', { ...good, onStart: refuse }, 'crashed'],
    ['an environment that is a word', { ...good, env: 'everything' }, 'refused'],
    ['a huge name', { ...good, command: 'x'.repeat(1_000_000) }, 'spawn-failed'],
    ['huge arguments', { ...good, args: ['x'.repeat(10_000_000)] }, 'spawn-failed'],
    ['a zero byte in an argument', { ...good, args: ['a\0b'] }, 'spawn-failed'],
    ['a zero byte in the command', { ...good, command: 'a\0b' }, 'spawn-failed'],
    ['a zero byte in the directory', { ...good, cwd: 'a\0b' }, 'spawn-failed'],
    ['a zero byte in a variable', { ...good, env: { set: { A: 'a\0b' } } }, 'spawn-failed'],
    ['a missing directory', { ...good, cwd: '/no/such/place' }, 'spawn-failed'],
    ['a file for a directory', { ...good, cwd: '/etc/passwd' }, 'spawn-failed'],
    ['a directory for a command', { ...good, command: '/' }, 'spawn-failed'],
    ['a file that is not executable', { ...good, command: '/etc/passwd' }, 'spawn-failed'],
  ])('%s', async (_, spec, kind) => {
    expect((await ask(spec)).kind).toBe(kind);
    if (typeof spec !== 'object' || spec === null || spec === hostileObject) return;
    // The same through the shell that marks the run.
    expect(
      (await ask({ ...spec, containment: (spec as RunSpec).containment === 'group' ? 'cookie' : 'steel' })).kind,
    ).toBe(kind);
  });

  test('every number a shell could use is refused where a shell has to wait', async () => {
    expect(await ask({ ...good, descriptors: [3, 4, 5, 6, 7, 8, 9] })).toMatchObject({ kind: 'refused' });
  });

  test('whatever the request holds, the answer is one of the known kinds', async () => {
    const kinds = [
      'refused',
      'crashed',
      'spawn-failed',
      'exited',
      'signaled',
      'unknown',
      'timeout',
      'cancelled',
      'output-limit',
    ];
    const field = fc.oneof(fc.anything({ withNullPrototype: true }), fc.constantFrom('@hostile', '@hostile object'));
    const request = fc.record(
      {
        command: fc.oneof(fc.constant('true'), fc.constant('/bin/echo'), fc.string()),
        args: fc.oneof(fc.array(fc.string()), field),
        cwd: fc.oneof(fc.constant('/'), field),
        env: fc.oneof(
          fc.record({ allow: field, morePath: field, set: fc.oneof(fc.dictionary(fc.string(), fc.string()), field) }),
          field,
        ),
        timeoutMs: fc.oneof(fc.integer({ min: 0, max: 3000 }), field),
        graceMs: fc.oneof(fc.constant(0), field),
        output: fc.oneof(
          fc.record(
            {
              headBytes: fc.oneof(fc.nat(99), field),
              onChunk: fc.oneof(
                fc.constant(() => {}),
                field,
              ),
            },
            { requiredKeys: [] },
          ),
          field,
        ),
        limits: field,
        descriptors: field,
        session: field,
        onStart: field,
        signal: field,
        stdin: fc.oneof(fc.uint8Array(), field),
        runAs: field,
        containment: fc.constantFrom('group', 'cookie', 'plain'),
      },
      { requiredKeys: ['command', 'timeoutMs', 'containment'] },
    );
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', note);
    await fc.assert(
      fc.asyncProperty(request, async (spec) => expect(kinds).toContain((await ask(spoil(spec))).kind)),
      { numRuns: 150 },
    );
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
});

describe('a command that cannot start is reported by its errno', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-'));
  const script = join(folder, 'lost-interpreter');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(['group', 'cookie'] as const)('containment %s', async (containment) => {
    writeFileSync(script, '#!/no/such/interpreter\n');
    chmodSync(script, 0o755);
    const errno = async (spec: Partial<RunSpec>) => {
      const run = await ask({ ...good, containment, ...spec });
      return run.kind === 'spawn-failed' ? run.errno : run.kind;
    };
    expect(await errno({ command: 'no-such-command' })).toBe('ENOENT');
    expect(await errno({ command: '/etc/passwd' })).toBe('EACCES');
    expect(await errno({ command: script })).toBe('ENOENT');
    expect(await errno({ args: ['x'.repeat(10_000_000)] })).toBe('E2BIG');
  });
});

testIf(canLeave, 'needs root to become a user without processes to spare')(
  'a full process table is EAGAIN, and the home made for the run is gone',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-'));
    chmodSync(folder, 0o777);
    // Two free user ids: their only processes are the ones that this test starts.
    for (const [containment, uid] of [['cookie', 61_234] as const, ['group', 61_235] as const]) {
      const { run } = elsewhere({
        warm: true,
        after: ['prlimit --pid $PPID --nproc=1:1'],
        uid,
        spec: { command: 'true', timeoutMs: 9000, containment, env: { set: { TMPDIR: folder } } },
      });
      expect(run).toMatchObject({ kind: 'spawn-failed', errno: 'EAGAIN' });
    }
    expect(readdirSync(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
  },
);

describe('a listener that fails', () => {
  test.each<[string, () => unknown]>([
    ['throws', refuse],
    ['rejects', () => Promise.reject(new Error('no read allowed'))],
  ])('%s: the run is stopped and the very error is the answer', async (_, onChunk) => {
    const answer = await ask({
      command: 'sh',
      args: ['-c', 'echo x; sleep 30'],
      timeoutMs: 20_000,
      graceMs: 0,
      output: { onChunk },
    });
    expect(answer).toMatchObject({ kind: 'crashed', error: new Error('no read allowed') });
  });
});

test('outputText is total', () => {
  fc.assert(fc.property(fc.anything(), (value) => typeof outputText(value as never) === 'string'));
  expect(outputText(hostileObject as never)).toBe('');
  expect(outputText(hostile as never)).toBe('');
});

test('signalNumber takes whatever it is given for a name it does not know', () => {
  for (const value of [undefined, null, 7, hostile, hostileObject, 'x'.repeat(1_000_000)])
    expect(signalNumber(value as string)).toBeNull();
});

test('containmentLevel names all five levels with a reason each, strongest first', async () => {
  const machine = await containmentLevel();
  expect(machine).toMatchObject({
    kind: 'detected',
    details: ['kernel', 'namespace', 'cookie', 'group', 'plain'].map((level) => ({
      level,
      reason: expect.stringMatching(/\w/),
    })),
  });
});

test('a level that cannot be had is refused, not lowered', async () => {
  expect(await ask({ ...good, require: 'cookie' })).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('cookie'),
  });
});

describe('removeTree', () => {
  test('refuses whatever is no plain, absolute path below some directory', async () => {
    const paths = [undefined, null, hostile, hostileObject, '', '/', '/tmp', '//tmp/x', '/tmp/../etc', 'here', '.', 7];
    for (const path of paths) expect((await removeTree(path as string)).kind).toBe('crashed');
    await fc.assert(
      fc.asyncProperty(
        fc.anything().filter((value) => typeof value !== 'string' || !value.startsWith('/')),
        async (value) => (await removeTree(value as string)).kind === 'crashed',
      ),
      { numRuns: 50 },
    );
  });

  test('takes a tree that is not there for removed', async () => {
    expect(await removeTree(join(tmpdir(), 'gatehouse-test-nowhere', 'x'))).toEqual({ kind: 'removed' });
  });
});
