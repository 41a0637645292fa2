/** Tab completion, made of the commands themselves: what a shell offers is what help shows. */
import type { Command, Option } from 'commander';
import { everyCommand, pathOf } from './commands/help.ts';

/** What may follow the words that lead to a command. */
interface Place {
  readonly path: string;
  readonly next: readonly { readonly word: string; readonly says: string }[];
  readonly options: readonly Flag[];
}
interface Flag {
  readonly words: readonly string[];
  readonly says: string;
  readonly takesValue: boolean;
  readonly values: readonly string[];
}

/** The script for a shell to read; its first lines say where it goes. */
export function completionScript(shell: 'bash' | 'zsh' | 'fish', program: Command): string {
  const places = everyCommand(program).map(placeOf);
  return { bash, zsh, fish }[shell](places);
}

const flagOf = ({ short, long, description, required, optional, argChoices }: Option): Flag => ({
  words: [short, long].filter((word) => word !== undefined && word !== null),
  says: description,
  takesValue: required || optional,
  values: argChoices ?? [],
});

function placeOf(command: Command): Place {
  const subcommands = command.commands.map((one) => ({
    word: one.name(),
    says: one.summary() || one.description(),
  }));
  const values = command.registeredArguments.flatMap(({ argChoices = [], description }) =>
    argChoices.map((word) => ({ word, says: description })),
  );
  const help: Flag = { words: ['-h', '--help'], says: 'display help', takesValue: false, values: [] };
  return { path: pathOf(command), next: [...subcommands, ...values], options: [...command.options.map(flagOf), help] };
}

/** Of a bash or zsh `case`: the words that lead on, so that the shell can tell where the line stands. */
const leads = (places: readonly Place[]): string =>
  places
    .filter(({ path }) => path !== '')
    .map(({ path }) => `'${path}'`)
    .join('|');

const offered = ({ next, options }: Place): readonly string[] => [
  ...next.map(({ word }) => word),
  ...options.flatMap(({ words }) => words.filter((word) => word.startsWith('--'))),
];

/** Where an option's value is chosen from a list: `path option` to the list. */
const choices = (places: readonly Place[]): readonly (readonly [string, readonly string[]])[] =>
  places.flatMap(({ path, options }) =>
    options
      .filter(({ values }) => values.length > 0)
      .flatMap(({ words, values }) => words.map((word) => [`${path} ${word}`, values] as const)),
  );

const valued = (places: readonly Place[]): readonly string[] => [
  ...new Set(places.flatMap(({ options }) => options.flatMap(({ words, takesValue }) => (takesValue ? words : [])))),
];

const bash = (
  places: readonly Place[],
): string => `# Completion of gatehouse for bash. Put it where bash-completion looks:
#   gatehouse completion bash > ~/.local/share/bash-completion/completions/gatehouse
_gatehouse() {
  local at= found= word current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${at:+$at }$word" in ${leads(places)}) at="\${at:+$at }$word";; esac
  done
  case "$at $before" in
${choices(places)
  .map(([key, values]) => `    '${key}') found='${values.join(' ')}';;`)
  .join('\n')}
    *)
      case "$before" in ${valued(places).join('|')}) return;; esac
      case "$at" in
${places.map((place) => `        '${place.path}') found='${offered(place).join(' ')}';;`).join('\n')}
      esac;;
  esac
  COMPREPLY=($(compgen -W "$found" -- "$current"))
}
complete -o bashdefault -o default -F _gatehouse gatehouse`;

/** For a single-quoted word of zsh and fish; a colon would end the word in zsh's lists. */
const plain = (text: string): string => text.replaceAll("'", '’').replaceAll('\\', '');

const zsh = (places: readonly Place[]): string => `#compdef gatehouse
# Completion of gatehouse for zsh. Put it into a directory of $fpath as _gatehouse:
#   gatehouse completion zsh > ~/.zsh/completions/_gatehouse     and in ~/.zshrc: fpath+=~/.zsh/completions
_gatehouse() {
  local at= word before=\${words[CURRENT-1]}
  local -a found
  for word in \${words[2,CURRENT-1]}; do
    case "\${at:+$at }$word" in ${leads(places)}) at="\${at:+$at }$word";; esac
  done
  case "$at $before" in
${choices(places)
  .map(([key, values]) => `    '${key}') found=(${values.map((value) => `'${value}'`).join(' ')});;`)
  .join('\n')}
    *)
      case "$before" in ${valued(places).join('|')}) _files; return;; esac
      case "$at" in
${places.map((place) => `        '${place.path}') found=(${described(place)});;`).join('\n')}
      esac;;
  esac
  _describe gatehouse found || _files
}
if [ "$funcstack[1]" = _gatehouse ]; then _gatehouse "$@"; else compdef _gatehouse gatehouse; fi`;

const described = ({ next, options }: Place): string =>
  [
    ...next,
    ...options.flatMap(({ words, says }) =>
      words.filter((word) => word.startsWith('--')).map((word) => ({ word, says })),
    ),
  ]
    .map(({ word, says }) => `'${word}:${plain(says).replaceAll(':', '\\:')}'`)
    .join(' ');

const fish = (places: readonly Place[]): string => `# Completion of gatehouse for fish:
#   gatehouse completion fish > ~/.config/fish/completions/gatehouse.fish
function __gatehouse_at
  set -l at ''
  for word in (commandline -opc)[2..]
    switch (string trim "$at $word")
      case ${places.flatMap(({ path }) => (path === '' ? [] : [`'${path}'`])).join(' ')}
        set at (string trim "$at $word")
    end
  end
  test "$at" = "$argv[1]"
end
${places.flatMap(fishLines).join('\n')}`;

function fishLines({ path, next, options }: Place): string[] {
  const line = (rest: string): string => `complete -c gatehouse -n "__gatehouse_at '${path}'" ${rest}`;
  return [
    ...next.map(({ word, says }) => line(`-f -a '${word}' -d '${plain(says)}'`)),
    ...options.map(({ words, says, takesValue, values }) => {
      const names = words.map((word) => (word.startsWith('--') ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`));
      const value = values.length > 0 ? [`-x -a '${values.join(' ')}'`] : takesValue ? ['-r'] : [];
      return line([...names, ...value, `-d '${plain(says)}'`].join(' '));
    }),
  ];
}
