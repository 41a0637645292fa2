/** Which scripts of which manifests a command runs: `npm test`, `pnpm -r run unit`, `node --run check` and their like. */
import { commandsIn } from './shell-words.ts';

export interface ScriptCall {
  /** Directory of the manifest below the root, `''` for the root. */
  readonly dir: string;
  readonly script: string;
  /** Runs in packages of a workspace that only the package manager can enumerate. */
  readonly everywhere: boolean;
  /** Where there is no such script, a program of that name runs: a script the branch adds would take its place. */
  readonly orProgram: boolean;
}

const RUNNERS = new Set('npm pnpm yarn bun node turbo lerna npm-run-all npm-run-all2 run-s run-p'.split(' '));
const PLACE = new Set(['--prefix', '-C', '--dir', '--cwd']);
const EVERYWHERE = /^(?:-r|-w|-ws|-F|--recursive|--workspaces?|--filter)(?:=|$)/;
const TAKES_VALUE = new Set(['-w', '-F', '--workspace', '--filter', '--loglevel', '--userconfig', '--script-shell']);
const TEST_VERBS = new Set(['test', 't', 'tst']);
const RUN_VERBS = new Set(['run', 'run-script', 'rum', 'urn']);
const INSTALL_VERBS = new Set([
  'install',
  'i',
  'ci',
  'add',
  'in',
  'clean-install',
  'install-clean',
  'install-test',
  'it',
  'cit',
]);
const TOOL_VERBS = new Set([
  'exec',
  'dlx',
  'x',
  'create',
  'node',
  'config',
  'cache',
  'set',
  'why',
  'audit',
  'fetch',
  'import',
]);
const SELF_NAMED = new Set(['start', 'stop', 'restart']);

/**
 * The script calls of a command that runs in `dir`, in order. Whatever stands before a runner (`time`, `timeout 60`,
 * `npx`) is passed over, and a quoted word of several is read as a command of its own (`sh -c 'npm test'`). Total.
 */
export function scriptCalls(text: string, dir: string): readonly ScriptCall[] {
  return eachCommand(text, dir, (words, at) => {
    const from = words.findIndex((word) => RUNNERS.has(baseName(word)));
    const own = from === -1 ? [] : callsOf(baseName(words[from] ?? ''), words.slice(from + 1), at);
    return [...own, ...words.flatMap((word) => shortCall(word, at))];
  });
}

/** The directories in which a command installs packages, which runs scripts of their manifests. */
export function installDirs(text: string, dir: string): readonly string[] {
  return eachCommand(text, dir, (words, at) => {
    const from = words.findIndex((word) => /^(?:npm|pnpm|yarn|bun)$/.test(baseName(word)));
    if (from === -1) return [];
    const { verbs, place } = readWords(words.slice(from + 1), at);
    const bare = verbs.length === 0 && baseName(words[from] ?? '') === 'yarn';
    return bare || INSTALL_VERBS.has(verbs[0] ?? '') ? [place] : [];
  });
}

function eachCommand<One>(
  text: string,
  dir: string,
  read: (words: readonly string[], dir: string) => readonly One[],
): readonly One[] {
  let at = dir;
  return commandsIn(text).flatMap((words) => {
    if (words[0] === 'cd') at = inside(at, words[1] ?? '');
    return read(words, at);
  });
}

/** `npm:test:*`, as `concurrently` writes it. */
function shortCall(word: string, dir: string): readonly ScriptCall[] {
  const script = /^(?:npm|pnpm|yarn|bun|node):(\S+)$/.exec(word)?.[1];
  return script === undefined ? [] : [{ dir, script, everywhere: false, orProgram: false }];
}

const baseName = (word: string): string => word.split('/').at(-1) ?? '';

function callsOf(program: string, rest: readonly string[], dir: string): readonly ScriptCall[] {
  switch (program) {
    case 'npm':
    case 'pnpm':
    case 'yarn':
      return managerCall(program, rest, dir);
    case 'bun':
      return rest[0] === 'test' ? [] : managerCall(program, rest, dir);
    case 'node': {
      const run = rest.findIndex((word) => word === '--run' || word.startsWith('--run='));
      if (run === -1) return [];
      const script = rest[run]?.split('=')[1] ?? rest[run + 1] ?? '';
      return [{ dir, script, everywhere: false, orProgram: false }];
    }
    case 'turbo':
    case 'lerna':
      return plain(rest)
        .filter((word) => word !== 'run')
        .map((script) => ({ dir, script, everywhere: true, orProgram: false }));
    case 'npm-run-all':
    case 'npm-run-all2':
    case 'run-s':
    case 'run-p':
      return plain(rest).map((script) => ({ dir, script, everywhere: false, orProgram: false }));
    default:
      return [];
  }
}

const plain = (words: readonly string[]): readonly string[] => words.filter((word) => !word.startsWith('-'));

function managerCall(manager: string, rest: readonly string[], from: string): readonly ScriptCall[] {
  const { verbs, place: dir, everywhere } = readWords(rest, from);
  const { script, inWorkspaces } = scriptOf(manager, verbs);
  if (script === null) return [];
  const orProgram = manager !== 'npm' && !TEST_VERBS.has(verbs[0] ?? '') && !(manager === 'pnpm' && verbs[0] === 'run');
  const inEach = everywhere || (inWorkspaces && verbs[0] !== 'workspace');
  return [{ dir, script, everywhere: everywhere || inWorkspaces, orProgram: orProgram && !inEach }];
}

/** What stands after the name of a package manager: its verbs, and the places they are for. */
function readWords(rest: readonly string[], from: string) {
  const verbs: string[] = [];
  let place = from;
  let everywhere = false;
  for (let at = 0; at < rest.length && rest[at] !== '--'; at += 1) {
    const word = rest[at] ?? '';
    const [flag = '', value] = word.split('=');
    if (PLACE.has(flag)) place = inside(from, value ?? rest[at + 1] ?? '');
    if (EVERYWHERE.test(word)) everywhere = true;
    if ((PLACE.has(flag) || TAKES_VALUE.has(flag)) && value === undefined) at += 1;
    else if (!word.startsWith('-')) verbs.push(word);
  }
  return { verbs, place, everywhere };
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
  if (INSTALL_VERBS.has(verb) || TOOL_VERBS.has(verb)) return { script: null, inWorkspaces: false };
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
