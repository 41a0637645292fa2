/** The store in the shapes that the gates ask for: a lease, a memory of greens, a baseline. Each adds only a clock. */
import type { CertificateKey, CertificatePort, TestMemoryPort } from '@gatehouse/merge-gate';
import type { LeaseProof } from '@gatehouse/verdict';
import type { BaselineKey, BaselineRecord, Engine, JobToken, ResultKey, Store } from '../store/port/index.ts';
import type { RestingRuns } from './resting-runs.ts';

/** Where the gates' adapters get the time from; epoch milliseconds. */
export type NowPort = () => number;

export interface StoreLease {
  acquire(ask: {
    readonly repo: string;
    readonly holder: string;
    readonly signal?: AbortSignal;
  }): Promise<
    | { readonly kind: 'acquired'; readonly proof: LeaseProof }
    | { readonly kind: 'busy'; readonly holder: string; readonly retryAfterMs: number }
    | { readonly kind: 'unavailable'; readonly reason: string }
  >;
  /** False = lost: whatever is being done under it must stop. */
  renew(proof: LeaseProof): Promise<boolean>;
  /** Wakes the next task in the queue in the same transaction. */
  release(proof: LeaseProof): Promise<void>;
  held(proof: LeaseProof): Promise<boolean>;
}

export interface LeaseTerms {
  readonly now: NowPort;
  readonly ttlMs: number;
  /** How long a caller without a ticket should wait; a ticket is woken and needs no poll. */
  readonly retryAfterMs: number;
  /** Stamped on the lease row, for people. */
  readonly attempt?: number;
  readonly engine?: Engine;
  /** The claim that asks: without it nothing is granted any more. */
  readonly job?: JobToken;
}

/** `repo` is the repository's id, `holder` the task's. */
export function leasePort(
  store: Store,
  { now, ttlMs, retryAfterMs, attempt = 1, engine, job }: LeaseTerms,
): StoreLease {
  return {
    acquire: async ({ repo, holder }) => {
      const by = job === undefined ? {} : { job };
      const asked = await store.acquireLease({ repoId: repo, holder, attempt, atMs: now(), ttlMs, ...by });
      switch (asked.kind) {
        case 'acquired':
          return { kind: 'acquired', proof: asked.proof };
        case 'busy':
          return { kind: 'busy', holder: asked.holder, retryAfterMs };
        case 'fenced':
          return { kind: 'unavailable', reason: 'the job was taken away' };
      }
    },
    renew: (proof) => store.renewLease(proof, now()),
    release: async (proof) => {
      await store.releaseLease(proof, engine === undefined ? { atMs: now() } : { atMs: now(), engine });
    },
    held: (proof) => store.leaseHeld(proof),
  };
}

export interface StoreResults {
  lookup(key: ResultKey): Promise<'green' | 'none'>;
  record(key: ResultKey, outcome: 'green' | 'red' | 'flaky'): Promise<void>;
}

/** How long a first-try green counts. */
export const GREEN_TTL_MS = 7 * 24 * 3_600_000;

/** A green rests on a command run, by its number: the one found here, and of those of this check the one that earned it. */
export function resultPort(store: Store, now: NowPort, rests: RestingRuns): StoreResults {
  return {
    lookup: async (key) => {
      const run = await store.lookupResult(key, { atMs: now(), ttlMs: GREEN_TTL_MS });
      rests.found(run);
      return run === null ? 'none' : 'green';
    },
    record: async (key, outcome) => {
      if (outcome !== 'green') return store.recordResult(key, { outcome }, now());
      const runId = rests.earnedBy(key.tree);
      // What no recorded run earned is not remembered.
      if (runId !== null) await store.recordResult(key, { outcome, runId }, now());
    },
  };
}

/** The memory of single tests; `repo` is the repository's id. */
export const testMemoryPort = (store: Store, now: NowPort): TestMemoryPort => ({
  testsRun: (repo, key) => store.testsRun(repo, key),
  knownFlaky: (repo, names) => store.provenFlaky(repo, names),
  record: ({ repo, key, tests }) => store.recordTests({ repoId: repo, key, ...tests, atMs: now() }),
});

/** Certificates to be continued; `repo` is the repository's id. */
export const certificatePort = (store: Store, now: NowPort): CertificatePort => ({
  load: async (key) => {
    const state = await store.savedCertificate(storedKey(key));
    return state === null ? null : JSON.parse(state);
  },
  save: (key, state) => store.saveCertificate(storedKey(key), state === null ? null : JSON.stringify(state), now()),
});

const storedKey = ({ repo: repoId, base, tree, gateDigest, envDigest }: CertificateKey) => ({
  repoId,
  base,
  tree,
  gateDigest,
  envDigest,
});

export interface StoreBaseline {
  read(): Promise<BaselineRecord | null>;
  /** `expectedSeq` 0 = none yet. */
  compareAndSet(expectedSeq: number, next: BaselineRecord, proof: LeaseProof): Promise<boolean>;
}

export function baselinePort(store: Store, key: BaselineKey, now: NowPort): StoreBaseline {
  return {
    read: () => store.readBaseline(key),
    compareAndSet: (expectedSeq, next, proof) =>
      store.compareAndSetBaseline(key, { expectedSeq, next, proof, atMs: now() }),
  };
}
