/** How help is shown: groups at the top, examples below each command, topics by name. */
import { type Command, Help, Option } from 'commander';
import { likelyMatch } from '../../platform/did-you-mean.ts';
import { GATE_NAMES } from '../../policy/switched-off.ts';
import { usage } from '../answer.ts';
import type { Session } from '../session.ts';
import { EXAMPLES } from './examples.ts';
import { OVERVIEW } from './overview.ts';

/** What a first argument may be, for help and completion; the commands themselves refuse others in their own words. */
const SAID_FIRST: Readonly<Record<string, readonly string[]>> = {
  gate: [...GATE_NAMES, 'all'],
  help: ['gates', 'exit-status', 'token', 'output', 'agents'],
};

/** The words behind `gatehouse` that lead to a command; empty for the program itself. */
export const pathOf = (command: Command): string =>
  command.parent === null ? '' : `${pathOf(command.parent)} ${command.name()}`.trim();

/** Every command below one, itself included. */
export const everyCommand = (command: Command): readonly Command[] => [
  command,
  ...command.commands.flatMap(everyCommand),
];

/** The command that words lead to; null where one of them leads nowhere. */
export function commandAt(program: Command, words: readonly string[]): Command | null {
  let at: Command | undefined = program;
  for (const word of words) at = at?.commands.find((command) => command.name() === word);
  return at ?? null;
}

/** What every command takes, and the program in front of each; told by `gatehouse help output`. */
const outputOptions = (command: Command): Command =>
  command
    .addOption(new Option('--color <when>', 'when colours are used').choices(['auto', 'always', 'never']).hideHelp())
    .addOption(new Option('--no-color', 'as --color never').hideHelp())
    .addOption(new Option('-q, --quiet', 'no progress on stderr').hideHelp());

/** Gives every command its place in the overview and its examples. Once, when the whole tree is there. */
export function arrangeHelp(program: Command): void {
  const order = Object.values(OVERVIEW).flatMap((group) => Object.keys(group));
  outputOptions(program);
  for (const [heading, group] of Object.entries(OVERVIEW))
    for (const [name, says] of Object.entries(group)) commandAt(program, [name])?.helpGroup(heading).summary(says);
  for (const command of everyCommand(program)) {
    command.showHelpAfterError(`  next: ${`gatehouse ${pathOf(command)}`.trim()} --help`);
    if (command.commands.length === 0 && command.name() !== 'run') outputOptions(command);
    const examples = EXAMPLES[pathOf(command)];
    if (examples !== undefined)
      command.addHelpText('after', `\nExamples:\n${examples.map((example) => `  ${example}`).join('\n')}`);
  }
  const place = (command: Command): number => (order.indexOf(command.name()) + order.length + 1) % (order.length + 1);
  (program.commands as Command[]).sort((one, other) => place(one) - place(other));
  program.configureHelp({
    // Those of the program itself are in `gatehouse help output`.
    visibleOptions: (command) => (command === program ? [] : new Help().visibleOptions(command)),
    visibleCommands: (command): Command[] => command.commands.filter((one) => one.name() !== 'help'),
    subcommandTerm: (command) => command.name(),
  } satisfies Partial<Help>);
  for (const [path, words] of Object.entries(SAID_FIRST)) {
    const [argument] = commandAt(program, [path])?.registeredArguments ?? [];
    if (argument !== undefined) argument.argChoices = [...words];
  }
}

/** What the parser says of an unknown command, with the commands of that name below another one: `gatehouse task stop` for `stop`. */
export function withElsewhere(said: string, program: Command): string {
  const word = /^error: unknown command '(.*)'/.exec(said)?.[1];
  const elsewhere = everyCommand(program).filter((command) => command.name() === word);
  if (elsewhere.length === 0) return said;
  return `${said.split('\n')[0]}\n(Did you mean ${elsewhere.map((command) => `gatehouse ${pathOf(command)}`).join(' or ')}?)\n`;
}

/** `gatehouse help`: the program, a command or a topic. */
export function helpCommand(program: Command, session: Session): void {
  program.helpCommand(false);
  program
    .command('help [words...]')
    .description('the help of a command, or a topic: gates, exit-status, token, output, formats, agents')
    .action(async (words: string[]) => {
      const command = commandAt(program, words);
      if (command !== null) return command.help();
      const { TOPICS } = await import('./topics.ts');
      const name = words.join(' ');
      const topic = Object.hasOwn(TOPICS, name) ? TOPICS[name] : undefined;
      const known = [...everyCommand(program).map(pathOf), ...Object.keys(TOPICS)].filter((one) => one !== '');
      const likely = likelyMatch(name, known);
      const hint = likely === null ? 'gatehouse help lists them' : `did you mean gatehouse help ${likely}?`;
      session.answer =
        topic === undefined
          ? usage(`no command or topic is called ${JSON.stringify(name)}; ${hint}`)
          : { exit: 0, text: topic.text };
    });
}
