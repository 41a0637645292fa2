import { logNotifier } from '../src/notifiers/log.ts';
import { notifierContract } from './notifier.contract.ts';

const lines: string[] = [];

notifierContract({
  name: "log, the service's own",
  notifier: logNotifier({ warn: (message, fields) => void lines.push(`${message} ${JSON.stringify(fields)}`) }),
  told: () => lines,
});
