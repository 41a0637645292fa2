/** What a program needs that stands in for the command it runs. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { outputText, type RunControl, runInGroup } from '@gatehouse/proc-group';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { drain } from '../src/drain.ts';
import { exactLine, sortVariables, textOf } from '../src/exact-line.ts';
import { alive, fixture, newMarker, readOr, settled, sh, testIf, until } from './trees.ts';

const testLinux = testIf(process.platform === 'linux', 'needs /proc');

describe('a listener that gives a promise', () => {
  testLinux('slows the command down to its pace, and gets every byte', async () => {
    const marker = newMarker();
    const gate = Promise.withResolvers<void>();
    let [bytes, said] = [0, ''];
    const run = sh(`head -c 4000000 /dev/zero; echo end >&2; : ${marker}`, {
      output: {
        onChunk: (stream, chunk) => {
          if (stream === 'stderr') said += String(chunk);
          if (stream === 'stderr') return;
          bytes += chunk.length;
          return gate.promise;
        },
      },
    });
    const writer = (): number | undefined => alive('head\u0000-c\u00004000000')[0];
    await until(() => bytes > 0 && / S /.test(readOr(`/proc/${writer()}/stat`, '')), 'the writer waits for us');
    expect([said, bytes < 1_000_000]).toEqual(['', true]);
    gate.resolve();
    expect(settled(await run)).toMatchObject({ kind: 'exited', code: 0, stdout: { totalBytes: 4_000_000 } });
    expect([said, bytes]).toEqual(['end\n', 4_000_000]);
  });

  test('gets what the pipes still hold, however long it kept us from reading on', async () => {
    const drained = Promise.withResolvers<void>();
    let [left, lastAt, releasedWith] = [8, 0, -1];
    const release = (): void => {
      releasedWith = left;
    };
    const read = (): void => {
      lastAt = performance.now();
      // A write to a reader that is slow, for longer than the cap: nothing else of this process runs meanwhile.
      if (left === 8) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_100);
      left -= 1;
      if (left === 0) drained.resolve();
      else setImmediate(read);
    };
    setImmediate(read);
    const output = { lastAt: () => lastAt, isHeld: () => false, bytes: () => 0 };
    await drain({ drained: drained.promise, release }, 50, output);
    expect(releasedWith).toBe(0);
  });

  test('that never settles does not outlast the deadline', async () => {
    const run = await sh('echo one; exec sleep 600', {
      timeoutMs: 300,
      output: { onChunk: () => new Promise(() => {}) },
    });
    expect(run).toMatchObject({ kind: 'timeout', raw: { signal: 'SIGTERM' } });
  });

  test('that rejects breaks the run like one that throws', async () => {
    const run = await runInGroup({
      command: 'sh',
      args: ['-c', 'echo one; exec sleep 600'],
      timeoutMs: 60_000,
      output: { onChunk: () => Promise.reject(new Error('no more')) },
    });
    expect(run).toMatchObject({ kind: 'crashed', error: { message: 'no more' } });
  });
});

describe('the control of a command that runs', () => {
  /** Answers once the command said `up`. */
  async function under(script: string, graceMs: number, timeoutMs = 60_000) {
    const up = Promise.withResolvers<void>();
    const given = Promise.withResolvers<RunControl>();
    const run = sh(script, {
      timeoutMs,
      graceMs,
      onStart: given.resolve,
      output: { onChunk: (_, bytes) => (String(bytes).includes('up') ? up.resolve() : undefined) },
    });
    const control = await given.promise;
    await up.promise;
    return { run, control };
  }

  test('passes a signal on, and the end is the command’s own', async () => {
    const { run, control } = await under('trap "exit 9" USR1; echo up; while :; do sleep 0.05; done', 0);
    control.send('SIGUSR1');
    expect(await run).toMatchObject({ kind: 'exited', code: 9 });
    expect(() => control.send('SIGUSR1')).not.toThrow();
  });

  test('ends what ignores everything, and no grace is waited for', async () => {
    const { run, control } = await under("trap '' TERM INT; echo up; while :; do sleep 0.05; done", 600_000);
    control.end('enough');
    expect(await run).toMatchObject({ kind: 'cancelled', reason: 'enough', raw: { signal: 'SIGKILL' } });
  });

  test('cuts the grace short that a deadline has begun, which stays a deadline', async () => {
    const { run, control } = await under('trap "echo up" TERM; while :; do sleep 0.05; done', 600_000, 300);
    control.end('enough');
    expect(await run).toMatchObject({ kind: 'timeout', raw: { signal: 'SIGKILL' } });
  });
});

describe('odd words', () => {
  const word = (text: string): Buffer => Buffer.concat([Buffer.of(0xff), Buffer.from(text)]);
  const everyByte = Buffer.from(Array.from({ length: 255 }, (_, index) => index + 1));
  const many = Array.from({ length: 20_000 }, (_, index) =>
    index % 2 === 0 ? word(`'${index}`) : `it's ${index} %s\\n`,
  );
  /** The words of a shell as the kernel shows them: the whole block of its arguments. */
  const line = ['-c', 'sha256sum </proc/$$/cmdline', 'sh'];
  const sumOf = (words: readonly (string | Uint8Array)[]): string =>
    createHash('sha256')
      .update(
        Buffer.concat(['/bin/sh', ...line, ...words].map((each) => Buffer.concat([Buffer.from(each), Buffer.of(0)]))),
      )
      .digest('hex');
  const rows: Readonly<Record<string, readonly (string | Uint8Array)[]>> = {
    'of every byte, at every place, with newlines at its end': [everyByte, 'plain', everyByte, word('\n\n'), ''],
    'twenty thousand of them': many,
    'longer as escapes than the kernel takes a word': [word('long '.repeat(12_000)), 'plain'],
  };
  describe.each(['group', 'best'] as const)('at level %s', (containment) => {
    for (const [name, words] of Object.entries(rows))
      testLinux(name, async () => {
        const run = await runInGroup({
          command: '/bin/sh',
          args: [...line, ...words],
          containment,
          timeoutMs: 900_000,
        });
        expect([run.kind, outputText(settled(run).stdout).split(' ')[0]]).toEqual(['exited', sumOf(words)]);
      });
  });

  testLinux('and odd variables that are longer as escapes than the kernel takes one', () => {
    const value = word('x'.repeat(60_000));
    const spec = {
      command: '/bin/sh',
      args: ['-c', 'printf %s "$LONG" | sha256sum'],
      env: 'inherit',
      timeoutMs: 900_000,
    };
    const node = [process.execPath, '--conditions=gatehouse:src', fixture('elsewhere.mjs'), JSON.stringify({ spec })];
    const said = execFileSync(
      '/bin/sh',
      ['-c', `LONG=$(printf '\\377%s' ${'x'.repeat(60_000)}) exec "$@"`, 'sh', ...node],
      { encoding: 'utf8', cwd: fixture('.') },
    );
    const { run } = JSON.parse(said.trim().split('\n').at(-1) ?? '');
    const sum = Buffer.from(Object.values(run.stdout.head)).toString().split(' ')[0];
    expect([run.kind, sum]).toEqual(['exited', createHash('sha256').update(value).digest('hex')]);
  });
});

describe('our environment', () => {
  test('is inherited as a whole, HOME and what resembles a secret included', async () => {
    const run = await sh('echo "$HOME $PATH"', { env: 'inherit' });
    expect(outputText(run.stdout)).toBe(`${process.env['HOME']} ${process.env['PATH']}\n`);
  });

  const entries = fc.array(fc.uint8Array({ maxLength: 12 }).map((bytes) => bytes.map((byte) => byte || 61)));

  test('is sorted without a loss: each entry is plain, odd, or no variable', () => {
    fc.assert(
      fc.property(entries, (given) => {
        const { plain, odd } = sortVariables(given);
        const whole = given.filter((entry) => Buffer.from(entry).indexOf('=', 1) > 0);
        const known = new Set(odd.map((entry) => Buffer.from(entry).toString('hex')));
        for (const entry of whole) {
          const name = textOf(entry)?.split('=')[0] ?? '';
          expect(known.has(Buffer.from(entry).toString('hex')) || Object.hasOwn(plain, name)).toBe(true);
        }
        for (const name of Object.keys(plain)) expect(name).toMatch(/^[A-Za-z_][A-Za-z0-9_]*$/);
      }),
    );
  });

  test('never stands in the words of a process, where others could read it', () => {
    fc.assert(
      fc.property(entries, (odd) => {
        const { args, tail, env } = exactLine(['one', 'two'], { odd, absent: [] }, '/usr/bin/env');
        expect(args).toEqual(['one', 'two']);
        expect(Object.keys(env)).toHaveLength(odd.length);
        expect(tail?.replace(/GATEHOUSE_ODD_\d+|gatehouse_env_\d+/g, '')).toMatch(/^[ -~\n]*$/);
        for (const escaped of Object.values(env)) if (escaped !== '') expect(tail).not.toContain(escaped);
      }),
    );
  });
});
