/** What its people can do about a task now, in sentences, with the command to type where there is one. Pure. */
import type { StoredCommandRun } from '../../store/port/index.ts';
import type { TaskContent, VerdictEntry } from './read-task.ts';

export interface Advice {
  readonly text: string;
  readonly command?: string;
}

const AGAIN = 'Push a fix to the branch: it comes back to the queue by itself.';

export function adviceFor({ row, repo, entries }: TaskContent): readonly Advice[] {
  const { task } = row;
  if (task.stage === 'done') return [{ text: 'Nothing. It is on the main branch.' }];
  if (task.stage === 'cancelled')
    return [
      {
        text: 'Nothing is left of it here. To try the branch again, queue it.',
        command: addCommand(repo.id, task.branch),
      },
    ];
  if (task.status === 'stopping')
    return [{ text: 'Nothing. What ran is being ended, and that it is over is being proven.' }];
  if (task.state.waiting?.cause === 'approval')
    return [{ text: 'Read the report of the analysis, then say yes with the button above.' }];
  if (task.status !== 'blocked') return [{ text: 'Nothing. It goes on by itself.' }];
  if (task.state.blocked?.reason === 'budget spent')
    return [
      { text: 'See what its agents have used. To let them go on, allow more and retry:', command: moreBudget(task.id) },
      { text: 'To end it, press Stop.' },
    ];
  const last = entries.filter((entry): entry is VerdictEntry => entry.kind === 'verdict').at(-1);
  const rules = last?.run.findings.map(({ rule }) => rule) ?? [];
  const has = (start: string): boolean => rules.some((rule) => rule.startsWith(start));
  if (has('conflict'))
    return [
      {
        text: `Bring the branch up to date and resolve the conflict. ${AGAIN}`,
        command: `git fetch origin\ngit rebase origin/${repo.main}`,
      },
    ];
  if (has('secret/'))
    return [
      { text: 'Take the secret for known: give out a new one where it is used.' },
      { text: 'Rewrite the branch without it; a later commit that deletes it leaves it in the history. Then push.' },
    ];
  if (has('coverage/'))
    return [{ text: `Cover the lines that are named, or what else the change left without a test. ${AGAIN}` }];
  if (has('red-') || has('timeout')) return [{ text: AGAIN }, ...runHere(last?.commands ?? [])];
  if (task.state.blocked?.reason === 'removed') return [{ text: AGAIN }];
  return [{ text: 'Set right what the last verdict names, then retry: it goes on where it stopped.' }];
}

function runHere(commands: readonly StoredCommandRun[]): readonly Advice[] {
  const alone = commands.find(({ purpose }) => purpose === 'branch-tests');
  const whole = commands.find(({ purpose }) => purpose === 'branch');
  const command = (alone ?? whole)?.command;
  return command === undefined ? [] : [{ text: 'Run the same where you work:', command }];
}

const moreBudget = (id: string): string =>
  `gatehouse task budget ${id} tokens=… time=… cost=… attempts=…\ngatehouse task retry ${id}`;

const addCommand = (repo: string, branch: string): string =>
  `gatehouse task add --repo ${repo} --branch '${branch.replaceAll("'", String.raw`'\''`)}'`;
