/** What an operator does besides landing branches: pause, read leases and logs, set a baseline by hand. */
import { z } from '@hono/zod-openapi';
import { baselineView } from '../http/routes/coverage.ts';
import { leaseView } from '../http/routes/leases.ts';
import { repoView } from '../http/views.ts';
import { type Answer, EXIT, table, usage } from './answer.ts';
import { type Api, everyPage } from './api-client.ts';
import { detailView, listed, shown } from './remote-commands.ts';
import { onTask } from './task-named.ts';

export const hold = (api: Api, what: 'pause' | 'resume', repo: string | undefined): Promise<Answer> =>
  listed('repos', api.post(`/${what}`, repo === undefined ? {} : { repo }), repoView, (repos) =>
    repos.length === 0
      ? 'no repository is registered'
      : repos
          .map(
            ({ id, paused, paused_reason }) =>
              `${id}: ${paused ? `paused${paused_reason === null ? '' : `: ${paused_reason}`}` : 'open'}`,
          )
          .join('\n'),
  );

export const showLeases = (api: Api): Promise<Answer> =>
  listed('leases', everyPage(api, '/leases'), leaseView, (leases) =>
    leases.length === 0
      ? 'no repository is registered'
      : table(
          ['repository', 'holder', 'token', 'since', 'in line'],
          leases.map(({ repo, holder, token, acquired_at, line }) => [
            repo,
            holder ?? '-',
            token === null ? '-' : String(token),
            acquired_at ?? '-',
            line.map(({ task }) => task).join(' '),
          ]),
        ),
  );

/** Of a job by its number, or of the newest job of a task. */
export async function showLog(api: Api, name: string, tail: string): Promise<Answer> {
  if (/^\d+$/.test(name)) return showJob(api, name, tail);
  return onTask(api, name, async (id) => {
    const answer = await shown(api.get(`/tasks/${encodeURIComponent(id)}`), detailView, () => '');
    if (answer.exit !== EXIT.pass) return answer;
    const { job } = detailView.parse(answer.json);
    return job === null
      ? usage(`nothing of ${name} has run yet, so there is no log`, `gatehouse task show ${id}`)
      : showJob(api, String(job), tail);
  });
}

function showJob(api: Api, job: string, tail: string): Promise<Answer> {
  return shown(api.get(`/jobs/${job}/log?tail=${encodeURIComponent(tail)}`), z.string(), (text) => text);
}

export const showBaselines = (api: Api): Promise<Answer> =>
  listed('baselines', everyPage(api, '/coverage'), baselineView, (rows) =>
    rows.length === 0
      ? 'no baseline yet; the first landing with coverage makes one'
      : table(
          ['repository', 'branch', 'mark', 'last', 'moved by', 'why'],
          rows.map(({ repo, branch, mark, last, history }) => [
            repo,
            branch,
            `${mark.covered}/${mark.total}`,
            `${last.covered}/${last.total}`,
            history.at(-1)?.actor ?? '',
            history.at(-1)?.reason ?? '',
          ]),
        ),
  );

export interface BaselineOptions {
  readonly repo: string;
  readonly covered: string;
  readonly total: string;
  readonly reason: string;
  readonly branch?: string;
  readonly commandHash?: string;
}

export function setBaseline(api: Api, options: BaselineOptions): Promise<Answer> {
  const { repo, covered, total, reason, branch, commandHash } = options;
  if (!/^\d+$/.test(covered) || !/^\d+$/.test(total))
    return Promise.resolve(usage('--covered and --total are whole numbers of lines', 'gatehouse baseline show'));
  const body = {
    repo,
    covered: Number(covered),
    total: Number(total),
    reason,
    ...(branch === undefined ? {} : { branch }),
    ...(commandHash === undefined ? {} : { command_hash: commandHash }),
  };
  return shown(
    api.post('/coverage/baseline', body),
    baselineView,
    ({ mark }) => `${repo}: the mark is ${mark.covered}/${mark.total} now; kept in its history`,
  );
}
