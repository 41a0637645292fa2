/**
 * The service's notifier when there are receivers: the log takes every alert at once. Receivers are served from the outbox, so
 * that one that is down holds none of the others up; an alert about the service itself goes to them past the outbox, because
 * the store may be what is wrong.
 */
import type { TellAnswer } from '../platform/tell-answer.ts';
import type { Notifier, Route } from './port.ts';

export function routedNotifier(log: Notifier, routes: readonly Route[]): Notifier {
  return {
    name: [log.name, ...routes.map(({ name }) => name)].join('+'),
    async notify(alert, signal) {
      const logged = await log.notify(alert, signal);
      if (alert.scope !== 'service') return logged;
      const wanting = routes.filter((route) => route.wants(alert, null));
      const answers = await Promise.all(
        wanting.map(({ receiver }) => receiver.send({ id: `service:${alert.key}`, alerts: [alert] }, signal)),
      );
      return answers.find(({ kind }: TellAnswer) => kind !== 'told') ?? logged;
    },
  };
}
