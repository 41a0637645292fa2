/**
 * Who is told what: the routes of the operator's file, or one to each receiver that the settings name. A route without
 * `repos` is about all of them; one without `severity` takes warnings, too.
 */
import { parseDocument } from 'yaml';
import { z } from 'zod';
import type { Credentials } from '../platform/credentials.ts';
import type { Receiver, Route, Severity } from './port.ts';
import { endOfQuiet, parseQuietHours, type QuietHours } from './quiet-hours.ts';
import { severityOf } from './severity.ts';
import { telegram } from './telegram.ts';
import { formatOf, WEBHOOK_FORMATS, webhook } from './webhook.ts';

/** The part of the settings that names receivers. */
export interface NotifySettings {
  readonly telegramUrl: string;
  readonly telegramToken: string;
  readonly telegramChat: string;
  readonly webhookUrl: string;
  readonly webhookSecret: string;
}

export type RoutesAnswer =
  | { readonly kind: 'routes'; readonly routes: readonly Route[] }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

export interface RouteSources {
  readonly notify: NotifySettings;
  readonly credentials: Credentials;
}

const shared = {
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'small letters, digits and dashes')
    .optional(),
  repos: z
    .array(
      z
        .string()
        .max(100)
        .regex(/^[^*]+(\*[^*]*){0,3}$|^(\*[^*]*){1,3}$/, 'a name, with at most three stars'),
    )
    .min(1)
    .optional(),
  severity: z.enum(['warning', 'critical']).optional(),
  quiet: z.string().optional(),
  time_zone: z.string().optional(),
};
const routeRow = z.discriminatedUnion('to', [
  z.strictObject({ to: z.literal('telegram'), chat: z.coerce.string().optional(), ...shared }),
  z.strictObject({
    to: z.literal('webhook'),
    credential: z.string().min(1).optional(),
    format: z.enum(WEBHOOK_FORMATS).optional(),
    ...shared,
  }),
]);
const routesFile = z.strictObject({ version: z.literal(1), routes: z.array(routeRow).max(50) });
type RouteRow = z.infer<typeof routeRow>;

/** One route to each receiver that the settings name; none where they name none. */
export function settingsRoutes({ notify, credentials }: RouteSources): RoutesAnswer {
  const rows: RouteRow[] = [];
  if (notify.telegramToken !== '') rows.push({ to: 'telegram' });
  if (notify.webhookUrl !== '') rows.push({ to: 'webhook' });
  return routesOf(rows, { notify, credentials });
}

/** The routes of a file's text. Every mistake says where it is and what is allowed. */
export function fileRoutes(text: string, sources: RouteSources): RoutesAnswer {
  const document = parseDocument(text);
  const broken = document.errors[0];
  if (broken !== undefined) return { kind: 'invalid', problems: [broken.message.split('\n')[0] ?? 'is no YAML'] };
  const parsed = routesFile.safeParse(document.toJS({ maxAliasCount: 10 }));
  if (!parsed.success)
    return {
      kind: 'invalid',
      problems: parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`),
    };
  return routesOf(parsed.data.routes, sources);
}

function routesOf(rows: readonly RouteRow[], sources: RouteSources): RoutesAnswer {
  const problems: string[] = [];
  const routes: Route[] = [];
  for (const [at, row] of rows.entries()) {
    const name = row.name ?? nameOf(row, routes);
    const receiver = receiverOf(row, sources);
    const quiet = row.quiet === undefined ? null : parseQuietHours(row.quiet, row.time_zone ?? 'UTC');
    if (typeof receiver === 'string') problems.push(`routes.${at}: ${receiver}`);
    if (row.quiet !== undefined && quiet === null)
      problems.push(`routes.${at}.quiet: must be such as 22:00-07:00, with a time_zone such as Europe/Berlin`);
    if (routes.some((route) => route.name === name)) problems.push(`routes.${at}.name: ${name} is there twice`);
    if (typeof receiver !== 'string') routes.push(routeOf({ name, receiver, row, quiet }));
  }
  return problems.length > 0 ? { kind: 'invalid', problems } : { kind: 'routes', routes };
}

const nameOf = ({ to }: RouteRow, before: readonly Route[]): string => {
  const same = before.filter(({ name }) => name === to || name.startsWith(`${to}-`)).length;
  return same === 0 ? to : `${to}-${same + 1}`;
};

/** Text: why there is none. */
function receiverOf(row: RouteRow, { notify, credentials }: RouteSources): Receiver | string {
  if (row.to === 'telegram') {
    const chat = row.chat ?? notify.telegramChat;
    if (notify.telegramToken === '') return 'ORCH_TELEGRAM_TOKEN is not set';
    return chat === ''
      ? 'names no chat: set ORCH_TELEGRAM_CHAT_ID, or `chat` of the route'
      : telegram({ api: notify.telegramUrl, token: notify.telegramToken, chat });
  }
  const named = row.credential === undefined ? undefined : credentials.get(row.credential.toLowerCase());
  if (row.credential !== undefined && named === undefined)
    return `ORCH_CREDENTIAL_${row.credential.toUpperCase()} is not set; it holds the url of the webhook`;
  const url = named?.token ?? notify.webhookUrl;
  const secret = named?.webhookSecret ?? notify.webhookSecret;
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    return 'the url of the webhook must begin with https:// or http://';
  const { username, password } = new URL(url);
  if (username !== '' || password !== '')
    return 'the url of the webhook holds a user or a password, which no request can be made with: put what proves us into its path';
  return webhook({ url, secret, format: row.format ?? formatOf(url) });
}

interface RouteParts {
  readonly name: string;
  readonly receiver: Receiver;
  readonly row: RouteRow;
  readonly quiet: QuietHours | null;
}

function routeOf({ name, receiver, row, quiet }: RouteParts): Route {
  const least: Severity = row.severity ?? 'warning';
  const repos = row.repos?.map(patternOf);
  return {
    name,
    receiver,
    // What is wrong with the service concerns every repository.
    wants: (alert, repository) =>
      (least === 'warning' || severityOf(alert) === 'critical') &&
      (repos === undefined || repository === null || repos.some((pattern) => pattern.test(repository))),
    dueAt: (alert, nowMs) => (quiet === null || severityOf(alert) === 'critical' ? nowMs : endOfQuiet(quiet, nowMs)),
  };
}

/** `*` stands for any characters of a repository's name. */
const patternOf = (text: string): RegExp =>
  new RegExp(
    `^${text
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  );
