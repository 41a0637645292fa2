/**
 * Did the branch change what the trusted command means? `npm test` is trusted, but what it runs stands in a file of the
 * branch. Compares base with the tested commit, so that main's own changes are not counted. Adding what base did not
 * have is no change of it.
 */
import { parseJson } from '../adapters/json-text.ts';
import { type ScriptCall, scriptCalls } from './script-calls.ts';
import { simpleCommands } from './shell-words.ts';

/** One definition that the branch changed. `after` is null when it is gone. */
export interface ChangedDefinition {
  readonly path: string;
  /** For example `scripts.test`. */
  readonly name: string;
  readonly before: string;
  readonly after: string | null;
}

/** A file at both commits; null where there is none. */
export interface FilePair {
  readonly before: string | null;
  readonly after: string | null;
}

/** What is known of the branch: the paths it touches, and a way to read both sides of a few small files. */
export interface BranchFiles {
  readonly changed: ReadonlySet<string>;
  read(path: string): Promise<FilePair>;
}

export interface DefinitionAnswer {
  readonly changes: readonly ChangedDefinition[];
  /** Changed files that decide what is tested without being the command: configuration of runners, scripts it names. */
  readonly touched: readonly string[];
}

const MAX_CALLS = 100;

/** Follows the command through every script it reaches at base. */
export async function compareDefinitions(command: string, files: BranchFiles): Promise<DefinitionAnswer> {
  const changes: ChangedDefinition[] = [];
  const seen = new Set<string>();
  const texts = [command];
  const due = [...scriptCalls(command, '')];
  const reachesScripts = due.length > 0;
  for (let call = due.shift(); call !== undefined && seen.size < MAX_CALLS; call = due.shift()) {
    for (const path of manifestsOf(call, files.changed)) {
      const key = `${path}#${call.script}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const pair = await files.read(path);
      const [before, after] = [scriptsIn(pair.before), scriptsIn(pair.after)];
      if (!before.has(call.script)) continue;
      for (const name of [`pre${call.script}`, call.script, `post${call.script}`]) {
        const [was, is] = [before.get(name) ?? '', after.get(name) ?? null];
        if (was.trim() !== (is ?? '').trim()) changes.push({ path, name: `scripts.${name}`, before: was, after: is });
        texts.push(was);
        due.push(...scriptCalls(was, path.split('/').slice(0, -1).join('/')));
      }
    }
  }
  if (reachesScripts) changes.push(...(await changedSettings(files)));
  return { changes, touched: touchedFiles(texts, files.changed, changes) };
}

/** A call that runs everywhere is followed into each manifest the branch changed; the others are as they were. */
function manifestsOf({ dir, everywhere }: ScriptCall, changed: ReadonlySet<string>): readonly string[] {
  const own = dir === '' ? 'package.json' : `${dir}/package.json`;
  if (!everywhere) return [own];
  return [
    own,
    ...[...changed].filter((path) => /(?:^|\/)package\.json$/.test(path) && !path.includes('node_modules/')),
  ];
}

function scriptsIn(text: string | null): ReadonlyMap<string, string> {
  const manifest = text === null ? null : parseJson(text);
  const scripts = isRecord(manifest) ? manifest['scripts'] : null;
  if (!isRecord(scripts)) return new Map();
  return new Map(Object.entries(scripts).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Settings with which a package manager runs a script otherwise than it is written; one of them can make every test pass. */
const SETTINGS: { readonly [path: string]: RegExp } = {
  '.npmrc':
    /^\s*(?:script-shell|shell-emulator|ignore-scripts|enable-pre-post-scripts|node-options|if-present|workspaces?|prefix|userconfig|globalconfig)\b/,
  'pnpm-workspace.yaml':
    /^\s*(?:scriptShell|shellEmulator|ignoreScripts|enablePrePostScripts|nodeOptions|pnpmfile)\s*:/,
  '.yarnrc': /^\s*"?(?:yarn-path|script-shell)\b/,
  '.yarnrc.yml': /^\s*(?:yarnPath|plugins|-\s*path|-\s*checksum|path|enableScripts)\s*:?/,
  'bunfig.toml': /^\s*(?:\[run\]|shell\s*=|preload\s*=)/,
};

async function changedSettings(files: BranchFiles): Promise<readonly ChangedDefinition[]> {
  const changes: ChangedDefinition[] = [];
  for (const [path, pattern] of Object.entries(SETTINGS)) {
    if (!files.changed.has(path)) continue;
    const pair = await files.read(path);
    const [before, after] = [linesLike(pattern, pair.before), linesLike(pattern, pair.after)];
    if (before !== after) changes.push({ path, name: 'how scripts are run', before, after });
  }
  return changes;
}

const linesLike = (pattern: RegExp, text: string | null): string =>
  (text ?? '')
    .split(/\r?\n/)
    .filter((line) => pattern.test(line))
    .map((line) => line.trim())
    .join('; ');

const DECIDES =
  /^gatehouse\.ya?ml$|(?:^|\/)(?:(?:jest|vitest|vite|playwright|karma|ava|cypress|web-test-runner)\.config\.[cm]?[jt]sx?|jest\.preset\.[cm]?js|\.mocharc\.\w+|\.taprc|pytest\.ini|tox\.ini|noxfile\.py|setup\.cfg|conftest\.py|turbo\.json|nx\.json|[Mm]akefile|Taskfile\.ya?ml|justfile)$/;

function touchedFiles(
  texts: readonly string[],
  changed: ReadonlySet<string>,
  changes: readonly ChangedDefinition[],
): readonly string[] {
  const named = texts.flatMap((text) => simpleCommands(text).flat()).map((word) => word.replace(/^(?:\.\/)+/, ''));
  const deciding = [...changed].filter((path) => DECIDES.test(path));
  const listed = new Set(changes.map(({ path }) => path));
  return [...new Set([...deciding, ...named.filter((word) => changed.has(word))])]
    .filter((path) => !listed.has(path))
    .sort();
}
