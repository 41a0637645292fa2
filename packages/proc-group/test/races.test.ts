import { Worker } from 'node:worker_threads';
import { type GroupRun, outputText, type RunSpec, runInGroup } from '@gatehouse/proc-group';
import { afterAll, describe, expect, test } from '@jest/globals';
import {
  alive,
  isRunning,
  isWhole,
  newMarker,
  publicFolder,
  readOr,
  settled,
  sh,
  survivors,
  testWith,
  until,
} from './trees.ts';

const folder = publicFolder();
afterAll(folder.remove);

const isStopped = (pid: number): boolean => /\) T /.test(readOr(`/proc/${pid}/stat`, ''));
/** SIGTERM is the fifteenth bit of what is ignored. */
const isDeaf = (pid: number): boolean =>
  (Number.parseInt(/^SigIgn:\s*[0-9a-f]*?([0-9a-f]{1,8})$/m.exec(readOr(`/proc/${pid}/status`, ''))?.[1] ?? '0', 16) &
    0x4000) !==
  0;
const parentOf = (pid: number): number => Number(/\) \S (\d+) /.exec(readOr(`/proc/${pid}/stat`, ''))?.[1]);

/** Runs, and is told to end once the condition holds: a deadline could pass before the command has begun. */
async function endedOnce(condition: () => boolean, what: string, more: Partial<RunSpec>): Promise<GroupRun> {
  const end = new AbortController();
  const running = runInGroup({ command: '/bin/sh', args: [], timeoutMs: 600_000, signal: end.signal, ...more });
  await until(condition, what);
  end.abort('the condition holds');
  return settled(await running);
}

describe('a stopped process', () => {
  test('is woken to obey SIGTERM, so it needs no SIGKILL', async () => {
    const marker = newMarker();
    const args = ['-c', 'kill -STOP $$; exit 0', marker];
    const run = await endedOnce(() => alive(marker).some(isStopped), 'it is stopped', { args, graceMs: 20_000 });
    expect(run).toMatchObject({ kind: 'cancelled', raw: { signal: 'SIGTERM' }, containment: { escalated: 'term' } });
  });
});

test('a group that was stopped as a whole before it is to end needs no SIGKILL', async () => {
  const marker = newMarker();
  const stopped = '/bin/sh -c "while :; do sleep 0.05; done" "$0" & /bin/sh -c "while :; do sleep 0.05; done" "$0" &';
  const args = ['-c', `${stopped} kill -STOP 0; wait`, marker];
  const isWhole = () => alive(marker).filter(isStopped).length >= 3;
  const run = await endedOnce(isWhole, 'the group is stopped', { args, graceMs: 20_000 });
  expect({ left: survivors(marker), kind: run.kind, raw: run.raw, escalated: run.containment.escalated }).toEqual({
    left: 0,
    kind: 'cancelled',
    raw: { code: null, signal: 'SIGTERM' },
    escalated: 'term',
  });
});

describe('abort', () => {
  test('twice and in the moment of the exit gives one answer', async () => {
    const counts = new Map<string, number>();
    for (let round = 0; round < 40; round += 1) {
      const controller = new AbortController();
      const pending = sh('echo x', { signal: controller.signal, containment: 'group', graceMs: 50 });
      setTimeout(() => {
        controller.abort('first');
        controller.abort('second');
      }, round / 4);
      const run = await pending;
      if (run.kind === 'cancelled') expect(run.reason).toBe('first');
      counts.set(run.kind, (counts.get(run.kind) ?? 0) + 1);
    }
    expect([...counts.keys()].every((kind) => kind === 'cancelled' || kind === 'exited')).toBe(true);
    expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(40);
  });

  test('leaves no listener on the signal', async () => {
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    await sh('exit 0', { signal, containment: 'group' });
    expect(listeners).toBe(0);
  });
});

/** A thousand commands, or a fifth of them where not all tools are demanded. */
const SHARE = isWhole ? 1 : 0.2;

test('commands that end in the moment of their deadline give one kind each, and raw never contradicts it', async () => {
  const kinds = new Set<string>();
  const lane = async (containment: 'cookie' | 'group', rounds: number): Promise<void> => {
    // The deadline follows the moment of the exit, however slow the machine is.
    for (let [round, timeoutMs] = [0, 30]; round < rounds; round += 1) {
      const run = await sh('sleep 0.02', { timeoutMs, graceMs: 100, containment });
      timeoutMs = run.kind === 'timeout' ? timeoutMs + 4 : Math.max(1, timeoutMs - 3);
      kinds.add(run.kind);
      expect(['timeout', 'exited']).toContain(run.kind);
      if (run.kind === 'exited') expect(run.raw).toEqual({ code: 0, signal: null });
      if (containment === 'cookie') expect(run.containment).toMatchObject({ verified: true, leaked: 0 });
    }
  };
  await Promise.all([lane('cookie', 250 * SHARE), ...Array.from({ length: 5 }, () => lane('group', 150 * SHARE))]);
  expect([...kinds].sort()).toEqual(['exited', 'timeout']);
});

test('a leftover gets its own grace when the caller gives one', async () => {
  const fifo = `${folder.path}/fifo`;
  const loop = 'trap "echo bye; exit" TERM; echo armed > "$FIFO"; while :; do sleep 0.01; done';
  const run = await sh(`mkfifo "$FIFO"; (${loop}) & read -r x < "$FIFO"; exit 0`, {
    env: { set: { FIFO: fifo } },
    leftoverGraceMs: 5000,
  });
  expect(run).toMatchObject({ kind: 'exited', code: 0, containment: { escalated: 'term', verified: true } });
  expect(run.containment.leftovers.length).toBeGreaterThan(0);
  expect(outputText(run.stdout)).toBe('bye\n');
});

testWith('perl')(
  'a worker thread that ends does not take its command along, and the guard ends it with the process',
  async () => {
    const marker = newMarker();
    const source = `import('@gatehouse/proc-group').then(({ runInGroup }) => {
      void runInGroup({ command: 'perl', args: ['${folder.shapes}', '${marker}', 'd', '9'], timeoutMs: 9000, containment: 'cookie' });
    });`;
    const worker = new Worker(source, { eval: true, execArgv: ['--conditions=gatehouse:src'] });
    const failed: unknown[] = [];
    worker.on('error', (error) => failed.push(error));
    await until(() => alive(marker).length >= 2 || failed.length > 0, 'the run is under way');
    expect(failed).toEqual([]);
    await worker.terminate();
    await until(() => alive(marker).length === 0, 'the guard of the thread has ended its run');
    expect(survivors(marker)).toBe(0);
  },
);

testWith('perl')('a leader that ignores SIGTERM is killed, and its obedient children with it', async () => {
  const marker = newMarker();
  const isReady = () => {
    const there = alive(marker);
    const deaf = there.filter(isDeaf);
    const obedient = there.filter((pid) => !deaf.includes(pid));
    return deaf.some((leader) => obedient.filter((pid) => parentOf(pid) === leader).length === 20);
  };
  const run = await endedOnce(isReady, 'a deaf leader has twenty obedient children', {
    command: 'perl',
    args: [folder.shapes, marker, 'o20'],
    graceMs: 100,
  });
  expect({ left: survivors(marker), kind: run.kind, raw: run.raw }).toEqual({
    left: 0,
    kind: 'cancelled',
    raw: { code: null, signal: 'SIGKILL' },
  });
});

test('the answer names who was left over', async () => {
  const run = await sh('sleep 30 & while [ "$(cat /proc/$!/comm)" != sleep ]; do :; done; echo $!');
  expect(run.containment.leftovers).toEqual([{ pid: Number(outputText(run.stdout)), comm: 'sleep' }]);
  expect(isRunning(Number(outputText(run.stdout)))).toBe(false);
});
