/**
 * What a developer does about a check that sent its change back: steps, not a log. They are made from what the check found; its
 * own words stand below them, and the whole log is a file.
 */
import { visibleLine } from '../platform/visible-text.ts';
import type { ShownFailure } from './failed-check.ts';

export interface Place {
  readonly failed: ShownFailure;
  readonly main: string;
  /** Where main is now; the clone has its objects and no ref for it. */
  readonly mainCommit: string;
}

const NAMED = 40;

/** Markdown for the prompt. Pure. */
export function mendingSteps(of: Place): string[] {
  const { check, reason, logPath, findingsPath } = of.failed;
  const steps = [...stepsFor(of), 'Commit. The service asks the same check again.'];
  return [
    `The change did not pass \`${check}\`: ${visibleLine(reason)}`,
    '',
    ...steps.map((step, at) => `${at + 1}. ${step}`),
    '',
    ...(findingsPath === null ? [] : [`All of its findings, whole: ${findingsPath}`, '']),
    ...(logPath === null ? [] : [`Everything that its commands printed: ${logPath}`, '']),
  ];
}

type Rule = readonly [matches: RegExp, steps: (of: Place) => readonly string[]];

/** The first row that fits a finding is what has to be done first. */
const RULES: readonly Rule[] = [
  [/^conflict$/, conflictSteps],
  [
    /^unrelated-history$/,
    ({ main, mainCommit }) => [
      `The branch has no commit in common with \`${main}\`. Begin anew on it: \`git reset --hard ${mainCommit}\`, and make the change there.`,
    ],
  ],
  [
    /^secret\//,
    ({ failed, mainCommit }) => [
      `Take the secret out of every commit, not only the last: it is in the history otherwise. ${placesOf(failed, /^secret\//)}`,
      `One way: \`git reset --soft $(git merge-base HEAD ${mainCommit})\`, remove the secret, and commit anew. Read it from the environment where it is needed.`,
    ],
  ],
  [
    /^dependency\//,
    ({ failed }) => [
      `Use a version that no advisory names, or do without the package, and bring the lockfile up to date. ${placesOf(failed, /^dependency\//)}`,
    ],
  ],
  [
    /^entry\//,
    ({ failed, mainCommit }) => [
      `Take out of every commit what the repository does not keep; a new commit that deletes it leaves it in the history. ${placesOf(failed, /^entry\//)}`,
      `One way: \`git reset --soft $(git merge-base HEAD ${mainCommit})\`, then \`git rm --cached\` each of them, and commit anew.`,
    ],
  ],
  [
    /^gate-changed$/,
    ({ failed }) => [
      `Take the change of how tests are run out again; only a person may allow it. ${placesOf(failed, /^gate-changed$/)}`,
    ],
  ],
  [/^marker-lost$/, ({ failed }) => [`Bring back what main must keep. ${placesOf(failed, /^marker-lost$/)}`]],
  [
    /^coverage\//,
    ({ failed }) => [
      `Write tests that run the lines of your change, and look that they fail without it. ${placesOf(failed, /^coverage\//)}`,
      ...runAgain(failed),
    ],
  ],
  [/^(?:red-|timeout|tests-fell|surroundings|ci$)/, redSteps],
];

function stepsFor(of: Place): readonly string[] {
  for (const [matches, steps] of RULES) if (of.failed.findings.some(({ rule }) => matches.test(rule))) return steps(of);
  return ['Do what the findings below ask for, each of them.', ...runAgain(of.failed)];
}

function conflictSteps({ failed, main, mainCommit }: Place): readonly string[] {
  return [
    `\`${main}\` has moved into the way of the change. It is at \`${mainCommit}\`, which this clone holds: \`git rebase ${mainCommit}\``,
    `Resolve what conflicts so that both changes hold. ${placesOf(failed, /^conflict$/)}`,
    '`git add` each of them, then `git -c core.editor=true rebase --continue`, until the rebase has ended.',
    'Run the tests of the project: what merged without a conflict may still not fit together.',
  ];
}

function redSteps({ failed }: Place): readonly string[] {
  const { failing } = failed;
  const named =
    failing.length === 0
      ? 'The tests fail with your change on top of main; main alone passes.'
      : `These tests fail with your change on top of main, and not on main alone:${listOf(failing)}`;
  return [
    named,
    ...runAgain(failed),
    'Mend the cause in the change. Do not skip, loosen or delete a test, unless the task says that it is wrong.',
  ];
}

const runAgain = ({ command }: ShownFailure): readonly string[] =>
  command === null ? [] : [`Run the same: \`${visibleLine(command)}\``];

/** `Here: a.ts:3, b.ts.` */
function placesOf({ findings }: ShownFailure, rule: RegExp): string {
  const places = findings.flatMap((one) =>
    rule.test(one.rule) && one.path !== undefined ? [`${one.path}${one.line === undefined ? '' : `:${one.line}`}`] : [],
  );
  return places.length === 0 ? 'The findings below say where.' : `Here:${listOf([...new Set(places)])}`;
}

function listOf(names: readonly string[]): string {
  const rest = names.length - NAMED;
  const shown = names.slice(0, NAMED).map((name) => `\n   - \`${visibleLine(name).replaceAll('`', "'")}\``);
  return `${shown.join('')}${rest > 0 ? `\n   - and ${rest} more, in the words of the check below` : ''}`;
}
