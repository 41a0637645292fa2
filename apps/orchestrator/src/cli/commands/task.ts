/** The words of `gatehouse task` and `gatehouse queue`. */
import type { Command } from 'commander';
import type { Answer, Terminal } from '../answer.ts';
import type { Api } from '../api-client.ts';
import type { TaskOptions } from '../remote-commands.ts';
import { asking, reaching, type Session } from '../session.ts';

const handlers = () => import('../remote-commands.ts');

/** Adds the commands to the program. */
export function taskCommands(program: Command, session: Session): void {
  const remoteAction: RemoteAction = (command, body) => asking(session, command, body);

  const task = program.command('task').description('branches on their way to main');
  addCommand(task, remoteAction, session.terminal);
  const taskApprove = reaching(task.command('approve <id>').description('say yes to the check that waits for a person'))
    .option('--check <name>', 'only if it waits at this check')
    .option('--note <text>', 'kept with the approval');
  taskApprove.action((id: string) =>
    remoteAction(taskApprove, async (api) =>
      (await handlers()).taskApprove(api, id, taskApprove.opts<{ check?: string; note?: string }>()),
    ),
  );
  const taskDepend = reaching(
    task.command('depend <id>').description('let a task wait until another one is done or cancelled'),
  ).requiredOption('--on <id>', 'the task to wait for');
  taskDepend.action((id: string) =>
    remoteAction(taskDepend, async (api) =>
      (await handlers()).taskDepend(api, id, taskDepend.opts<{ on: string }>().on),
    ),
  );
  budgetCommand(task, remoteAction);
  const taskLs = reaching(task.command('ls').description('list tasks, newest first'));
  taskLs.action(() => remoteAction(taskLs, async (api) => (await handlers()).taskList(api)));
  const taskShow = reaching(task.command('show <id>').description('one task with every verdict'));
  taskShow.action((id: string) => remoteAction(taskShow, async (api) => (await handlers()).taskShow(api, id)));
  const taskRetry = reaching(task.command('retry <id>').description('run a blocked task again'));
  taskRetry.action((id: string) => remoteAction(taskRetry, async (api) => (await handlers()).taskRetry(api, id)));
  const taskStop = reaching(
    task.command('stop <id>').description('end its run and cancel it; what is landing is let finish'),
  )
    .option('--reason <text>', 'why; kept with the task')
    .addHelpText('after', '\nExit status: 0 stopped, or it will be; 1 it was done already; 2 there is no such task.');
  taskStop.action((id: string) => {
    const { reason } = taskStop.opts<{ reason?: string }>();
    return remoteAction(taskStop, async (api) =>
      (await handlers()).taskStop(api, id, reason === undefined ? {} : { reason }),
    );
  });
  const taskOverride = reaching(
    task.command('override <id>').description('let one check pass for one exact head; kept with your reason'),
  )
    .requiredOption('--check <name>', `the check to pass, as \`task show\` names it: check_branch_mergeable, …`)
    .option('--head <sha>', 'the full commit it is for (default: the head on record)')
    .requiredOption('--reason <text>', 'why');
  taskOverride.action((id: string) =>
    remoteAction(taskOverride, async (api) =>
      (await handlers()).taskOverride(api, id, taskOverride.opts<{ check: string; head?: string; reason: string }>()),
    ),
  );
  const queue = reaching(program.command('queue').description('what waits, and why'));
  queue.action(() => remoteAction(queue, async (api) => (await handlers()).queue(api)));
}

type RemoteAction = (command: Command, body: (api: Api) => Promise<Answer>) => Promise<void>;

function addCommand(task: Command, remoteAction: RemoteAction, { progress, signal }: Terminal): void {
  const taskAdd = reaching(task.command('add').description('enqueue a branch, or ask for a change in words'))
    .requiredOption('--repo <name>', 'registered repository')
    .option('--branch <branch>', 'branch to land (profile gates-only)')
    .option('--title <text>', 'what it is about (needed in profile full)')
    .option('--description <text>', 'the whole of what is asked for')
    .option('--key <key>', "the task's name in branches and papers, for example ABC-12")
    .option('--priority <n>', 'one point is worth ten minutes of waiting, -100 to 100')
    .option('--depends-on <id...>', 'tasks that must be done or cancelled first')
    .option('--budget <limit...>', 'what its agents may use: time=2h attempts=12 tokens=2000000 cost=5')
    .option('--wait', 'until it has landed or needs a person; ending the wait does not stop the task')
    .addHelpText(
      'after',
      '\nExit status: 0 queued; with --wait 0 landed, 1 its change is at fault or it was stopped, 3 something else needs a person, 75 the wait was ended.',
    );
  taskAdd.action(() =>
    remoteAction(taskAdd, async (api) =>
      (await handlers()).taskAdd(api, taskAdd.opts<TaskOptions>(), { progress, signal }),
    ),
  );
}

function budgetCommand(task: Command, remoteAction: RemoteAction): void {
  const taskBudget = reaching(
    task
      .command('budget <id> <limit...>')
      .description('what its agents may use: time=2h attempts=12 tokens=2000000 cost=5'),
  ).addHelpText('after', '\nA limit that is not named stays; none lifts one. The cost is in US dollars.');
  taskBudget.action((id: string, limits: string[]) =>
    remoteAction(taskBudget, async (api) => (await handlers()).taskBudget(api, id, limits)),
  );
}
