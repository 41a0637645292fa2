/**
 * Counters of this process, reset at its start, and their Prometheus text. What is stored (jobs, tasks, leases) is read
 * from the store at the moment of asking, so that the two can never disagree about it.
 */
import type { StopAnswer } from '@gatehouse/stage-engine';
import type { CheckVerdict } from '@gatehouse/verdict';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** How often each thing was counted since the start, for the blocks of `GET /queue`. */
export interface Tallies {
  /** By check, then by verdict status. */
  readonly checks: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** By outcome of a command: green, red, infra, tool-failed. */
  readonly runs: Readonly<Record<string, number>>;
  /** By answer of the landing. */
  readonly landings: Readonly<Record<string, number>>;
  /** By answer of a stop. */
  readonly stops: Readonly<Record<string, number>>;
  /** Stops that came to their end, of them those whose runs were not proven to be over, and those that left something. */
  readonly settled: { readonly all: number; readonly unverified: number; readonly left: number };
  /** Processes that outlived a gate's command and were ended. */
  readonly leftovers: number;
}

/** What the store holds at the moment of asking. */
export interface StoredCounts {
  readonly jobs: readonly { readonly kind: string; readonly state: string; readonly count: number }[];
  readonly tasks: readonly { readonly stage: string; readonly status: string; readonly count: number }[];
  readonly tickets: number;
  readonly leasesHeld: number;
  /** Epoch ms; null: no job is due. */
  readonly oldestDueAt: number | null;
  readonly outboxPending: number;
  readonly inboxPending: number;
}

/** What the watches of the store and of the forges know at the moment of asking. */
export interface Watched {
  readonly condition: 'sound' | 'failing' | 'lost';
  readonly lockWaits: { readonly count: number; readonly totalMs: number };
  /** Repositories that are paused because another one answers at their address. */
  readonly foreign: readonly string[];
  /** Open streams of events. */
  readonly streams: number;
}

const SOUND: Watched = { condition: 'sound', lockWaits: { count: 0, totalMs: 0 }, foreign: [], streams: 0 };

export interface Metrics {
  check(name: string, verdict: Pick<CheckVerdict, 'status'> & { readonly cause?: string }, durationMs: number): void;
  run(run: {
    readonly purpose: string;
    readonly outcome: string;
    readonly durationMs: number;
    readonly leftovers: number;
  }): void;
  landing(answer: string): void;
  stop(answer: StopAnswer): void;
  settled(end: { readonly verified: boolean; readonly left: number }): void;
  /** How many tasks stand still now although nothing explains it. */
  standstills(count: number): void;
  tallies(): Promise<Tallies>;
  /** Prometheus text exposition, with the store's present numbers in it. */
  text(counts: StoredCounts, watched?: Watched): Promise<string>;
  readonly contentType: string;
}

const SECONDS = [0.1, 1, 5, 15, 60, 300, 900, 2700];

interface MetricsParts {
  readonly mergeMetrics: boolean;
  /** A tally is other than it was. */
  readonly onChange?: () => void;
}

/** With `mergeMetrics` off (`ORCH_MERGE_METRICS_ENABLED`) runs and landings are not counted. */
export function createMetrics({ mergeMetrics, onChange = () => undefined }: MetricsParts): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const checks = new Counter({
    name: 'gatehouse_checks_total',
    help: 'Verdicts by check, status and cause',
    labelNames: ['check', 'status', 'cause'],
    registers,
  });
  const checkSeconds = new Histogram({
    name: 'gatehouse_check_seconds',
    help: 'Time from asking a check to its verdict',
    labelNames: ['check'],
    buckets: SECONDS,
    registers,
  });
  const runs = new Counter({
    name: 'gatehouse_merge_runs_total',
    help: 'Gate commands by purpose and outcome',
    labelNames: ['purpose', 'outcome'],
    registers,
  });
  const runSeconds = new Histogram({
    name: 'gatehouse_merge_run_seconds',
    help: 'Duration of gate commands',
    labelNames: ['purpose'],
    buckets: SECONDS,
    registers,
  });
  const leftovers = new Counter({
    name: 'gatehouse_leftover_processes_total',
    help: 'Processes that outlived a gate command and were ended',
    registers,
  });
  const landings = new Counter({
    name: 'gatehouse_merge_landings_total',
    help: 'Landing attempts by answer',
    labelNames: ['answer'],
    registers,
  });
  const stops = new Counter({
    name: 'gatehouse_stops_total',
    help: 'Requests to stop a task by answer',
    labelNames: ['answer'],
    registers,
  });
  const settled = new Counter({
    name: 'gatehouse_stops_settled_total',
    help: 'Stops that came to their end; unverified: not proven that nothing runs; left: something was not cleaned up',
    labelNames: ['end'],
    registers,
  });
  const standing = new Gauge({
    name: 'gatehouse_tasks_standing_still',
    help: 'Tasks that do not move although nothing explains it',
    registers,
  });
  const stored = storedGauges(registers);
  const seen = watchedGauges(registers);
  // Event-loop lag, memory, open files and garbage collection, under the names that dashboards know.
  collectDefaultMetrics({ register: registry });

  return {
    check(name, { status, cause }, durationMs) {
      onChange();
      checks.inc({ check: name, status, cause: cause ?? '' });
      checkSeconds.observe({ check: name }, durationMs / 1000);
    },
    run({ purpose, outcome, durationMs, leftovers: left }) {
      if (!mergeMetrics) return;
      onChange();
      runs.inc({ purpose, outcome });
      runSeconds.observe({ purpose }, durationMs / 1000);
      leftovers.inc(left);
    },
    landing(answer) {
      if (!mergeMetrics) return;
      onChange();
      landings.inc({ answer });
    },
    stop(answer) {
      onChange();
      stops.inc({ answer });
    },
    settled({ verified, left }) {
      onChange();
      settled.inc({ end: 'all' });
      if (!verified) settled.inc({ end: 'unverified' });
      if (left > 0) settled.inc({ end: 'left' });
    },
    standstills: (count) => standing.set(count),
    tallies: async () => ({
      checks: await byTwo(checks, 'check', 'status'),
      runs: await byOne(runs, 'outcome'),
      landings: await byOne(landings, 'answer'),
      stops: await byOne(stops, 'answer'),
      settled: { all: 0, unverified: 0, left: 0, ...(await byOne(settled, 'end')) },
      leftovers: (await leftovers.get()).values[0]?.value ?? 0,
    }),
    async text(counts, watched = SOUND) {
      stored(counts);
      seen(watched);
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}

/** Numbers the store knows; set anew before each exposition, so that what is gone reads as absent. */
function storedGauges(registers: Registry[]): (counts: StoredCounts) => void {
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  const jobs = gauge('gatehouse_jobs', 'Live jobs by kind and state', ['kind', 'state']);
  const tasks = gauge('gatehouse_tasks', 'Live tasks by stage and status', ['stage', 'status']);
  const tickets = gauge('gatehouse_merge_tickets', 'Tasks in line for a merge lease');
  const leases = gauge('gatehouse_merge_leases_held', 'Merge leases held');
  const oldest = gauge('gatehouse_oldest_due_timestamp_seconds', 'Since when the longest due job waits; 0 = none');
  const outbox = gauge('gatehouse_outbox_pending', 'Reports, alerts and clean-ups not delivered yet');
  const inbox = gauge('gatehouse_inbox_pending', 'Webhook deliveries not handled yet');
  return (counts) => {
    jobs.reset();
    tasks.reset();
    for (const { kind, state, count } of counts.jobs) jobs.set({ kind, state }, count);
    for (const { stage, status, count } of counts.tasks) tasks.set({ stage, status }, count);
    tickets.set(counts.tickets);
    leases.set(counts.leasesHeld);
    oldest.set((counts.oldestDueAt ?? 0) / 1000);
    outbox.set(counts.outboxPending);
    inbox.set(counts.inboxPending);
  };
}

function watchedGauges(registers: Registry[]): (watched: Watched) => void {
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  const sound = gauge('gatehouse_store_sound', '1: the store answers and takes writes; 0: it fails or is lost');
  const waits = gauge('gatehouse_store_lock_waits', 'Calls put off by a lock of another process, since the start');
  const waited = gauge('gatehouse_store_lock_wait_seconds', 'How long they waited together');
  const foreign = gauge(
    'gatehouse_forge_foreign',
    '1: the service has paused it, as another repository, or one that cannot be landed on, is at its address',
    ['repo'],
  );
  const open = gauge('gatehouse_event_streams', 'Clients that follow the stream of events');
  return ({ condition, lockWaits, foreign: repos, streams }) => {
    open.set(streams);
    sound.set(condition === 'sound' ? 1 : 0);
    waits.set(lockWaits.count);
    waited.set(lockWaits.totalMs / 1000);
    foreign.reset();
    for (const repo of repos) foreign.set({ repo }, 1);
  };
}

async function byOne<Label extends string>(counter: Counter<Label>, label: Label): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { labels, value } of (await counter.get()).values) {
    const name = String(labels[label]);
    sums[name] = (sums[name] ?? 0) + value;
  }
  return sums;
}

async function byTwo<Label extends string>(
  counter: Counter<Label>,
  outer: Label,
  inner: Label,
): Promise<Record<string, Record<string, number>>> {
  const sums: Record<string, Record<string, number>> = {};
  for (const { labels, value } of (await counter.get()).values) {
    const key = String(labels[outer]);
    const name = String(labels[inner]);
    sums[key] = { ...sums[key], [name]: (sums[key]?.[name] ?? 0) + value };
  }
  return sums;
}
