/**
 * Reads a run off the event loop: a thread with a bounded heap and a deadline that grows with what there is to read. A
 * small output is read in place, where a thread would cost more than the reading.
 */
import * as loader from 'node:module';
import { Worker } from 'node:worker_threads';
import { type ReadingJob, type RunReading, readRun } from '../read-run.ts';
import { codeOf } from './system-error.ts';

/** In place up to this many characters of output, and as many bytes of report. */
export const IN_PLACE_LIMIT = 262_144;

const HEAP_MB = 512;
const DEADLINE_MS = 10_000;
const DEADLINE_MS_PER_MIB = 2_000;
const MIB = 1_048_576;
/** A report may have 32 MiB; how much it has is known only to the thread. */
const REPORT_MIB = 32;

/** What the run left behind. A thread that fails leaves the count unknown, with the reason. Never rejects for what it reads. */
export async function readRunAside(job: ReadingJob): Promise<RunReading> {
  const small = job.output.length > IN_PLACE_LIMIT ? null : await readRun(job, IN_PLACE_LIMIT);
  return small ?? readInThread(job);
}

/** Always in a thread of its own. */
export async function readInThread(job: ReadingJob, deadlineMs: number = deadlineFor(job)): Promise<RunReading> {
  const answer = await askThread(job, deadlineMs);
  if (typeof answer !== 'string') return answer;
  const reason = `what the command printed could not be read: ${answer}`;
  const kind = job.report === null ? 'unknown' : 'unreported';
  return { tests: { kind, reason, failed: [] }, details: [] };
}

const deadlineFor = ({ output, report }: ReadingJob): number =>
  DEADLINE_MS + DEADLINE_MS_PER_MIB * (output.length / MIB + (report === null ? 0 : REPORT_MIB));

/** The reading, or why there is none. */
function askThread(job: ReadingJob, deadlineMs: number): Promise<RunReading | string> {
  const entry = import.meta.url.endsWith('.ts') ? './reading-worker.ts' : './reading-worker.js';
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
  return new Promise((settle) => {
    const deadline = setTimeout(() => end(`it took longer than ${Math.round(deadlineMs)} ms`), deadlineMs);
    const end = (answer: RunReading | string): void => {
      clearTimeout(deadline);
      settle(answer);
      void worker.terminate();
    };
    worker.on('message', (reading: RunReading) => end(reading));
    worker.on('messageerror', () => end('the reader answered something unreadable'));
    worker.on('error', (thrown: unknown) => end(`the reader died (${codeOf(thrown) ?? 'no code'})`));
    worker.on('exit', (code) => end(`the reader ended (${code})`));
  });
}

/** Nothing of our environment but where compiled code is kept: without it a thread from the sources strips their types each time. */
function compileCache(): Record<string, string> {
  const NODE_COMPILE_CACHE = loader.getCompileCacheDir();
  return NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };
}
