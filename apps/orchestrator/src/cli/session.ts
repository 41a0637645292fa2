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

export type UsableSettings =
  | { readonly kind: 'settings'; readonly settings: Settings; readonly warnings: readonly string[] }
  | { readonly kind: 'unusable'; readonly answer: Answer };

/** Their reader takes long to load: whoever may end without them asks late. */
export async function usableSettings(): Promise<UsableSettings> {
  const { readSettings } = await import('../settings.ts');
  const read = readSettings();
  if (read.kind !== 'invalid') return { kind: 'settings', settings: read.settings, warnings: read.warnings };
  return { kind: 'unusable', answer: usage(read.problems.join('\n           '), 'gatehouse doctor --print-env') };
}

/** Wraps a command's body: settings first, then the answer is kept for printing. */
export function withSettings(
  session: Session,
  body: (settings: Settings, warnings: readonly string[]) => Promise<Answer>,
) {
  return async (): Promise<void> => {
    const asked = await usableSettings();
    session.answer = asked.kind === 'unusable' ? asked.answer : await body(asked.settings, asked.warnings);
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

/** The options of every command whose answer is a report, in one of the formats. */
export const formatting = (command: Command): Command =>
  command
    .option(
      '--format <format>',
      'text, json, sarif, junit, markdown or github; FORMAT=FILE writes a file; may be repeated',
      (one: string, before: readonly string[] = []) => [...before, one],
    )
    .option('--output <file>', 'where the one --format goes that names no file');

/** Those of a report that CI systems sum up, too. */
export const summing = (command: Command): Command =>
  formatting(command)
    .option('--summary [file]', 'append Markdown to a file (default: the step summary of GitHub or Gitea)')
    .option('--no-summary', 'append it nowhere');

/** Runs a body with a client for the service that the command's options name. */
export const asking = (session: Session, command: Command, body: (api: Api) => Promise<Answer>): Promise<void> =>
  withSettings(session, async (settings) => {
    const { apiClient } = await import('./api-client.ts');
    session.terminal.progress?.step({ what: 'waiting for the service', announced: false });
    return body(await apiClient(settings, command.opts<{ url?: string; token?: string }>()));
  })();
