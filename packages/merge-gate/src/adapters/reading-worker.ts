/** The thread of reading-thread.ts: reads the one job it was started with, answers, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { readRun } from '../read-run.ts';

parentPort?.postMessage(await readRun(workerData));
