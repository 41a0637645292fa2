import { mkdir } from 'node:fs/promises';
import { placeIsUnusable } from './system-error.ts';

/** Makes the directory for logs. False: it cannot be had (full, denied, read-only), so nothing can be recorded. */
export async function makeLogDirectory(dir: string): Promise<boolean> {
  try {
    await mkdir(dir, { recursive: true });
    return true;
  } catch (thrown) {
    if (placeIsUnusable(thrown)) return false;
    throw thrown;
  }
}
