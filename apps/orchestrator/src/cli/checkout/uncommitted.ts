/** A gate judges commits. What a person has changed since, and may think is judged, is said. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Checkout, uncommittedPaths } from '@gatehouse/git';

export interface UncommittedRequest {
  /** Absolute, in the work tree. */
  readonly path: string;
  readonly checkout: Checkout;
  /** The commit that is judged. */
  readonly judged: string;
  readonly signal: AbortSignal;
}

const NAMED = 3;
/** A large work tree on a slow disk holds no gate up. */
const LIMIT_MS = 10_000;

/** One line; null: all is committed, another commit is judged than the one checked out, or git cannot tell. */
export async function describeUncommitted(request: UncommittedRequest): Promise<string | null> {
  const { path, checkout, judged, signal } = request;
  const workTree = checkout.isBare ? null : workTreeOf(path);
  if (workTree === null || checkout.head?.sha !== judged) return null;
  const left = await uncommittedPaths({ repo: checkout, workTree, signal, timeoutMs: LIMIT_MS });
  if (left.kind !== 'listed' || left.paths.length === 0) return null;
  const { length } = left.paths;
  const named = left.paths.slice(0, NAMED).join(', ') + (length > NAMED ? ', …' : '');
  return `${length} file${length === 1 ? ' is' : 's are'} not committed and not looked at: ${named}`;
}

/** Where `.git` lies, from any directory below; null for a bare repository. */
export function workTreeOf(path: string): string | null {
  if (existsSync(join(path, '.git'))) return path;
  const parent = dirname(path);
  return parent === path ? null : workTreeOf(parent);
}
