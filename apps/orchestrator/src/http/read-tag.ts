/**
 * The tag of everything that can be read now. It follows the change number of the store, what the process keeps in memory, and the
 * clock, as words like "asked again at" become untrue by time alone; what an answer says is not looked at.
 */
import { randomBytes } from 'node:crypto';
import type { ServiceContext } from '../context.ts';

/** So old may an answer be whose tag is unchanged, in what only time changes. */
export const OLDEST_MS = 10_000;

/** The same text as long as nothing that is shown has changed; no two processes give the same one. */
export type ReadTag = () => Promise<string>;

export function createReadTag({ store, memory, now }: Pick<ServiceContext, 'store' | 'memory' | 'now'>): ReadTag {
  const process = randomBytes(6).toString('base64url');
  let [seen, until, count] = ['', 0, 0];
  return async () => {
    const number = `${await store.changeNumber()} ${memory.value()}`;
    if (number !== seen || now() >= until) {
      [seen, until] = [number, now() + OLDEST_MS];
      count += 1;
    }
    return `${process}.${count.toString(36)}`;
  };
}
