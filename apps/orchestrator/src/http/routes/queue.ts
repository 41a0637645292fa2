/** `GET /queue`: what waits, what runs, why; and which gates are switched off or have no repository in scope. */

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ServiceContext } from '../../context.ts';
import { everythingOff } from '../../policy/switched-off.ts';
import { causesOf, workloadOfProbe } from '../../store/breaker-causes.ts';
import type { Breaker, Job } from '../../store/port/index.ts';
import { type PageAsked, pageQuery } from '../page.ts';
import { liveJobsOf, pageOfLiveTasks, type Shows, showTasks } from '../shown-tasks.ts';
import { taskView } from '../views.ts';

const jobView = z.object({
  id: z.number(),
  task: z.string().nullable(),
  kind: z.string(),
  step: z.string(),
  state: z.string(),
  attempts: z.number(),
  due_at: z.string(),
});
const tally = z.record(z.string(), z.number());
const gateBlock = z.object({ enabled: z.boolean(), scope: z.array(z.string()) });
export const queueView = z
  .object({
    since: z.string().openapi({ description: 'start of this process; counters begin there' }),
    total: z.number().openapi({ description: 'tasks that are not over; `tasks` is one page of them' }),
    cursor: z.string().nullable().openapi({ description: 'where the next page begins; null: this is the last one' }),
    jobs: z.object({
      live: z.array(jobView).openapi({ description: 'those of the tasks on this page, and on the first one probes' }),
      total: z.number().openapi({ description: 'on all pages' }),
      counts: z.array(z.object({ kind: z.string(), state: z.string(), count: z.number() })),
    }),
    tasks: z.array(taskView),
    off: z.array(z.string()).openapi({ description: 'what is switched off, and which gate leaves a repository out' }),
    merge_gate: gateBlock.extend({
      verdicts: tally,
      runs: tally.openapi({ description: 'gate commands since the start, by outcome' }),
      landings: tally.openapi({ description: 'landing attempts since the start, by answer' }),
      leftovers: z.number().openapi({ description: 'processes that outlived a command and were ended' }),
      leases: z.array(z.object({ repo: z.string(), holder: z.string(), token: z.number(), since: z.string() })),
      tickets: z.array(z.object({ repo: z.string(), task: z.string(), since: z.string() })),
    }),
    coverage: gateBlock.extend({ verdicts: tally }),
    security: gateBlock.extend({ verdicts: tally, feed: z.string().nullable() }),
    breakers: z
      .array(
        z.object({
          repo: z.string(),
          cause: z.string(),
          host: z.string(),
          state: z.string(),
          since: z.string(),
          task: z.string().nullable().openapi({ description: 'the last task that met it' }),
          probe_at: z.string().nullable().openapi({ description: 'when main is run next; null: now, or not yet' }),
        }),
      )
      .openapi({ description: 'trouble that is nobody’s; an open one keeps the gates of its repository waiting' }),
    stop: z.object({
      enabled: z.boolean().openapi({ description: 'whether a task can be stopped' }),
      requested: z.number().openapi({ description: 'since the start, like everything here but `unsettled`' }),
      deferred: z.number().openapi({ description: 'of them those that met a landing' }),
      settled: z.number().openapi({ description: 'cancelled tasks whose runs are over and whose keys are free' }),
      unverified: z.number().openapi({ description: 'of them those whose runs were not proven to be over' }),
      left_behind: z.number().openapi({ description: 'of them those of which something could not be cleaned up' }),
      unsettled: z.array(z.string()).openapi({ description: 'tasks that are being stopped or cleaned up now' }),
      answers: tally,
    }),
  })
  .openapi('Queue');

const route = createRoute({
  method: 'get',
  path: '/queue',
  summary: 'What waits and why',
  request: { query: pageQuery() },
  responses: { 200: { description: 'queue', content: { 'application/json': { schema: queueView } } } },
});

type ReadsQueue = Shows & Pick<ServiceContext, 'checkOfGate' | 'feed' | 'metrics' | 'startedAt'>;

export function queueRoutes(service: ReadsQueue) {
  const app = new OpenAPIHono<{ Variables: { actor: string } }>();
  app.openapi(route, async (c) => c.json(await readQueue(service, c.req.valid('query')), 200));
  return app;
}

/** A page of the queue as it is now. */
async function readQueue(service: ReadsQueue, asked: PageAsked): Promise<z.infer<typeof queueView>> {
  const { store, settings, feed, metrics, now, startedAt, checkOfGate } = service;
  const counts = await store.queueCounts(now());
  const page = await pageOfLiveTasks(store, asked, sum(counts.tasks));
  const [probes, jobs, leases, tickets, unsettled, breakers] = [
    await store.listJobs({ live: true, probes: true }),
    await liveJobsOf(store, page.rows),
    await store.listLeases(),
    await store.listTickets(),
    await store.unsettledStops(),
    await store.listBreakers(),
  ];
  const tallies = await metrics.tallies();
  const verdicts = (check: string) => ({ ...tallies.checks[check] });
  return {
    since: new Date(startedAt).toISOString(),
    total: page.total,
    cursor: page.cursor,
    jobs: {
      total: sum(counts.jobs),
      live: (asked.cursor === undefined ? inOrder([...probes, ...jobs]) : jobs).map(showJob),
      counts: counts.jobs.map((count) => ({ ...count })),
    },
    tasks: await showTasks(service, page.rows, { breakers, liveJobs: jobs }),
    off: everythingOff(settings, await store.listRepos()).map(({ words }) => words),
    merge_gate: {
      ...gate(settings.merge.enabled, settings.merge.repos, settings.repositories.self),
      verdicts: verdicts(checkOfGate('merge')),
      runs: { ...tallies.runs },
      landings: { ...tallies.landings },
      leftovers: tallies.leftovers,
      leases: leases
        .filter((lease) => lease.releasedAt === null)
        .map((lease) => ({
          repo: lease.repoId,
          holder: lease.holder,
          token: lease.token,
          since: new Date(lease.acquiredAt).toISOString(),
        })),
      tickets: tickets.map((ticket) => ({
        repo: ticket.repoId,
        task: ticket.taskId,
        since: new Date(ticket.takenAt).toISOString(),
      })),
    },
    coverage: {
      ...gate(settings.coverage.enabled, settings.coverage.repos, settings.repositories.self),
      verdicts: verdicts(checkOfGate('coverage')),
    },
    security: {
      ...gate(settings.security.enabled, settings.security.repos, settings.repositories.self),
      verdicts: verdicts(checkOfGate('security')),
      feed: feed?.name ?? null,
    },
    breakers: breakers.map((breaker) => showBreaker(breaker, probes)),
    stop: {
      enabled: settings.tracker.stopStatus,
      requested: Object.values(tallies.stops).reduce((sum, count) => sum + count, 0),
      deferred: tallies.stops['deferred'] ?? 0,
      settled: tallies.settled.all,
      unverified: tallies.settled.unverified,
      left_behind: tallies.settled.left,
      unsettled: unsettled.map(({ id }) => id),
      answers: { ...tallies.stops },
    },
  };
}

const showJob = (job: Job): z.infer<typeof jobView> => ({
  id: job.id,
  task: job.taskId,
  kind: job.kind,
  step: job.step,
  state: job.state,
  attempts: job.attempts,
  due_at: new Date(job.availableAt).toISOString(),
});

const sum = (counts: readonly { readonly count: number }[]): number =>
  counts.reduce((all, { count }) => all + count, 0);

const inOrder = (jobs: readonly Job[]): readonly Job[] => jobs.toSorted((one, other) => one.id - other.id);

function showBreaker({ repoId, cause, host, state, since, taskId }: Breaker, probes: readonly Job[]) {
  const probe = probes.find((job) => job.state === 'ready' && job.repoId === repoId && endsCause(job.step, cause));
  return {
    repo: repoId,
    cause,
    host,
    state,
    since: new Date(since).toISOString(),
    task: taskId,
    probe_at: probe === undefined ? null : new Date(probe.availableAt).toISOString(),
  };
}

const endsCause = (step: string, cause: string): boolean => {
  const workload = workloadOfProbe(step);
  return workload !== null && causesOf(workload).includes(cause);
};

/** An empty scope means the self repository, or everything when none is set. */
const gate = (enabled: boolean, scope: readonly string[], self: string) => ({
  enabled,
  scope: scope.length > 0 ? [...scope] : [self === '' ? '*' : self],
});
