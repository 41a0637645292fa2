/**
 * Follows the trusted command through every script it reaches at base. What a script of base says is the gate's
 * definition; where the branch says something else, that is a finding.
 */
import { posix } from 'node:path';
import { type BranchFiles, shown } from './branch-files.ts';
import type { Finding } from './finding.ts';
import { scriptsIn } from './manifest.ts';
import { headOf, programName } from './programs.ts';
import { installDirs, type ScriptCall, scriptCalls } from './script-calls.ts';
import { simpleCommands } from './shell-words.ts';

/** A text that base runs, and the directory it runs in. */
export interface RunText {
  readonly text: string;
  readonly dir: string;
}

export interface FollowedScripts {
  readonly findings: readonly Finding[];
  readonly texts: readonly RunText[];
  readonly dirs: ReadonlySet<string>;
  readonly everywhere: boolean;
}

const MAX_CALLS = 5000;
const MAX_FILES = 20;
const LIFECYCLE = 'preinstall install postinstall prepublish preprepare prepare postprepare dependencies'.split(' ');

interface Due extends ScriptCall {
  readonly weight: Finding['weight'];
}

/** `commands` run in the root. Reads manifests, and the shell scripts that may call theirs. */
export async function followScripts(commands: readonly string[], files: BranchFiles): Promise<FollowedScripts> {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  const texts: RunText[] = commands.map((text) => ({ text, dir: '' }));
  const due: Due[] = texts.flatMap(({ text, dir }) => callsIn(text, dir, 'block'));
  for (const { text, dir, weight } of await scriptFiles(texts, files)) {
    due.push(...callsIn(text, dir, weight));
    // What a makefile does for other targets is nobody's gate.
    if (weight === 'block') texts.push({ text, dir });
  }
  const dirs = new Set(['']);
  let everywhere = false;
  for (let call = due.shift(); call !== undefined; call = due.shift()) {
    if (!dirs.has(call.dir)) await files.list(call.dir);
    dirs.add(call.dir);
    everywhere ||= call.everywhere;
    for (const path of manifestsOf(call, files.changed)) {
      const key = `${path}#${call.script}`;
      if (seen.has(key)) continue;
      seen.add(key);
      if (seen.size > MAX_CALLS) return { findings: [...findings, tooMany(path)], texts, dirs, everywhere };
      const pair = await files.read(path);
      const [before, after] = [scriptsIn(pair.before), scriptsIn(pair.after)];
      if (pair.after.kind === 'opaque' && files.changed.has(path)) continue;
      const dir = path.split('/').slice(0, -1).join('/');
      for (const name of namesOf(call, before, after)) {
        const [was, is] = [before.get(name) ?? '', after.get(name) ?? null];
        if (was.trim() !== (is ?? '').trim())
          findings.push({ weight: call.weight, path, name: `scripts.${name}`, before: was, after: is });
        texts.push({ text: was, dir });
        due.push(...callsIn(was, dir, call.weight));
      }
    }
  }
  return { findings: [...findings, ...(await lifecycle(texts, files))], texts, dirs, everywhere };
}

const callsIn = (text: string, dir: string, weight: Finding['weight']): readonly Due[] =>
  scriptCalls(text, dir).map((call) => ({ ...call, weight }));

const isManifest = (path: string): boolean => /(?:^|\/)package\.json$/.test(path) && !path.includes('node_modules/');

/** A call that runs everywhere is followed into each manifest the branch changed; the others are as they were. */
function manifestsOf({ dir, everywhere }: ScriptCall, changed: ReadonlySet<string>): readonly string[] {
  const own = dir === '' ? 'package.json' : `${dir}/package.json`;
  return everywhere ? [own, ...[...changed].filter(isManifest)] : [own];
}

/** The scripts a call runs at base, each with its hooks. A name that else is a program is a change even when it is new. */
function namesOf(
  { script, orProgram }: ScriptCall,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] {
  const pattern = patternOf(script);
  if (pattern !== null) return [...before.keys()].filter((name) => pattern.test(name)).flatMap(withHooks);
  if (before.has(script)) return withHooks(script);
  return orProgram && after.has(script) ? [script] : [];
}

const withHooks = (name: string): readonly string[] => [`pre${name}`, name, `post${name}`];

/** `test:*`, `test:**` and pnpm's `/^test:/`; null when it is a plain name. */
function patternOf(script: string): RegExp | null {
  const literal = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  if (/^\/.+\/[a-z]*$/.test(script)) return /^/;
  if (!script.includes('*')) return null;
  const parts = script
    .split(/(\*+)/)
    .map((part) => (part === '*' ? '[^:]*' : part.startsWith('*') ? '.*' : literal(part)));
  return new RegExp(`^${parts.join('')}$`);
}

const tooMany = (path: string): Finding => ({
  weight: 'block',
  path,
  name: 'among more scripts than are followed',
  before: '',
  after: '',
});

/** Scripts that run when base's commands install: they fill the directories that programs are found in. */
async function lifecycle(texts: readonly RunText[], files: BranchFiles): Promise<readonly Finding[]> {
  const dirs = new Set(texts.flatMap(({ text, dir }) => installDirs(text, dir)));
  const findings: Finding[] = [];
  for (const path of [...files.changed].filter(isManifest)) {
    if (dirs.size === 0) break;
    const pair = await files.read(path);
    const [before, after] = [scriptsIn(pair.before), scriptsIn(pair.after)];
    if (pair.after.kind === 'opaque' || pair.after.kind === 'absent') continue;
    for (const name of LIFECYCLE) {
      const [was, is] = [before.get(name) ?? '', after.get(name) ?? null];
      if (was.trim() !== (is ?? '').trim())
        findings.push({ weight: 'warn', path, name: `scripts.${name}`, before: was, after: is });
    }
  }
  return findings;
}

/** Shell scripts and makefiles of base that the command names; a target among many in a makefile is only told. */
async function scriptFiles(
  texts: readonly RunText[],
  files: BranchFiles,
): Promise<readonly (RunText & { readonly weight: Finding['weight'] })[]> {
  const opened: (RunText & { readonly weight: Finding['weight'] })[] = [];
  const due = texts.flatMap(({ text, dir }) => namedFiles(text, dir));
  const seen = new Set<string>();
  for (let next = due.shift(); next !== undefined && seen.size < MAX_FILES; next = due.shift()) {
    if (seen.has(next.path)) continue;
    seen.add(next.path);
    const { before } = await files.read(next.path);
    const text = shown(before);
    if (before.kind !== 'text' || !/^(?:#!.*sh\b|(?!#!))/.test(text)) continue;
    const made = next.weight === 'warn';
    const commands = made ? text.replace(/^\t[@+-]*/gm, '') : text;
    opened.push({ text: commands, dir: next.dir, weight: next.weight });
    due.push(
      ...namedFiles(commands, next.dir).map((one) => ({ ...one, weight: made ? ('warn' as const) : one.weight })),
    );
  }
  return opened;
}

interface NamedFile {
  readonly path: string;
  readonly dir: string;
  readonly weight: Finding['weight'];
}

function namedFiles(text: string, dir: string): readonly NamedFile[] {
  return simpleCommands(text).flatMap((words): NamedFile[] => {
    const head = headOf(words) ?? '';
    const at = (word: string): string => posix.normalize(dir === '' ? word : `${dir}/${word}`);
    if (/^(?:sh|bash|dash|zsh|ksh)$/.test(programName(head))) {
      const file = words.slice(words.indexOf(head) + 1).find((word) => !word.startsWith('-'));
      return file === undefined || /[\s*$]/.test(file) ? [] : [{ path: at(file), dir, weight: 'block' }];
    }
    if (head === 'make') return [{ path: at('Makefile'), dir, weight: 'warn' }];
    // What the wrappers of build tools run is known, and their scripts name every tool of a shell.
    if (/^(?:mvnw|gradlew)$/.test(programName(head))) return [];
    return head.includes('/') && !head.startsWith('/') && !/[\s*$]/.test(head)
      ? [{ path: at(head), dir, weight: 'block' }]
      : [];
  });
}
