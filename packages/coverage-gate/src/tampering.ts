/**
 * What a change does to the measurement itself: comments that switch measuring off, and configuration of coverage
 * tools. Found in the added lines of the commit, not in a work tree.
 */
import { type GitFailed, type GitRepo, type LineRange, readBlob } from '@gatehouse/git';
import type { Crashed } from '@gatehouse/verdict';
import { hiddenLines } from './hidden-lines.ts';
import { sourceLines } from './source-lines.ts';
import { isToolConfig, measuringPart } from './tool-config.ts';
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
  /**
   * Added lines that continue a statement begun above them, per file: the lines it may have begun on, innermost first.
   */
  readonly continued: ReadonlyMap<string, ReadonlyMap<number, readonly number[]>>;
  /** Changed files that were too many or too large to read. */
  readonly unread: number;
}

/**
 * Comments and attributes that tools honour: coverage.py, istanbul, c8, V8, node:test, Deno, Dart, LCOV, gcovr, SimpleCov,
 * PHPUnit, Rust, .NET, JaCoCo, Kover, scoverage, Elixir, Go, kcov, Perl.
 */
const PRAGMA =
  /pragma[:\s]?\s*no\s*cover(?:age)?|\b(?:istanbul|c8|v8|deno-coverage|node:coverage|coverage:|kcov)[-\s:]*ignore\b(?:[-\s](?:next|file|start|if|else|line)\b)?(?:\s+\d+)?|\bnode:coverage\s+disable|\bdeno-coverage-ignore(?:-\w+)?|\bcoverage[:-]ignore(?:-\w+)?|\b(?:LCOV|GCOVR?|GRCOV)_(?:EXCL|UNREACHABLE)(?:_\w+)?|:nocov:|@codeCoverageIgnore(?:Start)?|#\[[\w\\\s,]*\bCodeCoverageIgnore\b|\bcoverage\(off\)|\bno_coverage\b|\btarpaulin(?:_include|::skip)|ExcludeFromCodeCoverage|\$COVERAGE-OFF\$|\bcoveralls-ignore-(?:start|next-line)|\buncoverable\s+(?:statement|branch|condition)|\bkcov-ignore-(?:start|line)|\bBISECT-IGNORE(?:-BEGIN)?|\[@@?@?coverage\s+(?:off|exclude_file)/i;

/** JaCoCo and Kover leave out what carries an annotation whose name says so; that of JPA stands on fields, which have no lines. */
const ANNOTATION = /@(?:file:)?(?:[\w.]*\.)?\w*(?:Generated(?!Value\b)|ExcludeFrom)\w*/;
const ANNOTATED = /\.(?:java|kt|kts|groovy|scala)$/i;
/** Text about code, in which such a comment switches nothing off. */
const PROSE = /\.(?:md|mdx|rst|txt|adoc|json[5c]?|ya?ml|lock|svg|html?|css|csv|patch|diff)$/i;

const MAX_FILES = 500;
const MAX_FILE_BYTES = 2 ** 21;
/** Beyond it nothing is said of how far a comment hides, nor of statements. */
const MAX_SCANNED_CHARS = 2 ** 24;
const MAX_PRAGMAS = 1000;

/** Reads at most 500 changed files of 2 MiB. */
export async function findTampering(request: TamperingRequest): Promise<Tampering | GitFailed | Crashed> {
  const pragmas: Pragma[] = [];
  const continued = new Map<string, ReadonlyMap<number, readonly number[]>>();
  const configs = await changedConfigs(request);
  if (!Array.isArray(configs)) return configs as GitFailed | Crashed;
  let read = 0;
  let unread = 0;
  let scanned = 0;
  for (const [path, patch] of request.patch) {
    if (patch.status === 'D' || patch.added.length === 0 || PROSE.test(path)) continue;
    if (pragmas.length >= MAX_PRAGMAS || ++read > MAX_FILES) {
      unread++;
      continue;
    }
    const text = await textAt(request, { commit: request.head, path });
    if (typeof text === 'object' && text !== null) return text;
    if (text === null) unread++;
    else {
      scanned += text.length;
      const isScanned = scanned <= MAX_SCANNED_CHARS;
      if (!isScanned) unread++;
      inspectText(path, { text, added: patch.added, isScanned }, { pragmas, continued });
    }
  }
  return { kind: 'inspected', pragmas: pragmas.slice(0, MAX_PRAGMAS), configs, continued, unread };
}

/** Files that configure a tool, whole or in the part that concerns the measurement; removed ones, too. */
async function changedConfigs(request: TamperingRequest): Promise<readonly string[] | GitFailed | Crashed> {
  const changed: string[] = [];
  for (const [path, patch] of request.patch) {
    const part = measuringPart(path);
    if (isToolConfig(path)) changed.push(path);
    else if (part !== null) {
      const answer = await partChanged(request, part, { path, patch });
      if (typeof answer === 'object') return answer;
      if (answer) changed.push(path);
    }
  }
  return changed;
}

/** `absent` for a file that is not there; null for one that is too large, or not there where nothing else was said. */
async function textAt(
  request: TamperingRequest,
  { commit, path, absent }: { readonly commit: string; readonly path: string; readonly absent?: string },
): Promise<string | null | GitFailed | Crashed> {
  const { git, signal } = request;
  const blob = await readBlob({ repo: git, commit, path, maxBytes: MAX_FILE_BYTES, signal });
  switch (blob.kind) {
    case 'found':
      return Buffer.from(blob.bytes).toString('utf8');
    case 'absent':
      return absent ?? null;
    case 'too-large':
      return null;
    case 'git-failed':
    case 'crashed':
      return blob;
  }
}

interface Found {
  readonly pragmas: Pragma[];
  readonly continued: Map<string, ReadonlyMap<number, readonly number[]>>;
}

function inspectText(
  path: string,
  {
    text,
    added,
    isScanned,
  }: { readonly text: string; readonly added: readonly LineRange[]; readonly isScanned: boolean },
  { pragmas, continued }: Found,
): void {
  const texts = text.split('\n');
  const lines = isScanned ? sourceLines(text, path) : [];
  const owners = new Map<number, readonly number[]>();
  let hiddenTo = 0;
  for (const { start, end } of added) {
    for (let line = start; line <= Math.min(end, texts.length) && pragmas.length < MAX_PRAGMAS; line++) {
      const found = lines[line - 1];
      if (found?.isCode === true && found.continues.length > 0) owners.set(line, found.continues);
      const comment = (texts[line - 1] ?? '').slice(0, 2000);
      const pragma = pragmaIn(comment, path);
      if (pragma === undefined) continue;
      // What is hidden already hides nothing more.
      const hides = line <= hiddenTo ? [] : hiddenLines({ comment, line, lines, text: texts });
      if (hides === null) continue;
      pragmas.push({ path, line, pragma, hides });
      hiddenTo = Math.max(hiddenTo, hides.at(-1)?.end ?? 0);
    }
  }
  if (owners.size > 0) continued.set(path, owners);
}

const pragmaIn = (text: string, path: string): string | undefined =>
  PRAGMA.exec(text)?.[0] ?? (ANNOTATED.test(path) ? ANNOTATION.exec(text)?.[0] : undefined);

/** A dependency bump is no concern; scripts and tool blocks are. What is too large to read counts as changed. */
async function partChanged(
  request: TamperingRequest,
  part: (text: string) => string,
  { path, patch }: { readonly path: string; readonly patch: FilePatch },
): Promise<boolean | GitFailed | Crashed> {
  const [before, after] = await Promise.all([
    textAt(request, { commit: request.base, path: patch.from ?? path, absent: '' }),
    patch.status === 'D' ? '' : textAt(request, { commit: request.head, path }),
  ]);
  if (typeof before === 'object' && before !== null) return before;
  if (typeof after === 'object' && after !== null) return after;
  return before === null || after === null || part(before) !== part(after);
}
