/**
 * What a change does to the measurement itself: comments that switch measuring off, and configuration of coverage
 * tools. Found in the added lines of the commit, not in a work tree.
 */
import { type GitFailed, type GitRepo, type LineRange, readBlob } from '@gatehouse/git';
import type { Crashed } from '@gatehouse/verdict';
import { parseJson } from './adapters/json-text.ts';
import type { FilePatch, PatchMap, Pragma } from './verdict.ts';

/** What may be given to `findTampering`. */
export interface TamperingRequest {
  /** The mirror that holds the commits. */
  readonly git: GitRepo;
  /** Full object name of the commit of main. */
  readonly base: string;
  /** Full object name of the branch's own commit. */
  readonly head: string;
  /** What the change did to each file, as from `diffLines`. */
  readonly patch: PatchMap;
  /** Ends the call early; what was started is ended, too. */
  readonly signal?: AbortSignal;
}

/** What the change does to the measurement itself. */
export interface Tampering {
  readonly kind: 'inspected';
  /** Added comments that switch measuring off. */
  readonly pragmas: readonly Pragma[];
  /** Paths of changed configuration files of coverage tools. */
  readonly configs: readonly string[];
  /** Changed files that were too many or too large to read. */
  readonly unread: number;
}

/**
 * Comments that tools honour: coverage.py, istanbul, c8, V8, node:test, LCOV, gcovr, SimpleCov, PHPUnit, Rust, .NET,
 * kcov.
 */
const PRAGMA =
  /pragma:\s*no\s*cover|\b(?:istanbul|c8|v8)\s+ignore\b|\bnode:coverage\s+(?:ignore|disable)|\bcoverage[:-]ignore|\b(?:LCOV|GCOV|GCOVR)_EXCL|:nocov:|@codeCoverageIgnore|coverage\(off\)|ExcludeFromCodeCoverage|kcov-ignore/i;

const CONFIG =
  /(^|\/)(\.nycrc(\.\w+)?|nyc\.config\.\w+|\.c8rc(\.\w+)?|\.coveragerc|\.simplecov|\.lcovrc|codecov\.ya?ml|\.codecov\.ya?ml|coverlet\.runsettings|(jest|vitest|karma|monocart)\.config\.\w+|setup\.cfg|tox\.ini|pyproject\.toml|pytest\.ini|phpunit\.xml(\.dist)?|tarpaulin\.toml)$/;

const MAX_FILES = 500;
const MAX_FILE_BYTES = 2 ** 21;
const MAX_PRAGMAS = 1000;

/** Reads at most 500 changed files of 2 MiB. */
export async function findTampering(request: TamperingRequest): Promise<Tampering | GitFailed | Crashed> {
  const pragmas: Pragma[] = [];
  const configs: string[] = [];
  let read = 0;
  let unread = 0;
  for (const [path, patch] of request.patch) {
    if (CONFIG.test(path)) configs.push(path);
    if (patch.status === 'D' || patch.added.length === 0) continue;
    if (pragmas.length >= MAX_PRAGMAS || ++read > MAX_FILES) {
      unread++;
      continue;
    }
    const text = await textAt(request, request.head, path);
    if (typeof text === 'object' && text !== null) return text;
    if (text === null) unread++;
    else pragmas.push(...pragmasIn(path, text, patch.added));
    if (isManifest(path) && text !== null) {
      const changed = await manifestChanged(request, { path, patch, text });
      if (typeof changed === 'object') return changed;
      if (changed) configs.push(path);
    }
  }
  return { kind: 'inspected', pragmas: pragmas.slice(0, MAX_PRAGMAS), configs, unread };
}

/** Null for a file that is not there or too large. */
async function textAt(
  request: TamperingRequest,
  commit: string,
  path: string,
): Promise<string | null | GitFailed | Crashed> {
  const { git, signal } = request;
  const blob = await readBlob({ repo: git, commit, path, maxBytes: MAX_FILE_BYTES, signal });
  switch (blob.kind) {
    case 'found':
      return Buffer.from(blob.bytes).toString('utf8');
    case 'absent':
    case 'too-large':
      return null;
    case 'git-failed':
    case 'crashed':
      return blob;
  }
}

function pragmasIn(path: string, text: string, added: readonly LineRange[]): Pragma[] {
  const lines = text.split('\n');
  const found: Pragma[] = [];
  for (const { start, end } of added) {
    for (let line = start; line <= Math.min(end, lines.length); line++) {
      const pragma = PRAGMA.exec((lines[line - 1] ?? '').slice(0, 2000))?.[0];
      if (pragma !== undefined) found.push({ path, line, pragma });
    }
  }
  return found;
}

const isManifest = (path: string): boolean => /(^|\/)package\.json$/.test(path);

/** A dependency bump is no concern; scripts and tool blocks are. */
async function manifestChanged(
  request: TamperingRequest,
  { path, patch, text }: { readonly path: string; readonly patch: FilePatch; readonly text: string },
): Promise<boolean | GitFailed | Crashed> {
  const before = await textAt(request, request.base, patch.from ?? path);
  if (typeof before === 'object' && before !== null) return before;
  return measuringPart(before ?? '') !== measuringPart(text);
}

function measuringPart(text: string): string {
  const manifest = parseJson(text);
  if (typeof manifest !== 'object' || manifest === null) return '';
  const fields = manifest as Readonly<Record<string, unknown>>;
  return JSON.stringify(['scripts', 'jest', 'nyc', 'c8', 'vitest'].map((key) => fields[key] ?? null));
}
