import { readdirSync } from 'node:fs';
import { outputText, runInGroup } from '@gatehouse/proc-group';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ownCgroup } from '../src/adapters/cgroup.ts';
import {
  alive,
  dear,
  fixture,
  isRoot,
  isRunning,
  isWhole,
  needsRoot,
  newMarker,
  nobody,
  publicFolder,
  readOr,
  settled,
  sh,
  survivors,
  testIf,
  testWith,
  until,
} from './trees.ts';

const folder = publicFolder();
afterAll(folder.remove);

const homes = (): readonly string[] => readdirSync(folder.path).filter((name) => name.startsWith('gatehouse-home-'));

describe('a run inside a run', () => {
  testWith('perl')('ends with the outer one, daemons of the inner one included', async () => {
    const marker = newMarker();
    const before = homes();
    const stop = new AbortController();
    const run = settled(
      await runInGroup({
        command: process.execPath,
        args: ['--conditions=gatehouse:src', fixture('orchestrator.mjs'), 'cookie', 'df', folder.shapes, marker],
        cwd: fixture('.'),
        env: { set: { TMPDIR: folder.path } },
        timeoutMs: 60_000,
        graceMs: 0,
        containment: 'cookie',
        signal: stop.signal,
        output: { onChunk: () => stop.abort('both trees stand') },
      }),
    );
    expect(outputText(run.stdout)).toBe('under way\n');
    expect({ left: survivors(marker), kind: run.kind }).toEqual({ left: 0, kind: 'cancelled' });
    expect(run.containment).toMatchObject({ verified: true, leaked: 0 });
    expect(homes().filter((name) => !before.includes(name))).toEqual([]);
  });

  test('leaves nothing of its own for the outer one to find', async () => {
    const inner = `import { runInGroup } from '@gatehouse/proc-group';
      const run = await runInGroup({ command: 'true', timeoutMs: 9000 });
      process.exitCode = run.kind === 'exited' ? 7 : 1;`;
    const args = ['--conditions=gatehouse:src', '--input-type=module', '-e', inner];
    for (let count = 0; count < (isWhole ? 5 : 2); count += 1) {
      const run = await runInGroup({ command: process.execPath, args, cwd: fixture('.'), timeoutMs: 60_000 });
      expect(run).toMatchObject({ kind: 'exited', code: 7, containment: { leftovers: [], leaked: 0 } });
    }
  });

  test('carries an interval inside the outer one', async () => {
    const inner = `import { runInGroup, outputText } from '@gatehouse/proc-group';
      const run = await runInGroup({ command: 'cat', args: ['/proc/self/limits'], timeoutMs: 9000 });
      process.stdout.write(outputText(run.stdout) + ' ' + run.level);`;
    const run = await sh(
      'cat /proc/self/limits; exec "$0" --conditions=gatehouse:src --input-type=module -e "$SCRIPT"',
      {
        args: [
          '-c',
          'cat /proc/self/limits; exec "$0" --conditions=gatehouse:src --input-type=module -e "$SCRIPT"',
          process.execPath,
        ],
        cwd: fixture('.'),
        env: { set: { SCRIPT: inner } },
      },
    );
    const [outer, nested] = [...outputText(run.stdout).matchAll(/^Max file locks +(\d+) +(\d+)/gm)].map(
      ([, low, high]) => [BigInt(low ?? 0), BigInt(high ?? 0)],
    );
    expect(outer?.[0]).toBeLessThan(nested?.[0] ?? 0n);
    expect(nested?.[1]).toBeLessThan(outer?.[1] ?? 0n);
  });
});

/** Without the shell that waits for each command, which carries its words, too. */
const commandsOf = (marker: string): readonly number[] =>
  alive(marker).filter((pid) => !readOr(`/proc/${pid}/cmdline`, '').includes('gatehouse-status-'));

(isWhole ? testWith('perl') : testIf(false, dear))(
  'a run that is ended does not touch the hundred beside it',
  async () => {
    const gate = new AbortController();
    const markers = Array.from({ length: 100 }, newMarker);
    const victim = newMarker();
    const beside = markers.map((marker) =>
      runInGroup({
        command: 'perl',
        args: [folder.shapes, marker, 'leaf', '60'],
        timeoutMs: 60_000,
        graceMs: 0,
        containment: 'cookie',
        signal: gate.signal,
      }),
    );
    await until(() => markers.every((marker) => commandsOf(marker).length === 1), 'a hundred runs are under way');
    const run = settled(
      await runInGroup({
        command: 'perl',
        args: [folder.shapes, victim, 'd'],
        timeoutMs: 200,
        graceMs: 0,
        containment: 'cookie',
      }),
    );
    expect([run.kind, survivors(victim)]).toEqual(['timeout', 0]);
    expect(markers.filter((marker) => commandsOf(marker).length === 1)).toHaveLength(100);
    gate.abort('the test is over');
    for (const other of await Promise.all(beside))
      expect(other).toMatchObject({ kind: 'cancelled', containment: { verified: true } });
  },
  300_000,
);

describe('what no mark can hold', () => {
  const unmark =
    'prlimit --locks=1:2 setsid sleep 20 >/dev/null 2>&1 & echo $!; while [ "$(cat /proc/$!/comm)" != sleep ]; do :; done';

  testIf(isRoot, needsRoot)('level kernel holds it all the same', async () => {
    const run = await sh(unmark);
    expect(run).toMatchObject({ kind: 'exited', level: 'kernel', containment: { verified: true } });
    expect(isRunning(Number(outputText(run.stdout)))).toBe(false);
  });

  testIf(isRoot && ownCgroup() !== null, 'needs root and a cgroup v2 hierarchy')(
    'a process that moves itself out of its cgroup is found by its mark',
    async () => {
      const stray = 'echo 0 > "$1/cgroup.procs"; exec setsid sleep 20';
      const line = `/bin/sh -c '${stray}' sh "$0" >/dev/null 2>&1 & echo $!; while [ "$(cat /proc/$!/comm)" != sleep ]; do :; done`;
      const run = await sh(line.replace('"$0"', `'${ownCgroup()}'`));
      const pid = Number(outputText(run.stdout));
      expect(run).toMatchObject({ kind: 'exited', level: 'kernel', containment: { verified: true, leaked: 0 } });
      expect([run.containment.leftovers.map((member) => member.pid), isRunning(pid)]).toEqual([[pid], false]);
    },
  );

  testIf(isRoot, needsRoot)('another user cannot take the mark off by raising it', async () => {
    const run = await sh(
      'ulimit -H -w unlimited 2>/dev/null; ulimit -H -x unlimited 2>/dev/null; cat /proc/self/limits',
      { runAs: nobody },
    );
    expect(outputText(run.stdout)).toMatch(/^Max file locks +\d+ +\d+ /m);
  });
});
