/** The keys of a stopped task: kept readable, and out of the way of the next generation. */
import { joined } from './adapters/too-long.ts';

const MARK = '~stopped~';

/**
 * `<key>~stopped~<taskId>`. Two tasks never share a tombstone. The task's id stands in it as it is, except that `~` and
 * `%` are written `%7E` and `%25`: whatever an id or a key is called, `recoverKey` gives the key back.
 * Total: what is not text counts as empty, and a key too long to carry a tombstone is answered as it is.
 */
export function tombstoneKey(key: string, taskId: string): string {
  const name = textOf(key);
  return joined(() => `${name}${MARK}${textOf(taskId).replaceAll('%', '%25').replaceAll('~', '%7E')}`, name);
}

/** The key without its last tombstone; a key that has none, as it is. Total: what is not text counts as empty. */
export function recoverKey(key: string): string {
  const text = textOf(key);
  const at = text.lastIndexOf(MARK);
  return at === -1 ? text : text.slice(0, at);
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
