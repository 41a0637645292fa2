/**
 * The private clone an agent works in: a work tree on the task's branch, with a git directory of its own. The service
 * writes it once and afterwards only reads bytes from it: no git of ours runs on what an agent could have configured.
 */
import { join } from 'node:path';
import { checkoutSlot, type GitRepo } from '@gatehouse/git';
import { describeCrash } from '@gatehouse/verdict';
import { readInside, replaceInside } from '../platform/clone-files.ts';
import { removeDirectory } from '../platform/files.ts';

export interface CloneRequest {
  readonly git: GitRepo;
  readonly dir: string;
  readonly branch: string;
  readonly start: string;
  readonly signal?: AbortSignal;
}

export type Cloned = { readonly kind: 'cloned' } | { readonly kind: 'infra'; readonly reason: string };

const SHA = /^[0-9a-f]{40}$/;
const REF_LIMIT = 4096;
const PACKED_LIMIT = 16 * 1024 * 1024;

/** Checks `start` out in `dir`, on `branch`. */
export async function makeClone({ git, dir, branch, start, signal }: CloneRequest): Promise<Cloned> {
  const slot = await checkoutSlot({ repo: git, dir, commit: start, ...(signal === undefined ? {} : { signal }) });
  if (slot.kind === 'crashed') return { kind: 'infra', reason: describeCrash(slot) };
  if (slot.kind !== 'ready') return { kind: 'infra', reason: `the clone cannot be made: git ${slot.trouble}` };
  // The checkout's own branches are for commands of a gate: here one may have a name that the task's branch needs.
  await removeDirectory(join(dir, '.git/refs/heads'));
  const text = (content: string) => ({ mode: '100644', bytes: Buffer.from(content) });
  const ref = await replaceInside(dir, `.git/refs/heads/${branch}`, text(`${start}\n`));
  const head = await replaceInside(dir, '.git/HEAD', text(`ref: refs/heads/${branch}\n`));
  const odd = [ref, head].find((one) => one.kind === 'odd');
  return odd?.kind === 'odd'
    ? { kind: 'infra', reason: `the clone cannot be made: ${odd.reason}` }
    : { kind: 'cloned' };
}

export type Tip =
  | { readonly kind: 'tip'; readonly commit: string }
  /** The clone is not the one that the agent received, or its branch is gone. */
  | { readonly kind: 'lost'; readonly reason: string };

/** Where the task's branch is in the clone; other branches that an agent committed to are ignored. */
export async function readTip(dir: string, branch: string): Promise<Tip> {
  const loose = await readInside(dir, `.git/refs/heads/${branch}`, REF_LIMIT);
  if (loose.kind === 'bytes') return tipOf(loose.bytes.toString('latin1').trim());
  if (loose.kind === 'odd') return lost(`the branch in the clone cannot be read: ${loose.reason}`);
  const packed = await readInside(dir, '.git/packed-refs', PACKED_LIMIT);
  if (packed.kind !== 'bytes') return lost('the clone has lost its branch');
  const line = packed.bytes
    .toString('latin1')
    .split('\n')
    .find((one) => one.endsWith(` refs/heads/${branch}`));
  return line === undefined ? lost('the clone has lost its branch') : tipOf(line.slice(0, 40));
}

const tipOf = (text: string): Tip =>
  SHA.test(text) ? { kind: 'tip', commit: text } : lost('the branch in the clone names no commit');
const lost = (reason: string): Tip => ({ kind: 'lost', reason });
