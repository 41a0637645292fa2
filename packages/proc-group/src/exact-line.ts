/**
 * Arguments and variables that do not come through Node and a shell as they are. Node makes U+FFFD of bytes that are no UTF-8, and a
 * shell drops variables whose names it could not have and keeps some for itself. They travel as octal escapes of printf; the last shell
 * before the command puts them together, and env(1) sets what is no variable of a shell.
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
  const decoded = args.map((arg) => (typeof arg === 'string' ? arg : (textOf(arg) ?? arg)));
  if (decoded.every((arg) => typeof arg === 'string') && variables === null)
    return { args: decoded as string[], env: {}, tail: null };
  const script: string[] = [];
  // A substitution loses the newlines at its end, so a letter stands behind them.
  const put = (variable: string, format: string): void => {
    script.push(`${variable}=$(printf ${format})`, `${variable}=\${${variable}%x}`);
  };
  const words = decoded.map((arg, index) => {
    // The first is the command itself.
    if (typeof arg === 'string') return `"\${${index + 2}}"`;
    put(`gatehouse_arg_${index}`, `'${octal(arg)}x'`);
    return `"$gatehouse_arg_${index}"`;
  });
  const settings = odd.map((_, index) => {
    put(`gatehouse_env_${index}`, `"$${CARRIER}${index}"x`);
    return `"$gatehouse_env_${index}"`;
  });
  const carriers = odd.map((_, index) => `${CARRIER}${index}`);
  const unset = [...carriers, ...absent].map((name) => `-u ${name}`);
  const env = variables === null ? [] : [envFile, ...unset, '--', ...settings];
  // Named one by one, ten thousand words make a script that is longer than the kernel lets one word be.
  const line = decoded.every((arg) => typeof arg === 'string') ? ['"$@"'] : ['"$1"', ...words];
  script.push(`exec ${[...env, ...line].join(' ')}`);
  return {
    args: decoded.map((arg) => (typeof arg === 'string' ? arg : '')),
    env: Object.fromEntries(odd.map((bytes, index) => [`${CARRIER}${index}`, octal(bytes)])),
    tail: script.join('\n'),
  };
}

/** Every byte as `\NNN`, which printf turns back whatever the locale. */
const octal = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
