/**
 * How to run a few tests by name with the trusted command: the same command with more arguments, or the same command with
 * a variable its runner reads. The names came from the runner's own output, so they are data: nothing in them reaches a
 * shell or a pattern as a sign. A selection may be wider than asked for, never narrower: the answer is read by name.
 */
import type { TestPolicy } from '../request.ts';
import { findRunnerCall, type RunnerCall, type ScriptText, type SelectiveRunner } from './runner-call.ts';

/** What differs from the policy when only some tests are run. */
export interface Rerun {
  readonly command: string;
  readonly setEnv: Readonly<Record<string, string>>;
}

/** Names as the run's record has them; `runner` as it names it (`pytest`, `go test`, …), where it was recognised. */
export interface RerunRequest {
  readonly policy: Pick<TestPolicy, 'command' | 'setEnv'>;
  readonly names: readonly string[];
  readonly runner?: string | undefined;
  readonly scriptText: ScriptText;
}

/** Beyond this a selection costs as much as the whole suite, and meets the limits of command lines. */
const MAX_NAMES = 32;

/** Null: this command cannot be told to run these tests alone. Total. */
export async function planRerun({ policy, names, runner, scriptText }: RerunRequest): Promise<Rerun | null> {
  if (names.length === 0 || names.length > MAX_NAMES || names.some((name) => name === '')) return null;
  const call = await findRunnerCall(policy.command, scriptText);
  const kind = call?.runner ?? (runner === undefined ? undefined : BY_OUTPUT[runner]);
  if (kind === undefined) return null;
  const args = call === null ? null : (ARGUMENTS[kind]?.(names, call) ?? null);
  if (call !== null && args !== null)
    return { command: `${policy.command}${call.separator}${args}`, setEnv: { ...policy.setEnv } };
  const byVariable = VARIABLES[kind];
  if (byVariable === undefined) return null;
  const [name, value] = byVariable(names);
  const before = policy.setEnv?.[name];
  const setEnv = { ...policy.setEnv, [name]: before === undefined ? value : `${before} ${value}` };
  return { command: policy.command, setEnv };
}

/** Runners that can be told through a variable, whatever starts them. */
const BY_OUTPUT: { readonly [runner: string]: SelectiveRunner } = {
  pytest: 'pytest',
  'go test': 'go',
  'node:test': 'node',
};

type Select<Answer> = { readonly [Runner in SelectiveRunner]?: Answer };

/** Verified with pytest 8, go 1.26, Node 20 and 26; an older runner that refuses the variable runs nothing, which is seen. */
const VARIABLES: Select<(names: readonly string[]) => readonly [string, string]> = {
  pytest: (names) => ['PYTEST_ADDOPTS', `-k '${names.map(pytestKeyword).join(' or ')}'`],
  // A plain `go test` does not say how many tests ran; with -v it does.
  go: (names) => ['GOFLAGS', `-v '-run=^(${names.map((name) => pattern(name.split('/')[0] ?? name)).join('|')})$'`],
  // Node 20 refuses to start with it: there the argument has to do, or whole runs.
  node: (names) => ['NODE_OPTIONS', `--test-name-pattern=${nodePattern(names)}`],
};

/** Appended to a command, with a blank in front; null where a name cannot be written down safely. */
const ARGUMENTS: Select<(names: readonly string[], call: RunnerCall) => string | null> = {
  // A threshold of coverage fails for any selection.
  jest: (names) => ` --coverage=false -t '^(${names.map(withoutFile).map(titlePattern).join('|')})$'`,
  vitest: (names) => ` -t '^(${names.map(withoutFile).map(titlePattern).join('|')})$'`,
  node: (names, { words }) => (namesFiles(words) ? null : ` --test-name-pattern='${nodePattern(names)}'`),
  mocha: (names) => ` -g '^(${names.map(titlePattern).join('|')})$'`,
  unittest: (names) => names.map((name) => ` -k '${name.split(/[\s(]/)[0]?.replace(/[^\w.]/g, '*') ?? ''}'`).join(''),
  cargo: (names, { words }) =>
    names.every(isRustPath) ? `${words.includes('--') ? '' : ' --'} --exact ${names.join(' ')}` : null,
  nextest: (names) => (names.every(isRustPath) ? ` -E '${names.map((name) => `test(=${name})`).join(' | ')}'` : null),
};

/** A keyword of `-k`: the innermost name without its parameters, or the file whose collection failed. */
const pytestKeyword = (name: string): string =>
  (name.split('::').at(-1) ?? name)
    .split('[')[0]
    ?.split('/')
    .at(-1)
    ?.replace(/[^\w.]/g, '') ?? '';

/** Runners match the titles of suites and test joined by blanks. */
const titlePattern = (name: string): string => pattern(name.split(' > ').join(' '));

/** Node 22 and later match the titles of suites and test joined by blanks, Node 18 and 20 each title by itself. */
const nodePattern = (names: readonly string[]): string => {
  const titles = names.flatMap((name) => [titlePattern(name), pattern(name.split(' > ').at(-1) ?? name)]);
  return `^(${[...new Set(titles)].join('|')})$`;
};

/** Options of `node` whose value may stand in a word of its own. */
const VALUED = new Set(
  '-r -C --require --import --loader --experimental-loader --conditions --env-file --test-reporter --test-reporter-destination'.split(
    ' ',
  ),
);

/** Whether files follow the options: Node would take an option behind them for one more. */
function namesFiles(words: readonly string[]): boolean {
  const from = words.findIndex((word) => /(^|\/)node$/.test(word));
  const rest = words.slice(from + 1);
  return rest.some((word, at) => !word.startsWith('-') && !VALUED.has(rest[at - 1] ?? ''));
}

/** Jest and Vitest name the file first, which is no part of the title; a report may leave it out. */
const withoutFile = (name: string): string => name.replace(/^[^>]*\.[cm]?[jt]sx? > (?=.)/, '');

/** Every sign stands for any one sign, so that neither a shell nor a regular expression finds one of its own. */
const pattern = (name: string): string =>
  name
    .split(/<[a-z-]+>/)
    .map((part) =>
      part.replace(/[^\w-]+/g, (signs) => (/^[\x20-\x7e]+$/.test(signs) ? '.'.repeat(signs.length) : '.+')),
    )
    .join('.*');

const isRustPath = (name: string): boolean => /^[\w:]+$/.test(name);
