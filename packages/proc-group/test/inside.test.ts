import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect } from '@jest/globals';
import { outputText, runInGroup } from '../src/index.ts';
import type { GroupRun } from '../src/verdict.ts';
import { newMarker, publicFolder, survivors, testIf } from './trees.ts';

const folder = publicFolder();
afterAll(folder.remove);

const found = spawnSync('/bin/sh', ['-c', 'command -v bwrap'], { encoding: 'utf8' }).stdout.trim();
const setsid = spawnSync('/bin/sh', ['-c', 'command -v setsid'], { encoding: 'utf8' }).stdout.trim();
const opens = spawnSync('bwrap', ['--dev-bind', '/', '/', '--unshare-pid', 'true']).status === 0;
const demanded = process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1' && found === '';
const shown = testIf(opens || demanded, 'bubblewrap is not here, or may not open a namespace');

const WORLD = [found, '--dev-bind', '/', '/', '--unshare-pid', '--proc', '/proc', '--'];

async function inWorld(script: string, more: Partial<Parameters<typeof runInGroup>[0]> = {}): Promise<GroupRun> {
  const spec = { command: '/bin/sh', args: ['-c', script], timeoutMs: 20_000, inside: WORLD };
  const run = await runInGroup({ ...spec, ...more });
  if (run.kind === 'crashed') throw run.error;
  return run;
}

describe('a command in a world of its own', () => {
  shown('ends with its own status, and nothing of the world is left', async () => {
    for (const code of [0, 3, 125, 128, 193, 255]) {
      const run = await inWorld(`exit ${code}`);
      expect(run).toMatchObject({ kind: 'exited', code, secretsReadable: false });
      expect(run.containment).toMatchObject({ verified: true, leftovers: [], leaked: 0 });
    }
  });

  shown('of which a signal is inferred, for that is all an init can tell', async () => {
    expect(await inWorld('kill -SEGV $$')).toMatchObject({ kind: 'signaled', signal: 'SIGSEGV', inferred: true });
  });

  shown('is held by the level that the machine has, as every other', async () => {
    const [plain, own] = await Promise.all([runInGroup({ command: 'true', timeoutMs: 20_000 }), inWorld('true')]);
    if (plain.kind === 'crashed') throw plain.error;
    expect([plain.level, own.level]).toEqual([own.level === 'namespace' ? 'cookie' : 'kernel', own.level]);
  });

  shown('leaves a daemon that is named and ended', async () => {
    const marker = newMarker();
    const run = await inWorld(`exec perl ${folder.shapes} ${marker} f`, { timeoutMs: 700, graceMs: 100 });
    expect(run).toMatchObject({ kind: 'timeout', containment: { verified: true, leaked: 0 } });
    const left = await inWorld('setsid sleep 60 & until grep -q sleep /proc/$!/comm; do :; done; exit 0');
    expect(left.containment).toMatchObject({ verified: true, leftovers: [{ comm: 'sleep' }], leaked: 0 });
    expect(survivors(marker)).toBe(0);
  });

  shown('is asked to end before it is killed', async () => {
    const stop = new AbortController();
    const run = await inWorld('trap "echo asked; exit 0" TERM; echo ready; while :; do sleep 0.05; done', {
      signal: stop.signal,
      graceMs: 15_000,
      output: { onChunk: () => stop.abort('enough') },
    });
    expect(run).toMatchObject({ kind: 'cancelled', containment: { escalated: 'term', verified: true } });
    expect(outputText(run.stdout)).toContain('asked');
  });

  shown('gets the signals that it is sent, and not what opened its world', async () => {
    for (const inside of [WORLD, [...WORLD, setsid]]) {
      let send: (signal: NodeJS.Signals) => void = () => {};
      const run = await inWorld('trap "echo heard; exit 3" USR1; echo ready; while :; do sleep 0.05; done', {
        inside,
        onStart: (control) => {
          send = control.send;
        },
        output: {
          onChunk: (_stream, bytes) => {
            if (Buffer.from(bytes).toString() === 'ready\n') send('SIGUSR1');
          },
        },
      });
      expect(run).toMatchObject({ kind: 'exited', code: 3 });
      expect(outputText(run.stdout)).toBe('ready\nheard\n');
    }
  });

  shown('was not started where the world cannot be opened, and where the command is not in it', async () => {
    const args = ['-c', 'true'];
    const nowhere = [found, '--ro-bind', '/no/such/place', '/x', '--'];
    const bare = [found, '--unshare-pid', '--proc', '/proc', '--'];
    const spec = { command: '/bin/sh', args, timeoutMs: 20_000 };
    expect(await runInGroup({ ...spec, inside: nowhere })).toMatchObject({ kind: 'spawn-failed', errno: 'ECONTAIN' });
    expect(await runInGroup({ ...spec, inside: bare })).toMatchObject({ kind: 'spawn-failed', errno: 'ENOENT' });
  });

  shown('was not started where what makes it the leader of a session does not find it in the world', async () => {
    const tool = join(folder.path, 'tool');
    writeFileSync(tool, '#!/bin/sh\n', { mode: 0o755 });
    const closed = [...WORLD.slice(0, -1), '--tmpfs', folder.path, '--', setsid];
    const spec = { timeoutMs: 20_000 };
    const hidden = await runInGroup({ ...spec, command: tool, inside: closed });
    expect(hidden).toMatchObject({ kind: 'spawn-failed', errno: 'ENOENT' });
    const inside = [...WORLD, setsid];
    expect(await runInGroup({ ...spec, command: '/bin/sh', args: ['-c', 'exit 127'], inside })).toMatchObject({
      kind: 'exited',
      code: 127,
    });
    const own = await inWorld(`${setsid} --wait /no/such; exit 1`, { inside });
    expect(own).toMatchObject({ kind: 'exited', code: 1 });
  });

  shown('is refused by the levels that would not find it again', async () => {
    for (const containment of ['plain', 'group'] as const)
      expect(await inWorld('true', { containment })).toMatchObject({ kind: 'refused' });
  });
});
