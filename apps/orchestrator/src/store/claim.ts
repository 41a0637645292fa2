/**
 * The claim: one conditional UPDATE that picks the most urgent job that no rule holds back (claim-rules.ts) and moves its
 * token on. Each kind is searched in its own subquery, so that every one walks the `jobs_ready` index and stops at the
 * first hit.
 */
import { rulesFor } from './claim-rules.ts';
import { JOB } from './job-rows.ts';
import type { ClaimedJob, ClaimRequest, Job, JobKind } from './port/index.ts';
import type { Dialect } from './sql/dialect.ts';
import { type Driver, memoizeByNames, type Operation } from './sql/driver.ts';
import { cellsNamed, FOUND, type RowShape } from './sql/row-shape.ts';

/** The first job of the kind that passes every rule; `from` ends with jobs as `j`, `asked`: it is searched for. */
function firstOf(kind: JobKind, from: string, asked: string): string {
  const passes = rulesFor(kind).map((rule) => rule.passes);
  return `(SELECT j.id FROM ${from} JOIN repos r ON r.id = j.repo_id LEFT JOIN tasks t ON t.id = j.task_id
    WHERE ${asked} AND j.state = 'ready' AND j.kind = '${kind}' AND ${passes.join(' AND ')}
    ORDER BY j.sort_key, j.id LIMIT 1)`;
}

/** What the lease waits for, or is promised to. Leases are few, while all gates that are ready may be thousands. */
const leaseHoldersGate = ({ joinInOrder }: Dialect): string =>
  firstOf('gate', `leases l ${joinInOrder} jobs j ON j.task_id = l.holder`, ':gate = 1 AND l.released_at IS NULL');

interface FirstClaim {
  /** The job's task never started before. */
  readonly startsTask: number;
}

/** What a claim answers: the job, and behind it whether its task starts with it. */
const CLAIMED: RowShape<Job & FirstClaim> = {
  columns: [...JOB.columns, ...cellsNamed<FirstClaim>('startsTask').columns],
  list: `${JOB.list}, EXISTS (SELECT 1 FROM tasks t WHERE t.id = task_id AND t.started_at IS NULL) AS "startsTask"`,
};

const claimText = (dialect: Dialect): string => `UPDATE jobs SET state = 'leased', token = token + 1,
    attempts = attempts + 1, worker_id = :workerId, lease_until = :until, heartbeat_at = :nowMs, progress_at = :nowMs
  WHERE state = 'ready' AND id = coalesce(
    ${firstOf('landing', 'jobs j', ':landing = 1')},
    ${leaseHoldersGate(dialect)},
    ${firstOf('probe', 'jobs j', ':probe = 1')},
    ${firstOf('gate', 'jobs j', ':gate = 1')},
    ${firstOf('agent', 'jobs j', ':agent = 1')})
  RETURNING ${CLAIMED.list}`;

export function claims({
  dialect,
  row,
  change,
  write,
}: Driver): (request: ClaimRequest) => Operation<ClaimedJob | null> {
  const claim = row(CLAIMED, claimText(dialect));
  const markStarted = change(JOB, 'UPDATE tasks SET started_at = :nowMs WHERE id = :taskId');
  // One walk over what is ready, which is little, costs a third of a search for each kind.
  const ready = `${dialect.along('jobs', 'jobs_ready')} WHERE state = 'ready' AND available_at <= :nowMs`;
  const due = memoizeByNames((kinds) => {
    const named = kinds.map((kind) => `'${kind}'`).join(', ');
    const text = `SELECT 1 AS found FROM ${ready} AND ${dialect.unindexed('kind')} IN (${named}) LIMIT 1`;
    return row(FOUND, text);
  });
  function* claimDue(request: ClaimRequest): Operation<ClaimedJob | null> {
    const claimed = yield* claim(valuesOf(request));
    if (claimed === undefined) return null;
    const { startsTask, ...job } = claimed;
    if (startsTask === 1) yield* markStarted({ nowMs: request.nowMs, taskId: job.taskId });
    return job as ClaimedJob;
  }
  return function* claimNext(request) {
    // An idle service asks all day: a read takes no lock from the writers.
    if ((yield* due(request.kinds)({ nowMs: request.nowMs })) === undefined) return null;
    return yield* write(() => claimDue(request));
  };
}

function valuesOf({ workerId, kinds, nowMs, leaseMs, limits, host }: ClaimRequest): Record<string, unknown> {
  const asked = new Set(kinds);
  return {
    workerId,
    nowMs,
    until: nowMs + leaseMs,
    host: host ?? null,
    serial: limits.serialPerRepo === true ? 1 : 0,
    agents: limits.agents,
    gateRuns: limits.gateRuns,
    landing: asked.has('landing') ? 1 : 0,
    gate: asked.has('gate') ? 1 : 0,
    probe: asked.has('probe') ? 1 : 0,
    agent: asked.has('agent') ? 1 : 0,
  };
}
