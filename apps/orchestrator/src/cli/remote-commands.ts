/** The commands that ask a running service: repo, task, queue. */
import { resolve } from 'node:path';
import type { z } from '@hono/zod-openapi';
import type { queueView } from '../routes/queue.ts';
import type { repoView, taskView } from '../routes/views.ts';
import { type Answer, type Terminal, table } from './answer.ts';
import type { Api, ApiAnswer } from './api-client.ts';

type Repo = z.infer<typeof repoView>;
type Task = z.infer<typeof taskView>;
type Queue = z.infer<typeof queueView>;

/** Shows what the service answered; a refusal is passed on as it is. */
async function shown<Body>(asked: Promise<ApiAnswer>, text: (body: Body) => string): Promise<Answer> {
  const answer = await asked;
  return answer.kind === 'refused' ? answer.answer : { exit: 0, json: answer.body, text: text(answer.body as Body) };
}

export const repoAdd = (
  api: Api,
  id: string,
  options: { path: string; main?: string; policy?: string },
  terminal: Terminal,
): Promise<Answer> =>
  shown<Repo>(
    api.post('/repos', {
      id,
      path: resolve(terminal.cwd, options.path),
      ...(options.main === undefined ? {} : { main: options.main }),
      ...(options.policy === undefined ? {} : { policy_path: resolve(terminal.cwd, options.policy) }),
    }),
    (repo) => `registered ${repo.id} (${repo.url}, branches land on ${repo.main})`,
  );

export const repoList = (api: Api): Promise<Answer> =>
  shown<Repo[]>(api.get('/repos'), (repos) =>
    repos.length === 0
      ? 'no repository is registered; add one: gatehouse repo add NAME --path /path/to/bare.git'
      : table(
          ['name', 'place', 'main', 'state'],
          repos.map((repo) => [repo.id, repo.url, repo.main, repo.frozen_reason ?? (repo.paused ? 'paused' : 'open')]),
        ),
  );

export const taskAdd = (api: Api, options: { repo: string; branch: string; title?: string }): Promise<Answer> =>
  shown<Task>(api.post('/tasks', options), (task) => `${task.id}: ${task.branch} is queued`);

export const taskList = (api: Api): Promise<Answer> =>
  shown<Task[]>(api.get('/tasks'), (tasks) =>
    tasks.length === 0
      ? 'no task yet; add one: gatehouse task add --repo NAME --branch B'
      : table(
          ['task', 'branch', 'stage', 'status', 'why'],
          tasks.map((task) => [task.id, task.branch, task.stage, task.status, task.reason ?? '']),
        ),
  );

export const taskShow = (api: Api, id: string): Promise<Answer> =>
  shown<Task & { checks: { check: string; status: string; reason: string; at: string }[] }>(
    api.get(`/tasks/${encodeURIComponent(id)}`),
    (task) =>
      [
        `${task.id}  ${task.branch}  ${task.stage}/${task.status}${task.reason === null ? '' : `: ${task.reason}`}`,
        `head ${task.head_sha ?? '-'}  tested ${task.tested_sha ?? '-'}  landed ${task.landed_sha ?? '-'}`,
        table(
          ['at', 'check', 'verdict', 'why'],
          [...task.checks].reverse().map((run) => [run.at, run.check, run.status, run.reason]),
        ),
      ].join('\n'),
  );

export const taskRetry = (api: Api, id: string): Promise<Answer> =>
  shown<Task>(
    api.post(`/tasks/${encodeURIComponent(id)}/retry`, {}),
    (task) => `${task.id} runs again from ${task.step ?? task.stage}`,
  );

export const taskOverride = (
  api: Api,
  id: string,
  options: { check: string; head: string; reason: string },
): Promise<Answer> =>
  shown<Task>(
    api.post(`/tasks/${encodeURIComponent(id)}/override`, {
      check: options.check,
      head_sha: options.head,
      reason: options.reason,
    }),
    (task) => `${task.id}: ${options.check} is overridden for ${options.head.slice(0, 12)}; kept in its events`,
  );

export const queue = (api: Api): Promise<Answer> =>
  shown<Queue>(api.get('/queue'), (body) =>
    [
      `${body.jobs.live.length} jobs live, ${body.merge_gate.leases.length} leases held, ${body.merge_gate.tickets.length} tickets; since ${body.since}`,
      table(
        ['task', 'branch', 'stage', 'status', 'now', 'why'],
        body.tasks.map((task) => [task.id, task.branch, task.stage, task.status, task.step ?? '', task.reason ?? '']),
      ),
    ].join('\n'),
  );
