/** The words of `gatehouse notify`. */
import type { Command } from 'commander';
import { asking, reaching, type Session } from '../session.ts';

const handlers = () => import('../notify-command.ts');

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

/** Adds the commands to the program. */
export function notifyCommand(program: Command, session: Session): void {
  const notify = program.command('notify').description('alerts for people: try, list, send again');
  notify.addHelpText('after', HELP);
  const test = reaching(notify.command('test').description('send a message to each receiver, and say how it answered'));
  test.option('--route <name>', 'only this one');
  test.action(() =>
    asking(session, test, async (api) => (await handlers()).tryRoutes(api, test.opts<{ route?: string }>().route)),
  );
  const ls = reaching(notify.command('ls').description('what was not delivered; with --state, what is or was'));
  ls.option('--state <state>', 'dead, pending or sent', 'dead');
  ls.action(() =>
    asking(session, ls, async (api) => (await handlers()).listAlerts(api, ls.opts<{ state: string }>().state)),
  );
  const resend = reaching(notify.command('resend [number]').description('send a dead letter again, or all of them'));
  resend.option('--all', 'every dead letter');
  resend.action((id: string | undefined) =>
    asking(session, resend, async (api) =>
      (await handlers()).sendAgain(api, resend.opts<{ all?: boolean }>().all === true ? 'all' : id),
    ),
  );
}
