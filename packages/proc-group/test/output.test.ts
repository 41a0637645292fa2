import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outputText } from '@gatehouse/proc-group';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Capture } from '../src/capture.ts';
import { fixture, isRoot, needsRoot, nobody, sh, testIf } from './trees.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a capture', () => {
  test('keeps the first and the last bytes and counts all of them, however they are cut', () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 });
    fc.assert(
      fc.property(chunks, fc.nat(50), fc.nat(50), (parts, headBytes, tailBytes) => {
        const capture = new Capture(headBytes, tailBytes);
        for (const part of parts) capture.add(part);
        const all = Buffer.concat(parts);
        const result = capture.result();
        const head = all.subarray(0, headBytes);
        const rest = all.subarray(head.length);
        const tail = rest.subarray(Math.max(0, rest.length - tailBytes));
        expect(Buffer.from(result.head).equals(head)).toBe(true);
        expect(Buffer.from(result.tail).equals(tail)).toBe(true);
        expect(result).toMatchObject({ totalBytes: all.length, droppedBytes: all.length - head.length - tail.length });
      }),
    );
  });

  test('bytes come through as they are: no newline, a cut character, zeros', async () => {
    const run = await sh(`printf 'a\\000b\\303'`);
    expect(Buffer.from(run.stdout.head).toString('hex')).toBe('610062c3');
  });

  test('text names what was left out', async () => {
    const run = await sh('printf 0123456789', { output: { headBytes: 2, tailBytes: 3 } });
    expect(outputText(run.stdout)).toBe('01\n[... 5 bytes left out ...]\n789');
  });

  test('64 MiB are counted exactly while a few KiB are kept', async () => {
    const run = await sh('head -c 67108864 /dev/zero', { output: { headBytes: 1024, tailBytes: 1024 } });
    expect(run.stdout).toMatchObject({ totalBytes: 67_108_864, droppedBytes: 67_108_864 - 2048 });
    expect(run.stdout.head.length + run.stdout.tail.length).toBe(2048);
  });
});

/** Sockets, which Node makes, can be opened by nobody. */
const AGAIN = 'echo one > /dev/stdout; echo two | tee /dev/stderr; test -p /dev/stdout && test -p /dev/stderr';

testIf(process.platform === 'linux', 'only Linux has pipes for it')(
  'what a command prints to is a pipe, which it may open anew',
  async () => {
    const run = await sh(AGAIN);
    expect([run.kind, outputText(run.stdout), outputText(run.stderr)]).toEqual(['exited', 'one\ntwo\n', 'two\n']);
    expect(run).toMatchObject({ code: 0 });
  },
);

testIf(process.platform === 'linux' && isRoot, needsRoot)('so may a command of another user', async () => {
  const run = await sh(AGAIN, { runAs: nobody });
  expect([outputText(run.stdout), outputText(run.stderr)]).toEqual(['one\ntwo\n', 'two\n']);
});

testIf(process.platform === 'linux', 'only Linux has pipes for it')(
  'many runs at once leave no descriptor behind',
  async () => {
    const count = (): number => readdirSync('/proc/self/fd').length;
    await Promise.all(Array.from({ length: 20 }, () => sh('true')));
    const before = count();
    for (let round = 0; round < 3; round += 1) await Promise.all(Array.from({ length: 16 }, () => sh('echo x')));
    // A batch more or less may stand ready.
    expect(Math.abs(count() - before)).toBeLessThanOrEqual(32);
  },
);

testIf(process.platform === 'linux', 'the peak is read from /proc')(
  'a GiB of output costs no more than the rings and 32 MiB, counts every byte and keeps both ends',
  () => {
    const source = `
      import { runInGroup, outputText } from '@gatehouse/proc-group';
      import { readFileSync } from 'node:fs';
      const peak = () => Number(/^VmHWM:\\s+(\\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
      const once = (bytes) => runInGroup({ command: 'sh', timeoutMs: 120_000, output: { headBytes: 65536, tailBytes: 65536 },
        args: ['-c', 'printf first; head -c ' + bytes + ' /dev/zero; printf last'] });
      await once(1_000_000);
      const before = peak();
      const { stdout } = await once(1_073_741_824);
      const ends = outputText({ head: stdout.head.slice(0, 5), tail: stdout.tail.slice(-4), droppedBytes: 0 });
      console.log(JSON.stringify({ grownMiB: peak() - before, totalBytes: stdout.totalBytes, dropped: stdout.droppedBytes, ends }));`;
    const args = ['--conditions=gatehouse:src', '--input-type=module', '-e', source];
    const said = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', cwd: fixture('.') }));
    expect(said).toMatchObject({ totalBytes: 1_073_741_833, dropped: 1_073_741_833 - 131_072, ends: 'firstlast' });
    expect(said.grownMiB).toBeLessThan(32);
  },
);

describe('a byte limit', () => {
  test('drop: what follows is counted and forgotten, and the command goes on', async () => {
    const run = await sh('printf 12345; printf 6789', { output: { maxTotalBytes: 5 } });
    expect(run).toMatchObject({ kind: 'exited', code: 0, stdout: { totalBytes: 9, droppedBytes: 4 } });
    expect(Buffer.from(run.stdout.head).toString()).toBe('12345');
  });

  test('kill: a command that does not stop printing is stopped', async () => {
    const run = await sh('yes', { output: { maxTotalBytes: 100_000, onLimit: 'kill' } });
    expect(run).toMatchObject({ kind: 'output-limit' });
    expect(run.stdout.totalBytes).toBeGreaterThan(100_000);
  });
});

describe('a log file', () => {
  test('holds both streams, private to the user, and is appended to', async () => {
    const logFile = join(folder, 'both.log');
    await sh('echo one', { output: { logFile } });
    const run = await sh('echo two >&2', { output: { logFile } });
    expect(run.logPath).toBe(logFile);
    expect(readFileSync(logFile, 'utf8')).toBe('one\ntwo\n');
    expect(statSync(logFile).mode & 0o777).toBe(0o600);
  });

  test('ends at its cap', async () => {
    const logFile = join(folder, 'capped.log');
    await sh('printf 0123456789; printf 0123456789', { output: { logFile, logMaxBytes: 7 } });
    expect(readFileSync(logFile, 'utf8')).toBe('0123456');
  });

  test('on a full disk changes nothing about the run', async () => {
    const logFile = join(folder, 'full.log');
    symlinkSync('/dev/full', logFile);
    expect(await sh('echo x', { output: { logFile } })).toMatchObject({ kind: 'exited', code: 0 });
  });

  test('that cannot be opened refuses the run before anything starts', async () => {
    const run = await sh('echo x', { output: { logFile: join(folder, 'no', 'where') } });
    expect(run).toMatchObject({ kind: 'refused', stdout: { totalBytes: 0 } });
  });
});
