import { spawnSync } from 'node:child_process';
import { containmentLevel, outputText, runInGroup } from '@gatehouse/proc-group';
import { describe, expect, test } from '@jest/globals';
import { fixture, sh, testIf } from './trees.ts';

const machine = await containmentLevel();
const hasNamespace =
  machine.kind === 'detected' && machine.details.some(({ level, usable }) => level === 'namespace' && usable);

/** Idle time in which a shell has long set its trap, however busy the machine is. */
const TRAP_SET_MS = 5_000;

const cell = new Int32Array(new SharedArrayBuffer(4));
const standStill = (ms: number): void => void Atomics.wait(cell, 0, 0, ms);

describe('how a run ends', () => {
  test('a command that ended while its caller stood still, its deadline with it, ended in time', async () => {
    let run: Awaited<ReturnType<typeof sh>> | null = null;
    // On a busy machine a short deadline may pass before the command begins: that says nothing.
    for (let timeoutMs = 500, begun = false; !begun; timeoutMs *= 2) {
      const asked = performance.now();
      run = await sh('exit 7', {
        timeoutMs,
        onStart: () => {
          begun = performance.now() - asked < timeoutMs / 2;
          while (begun && performance.now() - asked < timeoutMs) standStill(10);
        },
      });
    }
    expect(run).toMatchObject({ kind: 'exited', code: 7 });
  });

  test('an exit code is reported exactly', async () => {
    expect(await sh('exit 0')).toMatchObject({ kind: 'exited', code: 0 });
    expect(await sh('exit 7')).toMatchObject({ kind: 'exited', code: 7 });
  });

  test('exit 137, SIGKILL and abort are three different endings', async () => {
    expect(await sh('exit 137')).toMatchObject({ kind: 'exited', code: 137 });
    expect(await sh('kill -9 $$')).toMatchObject({ kind: 'signaled', signal: 'SIGKILL' });
    expect(await sh('kill -ABRT $$')).toMatchObject({ kind: 'signaled', signal: 'SIGABRT' });
  });

  testIf(hasNamespace, 'level namespace cannot be had')(
    'in a namespace a signal is reported as inferred, and never as success',
    async () => {
      const inside = { containment: 'namespace' } as const;
      expect(await sh('exit 7', inside)).toMatchObject({ kind: 'exited', code: 7, level: 'namespace' });
      expect(await sh('kill -9 $$', inside)).toMatchObject({ kind: 'signaled', signal: 'SIGKILL', inferred: true });
      expect(await sh('kill -ABRT $$', inside)).toMatchObject({ kind: 'signaled', signal: 'SIGABRT', inferred: true });
    },
  );

  test('in a process that a variable calls a worker of a cluster it ends like any other', () => {
    const spec = { command: '/bin/sh', args: ['-c', 'exit 7'], timeoutMs: 20_000 };
    const said = spawnSync(
      process.execPath,
      ['--conditions=gatehouse:src', fixture('elsewhere.mjs'), JSON.stringify({ spec })],
      { env: { ...process.env, NODE_UNIQUE_ID: '1' }, cwd: fixture('.'), encoding: 'utf8' },
    );
    expect(said).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(said.stdout)).toMatchObject({ run: { kind: 'exited', code: 7 } });
  });

  test('a deadline wins over the status, which raw keeps', async () => {
    const run = await sh('trap "exit 3" TERM; sleep 300', { timeoutMs: TRAP_SET_MS, graceMs: 120_000 });
    expect(run).toMatchObject({ kind: 'timeout', raw: { code: 3, signal: null }, containment: { escalated: 'term' } });
  });

  test('a command that ignores SIGTERM is killed after the grace', async () => {
    const run = await sh('trap "" TERM; while :; do sleep 1; done', { timeoutMs: TRAP_SET_MS, graceMs: 100 });
    expect(run).toMatchObject({
      kind: 'timeout',
      raw: { code: null, signal: 'SIGKILL' },
      containment: { escalated: 'kill' },
    });
  });

  test('an abort cancels with its reason', async () => {
    const controller = new AbortController();
    const onChunk = (): void => controller.abort('enough');
    const run = await sh('echo go; sleep 30', { signal: controller.signal, output: { onChunk } });
    expect(run).toMatchObject({ kind: 'cancelled', reason: 'enough' });
  });

  test('a signal that was aborted before starts nothing', async () => {
    const run = await sh('exit 0', { signal: AbortSignal.abort('too late') });
    expect(run).toMatchObject({ kind: 'cancelled', reason: 'too late', timings: { spawnMs: 0 } });
  });

  test('a missing command is a result with its errno', async () => {
    expect(await runInGroup({ command: 'no-such-command-here', timeoutMs: 1000 })).toMatchObject({
      kind: 'spawn-failed',
      errno: 'ENOENT',
    });
  });
});

describe('what a run prints', () => {
  test('both streams are kept apart and whole', async () => {
    const run = await sh('echo out; echo err >&2');
    expect([outputText(run.stdout), outputText(run.stderr)]).toEqual(['out\n', 'err\n']);
  });

  test('standard input is delivered and closed', async () => {
    const run = await sh('cat', { stdin: Buffer.from('through') });
    expect(outputText(run.stdout)).toBe('through');
  });

  test('a child that keeps the pipe open after the exit does not delay the answer, and is killed', async () => {
    const run = await sh('sleep 30 & echo done');
    expect(run).toMatchObject({ kind: 'exited', code: 0 });
    expect(run.containment.leftovers).toHaveLength(1);
    expect(outputText(run.stdout)).toBe('done\n');
  });
});
