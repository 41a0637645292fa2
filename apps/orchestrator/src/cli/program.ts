/** The command line: every command, its options and its help. Commands answer; only `runCli` prints and gives a status. */
import { types } from 'node:util';
import { Command, CommanderError } from 'commander';
import { GATES } from '../checks/registry.ts';
import { VERSION } from '../platform/version.ts';
import { visibleJson } from '../platform/visible-text.ts';
import { envExample } from '../settings.ts';
import { type Answer, EXIT, failure, print, type Terminal } from './answer.ts';
import type { Api } from './api-client.ts';
import { initCommands } from './commands/init.ts';
import { coverageRead } from './coverage-command.ts';
import { doctorCommand } from './doctor-command.ts';
import { flakyCommand } from './flaky-command.ts';
import { type GateOptions, gateCommand } from './gate-command.ts';
import { notifyCommand } from './notify-command.ts';
import { operatorCommands } from './operator-commands.ts';
import { runPrivateTool, toolProgram } from './private-tool.ts';
import * as remote from './remote-commands.ts';
import { repoCommands, repoDoctor } from './repo-commands.ts';
import { type RunOptions, runCommand } from './run-command.ts';
import { RUN_DEFAULTS } from './run-words.ts';
import { serveCommand } from './serve-command.ts';
import { asking, reaching, type Session, withSettings } from './session.ts';
import { simulateCommands } from './simulate-command.ts';
import { storeCommands } from './store-commands.ts';

const EXITS = 'Exit status: 0 pass, 1 fail, 2 usage, 3 error, 75 defer (ask again).';

/** Parses the words after the program's name, runs one command, prints its answer; gives the exit status. Never throws on usage. */
export async function runCli(words: readonly string[], terminal: Terminal): Promise<number> {
  const session: Session = { terminal, answer: { exit: EXIT.usage }, json: words.includes('--json') };
  const program = build(session);
  try {
    await program.parseAsync([...words], { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) return print(broken(thrown), terminal, session.json);
    const asked =
      thrown.code === 'commander.helpDisplayed' ||
      thrown.code === 'commander.version' ||
      thrown.code === 'commander.help';
    if (asked && thrown.exitCode === 0) return EXIT.pass;
    if (session.json) terminal.out(`${visibleJson({ error: thrown.message.replace(/^error: /, '') })}\n`);
    return words[0] === 'run' ? 125 : EXIT.usage;
  }
  return print(session.answer, terminal, session.json);
}

/** A bug of ours, or a disk that failed under the store: one line, and never the exit status of a verdict. */
const broken = (thrown: unknown): Answer =>
  failure(`this command ended before its answer: ${types.isNativeError(thrown) ? thrown.message : 'unknown trouble'}`);

function build(session: Session): Command {
  const { terminal } = session;
  const program = new Command('gatehouse')
    .description('Lands the work of many branches on main without guessing what is safe.')
    .version(VERSION)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .showSuggestionAfterError()
    .showHelpAfterError('(gatehouse --help shows every command, gatehouse COMMAND --help its options)')
    .addHelpText(
      'after',
      `\n${EXITS}\nSettings are environment variables; gatehouse doctor --print-env lists them with their defaults.`,
    );
  serviceCommands(program, session);
  repoCommands(program, session);
  remoteCommands(program, session);
  flakyCommand(program, session);
  notifyCommand(program, session);
  operatorCommands(program, session);
  storeCommands(program, session);
  gateCommands(program, session);
  initCommands(program, session);
  simulateCommands(program, session);
  return program;
}

function serviceCommands(program: Command, session: Session): void {
  program
    .command('serve')
    .description('run the service in the foreground')
    .action(withSettings(session, (settings) => serveCommand(settings, session.terminal)));
  const demo = program
    .command('demo')
    .description('watch real branches of a small real project pass or fail real gates, in a throw-away directory')
    .option('--once', 'end after the table; exit 0 only if everything ended as it must')
    .option('--forge <kind>', 'gitea: the same at pull requests, on a double of Gitea')
    .option('--json', 'print the outcome as one object');
  demo.action(async () => {
    const { once = false, json = false, forge } = demo.opts<{ once?: boolean; json?: boolean; forge?: string }>();
    const at = forge === undefined ? [] : ['--forge', forge];
    const args = [...(once ? ['--once'] : []), ...(json ? ['--json'] : []), ...at];
    session.answer = await runPrivateTool({
      title: 'the demo',
      program: toolProgram('demo'),
      args,
      terminal: session.terminal,
    });
  });
  const doctor = reaching(program.command('doctor'))
    .description('what this machine and these settings can do, before a task finds out')
    .option('--repo <name>', 'ask the running service what its forge lacks for this repository')
    .option('--store', 'check every page and index of the store too; it may take a while')
    .option('--print-env', 'print every setting with its default');
  doctor.action(() => {
    const { printEnv, store = false, repo } = doctor.opts<{ printEnv?: boolean; store?: boolean; repo?: string }>();
    if (repo !== undefined) return asking(session, doctor, (api) => repoDoctor(api, repo));
    return withSettings(session, async (settings, warnings) =>
      printEnv === true
        ? { exit: 0, text: envExample(), json: { env: envExample() } }
        : doctorCommand(settings, { warnings, store }),
    )();
  });
}

function remoteCommands(program: Command, session: Session): void {
  const remoteAction = (command: Command, body: (api: Api) => Promise<Answer>) => asking(session, command, body);

  const task = program.command('task').description('branches on their way to main');
  const taskAdd = reaching(task.command('add').description('enqueue a branch, or ask for a change in words'))
    .requiredOption('--repo <name>', 'registered repository')
    .option('--branch <branch>', 'branch to land (profile gates-only)')
    .option('--title <text>', 'what it is about (needed in profile full)')
    .option('--description <text>', 'the whole of what is asked for')
    .option('--key <key>', "the task's name in branches and papers, for example ABC-12")
    .option('--priority <n>', 'one point is worth ten minutes of waiting, -100 to 100')
    .option('--depends-on <id...>', 'tasks that must be done or cancelled first');
  taskAdd.action(() => remoteAction(taskAdd, (api) => remote.taskAdd(api, taskAdd.opts<remote.TaskOptions>())));
  const taskApprove = reaching(task.command('approve <id>').description('say yes to the check that waits for a person'))
    .option('--check <name>', 'only if it waits at this check')
    .option('--note <text>', 'kept with the approval');
  taskApprove.action((id: string) =>
    remoteAction(taskApprove, (api) =>
      remote.taskApprove(api, id, taskApprove.opts<{ check?: string; note?: string }>()),
    ),
  );
  const taskDepend = reaching(
    task.command('depend <id>').description('let a task wait until another one is done or cancelled'),
  ).requiredOption('--on <id>', 'the task to wait for');
  taskDepend.action((id: string) =>
    remoteAction(taskDepend, (api) => remote.taskDepend(api, id, taskDepend.opts<{ on: string }>().on)),
  );
  const taskLs = reaching(task.command('ls').description('list tasks, newest first'));
  taskLs.action(() => remoteAction(taskLs, remote.taskList));
  const taskShow = reaching(task.command('show <id>').description('one task with every verdict'));
  taskShow.action((id: string) => remoteAction(taskShow, (api) => remote.taskShow(api, id)));
  const taskRetry = reaching(task.command('retry <id>').description('run a blocked task again'));
  taskRetry.action((id: string) => remoteAction(taskRetry, (api) => remote.taskRetry(api, id)));
  const taskStop = reaching(
    task.command('stop <id>').description('end its run and cancel it; what is landing is let finish'),
  )
    .option('--reason <text>', 'why; kept with the task')
    .addHelpText('after', '\nExit status: 0 stopped, or it will be; 1 it was done already; 2 there is no such task.');
  taskStop.action((id: string) => {
    const { reason } = taskStop.opts<{ reason?: string }>();
    return remoteAction(taskStop, (api) => remote.taskStop(api, id, reason === undefined ? {} : { reason }));
  });
  const taskOverride = reaching(
    task.command('override <id>').description('let one check pass for one exact head; kept with your reason'),
  )
    .requiredOption(
      '--check <name>',
      `the check to pass, as \`task show\` names it: ${Object.values(GATES).flat()[0]}, …`,
    )
    .requiredOption('--head <sha>', 'the full commit it is for')
    .requiredOption('--reason <text>', 'why');
  taskOverride.action((id: string) =>
    remoteAction(taskOverride, (api) =>
      remote.taskOverride(api, id, taskOverride.opts<{ check: string; head: string; reason: string }>()),
    ),
  );
  const queue = reaching(program.command('queue').description('what waits, and why'));
  queue.action(() => remoteAction(queue, remote.queue));
}

function gateCommands(program: Command, session: Session): void {
  const gate = program
    .command('gate <name>')
    .description(`run one gate on one branch: ${Object.keys(GATES).join(', ')}`)
    .option('--repo <path-or-url>', 'any git repository', '.')
    .option('--branch <name>', 'what to judge: a branch, HEAD, a commit, origin/x (default: what CI names, else HEAD)')
    .option('--credential <name>', 'the <NAME> of ORCH_CREDENTIAL_<NAME>, for an address that needs one')
    .option('--base <name>', 'where it would land: main, origin/main, a commit (default: what CI names, else main)')
    .option('--fetch', 'bring what a shallow or partial clone lacks from its remote; moves no local branch')
    .option('--config <file>', "gate definition; wins over the base's gatehouse.yaml")
    .option('--baseline <file>', 'coverage baseline kept between runs (default: none, absolute rules only)')
    .option('--allow-gate-change', 'you answer for a branch that changes what its own test command runs')
    .option('--reports <dir>', 'keep the reports and logs there')
    .option('--json', 'one object on stdout; progress on stderr')
    .option(
      '--format <format>',
      'text, json, sarif, junit, markdown or github; FORMAT=FILE writes a file; may be repeated',
      (one: string, before: readonly string[] = []) => [...before, one],
    )
    .option('--output <file>', 'where the one --format goes that names no file')
    .option('--summary [file]', 'append Markdown to a file (default: the step summary of GitHub or Gitea)')
    .option('--no-summary', 'append it nowhere')
    .addHelpText('after', `\nNo branch is moved. ${EXITS}`);
  gate.action((name: string) =>
    withSettings(session, (settings) => gateCommand(name, gate.opts<GateOptions>(), settings, session.terminal))(),
  );

  const read = program
    .command('coverage')
    .description('coverage reports')
    .command('read <file>')
    .description('what a report really says')
    .option('--json', 'one object');
  read.action(async (file: string) => {
    session.answer = await coverageRead(file, session.terminal);
  });

  const run = program
    .command('run [command...]')
    .description('run a command with a deadline and leave no process behind')
    .option('--timeout <duration>', 'when it is ended: 90s, 15m, 2d; 0 = never', RUN_DEFAULTS.timeout)
    .option('-k, --grace <duration>', 'between TERM and KILL', RUN_DEFAULTS.grace)
    .option('-s, --signal <name>', 'TERM, then KILL after the grace (default), or KILL at once')
    .option('--preserve-status', "exit with the command's own status even when it was ended")
    .option('--scrub-env', 'keep variables that look like secrets from it, and give it a HOME of its own')
    .option('--json', 'print the result as one object; the output of the command goes to stderr')
    .passThroughOptions()
    .addHelpText(
      'after',
      "\nExit status: the command's own; 128+n when signal n ended it; 124 deadline; 125 ours; 126 cannot be started; 127 not found.",
    );
  run.action(async (words: string[]) => {
    const options = run.opts<RunOptions & { json?: boolean }>();
    session.json = options.json === true;
    session.answer = await runCommand(words, { ...options, json: session.json }, session.terminal);
  });
}
