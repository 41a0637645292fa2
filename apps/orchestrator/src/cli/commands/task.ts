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

  const task = program
    .command('task')
    .description('branches on their way to main')
    .addHelpText('after', '\nA task is named by its id, its key or its branch.');
  addCommand(task, remoteAction, session.terminal);
  const onTask: TaskAction = (command, body) =>
    command.action((name: string) =>
      remoteAction(command, async (api) =>
        (await import('../task-named.ts')).onTask(api, name, async (id) => body(await handlers(), api, id)),
      ),
    );
  const taskApprove = reaching(
    task.command('approve <task>').description('say yes to the check that waits for a person'),
  )
    .option('--check <name>', 'only if it waits at this check')
    .option('--note <text>', 'kept with the approval');
  onTask(taskApprove, ({ taskApprove: approve }, api, id) =>
    approve(api, id, taskApprove.opts<{ check?: string; note?: string }>()),
  );
  const taskDepend = reaching(
    task.command('depend <task>').description('let a task wait until another one is done or cancelled'),
  ).requiredOption('--on <task>', 'the task to wait for');
  onTask(taskDepend, async ({ taskDepend: depend }, api, id) =>
    (await import('../task-named.ts')).onTask(api, taskDepend.opts<{ on: string }>().on, (on) => depend(api, id, on)),
  );
  budgetCommand(task, onTask);
  const taskLs = reaching(task.command('ls').alias('list').description('list tasks, newest first'));
  taskLs.action(() => remoteAction(taskLs, async (api) => (await handlers()).taskList(api)));
  const taskShow = reaching(task.command('show <task>').description('one task with every verdict'));
  onTask(taskShow, ({ taskShow: show }, api, id) => show(api, id));
  const taskPaper = reaching(
    task.command('paper <task> [name]').description('the paper that a person approves, or another of its papers'),
  );
  onTask(taskPaper, async (_, api, id) => (await import('../papers-command.ts')).taskPaper(api, id, taskPaper.args[1]));
  const taskRetry = reaching(
    task.command('retry <task>').description('run a blocked task again, or now what is asked again later'),
  );
  onTask(taskRetry, ({ taskRetry: retry }, api, id) => retry(api, id));
  const taskStop = reaching(
    task.command('stop <task>').description('end its run and cancel it; what is landing is let finish'),
  )
    .option('--reason <text>', 'why; kept with the task')
    .addHelpText('after', '\nExit status: 0 stopped, or it will be; 1 it was done already; 2 there is no such task.');
  onTask(taskStop, ({ taskStop: stop }, api, id) => {
    const { reason } = taskStop.opts<{ reason?: string }>();
    return stop(api, id, reason === undefined ? {} : { reason });
  });
  const taskOverride = reaching(
    task.command('override <task>').description('let one check pass for one exact head; kept with your reason'),
  )
    .requiredOption('--check <name>', `the check to pass, as \`task show\` names it: check_branch_mergeable, …`)
    .option('--head <sha>', 'the full commit it is for (default: the head on record)')
    .requiredOption('--reason <text>', 'why');
  onTask(taskOverride, ({ taskOverride: override }, api, id) =>
    override(api, id, taskOverride.opts<{ check: string; head?: string; reason: string }>()),
  );
  const queue = reaching(program.command('queue').description('what waits, and why'));
  queue.action(() => remoteAction(queue, async (api) => (await handlers()).queue(api)));
}

type RemoteAction = (command: Command, body: (api: Api) => Promise<Answer>) => Promise<void>;
type Handlers = Awaited<ReturnType<typeof handlers>>;
/** What a command does to the task that its first word names: by id, key or branch. */
type TaskAction = (command: Command, body: (commands: Handlers, api: Api, id: string) => Promise<Answer>) => void;

function addCommand(task: Command, remoteAction: RemoteAction, { progress, signal }: Terminal): void {
  const taskAdd = reaching(task.command('add').description('enqueue a branch, or ask for a change in words'))
    .requiredOption('--repo <name>', 'registered repository')
    .option('--branch <branch>', 'branch to land (profile gates-only)')
    .option('--title <text>', 'what it is about (needed in profile full)')
    .option('--description <text>', 'the whole of what is asked for')
    .option('--key <key>', "the task's name in branches and papers, for example ABC-12")
    .option('--priority <n>', 'one point is worth ten minutes of waiting, -100 to 100')
    .option('--depends-on <task...>', 'tasks that must be done or cancelled first')
    .option('--budget <limit...>', 'what its agents may use: time=2h attempts=12 tokens=2000000 cost=5')
    .option('--wait', 'until it has landed or needs a person; ending the wait does not stop the task')
    .addHelpText(
      'after',
      '\nExit status: 0 queued; with --wait 0 landed, 1 its change is at fault or it was stopped, 3 something else needs a person, 75 the wait was ended.',
    );
  taskAdd.action(() =>
    remoteAction(taskAdd, async (api) => {
      const options = taskAdd.opts<TaskOptions>();
      const add = async (dependsOn?: readonly string[]): Promise<Answer> =>
        (await handlers()).taskAdd(api, { ...options, ...(dependsOn && { dependsOn }) }, { progress, signal });
      return options.dependsOn === undefined
        ? add()
        : (await import('../task-named.ts')).onTasks(api, options.dependsOn, add);
    }),
  );
}

function budgetCommand(task: Command, onTask: TaskAction): void {
  const taskBudget = reaching(
    task
      .command('budget <task> <limit...>')
      .description('what its agents may use: time=2h attempts=12 tokens=2000000 cost=5'),
  ).addHelpText('after', '\nA limit that is not named stays; none lifts one. The cost is in US dollars.');
  onTask(taskBudget, ({ taskBudget: budget }, api, id) => budget(api, id, taskBudget.args.slice(1)));
}
