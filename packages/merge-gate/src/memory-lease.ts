/** The merge lease inside one process: for tests and for embedders that never run two. Same law as every other form. */
import { LeaseProof } from '@gatehouse/verdict';
import type { LeasePort } from './ports.ts';

interface Grant {
  readonly holder: string;
  readonly token: number;
  renewedAtMs: number;
  released: boolean;
}

/** How a lease within one process behaves. */
export interface MemoryLeaseOptions {
  /** A holder that has not renewed for this long is passed over. Default 120000. */
  readonly ttlMs?: number;
  /** Milliseconds; only differences count. [a monotonic clock, which nobody can set] */
  readonly now?: () => number;
}

/** A lease that lasts as long as the returned value. It never fails. */
export function memoryLease(options: MemoryLeaseOptions = {}): LeasePort {
  const { ttlMs = 120_000, now = () => performance.now() } = options;
  const newest = new Map<string, Grant>();
  const current = (proof: LeaseProof): Grant | undefined => {
    const grant = newest.get(proof.repo);
    return grant !== undefined && grant.token === proof.token && !grant.released ? grant : undefined;
  };
  return {
    renewEveryMs: Math.max(1, Math.floor(ttlMs / 4)),
    acquire: async ({ repo, holder }) => {
      const grant = newest.get(repo);
      const silentMs = grant === undefined ? 0 : now() - grant.renewedAtMs;
      if (grant !== undefined && !grant.released && silentMs <= ttlMs) {
        return { kind: 'busy', holder: grant.holder, retryAfterMs: Math.max(1, ttlMs - silentMs) };
      }
      const token = (grant?.token ?? 0) + 1;
      newest.set(repo, { holder, token, renewedAtMs: now(), released: false });
      return { kind: 'acquired', proof: new LeaseProof(repo, holder, token) };
    },
    renew: async (proof) => {
      const grant = current(proof);
      if (grant !== undefined) grant.renewedAtMs = now();
      return grant !== undefined;
    },
    release: async (proof) => {
      const grant = current(proof);
      if (grant !== undefined) grant.released = true;
    },
    held: async (proof) => current(proof) !== undefined,
  };
}
