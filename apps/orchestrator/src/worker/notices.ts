/**
 * Alerts on their way to receivers outside: one row of the outbox per route, so that each is tried, given up and sent again by
 * itself. What is due for one route at once is one message.
 */
import type { ServiceContext } from '../context.ts';
import { alertIn, NOTICE, routeNameOf } from '../notifiers/notice-row.ts';
import type { Alert, Route } from '../notifiers/port.ts';
import { maskTexts } from '../platform/mask-text.ts';
import type { TellAnswer } from '../platform/tell-answer.ts';
import type { OutboxMessage } from '../store/port/index.ts';
import { retryAt } from './retry-at.ts';

/** Alerts that are raised within this time reach a person as one message. */
const GATHER_MS = 3_000;

type NoticeContext = Pick<ServiceContext, 'log' | 'now' | 'routes' | 'store'>;

/** Puts an alert on the way to every route that wants it. The same alert again changes nothing. */
export async function addNotices(service: NoticeContext, row: OutboxMessage, alert: Alert): Promise<void> {
  if (service.routes.length === 0) return;
  const repository = alert.repository ?? (await repositoryOf(service, alert.task));
  const nowMs = service.now();
  for (const route of service.routes.filter((one) => one.wants(alert, repository)))
    await service.store.addOutbox({
      kind: NOTICE,
      dedupeKey: `${NOTICE}:${route.name}:${row.dedupeKey}`,
      payload: { route: route.name, about: row.dedupeKey, alert },
      availableAt: Math.max(route.dueAt(alert, nowMs), nowMs + GATHER_MS),
      atMs: nowMs,
      ...(row.taskId === null ? {} : { taskId: row.taskId }),
    });
}

async function repositoryOf({ store }: NoticeContext, task: string | null): Promise<string | null> {
  return task === null ? null : ((await store.getTask(task))?.repoId ?? null);
}

/** So many alerts are one message at most. */
const MOST = 200;
/** Longer than the slowest receiver takes: ten seconds. */
const CLAIM_MS = 60_000;

/** Sends what is due, one message per route, and records how each ended. Waits for receivers, so it has a loop of its own. */
export async function dispatchNotices(service: NoticeContext): Promise<void> {
  const due = { nowMs: service.now(), leaseMs: CLAIM_MS, limit: MOST, kinds: [NOTICE] };
  const claimed = await service.store.claimOutbox(due);
  const byRoute = Map.groupBy(claimed, routeNameOf);
  await Promise.all([...byRoute].map(([name, rows]) => deliver(service, name, rows)));
}

async function deliver(service: NoticeContext, name: string, rows: readonly OutboxMessage[]): Promise<void> {
  const route = service.routes.find((one) => one.name === name);
  const readable = rows.flatMap((row) => {
    const alert = alertIn(row);
    return alert === null ? [] : [{ row, alert }];
  });
  const unreadable = rows.filter((row) => !readable.some((one) => one.row === row));
  const answer: TellAnswer =
    route === undefined
      ? { kind: 'rejected', reason: `no route is called ${JSON.stringify(name)} any more` }
      : await send(route, readable);
  for (const row of unreadable)
    await settle(service, row, { kind: 'rejected', reason: 'no alert can be read from it' });
  for (const { row } of readable) await settle(service, row, answer);
}

async function send(
  { receiver }: Route,
  of: readonly { readonly row: OutboxMessage; readonly alert: Alert }[],
): Promise<TellAnswer> {
  const [first] = of;
  if (first === undefined) return { kind: 'told' };
  const texts = await maskTexts(of.map(({ alert }) => alert.text));
  const alerts = of.map(({ alert }, at) => ({ ...alert, text: texts[at] ?? '' }));
  return receiver.send({ id: of.map(({ row }) => row.id).join('-'), alerts });
}

async function settle({ store, log, now }: NoticeContext, row: OutboxMessage, answer: TellAnswer): Promise<void> {
  if (answer.kind === 'told') {
    await store.ackOutbox(row, now());
    return;
  }
  const retryAtMs = retryAt(now(), row, answer);
  const message =
    retryAtMs === null ? 'an alert was not delivered and is kept as a dead letter' : 'an alert will be sent again';
  log.warn(message, { id: row.id, route: routeNameOf(row), why: answer.reason });
  await store.nackOutbox(row, { error: answer.reason, retryAtMs });
}
