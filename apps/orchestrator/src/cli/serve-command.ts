/** `gatehouse serve`: the service in the foreground until a signal ends it, or its store is lost. */
import { once } from 'node:events';
import { jsonLog } from '../platform/logger.ts';
import { startService } from '../running-service.ts';
import type { Settings } from '../settings.ts';
import { type Answer, EXIT, failure, type Terminal } from './answer.ts';

export async function serveCommand(settings: Settings, terminal: Terminal): Promise<Answer> {
  const started = await startService(
    settings,
    jsonLog((line) => terminal.err(`${line}\n`)),
  );
  if (started.kind !== 'running') return failure(started.problem);
  terminal.out(`Gatehouse listens on ${started.url}\n`);
  if (started.tokenPath !== null) terminal.out(`The API token is in ${started.tokenPath}\n`);
  terminal.out(`The board for a browser: ${started.url}/?token=<that token>\n`);
  const lost = await Promise.race([ended(terminal.signal), started.lost]);
  await started.stop();
  return lost === undefined ? { exit: EXIT.pass } : failure(lost);
}

/** Resolves when the signal fires. */
export async function ended(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
