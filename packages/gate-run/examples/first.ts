/** Does this commit pass this command? `node examples/first.ts <bare repository> <commit> <command> <empty directory>` */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CommandRun, runOnCommit } from '@gatehouse/gate-run';

export interface Trial {
  readonly gitDir: string;
  readonly commit: string;
  readonly command: string;
  readonly directory: string;
}

export async function tryCommit({ gitDir, commit, command, directory }: Trial): Promise<string> {
  const record: CommandRun[] = [];
  const answer = await runOnCommit({
    purpose: 'branch',
    commit,
    slot: { kind: 'check-out', git: { gitDir }, dir: join(directory, 'slot') },
    command,
    timeoutMs: 60_000,
    limits: { reaperLimitMs: 300_000 },
    env: { set: { CHECKED_BY: 'gate-run' } },
    log: { dir: join(directory, 'logs'), name: 'branch' },
    onRun: (run) => void record.push(run),
  });

  switch (answer.kind) {
    case 'ran':
      return `${answer.run.outcome}: ${answer.run.reason}; ${record.length} command in the record`;
    case 'setup-failed':
      return `the setup did not pass: ${answer.run.reason}`;
    case 'refused':
    case 'no-logs':
    case 'checkout-failed':
      return `not run: ${answer.reason}`;
    case 'unsupervised':
      return `a bug: ${answer.crash.error.message}`;
    case 'crashed':
      return `a bug: ${answer.error.message}`;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [gitDir = '', commit = '', command = '', directory = ''] = process.argv.slice(2);
  console.log(await tryCommit({ gitDir, commit, command, directory }));
}
