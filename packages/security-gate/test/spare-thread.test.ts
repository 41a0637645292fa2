import { execFile } from 'node:child_process';
import { channel } from 'node:diagnostics_channel';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { maskSecrets } from '@gatehouse/security-gate';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { takeThread } from '../src/adapters/spare-thread.ts';
import { askFingerprints, askKnown, type ScanEngine, scanBatch, startEmbedded } from '../src/engine.ts';
import { githubToken } from './fake-secrets.ts';

const threads: Worker[] = [];
const starts = channel('worker_threads');
const onStart = (message: unknown): void => void threads.push((message as { worker: Worker }).worker);

beforeAll(async () => {
  // No thread of another file waits.
  await takeThread().terminate();
  starts.subscribe(onStart);
});
afterAll(() => void starts.unsubscribe(onStart));

/** No thread of an earlier test waits. */
beforeEach(async () => {
  await Promise.all(threads.map((thread) => thread.terminate()));
  threads.length = 0;
});

const SECRET = githubToken('spare');
const open = (): ScanEngine => startEmbedded(new AbortController().signal);
const findSecret = async (engine: ScanEngine): Promise<string> => {
  const found = await scanBatch(engine, [{ id: 'x', bytes: Buffer.from(SECRET) }]);
  return found.kind === 'scanned' ? (found.hits[0]?.secret ?? 'no hit') : found.reason;
};

test('scans that follow each other use one thread, and each finds what is there', async () => {
  for (let turn = 0; turn < 4; turn += 1)
    expect(await maskSecrets({ texts: [SECRET] })).toEqual({ kind: 'masked', texts: ['*'.repeat(SECRET.length)] });
  expect(threads).toHaveLength(1);
});

test('a thread that is used again knows no secret of the scan before, and names the same one differently', async () => {
  const first = open();
  const before = await findSecret(first);
  expect(await askKnown(first, [Buffer.from(SECRET)])).toEqual({ kind: 'known', secrets: [before] });
  await first.close();
  const second = open();
  expect(await askKnown(second, [Buffer.from(SECRET)])).toEqual({ kind: 'known', secrets: [] });
  const wanted = [{ secret: before, rule: 'secret/github', path: 'a' }];
  expect(await askFingerprints(second, wanted)).toEqual({ kind: 'fingerprinted', fingerprints: [''] });
  expect(await findSecret(second)).not.toBe(before);
  await second.close();
  expect(threads).toHaveLength(1);
});

test('scans at the same time share no thread, and one thread waits afterwards', async () => {
  const [one, other] = [open(), open()];
  await Promise.all([findSecret(one), findSecret(other)]);
  expect(threads).toHaveLength(2);
  await Promise.all([one.close(), other.close()]);
  const [third, fourth] = [open(), open()];
  expect(threads).toHaveLength(3);
  await Promise.all([third.close(), fourth.close()]);
});

test('a scan that was closed twice takes no thread from the one that has it now', async () => {
  const first = open();
  await findSecret(first);
  await first.close();
  const second = open();
  await first.close();
  await findSecret(second);
  await second.close();
  expect(threads).toHaveLength(1);
});

test.each<[string, (engine: ScanEngine, stop: AbortController) => Promise<unknown>]>([
  ['was stopped', async (_engine, stop) => stop.abort()],
  ['failed', (engine) => engine.ask({ kind: 'scan', items: [{ id: 'x', bytes: null as unknown as Uint8Array }] })],
  ['still works', async (engine) => void engine.ask({ kind: 'known', texts: [] })],
  ['died', (engine) => Promise.all([threads.at(-1)?.terminate(), engine.ask({ kind: 'known', texts: [] })])],
])('a thread that %s is not used again', async (_how, spoil) => {
  const stop = new AbortController();
  const engine = startEmbedded(stop.signal);
  await findSecret(engine);
  await spoil(engine, stop);
  await engine.close();
  expect((await maskSecrets({ texts: [SECRET] })).kind).toBe('masked');
  expect(threads).toHaveLength(2);
});

test('a thread that dies while it waits is replaced', async () => {
  await maskSecrets({ texts: ['x'] });
  await threads[0]?.terminate();
  expect((await maskSecrets({ texts: [SECRET] })).kind).toBe('masked');
  expect(threads).toHaveLength(2);
});

test('a process ends although a thread still waits', async () => {
  const entry = JSON.stringify(new URL('../src/index.ts', import.meta.url).href);
  const program = `
    import { subscribe } from 'node:diagnostics_channel';
    let thread;
    subscribe('worker_threads', ({ worker }) => (thread = worker));
    const { maskSecrets } = await import(${entry});
    const { kind } = await maskSecrets({ texts: ['x'] });
    process.once('beforeExit', () => console.log(kind, thread.threadId > 0 ? 'alive' : 'ended'));`;
  const flags = ['--conditions=gatehouse:src', '--disable-warning=ExperimentalWarning', '--input-type=module'];
  expect((await promisify(execFile)(process.execPath, [...flags, '--eval', program])).stdout).toBe('masked alive\n');
});
