/**
 * What holds a job back. Which of the free ones goes first is claim.ts: landing > readings > the gate of the merge lease's holder >
 * probes > gates > agents; within each the longest due first, a point of priority counting as ten minutes of waiting. A ready job is
 * held back by every rule below that names its kind and that it does not pass. What has entered the critical window must come to its
 * end, so neither a pause nor a freeze nor the serial gate holds it. People see the first rule that holds a job, in this order
 * (http/explain-waiting.ts), and a property test keeps the claim and that explanation together.
 */
import type { HeldBy } from '../schema/stored-values.ts';
import type { JobKind } from './port/index.ts';
import type { Dialect } from './sql/dialect.ts';

export interface ClaimRule {
  readonly name: string;
  /** What must be true of a job that is claimed. */
  readonly sentence: string;
  /** The kinds of jobs that it holds back. */
  readonly holds: readonly JobKind[];
  /** The sentence in SQL: `j` job, `r` its repository, `t` its task if any. */
  readonly passes: string;
  /** What has to change before it passes; a place becomes free by itself, so nothing is written down for it. */
  readonly heldBy: HeldBy | 'place';
  /** False: a task that it holds back has no ready job, and its status says why. */
  readonly isExplained: boolean;
}

const OF_TASKS = ['landing', 'gate', 'agent', 'reading'] as const;
const INSIDE = 't.critical_token IS NOT NULL';
const leased = (kinds: string): string => `(SELECT count(*) FROM jobs WHERE state = 'leased' AND kind IN (${kinds}))`;

export const CLAIM_RULES = [
  {
    name: 'paused',
    sentence: 'its repository is not paused',
    holds: [...OF_TASKS, 'probe'],
    passes: `(${INSIDE} OR NOT r.paused)`,
    heldBy: 'repository',
    isExplained: true,
  },
  {
    name: 'frozen',
    sentence: 'its repository is not frozen, unless it is an agent, a reading or a probe',
    holds: ['landing', 'gate'],
    passes: `(${INSIDE} OR r.frozen_reason IS NULL)`,
    heldBy: 'repository',
    isExplained: true,
  },
  {
    name: 'inactive',
    sentence: 'its task is neither blocked nor stopping',
    holds: OF_TASKS,
    passes: `t.status NOT IN ('blocked', 'stopping')`,
    heldBy: 'task',
    isExplained: false,
  },
  {
    name: 'dependency',
    sentence: 'every task that its task waits for is done or cancelled',
    holds: OF_TASKS,
    passes: `NOT EXISTS (SELECT 1 FROM task_deps d JOIN tasks p ON p.id = d.depends_on
      WHERE d.task_id = t.id AND p.stage NOT IN ('done', 'cancelled'))`,
    heldBy: 'task',
    isExplained: true,
  },
  {
    name: 'serial-gate',
    sentence: 'no task of its repository started before its own, where one at a time is asked for',
    holds: OF_TASKS,
    passes: `(:serial = 0 OR ${INSIDE} OR NOT EXISTS (SELECT 1 FROM tasks o
      WHERE o.repo_id = t.repo_id AND o.stage NOT IN ('done', 'cancelled')
        AND o.started_at IS NOT NULL AND o.id <> t.id
        AND (t.started_at IS NULL OR (o.started_at, o.id) < (t.started_at, t.id))))`,
    heldBy: 'repository',
    isExplained: true,
  },
  {
    name: 'breaker',
    sentence: 'no breaker of its repository is open on this host',
    holds: ['gate'],
    passes: `(:host IS NULL OR NOT EXISTS (SELECT 1 FROM breakers b
      WHERE b.repo_id = j.repo_id AND b.host = :host AND b.state = 'open'))`,
    heldBy: 'repository',
    isExplained: true,
  },
  {
    name: 'delayed',
    sentence: 'its time has come',
    holds: [...OF_TASKS, 'probe'],
    passes: 'j.available_at <= :nowMs',
    heldBy: 'time',
    isExplained: true,
  },
  {
    name: 'agents-busy',
    sentence: 'fewer agents run than may',
    holds: ['agent'],
    passes: `${leased(`'agent'`)} < :agents`,
    heldBy: 'place',
    isExplained: true,
  },
  {
    name: 'gates-busy',
    sentence: 'fewer gates and probes run than may; landing and reading take no place',
    holds: ['gate', 'probe'],
    passes: `${leased(`'gate', 'probe'`)} < :gateRuns`,
    heldBy: 'place',
    isExplained: true,
  },
] as const satisfies readonly ClaimRule[];

/** The rules that are explained to people. */
export type ExplainedRule = Extract<(typeof CLAIM_RULES)[number], { readonly isExplained: true }>['name'];

/** Whether it waits for a place that others have, and for nothing else: it is its turn that is not there yet. */
export const isOfPlaces = (name: string): boolean =>
  CLAIM_RULES.some((rule) => rule.name === name && rule.heldBy === 'place');

/** A rule's sentence in SQL, with places that the planner must not read: it would plan the claim anew for each moment and host. */
export const passesIn = ({ opaque }: Pick<Dialect, 'opaque'>, { passes }: Pick<ClaimRule, 'passes'>): string =>
  passes.replaceAll(/:\w+/g, (place) => opaque(place));

/** Every rule that holds jobs of this kind, in their order. */
export const rulesFor = (kind: JobKind): readonly (typeof CLAIM_RULES)[number][] =>
  CLAIM_RULES.filter(({ holds }) => (holds as readonly JobKind[]).includes(kind));
