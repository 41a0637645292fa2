/** Random bytes without the crypto module, whose loading costs more than a run. */
import { closeSync, openSync, readSync } from 'node:fs';

/** From the kernel; where it has no such file, from the platform's own generator. */
export function randomBytes(count: number): Buffer {
  const bytes = Buffer.alloc(count);
  const source = open();
  if (source === null) {
    globalThis.crypto.getRandomValues(bytes);
    return bytes;
  }
  try {
    for (let filled = 0; filled < count; ) filled += readSync(source, bytes, filled, count - filled, null);
    return bytes;
  } finally {
    closeSync(source);
  }
}

function open(): number | null {
  try {
    return openSync('/dev/urandom', 'r');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== undefined && /^E[A-Z]+$/.test(code)) return null;
    throw error;
  }
}
