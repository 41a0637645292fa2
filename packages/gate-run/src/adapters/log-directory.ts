import { access, constants, mkdir } from 'node:fs/promises';
import { codeOf, placeIsUnusable } from './system-error.ts';

/** Makes the directory for logs. Null: files can be made in it; else the code that says why not (full, denied, read-only). */
export async function whyNoLogs(dir: string): Promise<string | null> {
  try {
    await mkdir(dir, { recursive: true });
    await access(dir, constants.W_OK | constants.X_OK);
    return null;
  } catch (thrown) {
    if (placeIsUnusable(thrown)) return codeOf(thrown);
    throw thrown;
  }
}
