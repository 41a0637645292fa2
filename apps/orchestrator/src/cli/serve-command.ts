/** `gatehouse serve`: the service in the foreground until a signal ends it, or its store is lost. */
import { once } from 'node:events';
import { resolve } from 'node:path';
import { type LogFile, type OpenedLogFile, openLogFile } from '../platform/log-file.ts';
import { jsonLog } from '../platform/logger.ts';
import { startService } from '../running-service.ts';
import type { Settings } from '../settings.ts';
import { type Answer, EXIT, failure, type Terminal } from './answer.ts';

export async function serveCommand(settings: Settings, terminal: Terminal): Promise<Answer> {
  const opened = openLog(settings, terminal);
  if (opened.kind === 'closed')
    return failure(
      `the log cannot be written: ${opened.reason}; set ORCH_LOG_FILE to a file in a folder you can write`,
    );
  const { log } = opened;
  const answer = await serve(settings, { terminal, log });
  log.close();
  return answer;
}

const MIB = 1024 * 1024;
const KEPT_LOGS = 5;

function openLog({ log: { file, maxMib } }: Settings, { err }: Terminal): OpenedLogFile {
  const toTerminal = (line: string): void => void err(`${line}\n`);
  if (file === '') return { kind: 'open', log: { write: toTerminal, close: () => {} } };
  return openLogFile({ path: resolve(file), maxBytes: maxMib * MIB, keep: KEPT_LOGS, otherwise: toTerminal });
}

async function serve(
  settings: Settings,
  { terminal, log }: { readonly terminal: Terminal; readonly log: LogFile },
): Promise<Answer> {
  const lines = jsonLog(log.write);
  const started = await startService(settings, lines);
  if (started.kind !== 'running') {
    await lines.settled();
    return failure(started.problem);
  }
  terminal.out(`Gatehouse listens on ${started.url}\n`);
  if (started.tokenPath !== null) terminal.out(`The API token is in ${started.tokenPath}\n`);
  terminal.out(`The board for a browser: ${started.url}/ (log in with the API token)\n`);
  const lost = await Promise.race([ended(terminal.signal), started.lost]);
  if (lost === undefined) terminal.out('Gatehouse ends; what is under way goes on when it is started again\n');
  await started.stop();
  await lines.settled();
  return lost === undefined ? { exit: EXIT.pass } : failure(lost, 'gatehouse serve');
}

/** Resolves when the signal fires. */
export async function ended(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
