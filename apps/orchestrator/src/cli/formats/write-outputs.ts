/** Puts a report where its formats are wanted, and into the summary of the step that runs it. */
import { isAbsolute, resolve } from 'node:path';
import { appendToFile, writeTextFile } from '../../platform/files.ts';
import type { Environment } from '../../platform/process-environment.ts';
import { type Answer, EXIT } from '../answer.ts';
import { type Output, WRITERS } from './choose-outputs.ts';
import { EXIT_OF } from './exit-of.ts';
import { jsonOf } from './json.ts';
import { writeMarkdown } from './markdown.ts';
import type { GateReport } from './report.ts';

export interface WriteOutputs {
  readonly outputs: readonly Output[];
  readonly cwd: string;
  /** `true`: where the CI system wants it; a file; `false`: nowhere. */
  readonly summary: boolean | string;
  readonly env: Environment;
}

const MODE = 0o644;

/** The answer of the command; a file that cannot be written ends it as our failure, whatever the verdict is. */
export async function writeOutputs(report: GateReport, request: WriteOutputs): Promise<Answer> {
  const { outputs, cwd } = request;
  const texts = outputs.map(({ format, file }) => ({ file, text: `${WRITERS[format]?.(report) ?? ''}` }));
  const problems: string[] = [];
  for (const { file, text } of texts) {
    if (file === null) continue;
    const written = await writeTextFile(resolve(cwd, file), text.endsWith('\n') ? text : `${text}\n`, MODE);
    if (written.kind === 'unwritable') problems.push(`${file} cannot be written: ${written.reason}`);
  }
  const summary = summaryFile(request);
  if (summary !== null) {
    const appended = await appendToFile(summary, writeMarkdown(report));
    if (appended.kind === 'unwritable') problems.push(`the summary ${summary} cannot be written: ${appended.reason}`);
  }
  const shown = texts.find(({ file }) => file === null);
  const answer = {
    exit: EXIT_OF[report.status],
    json: jsonOf(report),
    ...(shown === undefined ? {} : { text: shown.text }),
  };
  return problems.length === 0 ? answer : { ...answer, exit: EXIT.error, problem: problems.join('; ') };
}

/** Runners make the file before a step starts and show what it holds afterwards. */
function summaryFile({ summary, env, cwd }: WriteOutputs): string | null {
  if (typeof summary === 'string') return resolve(cwd, summary);
  if (!summary) return null;
  const isActions = env['GITHUB_ACTIONS'] === 'true' || env['GITEA_ACTIONS'] === 'true';
  const file = env['GITHUB_STEP_SUMMARY'] ?? env['GITEA_STEP_SUMMARY'] ?? '';
  return isActions && isAbsolute(file) ? file : null;
}
