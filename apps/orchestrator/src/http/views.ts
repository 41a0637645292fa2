/** What the service shows of its rows: stable snake_case JSON, with the reason for every state. */
import { recoverKey } from '@gatehouse/cancel';
import { isTerminal } from '@gatehouse/stage-engine';
import { z } from '@hono/zod-openapi';
import { endOf } from '../platform/end-of-task.ts';
import type { GateRun, Repository, Task } from '../store/port/index.ts';
import type { Explanation } from './explain-waiting.ts';
import type { NextStep } from './next-steps.ts';

export const repoView = z
  .object({
    id: z.string(),
    url: z.string(),
    forge: z.string(),
    credential: z.string().nullable().openapi({ description: 'name of its credential; null: it needs none' }),
    main: z.string(),
    profile: z.string(),
    policy_path: z.string().nullable(),
    frozen_reason: z.string().nullable(),
    paused: z.boolean(),
    paused_reason: z.string().nullable().openapi({ description: 'why the service itself paused it' }),
    moved_to: z.string().nullable().openapi({ description: 'where its forge says that it is now; null: at its url' }),
  })
  .openapi('Repo');

/** One thing at the forge that a person has to set right before tasks land, or that is right. */
export const forgeFindingView = z
  .object({
    name: z.string(),
    status: z.enum(['ok', 'warn', 'fail']),
    detail: z.string(),
    next: z.string().nullable().openapi({ description: 'the click or command that mends it' }),
  })
  .openapi('ForgeFinding');

/** A repository as it was just registered, with what its forge lacks. */
export const registeredView = repoView.extend({ findings: z.array(forgeFindingView) }).openapi('RegisteredRepo');

export const showRepo = (repo: Repository): z.infer<typeof repoView> => ({
  id: repo.id,
  url: repo.url,
  forge: repo.forge,
  credential: repo.credential,
  main: repo.main,
  profile: repo.profile,
  policy_path: repo.policyPath,
  frozen_reason: repo.frozenReason,
  paused: repo.paused,
  paused_reason: repo.pausedReason,
  moved_to: repo.movedTo,
});

export const taskView = z
  .object({
    id: z.string(),
    repo: z.string(),
    branch: z.string(),
    key: z.string().openapi({ description: 'what people call it: the key of an issue, or the branch' }),
    generation: z.number().openapi({ description: 'how often this branch has been a task; 1 is the first time' }),
    title: z.string(),
    profile: z.string(),
    stage: z.string(),
    status: z.string().openapi({ description: 'active, waiting, blocked, stopping; ended: it is done or cancelled' }),
    step: z.string().nullable(),
    cause: z.string().nullable().openapi({ description: 'what it waits for, or what blocked it' }),
    reason: z.string().nullable().openapi({ description: 'why it waits, is blocked or has ended' }),
    held_by: z.string().nullable().openapi({
      description:
        'the rule that keeps its job from being begun, of which `reason` is the words: paused, service-pause, frozen, dependency, serial-gate, breaker, delayed, agents-busy or gates-busy; null: none does',
    }),
    ended_as: z.string().nullable().openapi({
      description:
        'how a task that is over ended: done, stopped, branch-gone, nothing-to-land, merged-outside or merged; null: it goes on',
    }),
    warnings: z.array(z.string()).openapi({ description: 'what holds nothing up, and what its people should know' }),
    base_sha: z.string().nullable(),
    head_sha: z.string().nullable(),
    tested_sha: z.string().nullable(),
    landed_sha: z.string().nullable(),
    stop: z
      .object({ requested_at: z.string(), by: z.string(), reason: z.string() })
      .nullable()
      .openapi({ description: 'the stop on record' }),
    settled_at: z.string().nullable().openapi({
      description: 'when a cancelled task had been cleaned up and its branch was free to be enqueued again',
    }),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .openapi('Task');

/** For a route: `showTasks` of shown-tasks.ts, which finds the explanation. */
export const viewOf = (task: Task, { reason, heldBy, warnings }: Explanation): z.infer<typeof taskView> => ({
  id: task.id,
  repo: task.repoId,
  // A cancelled task keeps its name for people; in the store its branch is free for the next generation.
  branch: recoverKey(task.branch),
  key: recoverKey(task.key),
  generation: task.generation,
  title: task.title,
  profile: task.profile,
  stage: task.stage,
  status: isTerminal(task.stage) ? 'ended' : task.status,
  step: task.state.step,
  cause: task.state.waiting?.cause ?? task.state.blocked?.cause ?? null,
  reason,
  held_by: heldBy,
  ended_as: endOf(task.state)?.kind ?? null,
  warnings: [...warnings],
  base_sha: task.baseSha,
  head_sha: task.headSha,
  tested_sha: task.testedSha,
  landed_sha: task.landedSha,
  stop: stopOf(task),
  settled_at: task.cancelledAt === null ? null : new Date(task.cancelledAt).toISOString(),
  created_at: new Date(task.createdAt).toISOString(),
  updated_at: new Date(task.updatedAt).toISOString(),
});

const stopOf = (task: Task) =>
  task.cancelRequestedAt === null
    ? null
    : {
        requested_at: new Date(task.cancelRequestedAt).toISOString(),
        by: task.state.stop?.by ?? '',
        reason: task.cancelReason ?? '',
      };

/** Who asked for the stop, and why; a task that was never asked to stop has no words. */
export const stopWords = ({ stop }: Pick<z.infer<typeof taskView>, 'stop'>): readonly string[] =>
  stop === null ? [] : [`the stop was asked for by ${stop.by}: ${stop.reason}`];

export const checkView = z
  .object({
    check: z.string(),
    status: z.string(),
    cause: z.string().nullable(),
    reason: z.string(),
    base_sha: z.string().nullable(),
    head_sha: z.string().nullable(),
    tested_sha: z.string().nullable(),
    findings: z.array(
      z.object({
        rule: z.string(),
        message: z.string(),
        path: z.string().optional(),
        line: z.number().optional(),
        commit: z.string().optional(),
      }),
    ),
    warnings: z.array(z.string()),
    artefact: z.string().nullable(),
    job: z.number().nullable().openapi({ description: 'whose log holds what its commands printed' }),
    duration_ms: z.number(),
    at: z.string(),
    basis: z.string().nullable().openapi({
      description:
        'what a green of the merge check rests on: test-run, quarantined-run, earlier-run, declared-ci or path-rule',
    }),
    basis_run: z.number().nullable().openapi({ description: 'number of the command run behind it' }),
  })
  .openapi('Check');

export const showCheck = (run: GateRun): z.infer<typeof checkView> => ({
  check: run.check,
  status: run.status,
  cause: run.cause,
  reason: run.reason,
  base_sha: run.baseSha,
  head_sha: run.headSha,
  tested_sha: run.testedSha,
  findings: run.findings.map((finding) => ({ ...finding })),
  warnings: [...run.warnings],
  artefact: run.artefact,
  job: run.jobId,
  duration_ms: run.durationMs,
  at: new Date(run.createdAt).toISOString(),
  basis: run.basis,
  basis_run: run.basisRun,
});

export const nextStepView = z
  .object({
    text: z.string(),
    command: z.string().nullable().openapi({ description: 'to type in a shell; null: there is none' }),
  })
  .openapi('NextStep');

export const showNextStep = ({ text, command }: NextStep): z.infer<typeof nextStepView> => ({
  text,
  command: command ?? null,
});

/** A JSON answer of a route. */
export const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});
