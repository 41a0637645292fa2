/**
 * The command line: every command, its options and its help. No handler is imported: each is loaded when it runs. Commands answer;
 * only `runCli` prints and gives a status.
 */
import { types } from 'node:util';
import { Command, CommanderError } from 'commander';
import { VERSION } from '../platform/version.ts';
import { visibleJson } from '../platform/visible-text.ts';
import { GATE_NAMES } from '../policy/switched-off.ts';
import { type Answer, EXIT, failure, print, type Terminal } from './answer.ts';
import { agentCommands } from './commands/agent.ts';
import { auditCommands } from './commands/audit.ts';
import { completionCommand } from './commands/completion.ts';
import { coverageCommands } from './commands/coverage.ts';
import { flakyCommand } from './commands/flaky.ts';
import { arrangeHelp, helpCommand, pathOf, withElsewhere } from './commands/help.ts';
import { initCommands } from './commands/init.ts';
import { notifyCommand } from './commands/notify.ts';
import { operatorCommands } from './commands/operate.ts';
import { repoCommands } from './commands/repo.ts';
import { serviceCommands } from './commands/serve.ts';
import { simulateCommands } from './commands/simulate.ts';
import { storeCommands } from './commands/store.ts';
import { taskCommands } from './commands/task.ts';
import type { GateOptions } from './gate-command.ts';
import type { ColorWhen } from './look.ts';
import { OWN_CLOCK, progressAt } from './progress.ts';
import type { RunOptions } from './run-command.ts';
import { RUN_DEFAULTS } from './run-words.ts';
import { type Session, summing } from './session.ts';

const HELP_COLUMNS = 80;
const EXITS = 'Exit status: 0 pass, 1 fail, 2 usage, 3 error, 75 defer (ask again).';

/** Parses the words after the program's name, runs one command, prints its answer; gives the exit status. Never throws on usage. */
export async function runCli(words: readonly string[], place: Terminal): Promise<number> {
  const terminal = {
    ...place,
    progress: place.progress ?? progressAt({ ...OWN_CLOCK, write: place.err, columns: null }),
  };
  const session: Session = {
    terminal,
    answer: { exit: EXIT.usage },
    json: words.includes('--json'),
    command: '',
    color: 'auto',
  };
  const program = buildProgram(session);
  try {
    await program.parseAsync([...words], { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) return answered(session, broken(thrown));
    const asked =
      thrown.code === 'commander.helpDisplayed' ||
      thrown.code === 'commander.version' ||
      thrown.code === 'commander.help';
    if (asked && thrown.exitCode === 0) return EXIT.pass;
    if (session.json) terminal.out(`${visibleJson({ error: thrown.message.replace(/^error: /, '') })}\n`);
    return words[0] === 'run' ? 125 : EXIT.usage;
  }
  return answered(session, session.answer);
}

function answered({ terminal, json: asJson, command, color }: Session, answer: Answer): number {
  terminal.progress?.done();
  return print(answer, terminal, { asJson, command, color });
}

/** A bug of ours, or a disk that failed under the store: one line, and never the exit status of a verdict. */
const broken = (thrown: unknown): Answer =>
  failure(`this command ended before its answer: ${types.isNativeError(thrown) ? thrown.message : 'unknown trouble'}`);

/** Every command with its options, words and help, for one run of the command line. */
export function buildProgram(session: Session): Command {
  const { terminal } = session;
  const program = new Command('gatehouse')
    .usage('COMMAND [options]')
    .version(VERSION)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.err,
      getOutHelpWidth: () => terminal.look?.('auto').columns ?? HELP_COLUMNS,
      getOutHasColors: () => terminal.look?.('auto').colour ?? false,
      getErrHelpWidth: () => HELP_COLUMNS,
      outputError: (said, write) => write(withElsewhere(said, program)),
    })
    .hook('preAction', (_, command) => {
      session.command = pathOf(command);
      const { color, quiet } = command.optsWithGlobals<{ color?: ColorWhen | false; quiet?: boolean }>();
      if (color !== undefined) session.color = color === false ? 'never' : color;
      if (quiet === true) terminal.progress?.silence();
    })
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      `\ngatehouse help COMMAND shows its options with examples; -V the version.
gatehouse help TOPIC: gates, exit-status, token, output, formats, agents.
Settings: gatehouse doctor --print-env.
${EXITS}`,
    );
  serviceCommands(program, session);
  repoCommands(program, session);
  taskCommands(program, session);
  flakyCommand(program, session);
  notifyCommand(program, session);
  operatorCommands(program, session);
  storeCommands(program, session);
  gateCommands(program, session);
  auditCommands(program, session);
  coverageCommands(program, session);
  runCommands(program, session);
  initCommands(program, session);
  agentCommands(program, session);
  simulateCommands(program, session);
  completionCommand(program, session);
  helpCommand(program, session);
  arrangeHelp(program);
  return program;
}

function gateCommands(program: Command, session: Session): void {
  const gate = summing(
    program
      .command('gate <name>')
      .description(`run one gate on one branch: ${GATE_NAMES.join(', ')}, all`)
      .option('--repo <path-or-url>', 'any git repository', '.')
      .option(
        '--branch <name>',
        'what to judge: a branch, HEAD, a commit, origin/x (default: what CI names, else HEAD)',
      )
      .option('--credential <name>', 'the <NAME> of ORCH_CREDENTIAL_<NAME>, for an address that needs one')
      .option('--base <name>', 'where it would land: main, origin/main, a commit (default: what CI names, else main)')
      .option('--fetch', 'bring what a shallow or partial clone lacks from its remote; moves no local branch')
      .option('--config <file>', "gate definition; wins over the base's gatehouse.yaml")
      .option(
        '--baseline <folder>',
        'coverage baseline: written when main itself is judged, compared with otherwise (default: none)',
      )
      .option('--allow-gate-change', 'you answer for a branch that changes what its own test command runs')
      .option('--reports <dir>', 'keep the reports and logs there')
      .option('--json', 'one object on stdout; progress on stderr'),
  ).addHelpText('after', `\nNo branch is moved. ${EXITS}`);
  gate.action(async (name: string) => {
    const { gateCommand } = await import('./gate-command.ts');
    session.answer = await gateCommand(name, gate.opts<GateOptions>(), session.terminal);
  });
}

function runCommands(program: Command, session: Session): void {
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
    const { runCommand } = await import('./run-command.ts');
    session.answer = await runCommand(words, { ...options, json: session.json }, session.terminal);
  });
}
