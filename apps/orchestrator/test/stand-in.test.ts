/** `gatehouse run` in the place of a command: what it was given arrives, and what it cannot pass on is said. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextPass } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { OwnProcess } from '../src/cli/answer.ts';
import { runCommand } from '../src/cli/run-command.ts';
import { processesNaming } from '../src/platform/processes.ts';
import { until } from './live-gatehouse.ts';
import { scratchFolder } from './scratch-forge.ts';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const RUN = `"$NODE" "$MAIN" run --timeout 60s`;
const onLinux = process.platform === 'linux' ? test : test.skip;
const needs = (tool: string) => {
  const found = spawnSync('/bin/sh', ['-c', `command -v ${tool}`]).status === 0;
  return found || process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1'
    ? test
    : (title: string, body: () => unknown) => test.skip(`${title} [skipped: no ${tool} here]`, body as () => void);
};

const variables = { PATH: process.env['PATH'] ?? '', NODE: process.execPath, MAIN };

/** A line of shell in a folder of its own, as somebody would type it. */
function type(line: string, more: { cwd?: string; input?: string } = {}) {
  const cwd = more.cwd ?? scratchFolder();
  const said = spawnSync('/bin/sh', ['-c', line], { cwd, env: variables, input: more.input ?? '' });
  return { status: said.status, out: said.stdout, err: said.stderr.toString(), cwd };
}

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** The command under us, until it has made the file `up`. */
async function standIn(script: string, flags: readonly string[] = [], line = `exec ${RUN} "$@"`) {
  const cwd = scratchFolder();
  const child = spawn('/bin/sh', ['-c', line, 'sh', ...flags, '--', 'sh', '-c', script], {
    cwd,
    env: variables,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let err = '';
  child.stderr.on('data', (bytes) => {
    err += String(bytes);
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  await until('the command is up', async () => existsSync(join(cwd, 'up')));
  return { child, cwd, ended, err: () => err };
}

describe('what the command gets', () => {
  onLinux('is our words, byte for byte', () => {
    const line = `${RUN} -- sh -c 'cat /proc/$$/cmdline' "$(printf 'a\\377\\376b')" "" "$(printf 'x\\n\\ny')" 'q"$\`\\' "$(printf '\\377\\nx')" ÄÖ`;
    const words = type(line).out.subarray(Buffer.from('sh\0-c\0cat /proc/$$/cmdline\0').length);
    const expected = [
      Buffer.from('a\xff\xfeb', 'latin1'),
      '',
      'x\n\ny',
      'q"$`\\',
      Buffer.from('\xff\nx', 'latin1'),
      'ÄÖ',
    ];
    expect(words).toEqual(Buffer.concat(expected.map((word) => Buffer.concat([Buffer.from(word), Buffer.of(0)]))));
  });

  onLinux('is our variables, byte for byte, and no others', () => {
    const odd = `"A=$(printf '\\377x')" 'a.b=1 2' 'npm_config_//r/:x=2' 'BASH_FUNC_f%%=() { :; }' "N=$(printf 'x\\n\\ny')" 'x y=$(id)' IFS=q PPID=77 PWD=/wrong OLDPWD=/o _=u SHLVL=9 '-e=f' E=`;
    const sorted = (block: Buffer): string[] => block.toString('latin1').split('\0').sort();
    const theirs = type(`env -i ${odd} /bin/cat /proc/self/environ`).out;
    expect(theirs.includes('npm_config_//r/:x=2')).toBe(true);
    expect(
      sorted(
        type(
          `exec env -i ${odd} ${RUN.replaceAll('"$NODE" "$MAIN"', `${process.execPath} ${MAIN}`)} -- /bin/cat /proc/self/environ`,
        ).out,
      ),
    ).toEqual(sorted(theirs));
    expect(type(`exec env -i ${process.execPath} ${MAIN} run -- /usr/bin/env`).out.toString()).toBe('');
  });

  onLinux('is our descriptors above 2, whatever they are', () => {
    const cwd = scratchFolder();
    writeFileSync(join(cwd, 'in'), 'from seven\n');
    const { out } = type(
      `${RUN} -- sh -c 'cat <&7; echo eight >&8; echo nine >&9; cat <&9' 7<in 8>out 9<>both; cat out`,
      { cwd },
    );
    expect(out.toString()).toBe('from seven\neight\n');
    expect(readFileSync(join(cwd, 'both'), 'utf8')).toBe('nine\n');
    const all = type(`${RUN} -- true 3<in 4<in 5<in 6<in 7<in 8<in 9<in`, { cwd });
    // A keeper tells the status on a connection of its own; the shell that does it without perl needs a descriptor.
    const isKept = spawnSync('perl', ['-e', '1']).status === 0;
    const refused = [125, expect.stringContaining('one of them has to be free')];
    expect([all.status, all.err]).toEqual(isKept ? [0, ''] : refused);
  });

  needs('make')('is the jobserver of make', () => {
    const cwd = scratchFolder();
    writeFileSync(join(cwd, 'inner'), 'all: a b\na b: ; @echo $@ $(MAKEFLAGS)\n');
    writeFileSync(join(cwd, 'Makefile'), `all: ; +@${RUN.replaceAll('$', '$$$$')} -- make -f inner\n`);
    const said = type('make -j3', { cwd });
    expect(said.out.toString()).toMatch(/jobserver/);
    expect(said.err).not.toMatch(/jobserver unavailable|warning/);
  });

  needs('script')('is our terminal', () => {
    const cwd = scratchFolder();
    const inner = `${process.execPath} ${MAIN} run -- sh -c 'echo to the terminal >/dev/tty; tty </dev/tty'`;
    writeFileSync(join(cwd, 'inner.sh'), inner);
    const said = type('script -qec "sh inner.sh" /dev/null', { cwd });
    expect([said.status, said.out.toString()]).toEqual([0, 'to the terminal\r\n/dev/tty\r\n']);
  });

  onLinux('is our directory, also where it was removed', () => {
    const cwd = join(scratchFolder(), 'gone');
    mkdirSync(cwd);
    const said = type(`rmdir "$PWD"; ${RUN} -- /bin/echo alive; ${RUN} -- ./not-here`, { cwd });
    expect([said.status, said.out.toString()]).toEqual([127, 'alive\n']);
    expect(said.err).not.toMatch(/node:internal|uv_cwd/);
    mkdirSync(cwd);
    const other = type(`rmdir "$PWD"; "$NODE" "$MAIN" doctor`, { cwd });
    expect([other.status, other.err]).toEqual([3, 'gatehouse: the working directory was removed; change to another\n']);
    expect(() => rmdirSync(cwd)).toThrow('ENOENT');
  });
});

describe('a signal', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const)(
    '%s is passed on as it is, and the status is what the command makes of it',
    async (name) => {
      const { child, ended } = await standIn(
        `trap 'exit 7' ${name.slice(3)}; ${name === 'SIGTERM' ? '' : "trap '' TERM;"} touch up; while :; do sleep 0.05; done`,
      );
      child.kill(name);
      expect(await ended).toBe(7);
    },
  );

  test('that the command dies of gives 128 + n', async () => {
    const { child, ended } = await standIn('touch up; while :; do sleep 0.05; done');
    child.kill('SIGINT');
    expect(await ended).toBe(130);
  });

  onLinux(
    'that comes while the command is being started is the status, whatever the command made of its end',
    async () => {
      const marker = `gh-started-${process.pid}`;
      // A large process has a small one start its commands, so that it need not be a child of ours.
      const isStarting = async (): Promise<boolean> => ((await processesNaming(marker)) ?? []).length > 0;
      const nothing = {
        out: () => {},
        err: () => {},
        cwd: '.',
        signal: new AbortController().signal,
        interactive: false,
      };
      const options = { timeout: '0', grace: '20m', json: false };
      // What only the first run of a process finds out would come before the start.
      await runCommand(['true'], options, nothing);
      let receive: (name: NodeJS.Signals) => void = () => {};
      const own: OwnProcess = {
        ...{ descriptors: [], hasTerminal: false, isInForeground: () => false, isHangupIgnored: false },
        ...{ exactWords: (words) => words, write: async () => null },
        onSignal: (listener) => {
          receive = listener;
        },
      };
      const running = runCommand(['sh', '-c', 'sleep 100', marker], options, { ...nothing, own });
      let isOver = false;
      void running.then(() => {
        isOver = true;
      });
      while (!isOver && !(await isStarting())) await nextPass();
      receive('SIGINT');
      expect(await running).toMatchObject({ exit: 130, json: { kind: expect.stringMatching(/cancelled|signaled/) } });
    },
  );

  test('that the command ignores is followed by SIGKILL after the grace', async () => {
    const { child, ended } = await standIn(`trap '' INT TERM; touch up; while :; do sleep 0.05; done`, ['-k', '300ms']);
    child.kill('SIGINT');
    expect(await ended).toBe(137);
  });

  test('that comes a second time waits for no grace', async () => {
    const { child, cwd, ended } = await standIn(
      `trap 'touch heard' INT; trap '' TERM; touch up; while :; do sleep 0.05; done`,
      ['-k', '20m'],
    );
    child.kill('SIGINT');
    await until('the first one arrived', async () => existsSync(join(cwd, 'heard')));
    child.kill('SIGTERM');
    expect(await ended).toBe(137);
  });

  onLinux.each([
    ['by the shell that started us', `trap '' HUP; ${RUN} "$@" & echo $! >pid; wait $!`],
    ['by nohup, as most shells show', `_=/usr/bin/nohup; export _; ${RUN} "$@" & echo $! >pid; wait $!`],
    ['by nohup on a terminal', `${RUN} "$@" 0>/dev/null & echo $! >pid; wait $!`],
  ])('SIGHUP that is ignored %s stays ignored, for the command as well', async (_title, line) => {
    const { cwd, ended } = await standIn(
      'touch up; until [ -e go ]; do sleep 0.05; done; kill -HUP $$; exit 5',
      [],
      line,
    );
    process.kill(Number(readFileSync(join(cwd, 'pid'), 'utf8')), 'SIGHUP');
    writeFileSync(join(cwd, 'go'), '');
    expect(await ended).toBe(5);
  });
});

describe('what cannot be passed on', () => {
  const full = existsSync('/dev/full') ? test : test.skip;
  full.each([
    ['stdout that is full', `${RUN} -- echo hello >/dev/full`, /passed on to stdout: ENOSPC/],
    [
      'a result that cannot be written',
      `${RUN} --json -- true >/dev/full`,
      /result could not be written to stdout: ENOSPC/,
    ],
    ['stderr that is full', `${RUN} -- sh -c 'echo hello >&2' 2>/dev/full`, /^$/],
  ])('is our failure: %s', (_title, line, words) => {
    expect(type(line)).toMatchObject({ status: 125, err: expect.stringMatching(words) });
  });

  test.each([
    ['stdout', '1'],
    ['stderr', '2'],
  ])('is our failure, and ends the command: a reader of %s that went away', async (stream, number) => {
    const { child, ended, err } = await standIn(`touch up; while echo y >&${number}; do sleep 0.02; done; exit 4`);
    child[stream as 'stdout' | 'stderr']?.destroy();
    expect(await ended).toBe(125);
    if (stream === 'stdout') expect(err()).toMatch(/passed on to stdout: EPIPE/);
  });

  onLinux('is left in the command: nobody reads, and we hold no more than before', async () => {
    const child = spawn(
      process.execPath,
      [MAIN, 'run', '--timeout', '1.5s', '--', 'head', '-c', '4000000000', '/dev/zero'],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    started.push(child);
    child.stdout.pause();
    let peakKiB = 0;
    let exit: number | null = null;
    child.on('exit', (code) => {
      exit = code;
    });
    await until('the deadline has passed', async () => {
      const status = existsSync(`/proc/${child.pid}/status`) ? readFileSync(`/proc/${child.pid}/status`, 'utf8') : '';
      peakKiB = Math.max(peakKiB, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0));
      return exit !== null;
    });
    expect(exit).toBe(124);
    expect(peakKiB).toBeGreaterThan(0);
    expect(peakKiB).toBeLessThan(200 * 1024);
  });

  onLinux('is waited for as long as the run may last: a slow reader gets all of it', () => {
    const { out, status } = type(`${RUN} -- head -c 3000000 /dev/zero | { sleep 1.5; wc -c; }`);
    expect([status, Number(out.toString())]).toEqual([0, 3_000_000]);
  });
});
