/** A keeper that does not come to its first word: stopped, silent, or ended before the command began. */
import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect } from '@jest/globals';
import { spawnChild } from '../src/adapters/child.ts';
import { keeperMeans, keepRun } from '../src/adapters/keeper.ts';
import { canLeave, elsewhere } from './elsewhere.ts';
import { alive, isRunning, newMarker, publicFolder, readOr, survivors, testIf, testWith, until } from './trees.ts';

const folder = publicFolder();
afterAll(folder.remove);

/** Stands for Perl, which gets `-e PROGRAM CALLS ADDRESS TOKEN SESSION LEAF COMMAND…`. */
function standIn(code: string): string {
  const path = join(folder.path, `perl-${newMarker()}`);
  writeFileSync(path, `#!/bin/sh\n${code}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** Says the token and then nothing; `more`: what else it does first. */
const silent = (more = '') =>
  `exec perl -e 'socket S, 1, 1, 0; connect S, pack("S a*", 1, "\\0$ARGV[0]"); syswrite S, "$ARGV[1]\\n"; ${more} sleep 1 while 1' "$4" "$5" "$@"`;

const never = () => new Promise<void>(() => {});
const atOnce = async () => {};
const isStopped = (pid: number): boolean => /\) T /.test(readOr(`/proc/${pid}/stat`, ''));

/** `asked`: when the run is to stop. The marker stands in the command, and so in the keeper's line. */
async function started(code: string, asked: (marker: string) => Promise<void>) {
  const means = await keeperMeans(standIn(code));
  if (means === null) throw new Error('no run can be kept here');
  const marker = newMarker();
  const kept = keepRun(means, { session: 'own', leaf: null });
  const spawned = await spawnChild({
    ...kept.wrap({ file: '/bin/sh', args: ['-c', 'echo begun; exec sleep 100', marker] }),
    ...{ cwd: '/', env: { PATH: '/usr/bin:/bin' }, detached: true, runAs: null },
    ...{ stderrAt: null, descriptors: [], stdin: null, onChunk: () => null },
  });
  const adopted = await kept.adopt(spawned, asked(marker));
  await kept.release();
  return { adopted, kept, marker };
}

describe('a keeper that is to keep nothing any more', () => {
  testWith('perl')('and is stopped before its first step is ended, and the command never began', async () => {
    const { adopted, marker } = await started('kill -STOP $$; exec perl "$@"', atOnce);
    expect(adopted).toEqual({ kind: 'not-begun', by: 'SIGKILL' });
    await until(() => alive(marker).length === 0, 'the keeper is gone');
  });

  testWith('perl')('and is connected but says nothing is ended, and the command never began', async () => {
    const { adopted, marker } = await started(silent(), atOnce);
    expect(adopted).toEqual({ kind: 'not-begun', by: 'SIGKILL' });
    await until(() => alive(marker).length === 0, 'the keeper is gone');
  });

  testWith('perl')('whose child may still begin the command proves nothing', async () => {
    const { adopted, kept, marker } = await started(silent('fork or kill STOP => $$;'), (marker) =>
      until(() => alive(marker).some(isStopped), 'the child is stopped'),
    );
    expect([adopted, kept.state()]).toMatchObject([{ kind: 'spawned', child: { pid: 0 } }, 'lost']);
    expect(survivors(marker)).toBe(1);
  });
});

describe('a keeper that ended before the command began', () => {
  testWith('perl')('by a signal says by which, and at once', async () => {
    expect((await started('kill -INT $$', never)).adopted).toEqual({ kind: 'not-begun', by: 'SIGINT' });
    expect((await started(silent('kill QUIT => $$;'), never)).adopted).toEqual({ kind: 'not-begun', by: 'SIGQUIT' });
  });

  testWith('perl')('by itself gives no signal', async () => {
    expect((await started('exit 3', never)).adopted).toEqual({ kind: 'not-begun', by: null });
  });
});

const testHere = testIf(canLeave, 'another perl in its place needs root and a mount namespace');

/** A run whose keeper does this instead, on a machine that had one that works. */
const runWith = (code: string, timeoutMs: number) =>
  elsewhere({
    warm: true,
    after: [`mount --bind '${standIn(code)}' "$(PATH=/usr/local/bin:/usr/bin:/bin command -v perl)"`],
    spec: { command: 'true', timeoutMs },
  }).run;

describe('a run whose keeper', () => {
  testHere('is stopped ends at its deadline, and nothing of it is left', () => {
    const run = runWith('kill -STOP $$', 300);
    expect(run).toMatchObject({ kind: 'timeout', containment: { verified: true, leaked: 0 } });
  });

  testHere('was interrupted with its whole group was interrupted itself; a crash is ours', () => {
    expect(runWith('kill -INT $$', 900_000)).toMatchObject({ kind: 'signaled', signal: 'SIGINT' });
    expect(runWith('kill -SEGV $$', 900_000)).toMatchObject({
      kind: 'spawn-failed',
      errno: 'ECONTAIN',
      message: 'the process that keeps the run was ended by SIGSEGV before the command began',
    });
  });
});

/** Connections that say nothing and are closed, in front of whoever connects next; they are taken one a turn of the loop. */
function crowd(address: string, count: number): void {
  const connects = `for (1 .. ${count}) { socket my $s, 1, 1, 0; connect $s, pack("S a*", 1, "\\0$ARGV[0]"); push @s, $s }`;
  const { status } = spawnSync('perl', ['-e', connects, address]);
  if (status !== 0) throw new Error('no crowd');
}

testWith('perl')('a command that began is known of, however late its keeper is heard that was killed', async () => {
  crowd((await keeperMeans('perl'))?.address ?? '', 60);
  let isOver = false;
  // As on a machine that has no time for this process.
  const beSlow = (): void => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    if (!isOver) setImmediate(beSlow);
  };
  setImmediate(beSlow);
  const begins = 'if (!fork) { syswrite S, "P $$\\n"; exec @ARGV[9 .. $#ARGV] } kill KILL => $$;';
  const { adopted } = await started(silent(begins), never);
  isOver = true;
  const pid = adopted.kind === 'spawned' ? adopted.child.pid : 0;
  expect([adopted.kind, pid > 1 && isRunning(pid)]).toEqual(['spawned', true]);
  process.kill(pid, 'SIGKILL');
});
