/**
 * A tested commit whose required checks still run keeps the head of the line: the landing job stays with its lease and asks again,
 * because what others would test meanwhile would have to be tested again behind it (docs/adr/0022). A stop ends it at any time.
 */
import type { ServiceContext } from '../../context.ts';
import type { ClaimedJob, StoredEvent, Task } from '../../store/port/index.ts';
import { CLAIM_LEASE_MS } from '../reaper.ts';
import { pause } from '../worker.ts';

type Forge = ReturnType<ServiceContext['forgeOf']>;
type Required = Awaited<ReturnType<Forge['requiredChecks']>>;
export type Awaits = Pick<ServiceContext, 'activeClaims' | 'now' | 'settings' | 'store' | 'workerId'>;

export interface AwaitedChecks<Moved> {
  readonly job: ClaimedJob;
  /** In whose name the lease is held. */
  readonly task: Task;
  readonly commit: string;
  readonly ask: () => Promise<Required>;
  /** What has become of the commit meanwhile; null: it can still land. */
  readonly moved: () => Promise<Moved | null>;
  readonly signal: AbortSignal;
}

/** `aborted`: another worker owns the task, or the service ends. `pending` is answered once the time is over. */
export type AwaitedAnswer<Moved> =
  | { readonly kind: 'answered'; readonly required: Required }
  | { readonly kind: 'moved'; readonly to: Moved }
  | { readonly kind: 'aborted' };

/** Asks until the checks are green or red, a commit that moved cannot land any more, or `ORCH_MERGE_CI_WAIT_S` has passed since the first ask, restarts included. */
export async function awaitChecks<Moved>(service: Awaits, of: AwaitedChecks<Moved>): Promise<AwaitedAnswer<Moved>> {
  const { activeClaims, settings, now } = service;
  const { job, signal } = of;
  const claim = { jobId: job.id, token: job.token };
  let sinceMs: number | null = null;
  for (;;) {
    const required = await of.ask();
    if (signal.aborted) return { kind: 'aborted' };
    // A forge that is silent meanwhile has not changed its mind.
    const isSilent = required.kind === 'unreachable' && sinceMs !== null;
    if (required.kind !== 'pending' && !isSilent) return { kind: 'answered', required };
    sinceMs ??= await firstAsk(service, of, required.reason);
    if (now() - sinceMs >= settings.merge.ciWaitMs) return { kind: 'answered', required };
    activeClaims.awaits(claim, `waits for required checks of the forge: ${required.reason}`);
    // Waiting is progress: the reaper's clock begins anew.
    const kept = await service.store.heartbeat(claim, { atMs: now(), leaseMs: CLAIM_LEASE_MS, inLine: true });
    if (kept === 'lost') return { kind: 'aborted' };
    await pause(Math.min(settings.repositories.pollMs, Math.max(1, sinceMs + settings.merge.ciWaitMs - now())), signal);
    if (signal.aborted) return { kind: 'aborted' };
    const to = await of.moved();
    if (signal.aborted) return { kind: 'aborted' };
    if (to !== null) return { kind: 'moved', to };
  }
}

const ASKED = 'checks-awaited';

/** Once per tested commit: what is on record for it, else now. */
async function firstAsk<Moved>(
  { store, now, workerId }: Awaits,
  { task, commit }: AwaitedChecks<Moved>,
  reason: string,
): Promise<number> {
  const before = await lastAsk(store, task.id);
  if (before !== null && (before.body as { readonly commit?: unknown }).commit === commit) return before.at;
  const { id: taskId, repoId, pullRequest: number } = task;
  const at = now();
  await store.appendEvent({ repoId, taskId, kind: ASKED, body: { commit, reason }, actor: workerId, at });
  const payload = { repoId, number };
  if (number !== null)
    await store.addOutbox({ kind: 'tell', dedupeKey: `tell:${taskId}:checks:${commit}`, payload, taskId, atMs: at });
  return at;
}

async function lastAsk(store: Awaits['store'], taskId: string): Promise<StoredEvent | null> {
  let last: StoredEvent | null = null;
  for (let afterSeq = 0; ; ) {
    const events = await store.taskEvents(taskId, { afterSeq });
    last = events.findLast(({ kind }) => kind === ASKED) ?? last;
    const end = events.at(-1);
    if (end === undefined) return last;
    afterSeq = end.seq;
  }
}
