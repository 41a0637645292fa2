import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants as files,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitStatusOf, type GroupRun, type RunSpec, runInGroup } from '@gatehouse/proc-group';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { endOf, spawnChild } from '../src/adapters/child.ts';
import { childrenOf, readEnd, readStat } from '../src/adapters/procfs.ts';
import { groupContainment } from '../src/containment/group.ts';
import { controlOf } from '../src/run-control.ts';
import { signalName, signalNumber } from '../src/signal-name.ts';
import { parkStderr, readTold, throughStatusShell } from '../src/status-shell.ts';
import { stopAll } from '../src/stop.ts';
import { StopRequest } from '../src/stop-request.ts';
import { isRunning, settled, sh, testIf, testWith, until } from './trees.ts';

const testLinux = testIf(process.platform === 'linux', 'only Linux has real-time signals that Node does not know');
const group = { containment: 'group' } as const;
const LEVELS = ['plain', 'group', 'cookie', 'best', 'namespace'] as const;

/** What the kernel does by itself with these is nothing (CHLD, CONT, URG, WINCH) or a stop. */
const HARMLESS = [17, 18, 23, 28];
const STOPS = [19, 20, 21, 22];
const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** In small crowds: a run waits for processes most of its time. */
async function ends<T>(
  of: readonly T[],
  line: (one: T) => string,
  more: Partial<RunSpec> = group,
): Promise<GroupRun[]> {
  const runs: GroupRun[] = [];
  for (let at = 0; at < of.length; at += 8)
    runs.push(...(await Promise.all(of.slice(at, at + 8).map((one) => sh(line(one), more)))));
  return runs;
}

describe('a status is the one the kernel gave', () => {
  testLinux('after each of the 64 signals, and none of them reads as success', async () => {
    const runs = await ends(numbers(1, 64), (number) =>
      STOPS.includes(number)
        ? `(sleep 0.2; kill -CONT $$) & kill -${number} $$; exit 77`
        : `kill -${number} $$; exit 77`,
    );
    for (const [index, run] of runs.entries()) {
      const number = index + 1;
      if (HARMLESS.includes(number) || STOPS.includes(number)) {
        expect([number, run]).toMatchObject([number, { kind: 'exited', code: 77 }]);
        continue;
      }
      expect([number, run]).toMatchObject([number, { kind: 'signaled', signal: signalName(number) }]);
      expect(exitStatusOf(run)).toBe(128 + number);
    }
  });

  testLinux('of each of the 256 codes; 130 and 141 are said to be inferred', async () => {
    const runs = await ends(numbers(0, 255), (code) => `exit ${code}`);
    const told = runs.map((run) => (run.kind === 'exited' ? run.code : run));
    expect(told.filter((run) => typeof run !== 'number')).toMatchObject([
      { kind: 'signaled', signal: 'SIGINT', inferred: true },
      { kind: 'signaled', signal: 'SIGPIPE', inferred: true },
    ]);
    expect(runs.map(exitStatusOf)).toEqual(numbers(0, 255));
  });

  describe.each(LEVELS)('at level %s', (containment) => {
    testLinux('a real-time signal is no success, and codes are codes', async () => {
      const runs = await ends(
        ['kill -40 $$', 'kill -64 $$', 'kill -32 $$', 'exit 0', 'exit 3', 'exit 255'],
        (line) => line,
        { containment },
      );
      expect(runs.map(exitStatusOf)).toEqual([168, 192, 160, 0, 3, 255]);
      expect(runs[0]).toMatchObject({ kind: 'signaled', signal: 'SIGRTMIN+6' });
    });
  });

  testLinux('through nested shells, of which the command is the outermost', async () => {
    const runs = await ends(
      [
        'sh -c "kill -40 \\$\\$"; exit $?',
        'exec sh -c "kill -40 \\$\\$"',
        '(kill -40 $$); wait',
        'exec sh -c "exec sh -c \\"exit 5\\""',
      ],
      (line) => line,
    );
    expect(runs.map(exitStatusOf)).toEqual([168, 168, 168, 5]);
  });

  testLinux('of a command that leaves a core', async () => {
    expect(await sh('ulimit -c unlimited; cd "$HOME"; kill -SEGV $$', {})).toMatchObject({
      kind: 'signaled',
      signal: 'SIGSEGV',
    });
  });

  testWith('strace')('of a command that is traced', async () => {
    for (const flags of [['-f'], ['-D', '-f']]) {
      const args = [...flags, '-o', '/dev/null', '/bin/sh', '-c', 'kill -40 $$'];
      const run = settled(await runInGroup({ command: 'strace', args, timeoutMs: 20_000 }));
      expect(run).toMatchObject({ kind: 'signaled', signal: 'SIGRTMIN+6' });
    }
  });

  testLinux('of a command that signals its whole group, or its parent', async () => {
    expect(await sh("trap '' TERM; kill 0; exit 4", group)).toMatchObject({ kind: 'exited', code: 4 });
    expect(await sh('kill -40 0', group)).toMatchObject({ kind: 'signaled', signal: 'SIGRTMIN+6' });
    expect(await sh('kill -9 0', group)).toMatchObject({ kind: 'signaled', signal: 'SIGKILL' });
    expect(await sh('kill $PPID; exit 6', group)).toMatchObject({ kind: 'exited', code: 6 });
  });

  testLinux('of a trusted command, whose end /proc tells until somebody takes it', async () => {
    const runs = await ends(['exit 0', 'exit 3', 'kill -9 $$'], (line) => line, { ...group, trusted: true });
    expect(runs.map(exitStatusOf)).toEqual([0, 3, 137]);
    for (const [line, status] of [
      ['kill -40 $$', 40],
      ['exit 3', 3 << 8],
    ] as const) {
      // sleep(1) takes no child's end, so the zombie stays; the shell that it was before would take it.
      const late = `until [ "$(cat /proc/$PPID/comm)" = sleep ]; do :; done; ${line}`;
      const parent = spawn('sh', ['-c', `sh -c '${late}' & echo $!; exec sleep 600`]);
      try {
        const [said] = (await once(parent.stdout, 'data')) as [Buffer];
        const pid = Number(said);
        await until(() => readStat(pid)?.state === 'Z', 'the command has ended');
        expect(readEnd(pid)).toBe(status);
      } finally {
        parent.kill('SIGKILL');
      }
    }
    expect(readEnd(process.pid)).toBeNull();
  });

  testLinux('and nobody knows the status where the shell that waited was kept from telling it', async () => {
    // The C library lets no shell catch this one.
    const run = await sh('kill -32 0', group);
    expect(run).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('without telling') });
    expect(run.raw).toEqual({ code: null, signal: null });
    expect(exitStatusOf(run)).toBe(125);
    expect(await sh('kill -9 $PPID; exec sleep 600', {})).toMatchObject({
      kind: 'unknown',
      containment: { verified: false, unproven: expect.stringContaining('was killed') },
    });
  });

  testLinux(
    'and the shell that waits takes nothing from the command: descriptors, signals, standard input',
    async () => {
      const spare = 'for fd in 3 4 5 6 7 8 9; do [ ! -e /proc/$$/fd/$fd ] || echo open $fd; done';
      const run = await sh(`${spare}; grep -E "^Sig(Blk|Ign)" /proc/self/status; cat`, {
        ...group,
        stdin: Buffer.from('given'),
      });
      const said = Buffer.from(run.stdout.head).toString();
      expect(said).toMatch(/^SigBlk:\t0+\nSigIgn:\t0+\ngiven$/);
    },
  );
});

/** Nobody reads it, and it is full, so that whoever writes to it waits until it is emptied. */
function fullPipe(): { readonly end: number; readonly empty: () => string; readonly close: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'proc-group-pipe-'));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const own = openSync(path, files.O_RDWR | files.O_NONBLOCK);
  const end = openSync(path, 'w');
  rmSync(folder, { recursive: true });
  const ignoringFull = <T>(io: () => T, otherwise: T): T => {
    try {
      return io();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return otherwise;
      throw error;
    }
  };
  for (const size of [4096, 1]) while (ignoringFull(() => writeSync(own, Buffer.alloc(size, '\n')), 0) > 0);
  const piece = Buffer.alloc(65536);
  const empty = (): string => {
    const read = ignoringFull(() => readSync(own, piece), 0);
    return piece.toString('latin1', 0, read).replace(/^\n+/, '');
  };
  const close = (): void => {
    for (const descriptor of [own, end]) closeSync(descriptor);
  };
  return { end, empty, close };
}

describe('a signal that comes before the command has begun', () => {
  const catches = (pid: number, number: number): boolean => {
    const mask = /^SigCgt:\t([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
    return (BigInt(`0x${mask}`) & (1n << BigInt(number - 1))) !== 0n;
  };
  async function early(number: number, deafTo = 0): Promise<string> {
    const shell = parkStderr([]);
    if (shell === null) throw new Error('no descriptor is free');
    const pipe = fullPipe();
    const line = throughStatusShell({ file: '/bin/echo', args: ['began'] }, shell, deafTo);
    const child = spawn(line.file, line.args, { stdio: ['ignore', 'pipe', pipe.end, 2] });
    try {
      const pid = child.pid ?? 0;
      // All traps are set, and the shell waits to say so.
      await until(() => catches(pid, 64) && readStat(pid)?.state === 'S', 'the shell waits to be heard');
      process.kill(pid, number);
      let said = '';
      child.stdout?.on('data', (bytes) => {
        said += bytes;
      });
      const ended = once(child, 'close');
      let told = pipe.empty();
      await ended;
      told += pipe.empty();
      const { code, signal } = readTold(told, { code: child.exitCode, signal: child.signalCode });
      return `${said.trim()} ${signal ?? code}`.trim();
    } finally {
      child.kill('SIGKILL');
      pipe.close();
    }
  }

  testLinux('ends it, if that is what the signal does, and is lost on what is deaf to it', async () => {
    expect(await early(15)).toBe('SIGTERM');
    expect(await early(10)).toBe('SIGUSR1');
    expect(await early(40)).toBe('SIGRTMIN+6');
    expect(await early(28)).toBe('began 0');
    expect(await early(1)).toBe('SIGHUP');
    expect(await early(1, 1)).toBe('began 0');
  });

  test.each(['best', 'cookie', 'group', 'plain'] as const)(
    'is not lost when it stops a run at level %s',
    async (containment) => {
      for (let time = 0; time < 8; time += 1) {
        const caller = new AbortController();
        const run = await runInGroup({
          command: 'sleep',
          args: ['100'],
          containment,
          signal: caller.signal,
          onStart: () => caller.abort('at its start'),
          timeoutMs: 900_000,
          graceMs: 20_000,
        });
        expect([run.kind, settled(run).raw?.signal, settled(run).containment.escalated]).toEqual([
          'cancelled',
          'SIGTERM',
          'term',
        ]);
      }
    },
  );

  test('waits for the command, whether it is passed on or a stop', async () => {
    const sleeper = spawn('/bin/sleep', ['100'], { detached: true, stdio: 'ignore' });
    const begin = Promise.withResolvers<void>();
    const ended = endOf(once(sleeper, 'exit').then(([code, signal]) => ({ code, signal })));
    const child = { ...ended, pid: sleeper.pid ?? 0, begun: begin.promise, drained: begin.promise, release: () => {} };
    const order: string[] = [];
    const mechanism = { ...groupContainment(), terminate: () => void order.push('stop') };
    const way = { detached: true, hasShell: true, chosen: { opener: null, mechanism } };
    controlOf(new StopRequest(), child, way).send('SIGUSR1');
    const stopping = stopAll(mechanism, child, { ms: 900_000, hurry: () => false });
    order.push(isRunning(child.pid) ? 'begun' : 'ended');
    begin.resolve();
    expect([await child.exited, (await stopping).escalated]).toEqual([{ code: null, signal: 'SIGUSR1' }, 'term']);
    expect(order).toEqual(['begun', 'stop']);
  });

  testLinux('can reach it from the moment that its shell names', async () => {
    const shell = parkStderr([]);
    if (shell === null) throw new Error('no descriptor is free');
    const line = throughStatusShell({ file: '/bin/sleep', args: ['100'] }, shell);
    const spawned = await spawnChild({
      ...line,
      cwd: '/',
      env: {},
      detached: true,
      runAs: null,
      stderrAt: shell.stderrAt,
      descriptors: [],
      stdin: null,
      onChunk: () => null,
    });
    if (spawned.kind === 'spawn-failed') throw new Error(spawned.message);
    const { child } = spawned;
    await child.begun;
    const [command = 0] = childrenOf(child.pid);
    expect([command > 1, catches(command, 15), catches(child.pid, 15)]).toEqual([true, false, true]);
    process.kill(command, 'SIGTERM');
    expect(await child.exited).toEqual({ code: null, signal: 'SIGTERM' });
    child.release();
  });
});

describe('what the shell told', () => {
  const ended = { code: 0, signal: null };

  test('counts only as a whole, whatever the shell itself ended with', () => {
    for (const said of ['', '#\n', '#\n=0', '=0 \n', '#\n=x \n', '# =0 \n', '#\n=0000 \n'])
      expect([said, readTold(said, ended)]).toEqual([said, { code: null, signal: null }]);
    expect(readTold('sh: 0: getcwd() failed\n#\n=0 \n', ended)).toEqual({ code: 0, signal: null });
    expect(readTold('#\nKilled\n=137 \n', ended)).toEqual({ code: null, signal: 'SIGKILL' });
    expect(readTold('#\n=137 \n', ended)).toEqual({ code: 137, signal: null });
    expect(readTold('#\n=137 other\n', ended)).toEqual({ code: null, signal: 'SIGKILL', inferred: true });
    expect(readTold('#\n', { code: null, signal: 'SIGKILL' })).toMatchObject({ signal: 'SIGKILL', inferred: true });
  });

  test('is never success by anything but a told zero', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: 999 }), fc.boolean(), (noise, status, whole) => {
        const said = whole ? `${noise}\n#\n=${status} \n` : noise;
        const { code } = readTold(said, ended);
        expect(code === 0).toBe(/#\n=0{1,3} \n$/.test(said));
      }),
    );
  });
});

test('a signal has one name, which leads back to its number', () => {
  for (const number of numbers(1, 64)) expect(signalNumber(signalName(number))).toBe(number);
  for (const [name, number] of Object.entries(constants.signals)) expect(signalNumber(name)).toBe(number);
  expect([34, 37, 64, 33, 65].map(signalName)).toEqual(['SIGRTMIN', 'SIGRTMIN+3', 'SIGRTMIN+30', 'SIG33', 'SIG65']);
  for (const name of ['', 'SIG', 'SIG0', 'SIG65', 'SIGRTMIN+31', 'RTMIN', 'SIGRTMIN+', 'toString'])
    expect([name, signalNumber(name)]).toEqual([name, null]);
});
