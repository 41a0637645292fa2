/**
 * The claim: one conditional UPDATE that picks the most urgent eligible job and moves its token on. Each kind is
 * looked up in its own subquery, so that every one walks the `jobs_ready` index and stops at the first hit.
 */
import { JOB } from './job-rows.ts';
import type { ClaimedJob, ClaimRequest, Job } from './port/index.ts';
import type { Dialect } from './sql/dialect.ts';
import { type Driver, memoizeByNames, type Operation } from './sql/driver.ts';
import { cellsNamed, FOUND, type RowShape } from './sql/row-shape.ts';

/** `j` job, `r` its repository, `t` its task if any. What has entered the critical window must come to its end. */
const ELIGIBLE = `
  j.state = 'ready' AND j.available_at <= :nowMs
  AND (t.critical_token IS NOT NULL
    OR (NOT r.paused AND (r.frozen_reason IS NULL OR j.kind IN ('agent', 'probe'))))
  AND (t.id IS NULL OR (
    t.status NOT IN ('blocked', 'stopping')
    AND NOT EXISTS (SELECT 1 FROM task_deps d JOIN tasks p ON p.id = d.depends_on
      WHERE d.task_id = t.id AND p.stage NOT IN ('done', 'cancelled'))
    AND (:serial = 0 OR t.critical_token IS NOT NULL OR NOT EXISTS (SELECT 1 FROM tasks o
      WHERE o.repo_id = t.repo_id AND o.stage NOT IN ('done', 'cancelled') AND o.status <> 'blocked'
        AND o.started_at IS NOT NULL AND o.id <> t.id
        AND (t.started_at IS NULL OR (o.started_at, o.id) < (t.started_at, t.id))))))`;

const UNBROKEN = `(:host IS NULL OR NOT EXISTS (SELECT 1 FROM breakers b
  WHERE b.repo_id = j.repo_id AND b.host = :host AND b.state = 'open'))`;
const ROOM_FOR_GATES = `(SELECT count(*) FROM jobs WHERE state = 'leased' AND kind IN ('gate', 'probe')) < :gateRuns`;
const ROOM_FOR_AGENTS = `(SELECT count(*) FROM jobs WHERE state = 'leased' AND kind = 'agent') < :agents`;

const JOINED = `JOIN repos r ON r.id = j.repo_id LEFT JOIN tasks t ON t.id = j.task_id`;
const pick = (asked: string, kind: string, also = '1 = 1'): string => `(
  SELECT j.id FROM jobs j ${JOINED} WHERE ${asked} = 1 AND j.kind = '${kind}' AND ${also} AND ${ELIGIBLE}
  ORDER BY j.sort_key, j.id LIMIT 1)`;

/**
 * What the lease is waiting for, or promised to, goes before everything that would only queue behind it. Carried out as
 * it is written: leases are few, while all gates that are ready may be thousands.
 */
const leaseHoldersGate = ({ joinInOrder }: Dialect): string => `(
  SELECT j.id FROM leases l ${joinInOrder} jobs j ON j.task_id = l.holder ${JOINED}
  WHERE :gate = 1 AND l.released_at IS NULL AND j.kind = 'gate' AND ${ROOM_FOR_GATES} AND ${UNBROKEN} AND ${ELIGIBLE}
  ORDER BY j.sort_key, j.id LIMIT 1)`;

interface FirstClaim {
  /** The job's task never started before. */
  readonly startsTask: number;
}

/** What a claim answers: the job, and behind it whether its task starts with it. */
const CLAIMED: RowShape<Job & FirstClaim> = {
  columns: [...JOB.columns, ...cellsNamed<FirstClaim>('startsTask').columns],
  list: `${JOB.list}, EXISTS (SELECT 1 FROM tasks t WHERE t.id = task_id AND t.started_at IS NULL)`,
};

const claimText = (dialect: Dialect): string => `UPDATE jobs SET state = 'leased', token = token + 1,
    attempts = attempts + 1, worker_id = :workerId, lease_until = :until, heartbeat_at = :nowMs, progress_at = :nowMs
  WHERE state = 'ready' AND id = coalesce(
    ${pick(':landing', 'landing')},
    ${leaseHoldersGate(dialect)},
    ${pick(':probe', 'probe', ROOM_FOR_GATES)},
    ${pick(':gate', 'gate', `${ROOM_FOR_GATES} AND ${UNBROKEN}`)},
    ${pick(':agent', 'agent', ROOM_FOR_AGENTS)})
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
  return function* look(request) {
    // An idle service asks all day: a look takes no lock from those who write.
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
