/** A thread of its own that reads every page once, so that the service goes on meanwhile. Answers the damage, or null. */
import { parentPort, workerData } from 'node:worker_threads';
import SqliteDatabase from 'better-sqlite3';
import { damageOf } from './pages.ts';

const sqlite = new SqliteDatabase(workerData as string, { readonly: true, fileMustExist: true });
const damage = damageOf(sqlite, 'quick_check');
sqlite.close();
parentPort?.postMessage(damage);
