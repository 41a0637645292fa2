/**
 * Reads a report in a thread with a bounded heap and a deadline: JSON nests, so it is read in one go, and an event loop has other things
 * to do meanwhile. The file stays open here; the thread reads the same descriptor, so it is the file that was looked at.
 */
import { readSync } from 'node:fs';
import * as loader from 'node:module';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { SourceOptions } from '../read-report.ts';
import { FileLines } from '../readers/file-lines.ts';
import type { ReadReport, UnreadableReport } from '../verdict.ts';

/** In place up to here: a thread costs more than reading this much. */
export const IN_PLACE_BYTES: number = 2 ** 20;

const HEAP_MB = 1024;
/** The reader keeps the time itself; the thread's start and its answer come on top. */
const GRACE_MS = 10_000;
const HEAD_BYTES = 64;
/** Files that are taken over in one turn of the event loop. */
const FILES_A_TURN = 5000;

export interface ReportJob {
  readonly fd: number;
  readonly size: number;
  readonly options: SourceOptions;
}

/** What the thread answers: the sets of all files are one array, since each of its own would cost both sides more than the reading. */
export type ReportAnswer =
  | UnreadableReport
  | {
      readonly kind: 'packed';
      readonly report: Omit<ReadReport, 'files'>;
      readonly names: readonly string[];
      /** Per file the length of each of its two sets. */
      readonly lengths: Uint32Array;
      /** Per file what was seen, then what was hit. */
      readonly words: Uint32Array;
      readonly counted: ReadonlyMap<number, readonly [covered: number, total: number]>;
    };

/** Whether what stands there is one JSON document. */
export function beginsJson(fd: number): boolean {
  const head = Buffer.alloc(HEAD_BYTES);
  const count = readSync(fd, head, 0, HEAD_BYTES, 0);
  return head
    .toString('latin1', 0, count)
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart()
    .startsWith('{');
}

/** `timeoutMs` is what the reader itself has. */
export async function readInThread(job: ReportJob, timeoutMs: number): Promise<ReadReport | UnreadableReport> {
  const answer = await askThread(job, timeoutMs + GRACE_MS);
  return answer.kind === 'packed' ? unpack(answer) : answer;
}

function askThread(job: ReportJob, deadlineMs: number): Promise<ReportAnswer> {
  const entry = import.meta.url.endsWith('.ts') ? './report-worker.ts' : './report-worker.js';
  const worker = new Worker(new URL(entry, import.meta.url), {
    env: compileCache(),
    execArgv: ['--disable-warning=ExperimentalWarning'],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    stdout: true,
    stderr: true,
    workerData: job,
  });
  worker.stdout.resume();
  worker.stderr.resume();
  return new Promise((settle, fail) => {
    const deadline = setTimeout(() => end(`reading it took longer than ${deadlineMs} ms`), deadlineMs);
    const end = (answer: ReportAnswer | string): void => {
      clearTimeout(deadline);
      settle(typeof answer === 'string' ? { kind: 'unreadable', reason: answer } : answer);
      void worker.terminate();
    };
    worker.on('message', (answer: ReportAnswer) => end(answer));
    worker.on('error', (thrown: Error & { code?: string }) => {
      clearTimeout(deadline);
      // Anything else is a fault of ours or of the machine, and says nothing about the report.
      if (thrown.code === 'ERR_WORKER_OUT_OF_MEMORY') end('it needs more memory than a report may cost');
      else fail(thrown);
    });
    worker.on('exit', (code) => fail(new Error(`the thread that reads a report ended (${code})`)));
  });
}

/** Nothing of our environment but where compiled code is kept: without it a thread from the sources strips their types each time. */
function compileCache(): Record<string, string> {
  const NODE_COMPILE_CACHE = loader.getCompileCacheDir();
  return NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };
}

/** In the thread. */
export function pack(answer: ReadReport | UnreadableReport): ReportAnswer {
  if (answer.kind === 'unreadable') return answer;
  const { files, ...report } = answer;
  const sets = [...files.values()];
  const lengths = Uint32Array.from(sets, ({ seen }) => seen.length);
  const words = new Uint32Array(2 * lengths.reduce((sum, length) => sum + length, 0));
  const counted = new Map<number, readonly [number, number]>();
  let at = 0;
  for (const [index, set] of sets.entries()) {
    words.set(set.seen, at);
    words.set(set.hit, at + set.seen.length);
    at += 2 * set.seen.length;
    if (set.counted !== undefined) counted.set(index, set.counted);
  }
  return { kind: 'packed', report, names: [...files.keys()], lengths, words, counted };
}

async function unpack(answer: ReportAnswer & { readonly kind: 'packed' }): Promise<ReadReport> {
  const { report, names, lengths, words, counted } = answer;
  const files = new FileLines();
  let at = 0;
  for (const [index, name] of names.entries()) {
    const length = lengths[index] ?? 0;
    const set = { seen: words.subarray(at, at + length), hit: words.subarray(at + length, at + 2 * length) };
    const totals = counted.get(index);
    files.add(name, totals === undefined ? set : { ...set, counted: totals });
    at += 2 * length;
    if (files.size % FILES_A_TURN === 0) await nextTurn();
  }
  return { ...report, files };
}
