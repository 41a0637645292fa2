/** `gatehouse notify`: try the receivers of alerts, and send again what could not be delivered. */
import { z } from '@hono/zod-openapi';
import type { Command } from 'commander';
import { notificationView, triedView } from '../http/routes/notifications.ts';
import { visibleStart } from '../platform/visible-text.ts';
import { type Answer, EXIT, table } from './answer.ts';
import { type Api, everyPage } from './api-client.ts';
import { listed, shown } from './remote-commands.ts';
import { asking, reaching, type Session } from './session.ts';

const HELP = `
Alerts always go to the service's log. They go to people, too, when the service is started with
  ORCH_TELEGRAM_TOKEN and ORCH_TELEGRAM_CHAT_ID     a Telegram bot and the chat it writes to
  ORCH_NOTIFY_WEBHOOK_URL                           Slack, Discord, or plain JSON (signed with ORCH_NOTIFY_WEBHOOK_SECRET)
  ORCH_NOTIFY_FILE                                  a file of routes, where not everything goes everywhere:
    version: 1
    routes:
      - { to: telegram, severity: critical }
      - { to: webhook, format: mattermost, credential: TEAM, repos: [shop, "web-*"], quiet: "22:00-07:00", time_zone: Europe/Berlin }
The webhook of a credential is ORCH_CREDENTIAL_TEAM=https://…; in quiet hours only what is critical is told, the rest at their end.`;

const TEXT_CHARS = 80;

/** Adds the commands to the program. */
export function notifyCommand(program: Command, session: Session): void {
  const notify = program.command('notify').description('alerts for people: try, list, send again');
  notify.addHelpText('after', HELP);
  const test = reaching(notify.command('test').description('send a message to each receiver, and say how it answered'));
  test.option('--route <name>', 'only this one');
  test.action(() => asking(session, test, (api) => tryRoutes(api, test.opts<{ route?: string }>().route)));
  const ls = reaching(notify.command('ls').description('what was not delivered; with --state, what is or was'));
  ls.option('--state <state>', 'dead, pending or sent', 'dead');
  ls.action(() => asking(session, ls, (api) => list(api, ls.opts<{ state: string }>().state)));
  const resend = reaching(notify.command('resend [number]').description('send a dead letter again, or all of them'));
  resend.option('--all', 'every dead letter');
  resend.action((id: string | undefined) =>
    asking(session, resend, (api) => sendAgain(api, resend.opts<{ all?: boolean }>().all === true ? 'all' : id)),
  );
}

async function tryRoutes(api: Api, route: string | undefined): Promise<Answer> {
  const query = route === undefined ? '' : `?route=${encodeURIComponent(route)}`;
  const answer = await listed('routes', api.post(`/notifications/test${query}`, {}), triedView, (routes) =>
    table(
      ['route', 'answer', 'why'],
      routes.map(({ route: name, status, reason }) => [name, status, reason ?? '']),
    ),
  );
  const { routes = [] } = (answer.json ?? {}) as { routes?: readonly z.infer<typeof triedView>[] };
  return routes.every(({ status }) => status === 'told') ? answer : { ...answer, exit: EXIT.fail };
}

const list = (api: Api, state: string): Promise<Answer> =>
  listed(
    'notifications',
    everyPage(api, `/notifications?state=${encodeURIComponent(state)}`),
    notificationView,
    (rows) =>
      rows.length === 0
        ? `no alert is ${state}`
        : table(
            ['number', 'route', 'about', 'tries', 'text', 'last error'],
            rows.map((row) => [
              String(row.id),
              row.route,
              row.about,
              String(row.attempts),
              visibleStart(row.text, TEXT_CHARS),
              row.last_error === null ? '-' : visibleStart(row.last_error, TEXT_CHARS),
            ]),
          ),
  );

async function sendAgain(api: Api, which: string | undefined): Promise<Answer> {
  if (which === undefined)
    return { exit: EXIT.usage, problem: 'name a number, or pass --all; gatehouse notify ls lists them', json: {} };
  const ids = which === 'all' ? await deadLetters(api) : [which];
  if ('exit' in ids) return ids;
  for (const id of ids) {
    const sent = z.object({ id: z.number() });
    const answer = await shown(api.post(`/notifications/${encodeURIComponent(id)}/resend`, {}), sent, () => '');
    if (answer.exit !== 0) return answer;
  }
  const text = ids.length === 0 ? 'there is no dead letter' : `due again: ${ids.join(', ')}`;
  return { exit: 0, json: { resent: ids.map(Number) }, text };
}

async function deadLetters(api: Api): Promise<readonly string[] | Answer> {
  const rows = z.array(notificationView);
  const answer = await shown(everyPage(api, '/notifications?state=dead'), rows, () => '');
  return answer.exit === 0 ? rows.parse(answer.json).map(({ id }) => String(id)) : answer;
}
