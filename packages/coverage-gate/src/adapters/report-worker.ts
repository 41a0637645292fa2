/** The thread of report-thread.ts: reads the one report it was started with, answers, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { readSource } from '../read-report.ts';
import { heldSource } from './report-source.ts';
import { pack, type ReportJob } from './report-thread.ts';

const { fd, size, options } = workerData as ReportJob;
const answer = pack(await readSource(heldSource(fd, size), options));
const moved = answer.kind === 'packed' ? [answer.words.buffer as ArrayBuffer] : [];
parentPort?.postMessage(answer, moved);
