// Holds the write lock of a database for three seconds: hold-lock.mjs DATABASE FILE-THAT-SAYS-SO
import { writeFileSync } from 'node:fs';
import SqliteDatabase from 'better-sqlite3';

const [file, told] = process.argv.slice(2);
const other = new SqliteDatabase(file, { timeout: 10_000 });
other.exec('BEGIN IMMEDIATE');
writeFileSync(told, '');
setTimeout(() => {
  other.exec('COMMIT');
  other.close();
}, 3_000);
