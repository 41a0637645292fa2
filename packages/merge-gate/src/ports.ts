/** What the merge gate asks of the world around it: a lease on main, and a memory of results. Plain data in and out. */
import type { LeaseProof } from '@gatehouse/verdict';

export interface Acquired {
  readonly kind: 'acquired';
  readonly proof: LeaseProof;
}

/** Somebody else may move main; asking again after `retryAfterMs` is worth it. */
export interface Busy {
  readonly kind: 'busy';
  readonly holder: string;
  readonly retryAfterMs: number;
}

/** The place that keeps leases cannot be used (full, denied, gone). Nothing is held. */
export interface LeaseUnavailable {
  readonly kind: 'unavailable';
  readonly reason: string;
}

export interface LeaseRequest {
  readonly repo: string;
  /** Who asks; shown to whoever finds the lease busy. Use one name per attempt, for example `task-7/attempt-2`. */
  readonly holder: string;
  readonly signal?: AbortSignal;
}

/**
 * The right to move one repository's main. Tokens only grow within a repository; whoever holds a lower token than
 * the newest one is fenced: `held` and `renew` answer false for it, for ever. `test/lease.contract.ts` is the law.
 */
export interface LeasePort {
  /** How often a holder renews, in milliseconds; well under the time after which a silent holder is passed over. */
  readonly renewEveryMs?: number;
  acquire(request: LeaseRequest): Promise<Acquired | Busy | LeaseUnavailable>;
  /** False: the lease is lost and will not come back; stop at once. */
  renew(proof: LeaseProof): Promise<boolean>;
  /** Idempotent. Never touches a lease of somebody else. */
  release(proof: LeaseProof): Promise<void>;
  held(proof: LeaseProof): Promise<boolean>;
}

/** What a remembered result is about. Two runs under the same key asked the same question. */
export interface ResultKey {
  /** Tree object name of the tested commit. */
  readonly tree: string;
  readonly gateDigest: string;
  readonly envDigest: string;
}

/**
 * Memory of our own runs. `green` is recorded for a first-try green only; `red` and `flaky` must make the store
 * forget every green of that tree. How long a green is believed (7 days) is the store's business.
 */
export interface ResultPort {
  lookup(key: ResultKey): Promise<'green' | 'none'>;
  record(key: ResultKey, outcome: 'green' | 'red' | 'flaky'): Promise<void>;
}
