/**
 * The claim: looks at the most urgent free job and asks every rule about it (claim-rules.ts). One that is held is noted down
 * (holds.ts) and the next one is looked at; one that is not is taken by one conditional UPDATE that moves its token on. So a
 * claim costs the same whatever is held: each job is met once for each time that it is lifted (docs/adr/0020).
 */
import { CLAIM_RULES, type ClaimRule, passesIn } from './claim-rules.ts';
import { FREE_JOB, type Holds, isAnythingFree } from './holds.ts';
import { JOB } from './job-rows.ts';
import type { ClaimedJob, ClaimRequest, Job, JobKind } from './port/index.ts';
import type { Dialect } from './sql/dialect.ts';
import { type Driver, memoizeByNames, type Operation } from './sql/driver.ts';
import { cellsNamed, FOUND, type RowShape } from './sql/row-shape.ts';

/** One by one: of a list of more than two SQLite makes a temporary table for each claim. */
const isOneOf = (kinds: readonly string[]): string => kinds.map((kind) => `j.kind = '${kind}'`).join(' OR ');

/** The first free job of the kind, found by one step into `jobs_free`. */
const firstOf = (
  { opaque }: Dialect,
  kind: JobKind,
): string => `(SELECT id FROM jobs WHERE ${opaque(`:${kind}`)} = 1 AND ${FREE_JOB}
  AND kind = '${kind}' ORDER BY sort_key, id LIMIT 1)`;

/**
 * What the lease waits for, or is promised to. Leases are few, while all gates that are ready may be thousands. The lowest of them is
 * asked for twice and not sorted: a sort in here would cost SQLite a temporary database for each claim.
 */
const leaseHoldersGate = ({ joinInOrder, opaque, unindexed }: Dialect): string => {
  const gates = `FROM leases l ${joinInOrder} jobs j ON j.task_id = l.holder
    WHERE ${opaque(':gate')} = 1 AND l.released_at IS NULL AND j.state = 'ready' AND j.held_by IS NULL AND j.kind = 'gate'`;
  return `(SELECT min(j.id) ${gates} AND ${unindexed('j.sort_key')} = (SELECT min(j.sort_key) ${gates}))`;
};

/** The most urgent free job of the kinds that are asked for, and the first rule that it does not pass. */
interface Candidate {
  readonly jobId: number;
  readonly repoId: string;
  readonly kind: JobKind;
  readonly rule: string | null;
}
const CANDIDATE = cellsNamed<Candidate>('jobId', 'repoId', 'kind', 'rule');

const firstHolding = (dialect: Dialect, rules: readonly ClaimRule[]): string =>
  `CASE ${rules.map((rule) => `WHEN (${isOneOf(rule.holds)}) AND NOT (${passesIn(dialect, rule)}) THEN '${rule.name}'`).join('\n    ')} END`;

const candidateText = (dialect: Dialect): string => `SELECT j.id AS "jobId", j.repo_id AS "repoId", j.kind AS kind,
    ${firstHolding(dialect, CLAIM_RULES)} AS rule
  FROM jobs j JOIN repos r ON r.id = j.repo_id LEFT JOIN tasks t ON t.id = j.task_id
  WHERE j.id = coalesce(${firstOf(dialect, 'landing')},
    ${firstOf(dialect, 'reading')},
    ${leaseHoldersGate(dialect)},
    ${firstOf(dialect, 'probe')},
    ${firstOf(dialect, 'gate')},
    ${firstOf(dialect, 'agent')})`;

interface FirstClaim {
  /** The job's task never started before. */
  readonly startsTask: number;
}

/** What a claim answers: the job, and behind it whether its task starts with it. */
const CLAIMED: RowShape<Job & FirstClaim> = {
  columns: [...JOB.columns, ...cellsNamed<FirstClaim>('startsTask').columns],
  list: `${JOB.list}, EXISTS (SELECT 1 FROM tasks t WHERE t.id = task_id AND t.started_at IS NULL) AS "startsTask"`,
};

const TAKE = `UPDATE jobs SET state = 'leased', token = token + 1,
    attempts = attempts + 1, worker_id = :workerId, lease_until = :until, heartbeat_at = :nowMs, progress_at = :nowMs
  WHERE id = :jobId AND ${FREE_JOB} RETURNING ${CLAIMED.list}`;

type Claim = (request: ClaimRequest) => Operation<ClaimedJob | null>;

export function claims(driver: Driver, notes: Holds): Claim {
  const { dialect, row, change, write } = driver;
  const take = row(CLAIMED, TAKE);
  const markStarted = change(JOB, 'UPDATE tasks SET started_at = :nowMs WHERE id = :taskId');
  const free = memoizeByNames((kinds) => row(FOUND, isAnythingFree(dialect, kinds)));
  const choose = chooser(driver, notes);
  function* claimFree(request: ClaimRequest): Operation<ClaimedJob | null> {
    const values = valuesOf(request);
    const chosen = yield* choose(request.kinds, values);
    const claimed = chosen === null ? undefined : yield* take({ ...values, jobId: chosen.jobId });
    if (claimed === undefined) return null;
    const { startsTask, ...job } = claimed;
    if (startsTask === 1) yield* markStarted({ nowMs: request.nowMs, taskId: job.taskId });
    yield* notes.liftRepo(job.repoId);
    return job as ClaimedJob;
  }
  // What another process noted down, or this one for other limits, was about other rules.
  let notedFor: string | null = null;
  return function* claimNext(request) {
    const askedBy = `${request.limits.serialPerRepo === true} ${request.host ?? ''}`;
    const isNoted = notedFor === askedBy;
    // An idle service asks all day: a read takes no lock from the writers.
    if (isNoted && (yield* free(request.kinds)({ nowMs: request.nowMs })) === undefined) return null;
    const claimed = yield* write(function* claim() {
      if (!isNoted) yield* notes.liftAll();
      yield* notes.liftDue(request.nowMs);
      return yield* claimFree(request);
    });
    notedFor = askedBy;
    return claimed;
  };
}

type Chooser = (kinds: readonly JobKind[], values: Values) => Operation<Candidate | null>;
type Values = Readonly<Record<string, unknown>>;

/** The most urgent job that no rule holds; what is met before it is noted down. */
function chooser({ dialect, row }: Driver, notes: Holds): Chooser {
  const next = row(CANDIDATE, candidateText(dialect));
  return function* choose(kinds, values) {
    let asked = kinds;
    for (;;) {
      const found = yield* next({ ...values, ...placesOf(asked) });
      const rule = CLAIM_RULES.find(({ name }) => name === found?.rule);
      if (found === undefined) return null;
      if (rule === undefined) return found;
      if (rule.heldBy === 'place') asked = asked.filter((kind) => !(rule.holds as readonly JobKind[]).includes(kind));
      else yield* notes.put({ ...found, rule, values });
    }
  };
}

const placesOf = (kinds: readonly JobKind[]): Readonly<Record<JobKind, number>> => ({
  landing: kinds.includes('landing') ? 1 : 0,
  reading: kinds.includes('reading') ? 1 : 0,
  gate: kinds.includes('gate') ? 1 : 0,
  probe: kinds.includes('probe') ? 1 : 0,
  agent: kinds.includes('agent') ? 1 : 0,
});

const valuesOf = ({ workerId, nowMs, leaseMs, limits, host }: ClaimRequest): Values => ({
  workerId,
  nowMs,
  until: nowMs + leaseMs,
  host: host ?? null,
  serial: limits.serialPerRepo === true ? 1 : 0,
  agents: limits.agents,
  gateRuns: limits.gateRuns,
});
