/**
 * Which test runner a trusted command starts, and how arguments reach it: straight (`jest --ci`), through a package
 * manager's script (`npm test` whose script is `jest`), or not at all. What cannot be read for certain is not found.
 */
import { type ScriptCall, scriptCalls } from '../gate-definition/script-calls.ts';
import { commandsIn, simpleCommands } from '../gate-definition/shell-words.ts';

/** Runners that run a few tests by name. */
export type SelectiveRunner = 'pytest' | 'unittest' | 'jest' | 'vitest' | 'mocha' | 'node' | 'go' | 'cargo' | 'nextest';

/** A runner that the command ends in. `argsFrom`: what stands between the command and arguments appended to it. */
export interface RunnerCall {
  readonly runner: SelectiveRunner;
  readonly separator: '' | ' --';
  /** The runner's own words, for example `cargo test -- --nocapture`. */
  readonly words: readonly string[];
}

/** The text of a script of the manifest in `dir` (`''` is the root), or null where there is none. */
export type ScriptText = (call: ScriptCall) => Promise<string | null>;

const MAX_NESTING = 4;

/** Follows the command to the runner that arguments at its end would reach; null where that is not certain. */
export async function findRunnerCall(command: string, scriptText: ScriptText): Promise<RunnerCall | null> {
  let text = command;
  let separator: RunnerCall['separator'] = '';
  for (let nesting = 0; nesting <= MAX_NESTING; nesting += 1) {
    const words = lastCommand(text);
    if (words === null) return null;
    const runner = runnerOf(words);
    if (runner !== null) return { runner, separator, words };
    const calls = scriptCalls(text, '');
    const call = calls.at(-1);
    if (call === undefined || call.everywhere || !words.some((word) => isManager(word))) return null;
    const script = await scriptText(call);
    if (script === null) return null;
    // npm takes what follows `--` for the script; yarn and pnpm hand everything over, `--` included.
    if (words.some((word) => baseName(word) === 'npm')) separator = ' --';
    text = script;
  }
  return null;
}

/** Runners that always print how many tests ran; nothing here can tell them to run a few. */
const COUNTING = new Set(
  'ava uvu jasmine karma playwright cypress tape tap nose2 tox nox phpunit rspec bats prove ctest'.split(' '),
);
const MAX_TEXTS = 20;

/** Whether the command starts, anywhere in it, a runner that says how many tests ran, whatever becomes of its status and output. */
export async function startsCountingRunner(command: string, scriptText: ScriptText): Promise<boolean> {
  const due = [command];
  for (let at = 0; at < Math.min(due.length, MAX_TEXTS); at += 1) {
    const text = due[at] ?? '';
    if (commandsIn(text).some(isCounting)) return true;
    for (const call of scriptCalls(text, '')) due.push((await scriptText(call)) ?? '');
  }
  return false;
}

function isCounting(words: readonly string[]): boolean {
  const runner = runnerOf(words);
  // Without `-v` go names no test that passes.
  return (runner !== null && runner !== 'go') || words.some((word) => COUNTING.has(baseName(word)));
}

/** The words of the last command of a text whose end belongs to that command alone; no pipe, no list in brackets. */
function lastCommand(text: string): readonly string[] | null {
  const tail = text.trimEnd().replace(/\s2>&1$/, '');
  if (/[`()<>]|[|&;]$|\|(?!\|)(?!.*(?:&&|\|\||;))/.test(tail)) return null;
  return simpleCommands(tail).at(-1) ?? null;
}

const MANAGERS = new Set(['npm', 'pnpm', 'yarn']);
/** Programs that run the rest of their words. */
const PASSED_OVER = new Set('npx env time exec uv run poetry pipenv hatch pnpm yarn dlx python python3 -m'.split(' '));
const PLAIN: { readonly [program: string]: SelectiveRunner } = {
  pytest: 'pytest',
  'py.test': 'pytest',
  unittest: 'unittest',
  jest: 'jest',
  vitest: 'vitest',
  mocha: 'mocha',
};

function runnerOf(words: readonly string[]): SelectiveRunner | null {
  const from = words.findIndex((word) => !isPassedOver(baseName(word)) && !/^\w+=/.test(word));
  const [program = '', ...rest] = words.slice(Math.max(0, from));
  const name = baseName(program);
  if (Object.hasOwn(PLAIN, name)) return PLAIN[name] ?? null;
  if (name === 'node' && rest.includes('--test')) return 'node';
  if (name === 'go' && rest[0] === 'test') return 'go';
  if (name !== 'cargo') return null;
  const verbs = rest.filter((word) => !word.startsWith('+') && !word.startsWith('-'));
  if (verbs[0] === 'test' || verbs[0] === 't') return 'cargo';
  return verbs[0] === 'nextest' && verbs[1] === 'run' ? 'nextest' : null;
}

const isPassedOver = (program: string): boolean => PASSED_OVER.has(program) || /^python\d[\d.]*$/.test(program);

const isManager = (word: string): boolean => MANAGERS.has(baseName(word));

const baseName = (word: string): string => word.split('/').at(-1) ?? '';
