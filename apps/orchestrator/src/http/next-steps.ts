/**
 * What its people can do about a task now, in sentences, with the command to type where there is one: for its page, `task show` and
 * the API. Every command here does what its sentence says, in the state that it is said in; a test types them all. Pure.
 */
import { CHECKS, isCheckName, STAGE_TRANSITIONS } from '@gatehouse/stage-engine';
import type { Finding } from '@gatehouse/verdict';
import { endOf } from '../platform/end-of-task.ts';
import { papersDir } from '../policy/task-key.ts';
import type { Repository, StoredCommandRun, Task } from '../store/port/index.ts';

export interface NextStep {
  readonly text: string;
  readonly command?: string;
}

/** What the steps are read from. Branch and key are as people know them. */
export interface TaskFacts {
  readonly task: Task;
  readonly repo: Repository;
  /** What is wrong, by the newest verdict, where that is a fail. */
  readonly findings: readonly Pick<Finding, 'rule'>[];
  /** The commands behind it, secrets masked. */
  readonly commands: readonly Pick<StoredCommandRun, 'purpose' | 'command'>[];
  /** The last job of which there is a log. */
  readonly job: number | null;
  /** False: nobody stops a task here. */
  readonly canStop: boolean;
  /** Where a budget is spent: limits that let its agents go on, as `task budget` takes them. */
  readonly grant: string | null;
  /** Something was wrong, and it is asked again at a later time. */
  readonly isAskedLater: boolean;
  /** The papers of the task that its branch adds to main; null: nobody knows. */
  readonly papers: readonly string[] | null;
}

export function nextSteps(facts: TaskFacts): readonly NextStep[] {
  const { task } = facts;
  if (task.stage === 'done') return [{ text: 'Nothing. It is on the main branch.' }];
  if (task.stage === 'cancelled') return onceCancelled(facts);
  if (task.status === 'stopping')
    return [{ text: 'Nothing. What ran is being ended, and that it is over is being proven.' }];
  if (task.cancelRequestedAt !== null) return [{ text: 'Nothing. It ends as soon as its landing has answered.' }];
  const held = whileHeld(facts);
  if (task.state.waiting?.cause === 'approval') return [...held, ...atApproval(facts)];
  if (task.status !== 'blocked') return held.length > 0 ? held : whileWaiting(facts);
  return [...held, ...onceBlocked(facts)];
}

function onceCancelled({ task, repo }: TaskFacts): readonly NextStep[] {
  const kind = endOf(task.state)?.kind;
  if (task.cancelledAt === null)
    return [
      {
        text: 'What it left is being cleaned up; until then its name is taken. Look again:',
        command: `gatehouse task show ${task.id}`,
      },
    ];
  if (kind === 'branch-gone')
    return [{ text: 'Push the branch again, then queue it anew:', command: `gatehouse task retry ${task.id}` }];
  if (kind === 'nothing-to-land' || kind === 'merged' || kind === 'merged-outside')
    return [{ text: 'Nothing. There is nothing of it to land.' }];
  return [{ text: 'Nothing is left of it here. To try again, queue it:', command: addCommand(repo, task) }];
}

/** What holds every task of the repository. */
function whileHeld({ repo }: TaskFacts): readonly NextStep[] {
  if (repo.frozenReason !== null)
    return [
      {
        text: `${repo.id} is frozen. Once main is as it must be, an admin opens it:`,
        command: `gatehouse repo thaw ${repo.id}`,
      },
    ];
  if (!repo.paused) return [];
  return repo.pausedReason === null
    ? [{ text: `${repo.id} is paused. To let it go on:`, command: `gatehouse resume --repo ${repo.id}` }]
    : [
        {
          text: `The service paused ${repo.id}: ${repo.pausedReason}. Once that is set right:`,
          command: `gatehouse resume --repo ${repo.id}`,
        },
      ];
}

function whileWaiting(facts: TaskFacts): readonly NextStep[] {
  const { task, grant, isAskedLater, job } = facts;
  const retry = `gatehouse task retry ${task.id}`;
  switch (task.state.waiting?.cause) {
    case 'needs-merge':
      return [{ text: 'Merge it by hand: the service does not land here.' }];
    case 'cannot-land':
      return [{ text: 'Set right at the forge what it names; then it goes on by itself.' }];
  }
  if (!isAskedLater) return [{ text: 'Nothing. It goes on by itself.' }];
  if (grant !== null)
    return [
      {
        text: 'Its budget is spent, so no agent begins again. To let them go on, allow more:',
        command: `gatehouse task budget ${task.id} ${grant}\n${retry}`,
      },
    ];
  return [
    ...(job === null ? [] : [{ text: 'Read what it printed:', command: `gatehouse logs ${job}` }]),
    { text: 'It is asked again by itself. Once you have set right what it names, now:', command: retry },
  ];
}

function toEnd({ task, canStop }: TaskFacts): readonly NextStep[] {
  return canStop ? [{ text: 'Or end it:', command: `gatehouse task stop ${task.id}` }] : [];
}

function atApproval(facts: TaskFacts): readonly NextStep[] {
  const { task, papers, job } = facts;
  const approve = `gatehouse task approve ${task.id}`;
  const said = job === null ? [] : [{ text: 'What its analyst printed:', command: `gatehouse logs ${job}` }];
  if (papers !== null && papers.length === 0)
    return [
      { text: `There is nothing to read: no analysis was committed below ${papersDir(task.key)}.` },
      ...said,
      { text: 'To go on all the same, say yes:', command: approve },
      ...toEnd(facts),
    ];
  const where = papers === null ? papersDir(task.key) : papers.slice(0, SHOWN_PAPERS).join(', ');
  return [
    { text: `Read the analysis: ${where} on the branch ${task.branch}.` },
    { text: 'Then say yes:', command: approve },
    ...toEnd(facts),
  ];
}

const SHOWN_PAPERS = 5;

function onceBlocked(facts: TaskFacts): readonly NextStep[] {
  const { task, repo, grant, job } = facts;
  const retry = `gatehouse task retry ${task.id}`;
  const log = job === null ? [] : [{ text: 'Read what it printed:', command: `gatehouse logs ${job}` }];
  switch (task.state.blocked?.reason) {
    case 'budget spent':
      return [
        {
          text: 'See what its agents have used. To let them go on, allow more and retry:',
          command: `${grant === null ? '' : `gatehouse task budget ${task.id} ${grant}\n`}${retry}`,
        },
        ...toEnd(facts),
      ];
    case 'frozen':
      return repo.frozenReason === null
        ? [{ text: `${repo.id} is open again. To go on:`, command: retry }]
        : [{ text: 'Then go on:', command: retry }];
    case 'landed, not deployed':
      return [...log, { text: 'Main holds it. Set right what kept it from being deployed, then:', command: retry }];
    case 'removed':
    case 'retries spent':
      return onceBlamed(facts);
    default:
      return [
        ...log,
        ...wantedReport(facts),
        { text: 'Set right what it names; then it goes on where it stopped:', command: retry },
      ];
  }
}

/** Where a stage ended without its report, what it has to be. */
function wantedReport({ task }: TaskFacts): readonly NextStep[] {
  const { agent, checks } = STAGE_TRANSITIONS[task.stage];
  const [check] = checks;
  const artefact = check === undefined ? null : CHECKS[check].artefact;
  if (artefact === null || (task.state.step !== agent && task.state.step !== check)) return [];
  const { name, key, values } = artefact;
  return [
    {
      text: `Its agent has to write ${papersDir(task.key)}/${name}, with \`${key}: ${values.join(' | ')}\` and the attempt in its front matter.`,
    },
  ];
}

function onceBlamed(facts: TaskFacts): readonly NextStep[] {
  const { task, repo } = facts;
  const again = comesBack(task);
  const has = (start: string): boolean => facts.findings.some(({ rule }) => rule.startsWith(start));
  if (has('conflict'))
    return [
      {
        text: 'Bring the branch up to date and resolve the conflict, then push it.',
        command: `git fetch origin\ngit rebase origin/${repo.main}`,
      },
      ...again,
    ];
  if (has('gate-changed'))
    return [
      { text: `Take the change of the tests' own command out of the branch and push it.` },
      ...again,
      { text: 'Or, once somebody has read that change, an admin lets this head pass:', command: override(facts) },
    ];
  if (has('secret/'))
    return [
      { text: 'Take the secret for known: give out a new one where it is used.' },
      { text: 'Rewrite the branch without it; a later commit that deletes it leaves it in the history. Then push.' },
      ...again,
      { text: 'If it is none, an admin lets this head pass:', command: override(facts) },
    ];
  if (has('lock/foreign-host'))
    return [
      { text: 'Fetch the package from a host that main uses, and push the lockfile.' },
      ...again,
      {
        text: 'If the host is right, name it in ORCH_SECURITY_DEP_HOSTS, start the service again, then:',
        command: `gatehouse task retry ${task.id}`,
      },
    ];
  if (has('coverage/'))
    return [{ text: 'Cover the lines that are named, or what else the change left without a test.' }, ...again];
  if (has('red-') || has('timeout')) return [...again, ...runHere(facts.commands)];
  return again;
}

/** A branch of people comes back with a push. That of a task whose agents gave up stays until a person says so. */
const comesBack = (task: Task): readonly NextStep[] => {
  if (task.state.blocked?.reason === 'removed')
    return [{ text: 'Push a fix to the branch: it comes back to the queue by itself.' }];
  return [
    {
      text: `Its developer was asked as often as may be. Push a fix to ${task.branch} yourself, or leave it; then ${whoJudges(task)} again:`,
      command: `gatehouse task retry ${task.id}`,
    },
  ];
};

/** Whom a retry asks: who left a report that was no yes makes it anew; any other check is asked itself. */
function whoJudges({ stage, state: { step } }: Task): string {
  const { agent } = STAGE_TRANSITIONS[stage];
  const readsReport = isCheckName(step) && CHECKS[step].artefact !== null;
  if (readsReport && agent !== null) return agent === 'deployer' ? 'deploy it' : `have its ${agent} look at it`;
  return 'have it checked';
}

function override({ task }: TaskFacts): string {
  const check = isCheckName(task.state.step) && CHECKS[task.state.step].askedOf === 'machine' ? task.state.step : '';
  return `gatehouse task override ${task.id} --check ${check} --reason 'why it may pass'`;
}

function runHere(commands: TaskFacts['commands']): readonly NextStep[] {
  const alone = commands.find(({ purpose }) => purpose === 'branch-tests');
  const whole = commands.find(({ purpose }) => purpose === 'branch');
  const command = (alone ?? whole)?.command;
  return command === undefined ? [] : [{ text: 'Run the same where you work:', command }];
}

const LONGEST_DESCRIPTION = 400;

function addCommand(repo: Repository, { branch, key, title, description, profile }: Task): string {
  const start = `gatehouse task add --repo ${repo.id}`;
  if (profile !== 'full') return `${start} --branch ${quoted(branch)}`;
  const isShort = description !== '' && description.length <= LONGEST_DESCRIPTION;
  const words = isShort ? ` --description ${quoted(description)}` : '';
  return `${start} --key ${key} --title ${quoted(title)}${words}`;
}

/** One word of a shell. */
const quoted = (text: string): string =>
  /^[\w./-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
