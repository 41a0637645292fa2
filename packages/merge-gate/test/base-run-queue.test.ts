import {
  type BaseKey,
  type BaseRunQueue,
  type BaseRunSlot,
  createBaseRunQueue,
  type RecordedRun,
} from '@gatehouse/merge-gate';
import { beforeEach, describe, expect, test } from '@jest/globals';

const KEY: BaseKey = { repo: 'r', commit: 'c', gateDigest: 'g', hostDigest: 'h' };
const RUN = { purpose: 'base', outcome: 'green', startedAt: 0, durationMs: 100 } as RecordedRun;

let nowMs: number;
let port: BaseRunQueue;
let told: string[];
beforeEach(() => {
  nowMs = 0;
  told = [];
  port = createBaseRunQueue({ ttlMs: 1000, now: () => nowMs });
});

/** Lets everything that can go on go on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Stands in the line and says when its turn comes. */
function caller(
  name: string,
  { repo = 'r', signal }: { repo?: string; signal?: AbortSignal } = {},
): Promise<BaseRunSlot> {
  return port.acquire(signal === undefined ? { repo } : { repo, signal }).then((turn) => {
    told.push(`${name} ${turn.kind}`);
    return turn;
  });
}
const end = async (turn: Promise<BaseRunSlot>): Promise<void> => {
  const mine = await turn;
  if (mine.kind === 'yours') mine.end();
  await settle();
};

describe('the line', () => {
  test('serves one caller of a repository at a time, in the order of asking, and other repositories beside it', async () => {
    const [first, second, third] = [caller('a'), caller('b'), caller('c')];
    caller('elsewhere', { repo: 'other' });
    await settle();
    expect(told).toEqual(['a yours', 'elsewhere yours']);
    await end(first);
    expect(told.slice(2)).toEqual(['b yours']);
    await end(second);
    await end(third);
    expect(told.slice(2)).toEqual(['b yours', 'c yours']);
    await caller('d');
    expect(told).toContain('d yours');
  });

  test('a turn that is ended twice lets only one caller in', async () => {
    const turn = await caller('a');
    caller('b');
    caller('c');
    if (turn.kind === 'yours') for (const _ of [1, 2]) turn.end();
    await settle();
    expect(told).toEqual(['a yours', 'b yours']);
  });

  test('whoever is called off leaves the line, before or while waiting, and keeps nobody back', async () => {
    const first = caller('a');
    const leaving = new AbortController();
    caller('b', { signal: leaving.signal });
    caller('c');
    caller('late', { signal: AbortSignal.abort() });
    await settle();
    leaving.abort();
    await end(first);
    expect(told).toEqual(['a yours', 'late called-off', 'b called-off', 'c yours']);
  });
});

describe('two landings', () => {
  const wantLease = (name: string, signal?: AbortSignal): void => {
    void port.waitForPriority(signal === undefined ? { repo: 'r' } : { repo: 'r', signal }).then(() => told.push(name));
  };

  test('put a caller that waited for them before the next who wants the lease', async () => {
    const first = caller('a');
    const second = caller('b');
    port.landed('r');
    port.landed('other');
    wantLease('lease 1');
    await settle();
    expect(told).toEqual(['a yours', 'lease 1']);
    port.landed('r');
    wantLease('lease 2');
    await settle();
    expect(told).toEqual(['a yours', 'lease 1']);
    await end(first);
    expect(told).toEqual(['a yours', 'lease 1', 'b yours', 'lease 2']);
    await end(second);
    wantLease('lease 3');
    await settle();
    expect(told.at(-1)).toBe('lease 3');
  });

  test('keep nobody from the lease who is called off, nor after the one who waited has left', async () => {
    caller('a');
    const leaving = new AbortController();
    const tired = new AbortController();
    caller('b', { signal: leaving.signal });
    for (const _ of [1, 2]) port.landed('r');
    wantLease('tired', tired.signal);
    wantLease('patient');
    wantLease('gone', AbortSignal.abort());
    await settle();
    expect(told).toEqual(['a yours', 'gone']);
    tired.abort();
    await settle();
    expect(told).toEqual(['a yours', 'gone', 'tired']);
    leaving.abort();
    await settle();
    expect(told.slice(3).sort()).toEqual(['b called-off', 'patient']);
  });
});

describe('the memory', () => {
  test('tells a run for as long as it speaks for main, counted from its end', async () => {
    await port.record(KEY, RUN);
    nowMs = 1099;
    expect(await port.lookup(KEY)).toBe(RUN);
    nowMs = 1100;
    expect(await port.lookup(KEY)).toBeNull();
  });

  test.each(['repo', 'commit', 'gateDigest', 'hostDigest'] as const)('another %s is another question', async (part) => {
    await port.record(KEY, RUN);
    expect(await port.lookup({ ...KEY, [part]: 'another' })).toBeNull();
  });

  test('the last word counts, and the memory is bounded', async () => {
    const red = { ...RUN, outcome: 'red' } as const;
    await port.record(KEY, RUN);
    await port.record(KEY, red);
    expect(await port.lookup(KEY)).toBe(red);
    for (let n = 0; n < 200; n += 1) await port.record({ ...KEY, commit: `${n}` }, RUN);
    expect(await port.lookup(KEY)).toBeNull();
    expect(await port.lookup({ ...KEY, commit: '0' })).toBe(RUN);
  });
});
