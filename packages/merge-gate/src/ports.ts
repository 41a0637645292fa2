/** What the merge gate asks of its caller: a lease on main, and a memory of results. Plain data in and out. */
import type { CommandRun } from '@gatehouse/gate-run';
import type { LeaseProof } from '@gatehouse/verdict';
import type { SeenTests } from './test-history.ts';

/** The caller holds the lease until it gives it back or stops renewing. */
export interface Acquired {
  readonly kind: 'acquired';
  /** The lease, in hand; give it back by `release`. */
  readonly proof: LeaseProof;
}

/** Another holder may move main; asking again after `retryAfterMs` is worth it. */
export interface Busy {
  readonly kind: 'busy';
  /** Who holds it, as that caller names itself. */
  readonly holder: string;
  /** When asking again is worth it, in milliseconds from now. */
  readonly retryAfterMs: number;
}

/** The place that keeps leases cannot be used (full, denied, gone). Nothing is held. */
export interface LeaseUnavailable {
  readonly kind: 'unavailable';
  /** What the file system or the store said. */
  readonly reason: string;
}

/** What may be given to `acquire`. */
export interface LeaseRequest {
  /** Name of the repository, the same for lease, queue and memories. */
  readonly repo: string;
  /** The caller; shown to others that find the lease busy. Use one name per attempt, for example `task-7/attempt-2`. */
  readonly holder: string;
  /** Gives up waiting for the place that keeps leases. */
  readonly signal?: AbortSignal;
}

/**
 * The right to move one repository's main. Tokens only grow within a repository; a holder of a lower token than
 * the newest one is fenced: `held` and `renew` answer false for it, for ever. `test/lease.contract.ts` is the law.
 */
export interface LeasePort {
  /** How often a holder renews, in milliseconds; well under the time after which a silent holder is passed over. */
  readonly renewEveryMs?: number;
  /** Takes the lease, or says who has it. */
  acquire(request: LeaseRequest): Promise<Acquired | Busy | LeaseUnavailable>;
  /** False: the lease is lost and will not come back; stop at once. */
  renew(proof: LeaseProof): Promise<boolean>;
  /** Idempotent. Never touches a lease of another holder. */
  release(proof: LeaseProof): Promise<void>;
  /** Whether the proof is still that of the newest holder. */
  held(proof: LeaseProof): Promise<boolean>;
}

/** What a remembered result is about. Two runs under the same key asked the same question. */
export interface ResultKey {
  /** Tree object name of the tested commit. */
  readonly tree: string;
  /** Digest of the trusted definition of green: commands, limits, report and environment. */
  readonly gateDigest: string;
  /** `hostDigest` with the lockfiles of the tested tree. */
  readonly envDigest: string;
}

/**
 * Memory of our own runs. `green` is recorded for a first-try green only; `red` and `flaky` must make the store
 * forget every green of that tree. How long a green counts (7 days) is the store's business.
 */
export interface ResultPort {
  /** Whether a green counts under this key. */
  lookup(key: ResultKey): Promise<'green' | 'none'>;
  /** Remembers what a run came to. */
  record(key: ResultKey, outcome: 'green' | 'red' | 'flaky'): Promise<void>;
}

/** One run of the test command, as the memory of tests keeps it. */
export interface SeenRun {
  /** Name of the repository, the same for lease, queue and memories. */
  readonly repo: string;
  /** What the run was about. */
  readonly key: ResultKey;
  /** How each test ended. */
  readonly tests: SeenTests;
}

/**
 * Memory of single tests, per repository: how often each was red and green under one key. `test/test-memory.contract.ts` is the
 * law. What fails or hangs here costs a warning, never a verdict.
 */
export interface TestMemoryPort {
  /** How many tests the newest green run of this tree counted, under this definition, in whatever environment; null: not known. */
  testsRun(repo: string, key: Pick<ResultKey, 'tree' | 'gateDigest'>): Promise<number | null>;
  /** Those of `names` (as the runner says them) that were red and green under one key: flaky by proof. */
  knownFlaky(repo: string, names: readonly string[]): Promise<readonly string[]>;
  /** Adds one run to the tallies. */
  record(run: SeenRun): Promise<void>;
}

/** What a certificate is about. */
export interface CertificateKey extends ResultKey {
  /** Name of the repository, the same for lease, queue and memories. */
  readonly repo: string;
  /** The commit of main that the branch is compared with. */
  readonly base: string;
}

/**
 * Certificates that ran out of their budget, kept until the same question is asked again. Without it each ask starts anew. What
 * fails or hangs here costs runs, never a verdict.
 */
export interface CertificatePort {
  /** What was saved under this key; null: nothing. */
  load(key: CertificateKey): Promise<unknown>;
  /** `state` is plain JSON of a few kilobytes; null forgets what was saved. */
  save(key: CertificateKey, state: unknown): Promise<void>;
}

/** What a base run is about. Two runs under the same key asked main the same question. */
export interface BaseKey {
  /** Name of the repository, the same for lease, queue and memories. */
  readonly repo: string;
  /** The commit of main. */
  readonly commit: string;
  /** Digest of the trusted definition of green: commands, limits, report and environment. */
  readonly gateDigest: string;
  /** Digest of the machine and of what commands see of it. */
  readonly hostDigest: string;
}

/** A caller in the queue for a base run. */
export interface BaseCaller {
  /** Name of the repository, the same for lease, queue and memories. */
  readonly repo: string;
  /** Calls the waiting off. */
  readonly signal?: AbortSignal;
}

/** The caller may run the base until it ends its turn; `called-off`: its signal came first. */
export type BaseRunSlot =
  | {
      readonly kind: 'yours';
      /** Ends the turn; to be called once, whatever the run came to. */
      readonly end: () => void;
    }
  | { readonly kind: 'called-off' };

/**
 * The queue for base runs, and a short memory of their results. One run per repository at a time, in order of asking;
 * one that has waited for two landings goes before the lease is taken again. `test/base-run-queue.test.ts` is the law.
 */
export interface BaseRunQueue {
  /** Waits for the caller's turn. */
  acquire(caller: BaseCaller): Promise<BaseRunSlot>;
  /** Resolves once no caller in the repository's queue has waited for two landings, or the signal came. */
  waitForPriority(caller: BaseCaller): Promise<void>;
  /** Called by the landing process each time main has moved. */
  landed(repo: string): void;
  /** The green or red run that was remembered under this key, unless it is too old to speak for main. */
  lookup(key: BaseKey): Promise<CommandRun | null>;
  /** Remembers a green or red run of main. */
  record(key: BaseKey, run: CommandRun): Promise<void>;
}
