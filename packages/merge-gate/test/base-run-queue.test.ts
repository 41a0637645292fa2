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
let events: string[];
beforeEach(() => {
  nowMs = 0;
  events = [];
  port = createBaseRunQueue({ ttlMs: 1000, now: () => nowMs });
});

/** Lets everything that can go on go on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Joins the queue and records when its turn comes. */
function caller(
  name: string,
  { repo = 'r', signal }: { repo?: string; signal?: AbortSignal } = {},
): Promise<BaseRunSlot> {
  return port.acquire(signal === undefined ? { repo } : { repo, signal }).then((turn) => {
    events.push(`${name} ${turn.kind}`);
    return turn;
  });
}
const end = async (turn: Promise<BaseRunSlot>): Promise<void> => {
  const mine = await turn;
  if (mine.kind === 'yours') mine.end();
  await settle();
};

describe('the queue', () => {
  test('serves one caller of a repository at a time, in the order of asking, and other repositories beside it', async () => {
    const [first, second, third] = [caller('a'), caller('b'), caller('c')];
    caller('elsewhere', { repo: 'other' });
    await settle();
    expect(events).toEqual(['a yours', 'elsewhere yours']);
    await end(first);
    expect(events.slice(2)).toEqual(['b yours']);
    await end(second);
    await end(third);
    expect(events.slice(2)).toEqual(['b yours', 'c yours']);
    await caller('d');
    expect(events).toContain('d yours');
  });

  test('a turn that is ended twice lets only one caller in', async () => {
    const turn = await caller('a');
    caller('b');
    caller('c');
    if (turn.kind === 'yours') for (const _ of [1, 2]) turn.end();
    await settle();
    expect(events).toEqual(['a yours', 'b yours']);
  });

  test('a caller that is called off leaves the queue, before or while waiting, and delays no other', async () => {
    const first = caller('a');
    const leaving = new AbortController();
    caller('b', { signal: leaving.signal });
    caller('c');
    caller('late', { signal: AbortSignal.abort() });
    await settle();
    leaving.abort();
    await end(first);
    expect(events).toEqual(['a yours', 'late called-off', 'b called-off', 'c yours']);
  });
});

describe('two landings', () => {
  const wantLease = (name: string, signal?: AbortSignal): void => {
    void port
      .waitForPriority(signal === undefined ? { repo: 'r' } : { repo: 'r', signal })
      .then(() => events.push(name));
  };

  test('put a caller that waited for them before the next who wants the lease', async () => {
    const first = caller('a');
    const second = caller('b');
    port.landed('r');
    port.landed('other');
    wantLease('lease 1');
    await settle();
    expect(events).toEqual(['a yours', 'lease 1']);
    port.landed('r');
    wantLease('lease 2');
    await settle();
    expect(events).toEqual(['a yours', 'lease 1']);
    await end(first);
    expect(events).toEqual(['a yours', 'lease 1', 'b yours', 'lease 2']);
    await end(second);
    wantLease('lease 3');
    await settle();
    expect(events.at(-1)).toBe('lease 3');
  });

  test('delay no caller that is called off, and none after the waiting one has left', async () => {
    caller('a');
    const leaving = new AbortController();
    const tired = new AbortController();
    caller('b', { signal: leaving.signal });
    for (const _ of [1, 2]) port.landed('r');
    wantLease('tired', tired.signal);
    wantLease('patient');
    wantLease('gone', AbortSignal.abort());
    await settle();
    expect(events).toEqual(['a yours', 'gone']);
    tired.abort();
    await settle();
    expect(events).toEqual(['a yours', 'gone', 'tired']);
    leaving.abort();
    await settle();
    expect(events.slice(3).sort()).toEqual(['b called-off', 'patient']);
  });
});

describe('the memory', () => {
  test('answers a run for as long as it speaks for main, counted from its end', async () => {
    nowMs = 100;
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

  test('the latest run counts, and the memory is bounded', async () => {
    const red = { ...RUN, outcome: 'red' } as const;
    await port.record(KEY, RUN);
    await port.record(KEY, red);
    expect(await port.lookup(KEY)).toBe(red);
    for (let n = 0; n < 200; n += 1) await port.record({ ...KEY, commit: `${n}` }, RUN);
    expect(await port.lookup(KEY)).toBeNull();
    expect(await port.lookup({ ...KEY, commit: '0' })).toBe(RUN);
  });
});
