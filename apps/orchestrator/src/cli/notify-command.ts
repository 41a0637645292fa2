/** `gatehouse notify`: try the receivers of alerts, and send again what could not be delivered. */
import { z } from '@hono/zod-openapi';
import { notificationView, triedView } from '../http/routes/notifications.ts';
import { visibleStart } from '../platform/visible-text.ts';
import { type Answer, EXIT, table } from './answer.ts';
import { type Api, everyPage } from './api-client.ts';
import { listed, shown } from './remote-commands.ts';

const TEXT_CHARS = 80;

export async function tryRoutes(api: Api, route: string | undefined): Promise<Answer> {
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

export const listAlerts = (api: Api, state: string): Promise<Answer> =>
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

export async function sendAgain(api: Api, which: string | undefined): Promise<Answer> {
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
