/**
 * The merge lease as files in a directory that several processes of one machine share. Crash-only: a holder that
 * died is passed over at once, a holder that fell silent after `ttlMs`; both find themselves fenced afterwards.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { identityIs, ownIdentity } from '@gatehouse/proc-group';
import { LeaseProof } from '@gatehouse/verdict';
import type { Acquired, Busy, LeasePort, LeaseUnavailable } from '../ports.ts';
import * as files from './lease-files.ts';
import { placeIsUnusable } from './system-error.ts';

const DEFAULT_TTL_MS = 120_000;
/** More losses in a row than this mean a crowd; the loser asks again later. */
const ATTEMPTS = 8;
const LEAST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 15_000;

/** How a lease in a directory behaves. */
export interface FileLeaseOptions {
  /** A holder that has not renewed for this long is passed over. Default 120000. */
  readonly ttlMs?: number;
}

/**
 * A lease kept under `dir`, one sub-directory per repository name, made when needed. Full, denied or read-only
 * directories answer `unavailable` when acquiring; in `renew`, `release` and `held` they reject.
 * On a directory shared between machines only `ttlMs` ends a dead holder's lease, and clocks must agree.
 */
export function fileLease(dir: string, options: FileLeaseOptions = {}): LeasePort {
  const ttlMs = options.ttlMs ?? DEFAULT_TTL_MS;
  const place = (repo: string): string => join(dir, directoryName(repo));
  return {
    renewEveryMs: Math.max(1, Math.floor(ttlMs / 4)),
    acquire: ({ repo, holder }) => acquire(place(repo), { repo, holder, ttlMs }),
    renew: async (proof) =>
      (await isOurs(place(proof.repo), proof)) && (await files.touchGrant(place(proof.repo), proof.token, Date.now())),
    release: (proof) => release(place(proof.repo), proof.token),
    held: (proof) => isOurs(place(proof.repo), proof),
  };
}

interface Asked {
  readonly repo: string;
  readonly holder: string;
  readonly ttlMs: number;
}

/**
 * Grants that this process gave back, by path and number, while the disk refused to hear of it (full, read-only). Without
 * this its own silence would have to end them.
 */
const givenUp = new Set<string>();

async function release(dir: string, number: number): Promise<void> {
  givenUp.add(join(dir, String(number)));
  await files.releaseGrant(dir, number);
  givenUp.delete(join(dir, String(number)));
}

async function acquire(dir: string, asked: Asked): Promise<Acquired | Busy | LeaseUnavailable> {
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const newest = await files.newestGrant(dir);
      const isGivenUp = givenUp.has(join(dir, String(newest.number)));
      const busy = isGivenUp ? null : busyWith(newest, asked.ttlMs);
      if (busy !== null) return busy;
      const token = newest.number + 1;
      if (!(await files.createGrant(dir, token, { holder: asked.holder, ...ownIdentity() }))) continue;
      // A listing that was stale when it was used may have led to a number that is already superseded.
      if ((await files.newestGrant(dir)).number !== token) continue;
      await files.forgetOldGrants(dir, token);
      return { kind: 'acquired', proof: new LeaseProof(asked.repo, asked.holder, token) };
    }
    return { kind: 'busy', holder: 'other contenders', retryAfterMs: LEAST_RETRY_MS };
  } catch (thrown) {
    if (placeIsUnusable(thrown))
      return { kind: 'unavailable', reason: `the lease directory cannot be used: ${thrown}` };
    throw thrown;
  }
}

function busyWith(newest: files.NewestGrant, ttlMs: number): Busy | null {
  if (newest.released) return null;
  const silentMs = Date.now() - newest.renewedAtMs;
  if (silentMs > ttlMs) return null;
  if (newest.record !== null && identityIs(newest.record) === 'gone') return null;
  const retryAfterMs = Math.min(Math.max(ttlMs - silentMs, LEAST_RETRY_MS), LONGEST_RETRY_MS);
  return { kind: 'busy', holder: newest.record?.holder ?? 'unknown (its lease file is unreadable)', retryAfterMs };
}

async function isOurs(dir: string, proof: LeaseProof): Promise<boolean> {
  const newest = await files.newestGrant(dir);
  if (newest.number !== proof.token || newest.released || newest.record === null) return false;
  if (givenUp.has(join(dir, String(newest.number)))) return false;
  const { pid, startTime, scope } = ownIdentity();
  const { record } = newest;
  return (
    record.holder === proof.holder && record.pid === pid && record.startTime === startTime && record.scope === scope
  );
}

/** Readable and collision-free whatever a repository is called. */
function directoryName(repo: string): string {
  const digest = createHash('sha256').update(repo).digest('hex').slice(0, 16);
  return `${repo
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 60)}-${digest}`;
}
