/** One run of the command line: where its answer is kept, and what commands that need settings or a service share. */
import { type Command, Option } from 'commander';
import type { Settings } from '../settings.ts';
import { type Answer, type Terminal, usage } from './answer.ts';
import type { Api } from './api-client.ts';
import type { ColorWhen } from './look.ts';

export interface Session {
  readonly terminal: Terminal;
  answer: Answer;
  json: boolean;
  /** The words that lead to the command that runs. */
  command: string;
  color: ColorWhen;
}

/** Wraps a command's body: settings first, then the answer is kept for printing. */
export function withSettings(
  session: Session,
  body: (settings: Settings, warnings: readonly string[]) => Promise<Answer>,
) {
  return async (): Promise<void> => {
    const { readSettings } = await import('../settings.ts');
    const read = readSettings();
    session.answer =
      read.kind === 'invalid'
        ? usage(read.problems.join('\n           '), 'gatehouse doctor --print-env')
        : await body(read.settings, read.warnings);
  };
}

/** The options of every command that asks a running service. */
export const reaching = (command: Command): Command =>
  command
    .option('--url <url>', 'where the service listens (default: this machine, ORCH_PORT)')
    .addOption(
      new Option('--token <token>', 'bearer token (default: ORCH_API_TOKEN or the data directory)').env(
        'GATEHOUSE_TOKEN',
      ),
    )
    .option('--json', 'one object');

/** Runs a body with a client for the service that the command's options name. */
export const asking = (session: Session, command: Command, body: (api: Api) => Promise<Answer>): Promise<void> =>
  withSettings(session, async (settings) => {
    const { apiClient } = await import('./api-client.ts');
    session.terminal.progress?.step({ what: 'waiting for the service', announced: false });
    return body(await apiClient(settings, command.opts<{ url?: string; token?: string }>()));
  })();
