/** The commands that ask a running service about tasks: task, queue. */
import { z } from '@hono/zod-openapi';
import { stoppedView } from '../http/routes/cancellations.ts';
import { queueView } from '../http/routes/queue.ts';
import { spendingView } from '../http/spending.ts';
import { checkView, nextStepView, stopWords, taskView } from '../http/views.ts';
import { verdictWord } from '../platform/verdict-word.ts';
import { type Answer, EXIT, failure, type Text, table, usage } from './answer.ts';
import { type Api, type ApiAnswer, everyPage } from './api-client.ts';
import { parseBudget, spendingLines } from './budget-words.ts';
import { inQueueOrder } from './queue-order.ts';
import { stageWord } from './stage-word.ts';
import type { Cell, Tone } from './table.ts';
import type { Waiting } from './wait-for-task.ts';

/** Shows what the service answered; a refusal is passed on as it is, and a body of another shape is a failure. */
export async function shown<Body>(
  asked: Promise<ApiAnswer>,
  view: z.ZodType<Body>,
  text: (body: Body) => Text,
): Promise<Answer> {
  const answer = await asked;
  if (answer.kind === 'refused') return answer.answer;
  const body = view.safeParse(answer.body);
  return body.success
    ? { exit: 0, json: answer.body, text: text(body.data) }
    : failure(
        'what answers there is not a Gatehouse service of this version; check --url and ORCH_PORT',
        'gatehouse help token',
      );
}

/** A list under its name, because stdout holds one object. */
export async function listed<Row>(
  name: string,
  asked: Promise<ApiAnswer>,
  row: z.ZodType<Row>,
  text: (rows: Row[]) => Text,
): Promise<Answer> {
  const answer = await shown(asked, z.array(row), text);
  return answer.exit === 0 ? { ...answer, json: { [name]: answer.json } } : answer;
}

export const detailView = taskView.extend({
  checks: z.array(checkView),
  spending: spendingView.nullable(),
  job: z.number().nullable(),
  next_steps: z.array(nextStepView),
});

export interface TaskOptions {
  readonly repo: string;
  readonly branch?: string;
  readonly title?: string;
  readonly description?: string;
  readonly key?: string;
  readonly priority?: string;
  readonly dependsOn?: readonly string[];
  readonly budget?: readonly string[];
  readonly wait?: boolean;
}

export async function taskAdd(api: Api, options: TaskOptions, waiting: Waiting): Promise<Answer> {
  const added = await enqueueTask(api, options);
  const { data: task } = taskView.safeParse(added.json);
  if (options.wait !== true || added.exit !== EXIT.pass || task === undefined) return added;
  return (await import('./wait-for-task.ts')).waitForTask(api, task.id, waiting);
}

async function enqueueTask(api: Api, options: TaskOptions): Promise<Answer> {
  const { repo, branch, title, description, key, priority, dependsOn } = options;
  const budget = options.budget === undefined ? null : parseBudget(options.budget);
  if (budget?.kind === 'unreadable') return usage(budget.problem);
  return shown(
    api.post('/tasks', {
      repo,
      branch,
      title,
      description,
      key,
      depends_on: dependsOn,
      budget: budget?.body,
      // The service refuses what is not a number, in its own words.
      priority: priority === undefined || Number.isNaN(Number(priority)) ? priority : Number(priority),
    }),
    taskView,
    (task) => [
      `${task.id}: ${task.branch} is queued; gatehouse task show ${task.id} says how it goes`,
      ...task.warnings.map((warning) => `note: ${warning}`),
    ],
  );
}

/** What a task's agents may use from now on. */
export async function taskBudget(api: Api, id: string, limits: readonly string[]): Promise<Answer> {
  const budget = parseBudget(limits);
  if (budget.kind === 'unreadable') return usage(budget.problem);
  return shown(api.post(`/tasks/${encodeURIComponent(id)}/budget`, budget.body), spendingView, (spending) => [
    ...spendingLines(spending),
    `where a spent budget blocked it: gatehouse task retry ${id}`,
  ]);
}

export const taskApprove = (api: Api, id: string, options: { check?: string; note?: string }): Promise<Answer> =>
  shown(
    api.post(`/tasks/${encodeURIComponent(id)}/approve`, { check: options.check, note: options.note }),
    taskView,
    (task) => `${task.id} is approved and goes on with ${task.step ?? task.stage}; kept in its events`,
  );

export const taskDepend = (api: Api, id: string, on: string): Promise<Answer> =>
  shown(
    api.post(`/tasks/${encodeURIComponent(id)}/dependencies`, { depends_on: on }),
    taskView,
    (task) => `${task.id} waits for ${on}`,
  );

export const taskList = (api: Api): Promise<Answer> =>
  listed('tasks', everyPage(api, '/tasks'), taskView, (tasks) =>
    tasks.length === 0
      ? 'no task yet; add one: gatehouse task add --repo NAME --branch B'
      : table(
          ['task', 'branch', 'stage', 'state', 'why'],
          tasks.map((task) => [task.id, task.branch, stageWord(task), stateOf(task), whyOf(task)]),
        ),
  );

/** The reason, and behind it what people should know beside it. */
const whyOf = ({ reason, warnings, ...task }: z.infer<typeof taskView>): string =>
  [
    ...(reason === null || reason === task.stage ? [] : [reason]),
    ...stopWords(task),
    ...warnings.map((warning) => `note: ${warning}`),
  ].join('; ');

export const taskShow = async (api: Api, id: string): Promise<Answer> => (await shownTask(api, id)).answer;

/** The answer of `task show`, and the task that it is about; null: there is none to show. */
export async function shownTask(
  api: Api,
  id: string,
): Promise<{ readonly answer: Answer; readonly task: z.infer<typeof detailView> | null }> {
  const answer = await shown(api.get(`/tasks/${encodeURIComponent(id)}`), detailView, (task) => [
    `${task.id}  ${task.branch}  ${placeOf(task)}${task.reason === null ? '' : `: ${task.reason}`}`,
    ...stopWords(task),
    ...task.warnings.map((warning) => `note: ${warning}`),
    ...spendingLines(task.spending),
    `head ${task.head_sha ?? '-'}  tested ${task.tested_sha ?? '-'}  landed ${task.landed_sha ?? '-'}`,
    ...verdictsOf(task.checks),
    ...findingsOf(task.checks[0]),
    ...(task.job === null ? [] : [`what job ${task.job} printed: gatehouse logs ${task.job}`]),
    ...(task.cause === 'approval' ? [`what a yes is asked for: gatehouse task paper ${task.id}`] : []),
    ...leavingOf(task),
    ...stepsOf(task.next_steps),
  ]);
  return { answer, task: answer.exit === EXIT.pass ? detailView.parse(answer.json) : null };
}

type Shown = Pick<z.infer<typeof taskView>, 'stage' | 'status' | 'landed_sha'>;

/** What a person calls its state: a task that is over is not active, whatever its row says. */
function stateWord({ stage, status, landed_sha: landed }: Shown): string {
  if (stage === 'done') return landed === null ? 'done' : 'landed';
  return stage === 'cancelled' ? 'cancelled' : status;
}

const STATE_TONES: Readonly<Record<string, Tone>> = {
  landed: 'good',
  done: 'good',
  blocked: 'bad',
  waiting: 'wait',
  stopping: 'wait',
  cancelled: 'dim',
};
const VERDICT_TONES: Readonly<Record<string, Tone>> = {
  pass: 'good',
  fail: 'bad',
  error: 'bad',
  defer: 'wait',
  skip: 'dim',
  overridden: 'wait',
  unknown: 'wait',
};
const cellOf = (word: string, tone: Tone | undefined): Cell => (tone === undefined ? word : { text: word, tone });
const stateOf = (task: Shown): Cell => cellOf(stateWord(task), STATE_TONES[stateWord(task)]);
const verdictCell = (status: string): Cell => cellOf(status, VERDICT_TONES[status]);
const placeOf = (task: Shown & Parameters<typeof stageWord>[0]): string =>
  task.stage === 'done' || task.stage === 'cancelled' ? stateWord(task) : `${stageWord(task)}/${task.status}`;

/** Oldest first; nothing where nothing was asked yet. */
const verdictsOf = (checks: readonly z.infer<typeof checkView>[]) =>
  checks.length === 0
    ? []
    : [
        table(
          ['at', 'check', 'verdict', 'job', 'why'],
          checks
            .toReversed()
            .map((run) => [run.at, run.check, verdictCell(verdictWord(run)), String(run.job ?? '-'), run.reason]),
        ),
      ];

/** Whether its branch and key can be queued again. */
const leavingOf = ({ stage, settled_at: settledAt }: z.infer<typeof taskView>): string[] => {
  if (stage !== 'cancelled') return [];
  return [settledAt === null ? 'it is not cleaned up yet' : `cleaned up at ${settledAt}`];
};

/** What to do now: a sentence a line, and below it what to type. */
const stepsOf = (steps: readonly z.infer<typeof nextStepView>[]): string[] =>
  steps.flatMap(({ text, command }) => [
    `next: ${text}`,
    ...(command === null ? [] : command.split('\n').map((line) => `  ${line}`)),
  ]);

/** What is wrong, where the newest verdict says so. */
const findingsOf = (newest: z.infer<typeof checkView> | undefined): string[] =>
  newest?.status === 'fail'
    ? [
        ...newest.findings.map(({ rule, message, path, line }) => {
          const place = path === undefined ? '' : ` ${path}${line === undefined ? '' : `:${line}`}`;
          return `- ${rule}${place}: ${message}`;
        }),
      ]
    : [];

export const taskRetry = (api: Api, id: string): Promise<Answer> =>
  shown(
    api.post(`/tasks/${encodeURIComponent(id)}/retry`, {}),
    taskView,
    (task) => `${task.id} runs again from ${task.step ?? task.stage}`,
  );

const STOPPED: { readonly [Outcome in z.infer<typeof stoppedView>['outcome']]: string } = {
  cancelled: 'is cancelled; nothing of it was running',
  stopping: 'is being stopped; what it ran counts no more and is being ended',
  deferred: 'is landing; it is cancelled as soon as that has ended, and not deployed',
  too_late: 'is done; there is nothing to stop',
  already: 'was stopped before',
};

/** A task that was done by then is the one answer that does not do what the caller asked for. */
export async function taskStop(api: Api, id: string, options: { reason?: string }): Promise<Answer> {
  const asked = api.post(`/tasks/${encodeURIComponent(id)}/stop`, options);
  const answer = await shown(asked, stoppedView, ({ outcome, task }) =>
    outcome === 'already' && task.stop === null
      ? `${task.id} is over already (${task.reason ?? task.stage}); there is nothing to stop`
      : [`${task.id} ${STOPPED[outcome]}`, ...(outcome === 'already' ? stopWords(task) : [])],
  );
  const isLate = answer.exit === 0 && stoppedView.safeParse(answer.json).data?.outcome === 'too_late';
  return isLate ? { ...answer, exit: EXIT.fail } : answer;
}

/** Without a head it is for the one on record, which the answer names. */
export async function taskOverride(
  api: Api,
  id: string,
  { check, head, reason }: { check: string; head?: string; reason: string },
): Promise<Answer> {
  const recorded = head === undefined ? await headOf(api, id) : head;
  if (typeof recorded !== 'string') return recorded;
  return shown(
    api.post(`/tasks/${encodeURIComponent(id)}/override`, { check, head_sha: recorded, reason }),
    taskView,
    (task) => `${task.id}: ${check} is overridden for ${recorded.slice(0, 12)}; kept in its events`,
  );
}

async function headOf(api: Api, id: string): Promise<string | Answer> {
  const answer = await shown(api.get(`/tasks/${encodeURIComponent(id)}`), taskView, () => '');
  if (answer.exit !== EXIT.pass) return answer;
  const { head_sha: head } = taskView.parse(answer.json);
  return head ?? usage(`${id} has no head on record yet; look again: gatehouse task show ${id}`);
}

/** The queue with the tasks and jobs of all its pages; what else it says is as the first page said it. */
async function wholeQueue(api: Api): Promise<ApiAnswer> {
  const first = await api.get('/queue?limit=1000');
  const whole = first.kind === 'ok' ? queueView.safeParse(first.body) : undefined;
  if (whole?.data === undefined) return first;
  const { data } = whole;
  for (let { cursor } = data; cursor !== null; ) {
    const answer = await api.get(`/queue?limit=1000&cursor=${encodeURIComponent(cursor)}`);
    const page = answer.kind === 'ok' ? queueView.safeParse(answer.body) : undefined;
    if (page?.data === undefined) return answer;
    data.tasks.push(...page.data.tasks);
    data.jobs.live.push(...page.data.jobs.live);
    cursor = page.data.cursor;
  }
  return { kind: 'ok', body: { ...data, cursor: null } };
}

export const queue = (api: Api): Promise<Answer> =>
  shown(wholeQueue(api), queueView, (body) => [
    ...body.breakers
      .filter(({ state }) => state === 'open')
      .map(
        ({ repo, cause, host, since, probe_at }) =>
          `OPEN ${repo}: ${cause} on ${host} since ${since}; its gates wait until main itself runs${probe_at === null ? '' : ` (next look ${probe_at})`}`,
      ),
    ...body.off.map((words) => `OFF ${words}`),
    `${body.jobs.total} jobs live, ${body.merge_gate.leases.length} leases held, ${body.merge_gate.tickets.length} tickets; since ${body.since}`,
    table(
      ['task', 'place', 'repo', 'branch', 'stage', 'state', 'now', 'job', 'why'],
      inQueueOrder(body).map(({ task, place }) => [
        task.id,
        place === null ? '-' : String(place),
        task.repo,
        task.branch,
        stageWord(task),
        stateOf(task),
        task.step ?? '',
        body.jobs.live.find((job) => job.task === task.id)?.id.toString() ?? '-',
        whyOf(task),
      ]),
    ),
    ...(body.jobs.live.length === 0 ? [] : ['what a job printed: gatehouse logs JOB']),
  ]);
