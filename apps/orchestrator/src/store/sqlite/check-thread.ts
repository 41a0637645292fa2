/** A thread of its own that reads every page once, and the log, so that the service goes on meanwhile. Answers the damage, or null. */
import { parentPort, workerData } from 'node:worker_threads';
import SqliteDatabase from 'better-sqlite3';
import { logDamage } from './log.ts';
import { damageOf } from './pages.ts';

const file = workerData as string;
const sqlite = new SqliteDatabase(file, { readonly: true, fileMustExist: true });
const damage = damageOf(sqlite, 'quick_check') ?? logDamage(sqlite, `${file}-wal`);
sqlite.close();
parentPort?.postMessage(damage);
