import { types } from 'node:util';
import { nodeFault } from './node-version.ts';

/** A bug, a broken port or a Node that is too old, carried as a value. Never an opinion about the change under review. */
export interface Crashed {
  readonly kind: 'crashed';
  /** The export that was running, for example `merge-gate.retestBranch`. */
  readonly op: string;
  /** What was thrown, unchanged; anything that is no native Error is the `cause` of one. */
  readonly error: Error;
}

/**
 * Closes a package boundary: the returned function never throws and never rejects.
 * Wrap an async export once, in the package's `index.ts`, nowhere deeper.
 * A thrown native Error is kept as it is; anything else travels unstringified as `cause`.
 * On a Node older than 22.18 the body is not called, and the answer is `crashed` with an error that says so.
 *
 * @example
 * ```ts
 * import { neverRaise } from '@gatehouse/verdict';
 *
 * const lengthOf = neverRaise('lengthOf', async (json: string): Promise<number> => JSON.parse(json).length);
 * console.log(await lengthOf('[1, 2]')); // 2
 * const answer = await lengthOf('not JSON');
 * console.log(typeof answer === 'number' ? answer : answer.kind); // crashed
 * ```
 */
export function neverRaise<Args extends readonly unknown[], Verdict>(
  op: string,
  body: (...args: Args) => Promise<Verdict>,
): (...args: Args) => Promise<Verdict | Crashed> {
  return async (...args) => {
    const fault = nodeFault(process.versions.node);
    if (fault !== null) return { kind: 'crashed', op, error: new Error(fault) };
    try {
      return await body(...args);
    } catch (thrown) {
      return { kind: 'crashed', op, error: asError(thrown) };
    }
  };
}

const asError = (thrown: unknown): Error =>
  types.isNativeError(thrown) ? thrown : new Error('a non-Error was thrown', { cause: thrown });

const TEXT_LIMIT = 2000;

/** One bounded line for a log or a database row. Total: a hostile error object cannot make it throw. */
export function describeCrash(crash: Crashed): string {
  try {
    const { message, stack } = crash.error;
    const frame = typeof stack === 'string' ? (/\n\s+at ([^\n]+)/.exec(stack)?.[1] ?? '') : '';
    const text = `${String(crash.op)} crashed: ${String(message)}${frame === '' ? '' : ` (at ${frame})`}`;
    return text.replace(/\s+/g, ' ').slice(0, TEXT_LIMIT);
  } catch {
    return 'a crash that cannot be described';
  }
}
