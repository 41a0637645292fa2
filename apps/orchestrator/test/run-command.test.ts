import { type SpawnSyncOptions, spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { Command } from 'commander';
import fc from 'fast-check';
import type { RunOptions } from '../src/cli/run-command.ts';
import { RUN_DEFAULTS, readRunWords } from '../src/cli/run-words.ts';
import { processesNaming } from '../src/platform/processes.ts';
import { until } from './live-gatehouse.ts';
import { cli, onlyJson } from './recording-terminal.ts';
import { scratchFolder } from './scratch-forge.ts';

test('its words are read as the parser of the command line reads them', () => {
  const word = fc.constantFrom(
    ...[
      '--timeout',
      '--timeout=1s',
      '-k',
      '--grace',
      '--grace=2s',
      '-s',
      '--signal=KILL',
      '5s',
      '',
      '--json',
      '--json=1',
    ],
    ...['--preserve-status', '--scrub-env', '--', '-', '--help', '-x', '--unknown', 'true', 'a=b', '-k5s', '--time'],
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (words) => {
      const ours = readRunWords(words);
      if (ours === null) return;
      const parser = new Command('run').argument('[command...]').exitOverride().passThroughOptions();
      parser.option('--timeout <d>', '', RUN_DEFAULTS.timeout).option('-k, --grace <d>', '', RUN_DEFAULTS.grace);
      parser.option('-s, --signal <n>').option('--preserve-status').option('--scrub-env').option('--json');
      parser.parse([...words], { from: 'user' });
      const { preserveStatus = false, scrubEnv = false, json = false, ...valued } = parser.opts<RunOptions>();
      expect(ours).toEqual({ options: { preserveStatus, scrubEnv, json, ...valued }, command: parser.args });
    }),
    { numRuns: 2000 },
  );
});

describe('run', () => {
  const run = (...words: string[]) => cli(['run', '--grace', '100ms', ...words]);

  test.each([
    ['the status of the command', ['--', 'sh', '-c', 'exit 7'], 7],
    ['0 for a command that ends well', ['--', 'true'], 0],
    ['128+n when a signal ended it', ['--', 'sh', '-c', 'kill -9 $$'], 137],
    ['124 at the deadline', ['--timeout', '200ms', '--', 'sleep', '600'], 124],
    ['125 for what we cannot do', ['--timeout', '-1s', '--', 'true'], 125],
    ['127 for a command that is not there', ['--', 'no-such-command-anywhere'], 127],
    ['127 for a command without a name', ['--', ''], 127],
  ])('gives %s', async (_title, words, exit) => {
    const said = await run(...words);
    expect([said.exit, said.out]).toEqual([exit, '']);
  });

  test('gives 126 for a file that cannot be run', async () => {
    const file = join(scratchFolder(), 'script');
    writeFileSync(file, 'echo hello\n');
    chmodSync(file, 0o644);
    expect(await run('--', file)).toMatchObject({ exit: 126, err: expect.stringContaining('cannot be started') });
  });

  test('passes both streams through to the byte, and the words after -- as they are', async () => {
    const file = join(scratchFolder(), 'bytes');
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7 + (index >> 8)) % 256));
    writeFileSync(file, bytes);
    const said = await run('--', 'sh', '-c', 'cat "$0"; echo "$1" >&2', file, '--json');
    expect(said.exit).toBe(0);
    expect(said.outBytes.equals(bytes)).toBe(true);
    expect(said.err).toBe('--json\n');
  });

  test('prints one object with --json, and what the command says goes to stderr', async () => {
    const said = await run('--json', '--', 'sh', '-c', 'echo hello; exit 3');
    expect([said.exit, said.err]).toEqual([3, 'hello\n']);
    expect(onlyJson(said)).toMatchObject({
      kind: 'exited',
      code: 3,
      level: expect.any(String),
      verified: expect.any(Boolean),
      leftovers: [],
      duration_ms: expect.any(Number),
    });
    const late = await run('--json', '--timeout', '100ms', '--', 'sleep', '600');
    expect([late.exit, onlyJson(late)]).toMatchObject([124, { kind: 'timeout' }]);
  });

  test('hands on its own environment and standard input, unless they are to be kept from it', () => {
    const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
    const env = { ...process.env, HOME: '/somebody/s/home', API_TOKEN: 'as-given' };
    const say = (...flags: string[]) =>
      spawnSync(process.execPath, [main, 'run', ...flags, '--', 'sh', '-c', 'cat; echo "$HOME $API_TOKEN"'], {
        env,
        input: 'from outside\n',
        encoding: 'utf8',
      }).stdout;
    expect(say()).toBe('from outside\n/somebody/s/home as-given\n');
    expect(say('--scrub-env')).toMatch(/^from outside\n(?!\/somebody)\S+ \n$/);
  });

  const hasTimeout = spawnSync('timeout', ['--version']).status === 0;
  (hasTimeout ? test.each : test.skip.each)([
    ['a code', [], 'exit 7'],
    ['a signal', [], 'kill -9 $$'],
    ['the deadline', [], 'sleep 600'],
    ['the deadline, its own status kept', ['--preserve-status'], 'trap "exit 5" TERM; while :; do sleep 0.05; done'],
    ['a command that is not there', [], null],
  ])('ends as timeout(1) does: %s', async (_title, flags, script) => {
    const command = script === null ? ['no-such-command-anywhere'] : ['sh', '-c', script];
    const theirs = spawnSync('timeout', [...flags, '0.4', ...command]);
    const ours = await cli(['run', '--timeout', '0.4', '-k', '100ms', ...flags, '--', ...command]);
    // timeout(1) dies of the signal its command died of; a shell shows that as 128+n.
    const shown = theirs.signal === null ? theirs.status : 128 + (constants.signals[theirs.signal] ?? 0);
    expect(ours.exit).toBe(shown);
  });

  test.each([
    ['of one that ignores TERM', [], 'trap "" TERM; while :; do sleep 1; done'],
    ['with KILL at once', ['-s', 'KILL'], 'sleep 600'],
  ])('the deadline is always 124, where timeout(1) says 137: %s', async (_title, flags, script) => {
    expect((await run('--timeout', '0.4', ...flags, '--', 'sh', '-c', script)).exit).toBe(124);
  });

  describe('in a place that lacks something', () => {
    const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
    /** As the stand-in of a command that exits with 7, after `before` changed the place. */
    const standIn = (before: string, options: SpawnSyncOptions = {}) => {
      const words = ['-c', `${before}; exec "$@"`, 'sh', process.execPath, main, 'run', '--scrub-env', '--', '/bin/sh'];
      return spawnSync('/bin/sh', [...words, '-c', 'exit 7'], { ...options, encoding: 'utf8' });
    };

    test('descriptors: too few for us is our failure, said in one line; else the command runs', () => {
      const said = [22, 26, 40].map((most) => standIn(`ulimit -n ${most}`));
      expect(said.map(({ status }) => status)).toEqual([125, 125, 7]);
      for (const { stderr } of said.slice(0, 2)) expect(stderr).toMatch(/^gatehouse: .*cannot be started.*EMFILE\n$/);
    });

    test('a directory that is gone, or that we may not enter any more, is a place to start in all the same', () => {
      const folder = scratchFolder();
      expect(standIn(`mkdir "${folder}/gone"; cd "${folder}/gone"; rm -r "${folder}/gone"`).status).toBe(7);
      // Root may enter everything, and becomes somebody else where it stands.
      const isRoot = process.getuid?.() === 0;
      const closed = isRoot ? { cwd: folder, uid: 65_534, gid: 65_534 } : { cwd: folder };
      expect(standIn('chmod 000 . 2>/dev/null || :', closed)).toMatchObject({ status: 7, stderr: '' });
      chmodSync(folder, 0o700);
    });

    test('a TMPDIR: what is not there is our failure, and not a command that was not found', () => {
      const said = standIn('export TMPDIR=/no/such/place');
      expect([said.status, said.stderr]).toEqual([125, expect.stringContaining('no HOME can be made')]);
    });
  });

  test('20,000 words reach the command', async () => {
    const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
    const words = Array.from({ length: 20_000 }, (_, index) => `${index}`);
    const script = 'for word do last=$word; done; echo "$# $last"';
    const said = spawnSync(process.execPath, [main, 'run', '--', 'sh', '-c', script, 'sh', ...words]);
    expect(String(said.stdout)).toBe('20000 19999\n');
  });

  test('0 is no deadline, and a signal we cannot promise is refused', async () => {
    expect((await run('--timeout', '0', '--', 'sh', '-c', 'sleep 0.2; exit 4')).exit).toBe(4);
    expect(await run('-s', 'HUP', '--', 'true')).toMatchObject({
      exit: 125,
      err: expect.stringContaining('KILL at once'),
    });
  });

  test('ends what the command left behind, and says so', async () => {
    const mark = `left-${process.pid}-behind`;
    const said = await run('--', 'sh', '-c', `sh -c 'sleep 600; :' ${mark} >/dev/null 2>&1 & exit 0`);
    expect(said).toMatchObject({ exit: 0, err: expect.stringContaining('outlived the command') });
    expect(await processesNaming(mark)).toEqual([]);
  });

  test('ends the command when it is asked to end', async () => {
    const stop = new AbortController();
    const file = join(scratchFolder(), 'begun');
    const mark = `asked-${process.pid}-to-end`;
    const running = cli(['run', '--', 'sh', '-c', `echo > "${file}"; sleep 600; :`, mark], '/', stop.signal);
    await until('the command runs', async () => (await processesNaming(mark))?.length);
    stop.abort(new Error('received SIGTERM'));
    expect((await running).exit).toBe(143);
    expect(await processesNaming(mark)).toEqual([]);
  });
});
