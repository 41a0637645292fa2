/** Where the tests of mutants keep their files: in memory where that can be had, and nothing of it stays. */
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
let scratch = null;

/** Our own environment, with a temporary directory that goes with us. */
export function environment() {
  if (scratch === null) {
    scratch = mkdtempSync(join(isWritable(MEMORY) ? MEMORY : tmpdir(), 'mutants-'));
    process.on('exit', () => rmSync(scratch, { recursive: true, force: true, maxRetries: 3 }));
  }
  return { ...process.env, TMPDIR: scratch };
}

function isWritable(directory) {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
