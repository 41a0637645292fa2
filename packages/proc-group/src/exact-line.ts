/**
 * Arguments and variables that do not come through Node and a shell as they are. Node makes U+FFFD of bytes that are no UTF-8, and a
 * shell drops variables whose names it could not have and keeps some for itself. They travel as octal escapes of printf, in pieces that
 * the kernel takes; the last shell before the command puts them together, and env(1) sets what is no variable of a shell.
 */

/** What the last shell before the command has to do; `args` and `env` carry everything else. */
export interface ExactLine {
  readonly args: readonly string[];
  /** Carriers of odd variables, under names that a shell passes on. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends in `exec`. Null: plain `exec "$@"` does. */
  readonly tail: string | null;
}

export interface InheritedVariables {
  readonly plain: Readonly<Record<string, string>>;
  /** `NAME=value`, byte for byte. */
  readonly odd: readonly Uint8Array[];
  /** Variables that a shell would add, and that are not to be there. */
  readonly absent: readonly string[];
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Shells set these themselves, whatever they were given. */
const OWN: readonly string[] = [
  'IFS',
  'PPID',
  'OPTIND',
  'LINENO',
  'SHLVL',
  '_',
  'OLDPWD',
  'PWD',
  'SHELLOPTS',
  'BASHOPTS',
  'UID',
  'EUID',
];
/** Added where they are missing. */
const ADDED: readonly string[] = ['PWD', 'OLDPWD', 'SHLVL', '_'];
const CARRIER = 'GATEHOUSE_ODD_';
const CHANNEL = /^(?:NODE_CHANNEL_|GATEHOUSE_ODD_)/;

/** Sorts the entries of an environment block by whether a shell passes them on. Without `=` an entry is no variable. */
export function sortVariables(entries: readonly Uint8Array[]): InheritedVariables {
  const plain: Record<string, string> = {};
  const odd: Uint8Array[] = [];
  const names = new Set<string>();
  for (const bytes of entries) {
    const text = textOf(bytes);
    const at = Buffer.from(bytes).indexOf('=', 1);
    if (at < 1) continue;
    const name = Buffer.from(bytes.subarray(0, at)).toString('latin1');
    if (CHANNEL.test(name)) continue;
    names.add(name);
    if (text !== null && IDENTIFIER.test(name) && !OWN.includes(name)) plain[name] = text.slice(at + 1);
    else odd.push(bytes);
  }
  return { plain, odd, absent: ADDED.filter((name) => !names.has(name)) };
}

/** The text whose UTF-8 these bytes are; null if there is none. */
export function textOf(bytes: Uint8Array): string | null {
  const text = Buffer.from(bytes).toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : null;
}

/** `variables` null: none but what a shell passes on. With them env(1), `envFile`, searches the command and sets them. */
export function exactLine(
  args: readonly (string | Uint8Array)[],
  variables: Pick<InheritedVariables, 'odd' | 'absent'> | null,
  envFile: string,
): ExactLine {
  const { odd, absent } = variables ?? { odd: [], absent: [] };
  const words = args.map((arg) => (typeof arg === 'string' ? arg : (textOf(arg) ?? arg)));
  const plain = words.filter((word) => typeof word === 'string');
  const isPlain = plain.length === words.length;
  if (isPlain && variables === null) return { args: plain, env: {}, tail: null };
  const carried = odd.map((bytes, index) => carry(bytes, `${CARRIER}${index}`));
  // A substitution loses the newlines at its end, so a letter stands behind them.
  const puts = carried.map(
    ({ whole }, index) =>
      `gatehouse_env_${index}=$(printf "${whole}"x)\ngatehouse_env_${index}=\${gatehouse_env_${index}%x}`,
  );
  const unset = [...carried.flatMap(({ names }) => names), ...absent].map((name) => `-u ${name}`);
  const settings = odd.map((_, index) => `"$gatehouse_env_${index}"`);
  const env = variables === null ? [] : [envFile, ...unset, '--', ...settings];
  const script = [...puts, isPlain ? `exec ${[...env, '"$@"'].join(' ')}` : `eval "$(printf '${format(env, words)}')"`];
  return {
    ...inPieces(script.join('\n'), plain),
    env: Object.fromEntries(carried.flatMap(({ names, pieces }) => names.map((name, at) => [name, pieces[at] ?? '']))),
  };
}

/** The kernel takes no word and no variable of more than 128 KiB. */
const PIECE = 100_000;
const piecesOf = (text: string): readonly string[] =>
  Array.from({ length: Math.max(1, Math.ceil(text.length / PIECE)) }, (_, at) =>
    text.slice(at * PIECE, (at + 1) * PIECE),
  );

/** The octal escapes of `bytes` in as many variables as they take, and what a shell writes for all of them. */
function carry(bytes: Uint8Array, name: string) {
  const pieces = piecesOf(octal(bytes));
  const names = pieces.map((_, at) => (at === 0 ? name : `${name}_${at}`));
  return { names, pieces, whole: names.map((each) => `$${each}`).join('') };
}

/** A format of printf that makes the last line of the shell: odd words in quotes, the others by their number. */
function format(env: readonly string[], words: readonly (string | Uint8Array)[]): string {
  // The first is the command itself.
  let number = 1;
  const named = words.map((word) => {
    if (typeof word !== 'string') return octal(quoted(word));
    number += 1;
    return `"\${${number}}"`;
  });
  return ['exec', ...env, '"$1"', ...named].join(' ');
}

const QUOTE = Buffer.from("'");
/** `'word'`, as a shell reads it back. */
const quoted = (word: Uint8Array): Uint8Array =>
  Buffer.concat([
    QUOTE,
    ...[...word].map((byte) => (byte === QUOTE[0] ? Buffer.from("'\\''") : Buffer.of(byte))),
    QUOTE,
  ]);

/** A script that is longer than a word may be comes in several, before the arguments. */
function inPieces(script: string, args: readonly string[]): Pick<ExactLine, 'args' | 'tail'> {
  const pieces = piecesOf(script);
  if (pieces.length === 1) return { args, tail: script };
  const whole = pieces.map((_, at) => `\${${at + 2}}`).join('');
  const tail = [
    `gatehouse_file=$1 gatehouse_script="${whole}"`,
    `shift ${pieces.length + 1}`,
    'set -- "$gatehouse_file" "$@"',
    'eval "$gatehouse_script"',
  ];
  return { args: [...pieces, ...args], tail: tail.join('\n') };
}

/** Every byte as `\NNN`, which printf turns back whatever the locale. */
const octal = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
