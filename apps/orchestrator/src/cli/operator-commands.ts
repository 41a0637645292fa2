/** What an operator does besides landing branches: pause, read leases and logs, set a baseline by hand. */
import { z } from '@hono/zod-openapi';
import type { Command } from 'commander';
import { baselineView } from '../http/routes/coverage.ts';
import { leaseView } from '../http/routes/leases.ts';
import { repoView } from '../http/views.ts';
import { type Answer, table, usage } from './answer.ts';
import { type Api, everyPage } from './api-client.ts';
import { listed, shown } from './remote-commands.ts';
import { asking, reaching, type Session } from './session.ts';

/** Adds the commands to the program. */
export function operatorCommands(program: Command, session: Session): void {
  for (const [name, says] of [
    ['pause', 'claim nothing more, of one repository or of all; what runs is let finish'],
    ['resume', 'claim again'],
  ] as const) {
    const command = reaching(program.command(name).description(says)).option('--repo <name>', 'only this one');
    command.action(() => asking(session, command, (api) => hold(api, name, command.opts<{ repo?: string }>().repo)));
  }
  const leases = reaching(program.command('leases').description('who may move which main, and who is in line'));
  leases.action(() => asking(session, leases, showLeases));

  const logs = reaching(program.command('logs <job>').description('what a job printed, running or ended'))
    .option('--tail <bytes>', 'how much of the end of each command', '65536')
    .addHelpText('after', '\nThe number of a job is in `gatehouse queue --json` and in the events of its task.');
  logs.action((job: string) => asking(session, logs, (api) => showLog(api, job, logs.opts<{ tail: string }>().tail)));

  const baseline = program.command('baseline').description('what the coverage of a branch is compared with');
  const show = reaching(baseline.command('show').description('every baseline and how it moved'));
  show.action(() => asking(session, show, showBaselines));
  const set = reaching(
    baseline.command('set').description('set one by hand, up or down; kept with your name and reason'),
  )
    .requiredOption('--repo <name>', 'registered repository')
    .requiredOption('--covered <lines>', 'covered lines')
    .requiredOption('--total <lines>', 'lines in all')
    .requiredOption('--reason <text>', 'why')
    .option('--branch <branch>', 'where branches land (default: the main of the repository)')
    .option('--command-hash <sha256>', 'which coverage command, where there are several');
  set.action(() => asking(session, set, (api) => setBaseline(api, set.opts<BaselineOptions>())));
}

const hold = (api: Api, what: 'pause' | 'resume', repo: string | undefined): Promise<Answer> =>
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

const showLeases = (api: Api): Promise<Answer> =>
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

const showLog = (api: Api, job: string, tail: string): Promise<Answer> => {
  if (!/^\d+$/.test(job)) return Promise.resolve(usage(`a job is a number, not ${JSON.stringify(job)}`));
  const asked = api.get(`/jobs/${job}/log?tail=${encodeURIComponent(tail)}`);
  return shown(asked, z.string(), (text) => text);
};

const showBaselines = (api: Api): Promise<Answer> =>
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

interface BaselineOptions {
  readonly repo: string;
  readonly covered: string;
  readonly total: string;
  readonly reason: string;
  readonly branch?: string;
  readonly commandHash?: string;
}

function setBaseline(api: Api, options: BaselineOptions): Promise<Answer> {
  const { repo, covered, total, reason, branch, commandHash } = options;
  if (!/^\d+$/.test(covered) || !/^\d+$/.test(total))
    return Promise.resolve(usage('--covered and --total are whole numbers of lines'));
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
