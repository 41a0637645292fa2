/** Whether a call shows a token that does not count any more: of a job, of the merge lease, or of a piece of mail. */
import type { JobToken } from '@gatehouse/orchestrator/testing';
import { LeaseProof } from '@gatehouse/verdict';
import type { Database } from './database.ts';

type Claim = readonly [token: number, state: string];
type LeaseGrant = readonly [holder: string, token: number, releasedAt: number | null];

/** Why the token among the arguments is stale; null when it counts, or when there is none. */
export function staleness({ query }: Database): (args: readonly unknown[]) => string | null {
  const job = query('SELECT token, state FROM jobs WHERE id = ?').raw();
  const lease = query('SELECT holder, token, released_at FROM leases WHERE repo_id = ?').raw();
  const heldBy = query('SELECT token FROM leases WHERE holder = ? AND released_at IS NULL').pluck();
  const mail = query('SELECT token, state FROM outbox WHERE id = ?').raw();

  const staleJob = ({ jobId, token }: JobToken): string | null => {
    const [now, state] = (job.get(jobId) as Claim | undefined) ?? [];
    return state === 'leased' && now === token ? null : `job ${jobId} is ${state} with token ${now}, not ${token}`;
  };
  const staleProof = ({ repo, holder, token }: LeaseProof): string | null => {
    const [by, now, releasedAt] = (lease.get(repo) as LeaseGrant | undefined) ?? [];
    if (releasedAt === null && by === holder && now === token) return null;
    return `the lease is ${by}'s with token ${now}, not ${holder}'s with ${token}`;
  };
  const staleHold = (holder: string, token: number): string | null => {
    const held = heldBy.get(holder);
    return held === token ? null : `${holder} holds the lease with token ${String(held)}, not ${token}`;
  };
  const staleMail = (id: number, token: unknown): string | null => {
    const [now, state] = (mail.get(id) as Claim | undefined) ?? [];
    return state === 'pending' && now === token ? null : `mail ${id} is ${state} with ${now}`;
  };

  return (args) => {
    for (const arg of args) {
      if (typeof arg !== 'object' || arg === null) continue;
      if (LeaseProof.isMinted(arg)) return staleProof(arg);
      const shown = arg as Record<string, unknown>;
      const hold =
        typeof shown['leaseToken'] === 'number' ? staleHold(String(shown['taskId']), shown['leaseToken']) : null;
      if (hold !== null) return hold;
      if (typeof shown['jobId'] === 'number') return staleJob(arg as JobToken);
      if (typeof shown['job'] === 'object' && shown['job'] !== null) return staleJob(shown['job'] as JobToken);
      if (LeaseProof.isMinted(shown['proof'])) return staleProof(shown['proof']);
      if (shown['payload'] !== undefined && typeof shown['id'] === 'number')
        return staleMail(shown['id'], shown['token']);
    }
    return null;
  };
}
