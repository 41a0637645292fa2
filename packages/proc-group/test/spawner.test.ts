import { execFileSync, fork, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { GroupRun, RunSpec } from '@gatehouse/proc-group';
import { afterAll, describe, expect } from '@jest/globals';
import {
  alive,
  fixture,
  isRoot,
  isWhole,
  needsRoot,
  newMarker,
  nobody,
  publicFolder,
  readOr,
  survivors,
  testIf,
  testWith,
  until,
} from './trees.ts';

const folder = publicFolder();
afterAll(folder.remove);

type Step = { readonly spec: Omit<RunSpec, 'timeoutMs' | 'stdin'> & { timeoutMs?: number; stdin?: string } };
type LargeProcessResult = GroupRun & { readonly out: string; readonly err: string; readonly self: number };

/** Makes the runs from one process of more than 200 MiB, which must end by itself afterwards. */
function fromLargeProcess(
  steps: readonly (
    | Step
    | { readonly uid: number }
    | { readonly greet: true }
    | { readonly strangers: number }
    | { readonly stall: readonly [turns: number, ms: number] }
  )[],
): LargeProcessResult[] {
  const args = ['--conditions=gatehouse:src', fixture('large.mjs')];
  const input = JSON.stringify(steps);
  const said = execFileSync(process.execPath, args, { encoding: 'utf8', input, timeout: 120_000 });
  return said
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LargeProcessResult);
}

const sh = (line: string, more: Partial<Step['spec']> = {}): Step => ({
  spec: { command: '/bin/sh', args: ['-c', line], ...more },
});

/** Between the command and the spawner stands the shell that tells the status. */
const SPAWNER = 'read -r _ _ _ spawner _ < /proc/$PPID/stat';

const testLinux = testIf(process.platform === 'linux', 'only Linux has a spawner');
const testWhole = testIf(
  process.platform === 'linux' && isWhole,
  'it waits long: with GATEHOUSE_REQUIRE_TOOLS=1 on Linux',
);

describe('a large process lets a small one fork', () => {
  testLinux('which is the parent of the command, and every ending comes through as it is', () => {
    const runs = fromLargeProcess([
      sh(`echo out; echo err >&2; ${SPAWNER}; echo $spawner; exit 3`),
      sh('echo one > /dev/stdout; echo two | tee /dev/stderr > /dev/null; test -p /dev/stdout'),
      sh('exit 137'),
      sh('kill -9 $$'),
      sh('kill -40 $$'),
      sh('cat', { stdin: 'through' }),
      sh('sleep 30 & echo done'),
      sh('sleep 30', { timeoutMs: 200, containment: 'group' }),
      { spec: { command: 'no-such-command', containment: 'group' } },
      { spec: { command: '/bin/true', args: ['x'.repeat(3_000_000)], containment: 'group' } },
    ]);
    const [first] = runs;
    expect(first).toMatchObject({ kind: 'exited', code: 3, err: 'err\n' });
    expect(Number(first?.out.split('\n')[1])).not.toBe(first?.self);
    expect(runs.slice(1)).toMatchObject([
      { kind: 'exited', code: 0, out: 'one\n', err: 'two\n' },
      { kind: 'exited', code: 137 },
      { kind: 'signaled', signal: 'SIGKILL' },
      { kind: 'signaled', signal: 'SIGRTMIN+6' },
      { kind: 'exited', code: 0, out: 'through' },
      { kind: 'exited', code: 0, out: 'done\n', containment: { verified: true, leftovers: [{}] } },
      { kind: 'timeout', level: 'group', raw: { code: null, signal: 'SIGTERM' } },
      { kind: 'spawn-failed', errno: 'ENOENT' },
      { kind: 'spawn-failed', errno: 'E2BIG' },
    ]);
  });

  testWith('perl')('and daemons, forkers and hoppers end as they do without it', () => {
    const markers = ['e', 'g', 'j'].map((shape) => ({ shape, marker: newMarker() }));
    const runs = fromLargeProcess(
      markers.map(({ shape, marker }) => ({
        spec: { command: 'perl', args: [folder.shapes, marker, shape], timeoutMs: 250 },
      })),
    );
    for (const { marker } of markers) expect(survivors(marker)).toBe(0);
    for (const run of runs) expect(run).toMatchObject({ kind: 'timeout', containment: { verified: true, leaked: 0 } });
  });

  testLinux('and a connection without its token is turned away', () => {
    const runs = fromLargeProcess([sh('echo one'), { greet: true }, sh('echo two')]);
    expect(runs.map(({ out }) => out)).toEqual(['one\n', 'two\n']);
  });

  testLinux('and a crowd that says nothing keeps nobody out', () => {
    const runs = fromLargeProcess([
      sh('echo one'),
      { strangers: 100 },
      sh('echo two'),
      { strangers: 100 },
      sh('echo three'),
    ]);
    expect(runs.map(({ out }) => out)).toEqual(['one\n', 'two\n', 'three\n']);
  });

  testWhole('and what stands still in between answers all the same', () => {
    const runs = fromLargeProcess([sh('echo one'), { stall: [3, 5_300] }, sh('echo two')]);
    expect(runs).toMatchObject([
      { kind: 'exited', code: 0, out: 'one\n' },
      { kind: 'exited', code: 0, out: 'two\n', containment: { verified: true } },
    ]);
  });

  testLinux('and one that a command stopped goes on with the next run', () => {
    const runs = fromLargeProcess([sh(`${SPAWNER}; kill -STOP "$spawner"; echo one`), sh('echo two')]);
    expect(runs[1]).toMatchObject({ kind: 'exited', code: 0, out: 'two\n' });
  });

  testLinux('which starts nothing whose streams never came, and says so', async () => {
    const program = fileURLToPath(new URL('../src/adapters/spawner-program.ts', import.meta.url));
    const spawner = fork(program, {
      execArgv: ['--conditions=gatehouse:src'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const said: { id: number; kind: string }[] = [];
    spawner.on('message', (message) => said.push(message as { id: number; kind: string }));
    await until(() => said.length > 0, 'it is ready');
    const asked = {
      file: '/bin/true',
      args: [],
      cwd: '/',
      env: {},
      detached: true,
      runAs: null,
      stderrAt: null,
      descriptors: [],
    };
    spawner.send({ id: 7, streams: ['stdout', 'stderr'], ...asked });
    await until(() => said.length > 1, 'it answers');
    spawner.disconnect();
    expect(said.slice(1)).toEqual([{ id: 7, kind: 'unsent' }]);
  });

  testLinux('and if that one is killed the command ends too, as no success, and the next run has another', () => {
    const marker = newMarker();
    const orphan = `/bin/sh -c "while :; do sleep 0.05; done" "$0" & ${SPAWNER}; kill -9 "$spawner"; wait`;
    const [lost, next] = fromLargeProcess([
      { spec: { command: '/bin/sh', args: ['-c', orphan, marker] } },
      sh('echo next'),
    ]);
    expect(lost).toMatchObject({
      kind: 'unknown',
      raw: { code: null, signal: null },
      containment: { verified: true, leaked: 0 },
    });
    expect(survivors(marker)).toBe(0);
    expect(next).toMatchObject({ kind: 'exited', code: 0, out: 'next\n' });
  });

  testIf(isRoot, needsRoot)('which never lends a privilege that the large one has given up', () => {
    const env = { set: { TMPDIR: folder.path, HOME: folder.path } };
    const [before, after] = fromLargeProcess([sh('id -u', { env }), { uid: nobody.uid }, sh('id -u', { env })]);
    expect([before?.out, after?.out]).toEqual(['0\n', `${nobody.uid}\n`]);
  });

  testWith('perl')('and both are gone, with all they started, after a SIGKILL', async () => {
    const marker = newMarker();
    const args = ['--conditions=gatehouse:src', fixture('orchestrator.mjs'), 'best', 'adef', folder.shapes, marker];
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'], TMPDIR: folder.path, BALLAST_MIB: '260' },
    });
    let said = '';
    child.stdout.on('data', (bytes) => {
      said += String(bytes);
    });
    await until(() => said.includes('under way'), 'the runs are under way');
    // Asleep or at work: its parent is what names it.
    const itsChild = new RegExp(`\\) [A-Z] ${child.pid} `);
    const spawners = alive('spawner-program').filter((pid) => itsChild.test(readOr(`/proc/${pid}/stat`, '')));
    expect(spawners).toHaveLength(1);
    child.kill('SIGKILL');
    try {
      await until(() => alive(marker).length === 0, 'the guard has killed every process');
    } finally {
      survivors(marker);
    }
    await until(() => spawners.every((pid) => readOr(`/proc/${pid}/cmdline`, '') === ''), 'the spawner has ended');
    const homes = (): readonly string[] =>
      readdirSync(folder.path).filter((name) => name.startsWith('gatehouse-home-'));
    await until(() => homes().length === 0, 'the guard has removed the homes');
  });
});
