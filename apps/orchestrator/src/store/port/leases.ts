/** The merge lease of a repository, and the tickets of those who wait for it. */
import type { LeaseProof } from '@gatehouse/verdict';
import type { Engine } from './engine.ts';
import type { JobToken } from './jobs.ts';

export interface Lease {
  readonly repoId: string;
  /** Task id (or another holder's name). */
  readonly holder: string;
  readonly attempt: number;
  /** Only grows within the repository. */
  readonly token: number;
  readonly acquiredAt: number;
  readonly renewedAt: number;
  readonly releasedAt: number | null;
}

export interface Ticket {
  /** FIFO position: the lowest of a repository is the head. */
  readonly id: number;
  readonly repoId: string;
  readonly taskId: string;
  readonly takenAt: number;
  /** When the lease became free for this ticket; null while it waits. */
  readonly wokenAt: number | null;
}

export type AcquireOutcome =
  | { kind: 'acquired'; proof: LeaseProof; token: number }
  /** Held, or promised to the head ticket; `holder` says whose turn it is. */
  | { kind: 'busy'; holder: string }
  /** The job that asks was taken away: nothing is granted. */
  | { kind: 'fenced' };

export interface LeaseStore {
  /**
   * Idempotent for the same holder (same token), unless a job asks: then a holder that has the lease already is granted
   * it anew, so that an earlier claim of the task that asked for it cannot give it back under the current one.
   * While tickets exist only the head's task gets it; getting it uses the ticket up. A lease that `reapLeases` would
   * free is taken over.
   */
  acquireLease(request: {
    repoId: string;
    holder: string;
    attempt: number;
    atMs: number;
    ttlMs: number;
    job?: JobToken;
  }): Promise<AcquireOutcome>;
  /** False = not held under this token any more. */
  renewLease(proof: LeaseProof, atMs: number): Promise<boolean>;
  /**
   * Frees it and wakes the head ticket: its ready job becomes due, its `wokenAt` is set and, with `engine`, its task
   * gets `woken` in the same transaction. Anything but the held token, or a holder inside the critical window,
   * changes nothing.
   */
  releaseLease(
    proof: LeaseProof,
    at: { atMs: number; engine?: Engine },
  ): Promise<{ kind: 'released'; woken: string | null } | { kind: 'not-held' } | { kind: 'critical' }>;
  leaseHeld(proof: LeaseProof): Promise<boolean>;
  /** The proof of a lease that this holder already has, for example after a restart. */
  leaseOf(repoId: string, holder: string): Promise<LeaseProof | null>;
  currentLease(repoId: string): Promise<Lease | null>;
  listLeases(): Promise<Lease[]>;
  /** Frees leases not renewed for `ttlMs` whose holder is not critical and has no leased job; wakes each head. */
  reapLeases(request: { nowMs: number; ttlMs: number; engine?: Engine }): Promise<Lease[]>;
  dropTicket(ticket: { repoId: string; taskId: string; atMs: number }): Promise<boolean>;
  /** In queue order. */
  listTickets(repoId?: string): Promise<Ticket[]>;
  /** Head tickets that were given the lease while their task still waits on lock-busy: apply `woken` to each. */
  wokenTickets(): Promise<Ticket[]>;
}
