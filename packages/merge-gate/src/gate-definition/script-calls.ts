/** Which scripts of which manifests a command runs: `npm test`, `pnpm -r run unit`, `node --run check` and their like. */
import { simpleCommands } from './shell-words.ts';

export interface ScriptCall {
  /** Directory of the manifest below the root, `''` for the root. */
  readonly dir: string;
  readonly script: string;
  /** Runs in packages of a workspace that only the package manager can enumerate. */
  readonly everywhere: boolean;
}

const RUNNERS = new Set('npm pnpm yarn bun node turbo lerna npm-run-all run-s run-p'.split(' '));
const MAX_NESTING = 5;
const PLACE = new Set(['--prefix', '-C', '--dir', '--cwd']);
const EVERYWHERE = /^(?:-r|-w|-ws|-F|--recursive|--workspaces?|--filter)(?:=|$)/;
const TAKES_VALUE = new Set(['-w', '-F', '--workspace', '--filter', '--loglevel', '--userconfig', '--script-shell']);
const TEST_VERBS = new Set(['test', 't', 'tst']);
const RUN_VERBS = new Set(['run', 'run-script', 'rum', 'urn']);
const SELF_NAMED = new Set(['start', 'stop', 'restart']);

/**
 * The script calls of a command that runs in `dir`, in order. Whatever stands before a runner (`time`, `timeout 60`,
 * `npx`) is passed over, and a quoted word of several is read as a command of its own (`sh -c 'npm test'`). Total.
 */
export function scriptCalls(text: string, dir: string, nesting = 0): readonly ScriptCall[] {
  let at = dir;
  return simpleCommands(text).flatMap((words) => {
    if (words[0] === 'cd') at = inside(at, words[1] ?? '');
    const quoted = nesting < MAX_NESTING ? words.filter((word) => /\s/.test(word)) : [];
    const from = words.findIndex((word) => RUNNERS.has(baseName(word)));
    const own = from === -1 ? [] : callsOf(baseName(words[from] ?? ''), words.slice(from + 1), at);
    return [...own, ...quoted.flatMap((word) => scriptCalls(word, at, nesting + 1))];
  });
}

const baseName = (word: string): string => word.split('/').at(-1) ?? '';

function callsOf(program: string, rest: readonly string[], dir: string): readonly ScriptCall[] {
  switch (program) {
    case 'npm':
    case 'pnpm':
    case 'yarn':
      return managerCall(program, rest, dir);
    case 'bun':
      return rest[0] === 'run' ? managerCall('npm', rest, dir) : [];
    case 'node': {
      const run = rest.findIndex((word) => word === '--run' || word.startsWith('--run='));
      if (run === -1) return [];
      const script = rest[run]?.split('=')[1] ?? rest[run + 1] ?? '';
      return [{ dir, script, everywhere: false }];
    }
    case 'turbo':
    case 'lerna':
      return plain(rest)
        .filter((word) => word !== 'run')
        .map((script) => ({ dir, script, everywhere: true }));
    case 'npm-run-all':
    case 'run-s':
    case 'run-p':
      return plain(rest).map((script) => ({ dir, script, everywhere: false }));
    default:
      return [];
  }
}

const plain = (words: readonly string[]): readonly string[] => words.filter((word) => !word.startsWith('-'));

function managerCall(manager: string, rest: readonly string[], from: string): readonly ScriptCall[] {
  const verbs: string[] = [];
  let dir = from;
  let everywhere = false;
  for (let at = 0; at < rest.length && rest[at] !== '--'; at += 1) {
    const word = rest[at] ?? '';
    const [flag = '', value] = word.split('=');
    if (PLACE.has(flag)) dir = inside(from, value ?? rest[at + 1] ?? '');
    if (EVERYWHERE.test(word)) everywhere = true;
    if ((PLACE.has(flag) || TAKES_VALUE.has(flag)) && value === undefined) at += 1;
    else if (!word.startsWith('-')) verbs.push(word);
  }
  const { script, inWorkspaces } = scriptOf(manager, verbs);
  return script === null ? [] : [{ dir, script, everywhere: everywhere || inWorkspaces }];
}

function scriptOf(
  manager: string,
  verbs: readonly string[],
): { readonly script: string | null; readonly inWorkspaces: boolean } {
  const [verb = '', next = null] = verbs;
  if (manager === 'yarn' && (verb === 'workspace' || verb === 'workspaces')) {
    return { script: verbs.at(-1) ?? null, inWorkspaces: true };
  }
  if (TEST_VERBS.has(verb)) return { script: 'test', inWorkspaces: false };
  if (RUN_VERBS.has(verb)) return { script: next, inWorkspaces: false };
  // pnpm and yarn take any other word for a script, if there is one of that name.
  const named = SELF_NAMED.has(verb) || (manager !== 'npm' && verb !== '');
  return { script: named ? verb : null, inWorkspaces: false };
}

/** A plain path below `from`; anything that leads elsewhere stays where it is, because no tree can be read there. */
function inside(from: string, path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (path.startsWith('/') || parts.includes('..') || parts.length === 0) return from;
  return [...(from === '' ? [] : [from]), ...parts].join('/');
}
