/** A file of the operator's as bytes. */
import { readFileSync, statSync } from 'node:fs';

const LIMIT_BYTES = 1024 * 1024 * 1024;

/** The bytes, or why there are none. At most 1 GiB. */
export function readWhole(path: string): Buffer | string {
  try {
    if (statSync(path).size > LIMIT_BYTES) return `${path} is larger than 1 GiB`;
    return readFileSync(path);
  } catch (error) {
    const code = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
    return `${path} cannot be read (${typeof code === 'string' ? code : 'no code'})`;
  }
}
