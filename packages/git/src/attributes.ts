/**
 * Whether a `.gitattributes` file could make a merge in a work tree differ from one without: a bare repository does not
 * read them. What only changes how files are written to disk (`text`, `eol`, `ident`) changes no tree.
 */
import { callGit } from './adapters/git-call.ts';
import { ObjectStream } from './object-stream.ts';
import type { GitFailed, RepoRequest, Sha } from './outcome.ts';
import type { RawChange, RawChanges } from './raw-changes.ts';

/**
 * `none`: no effect on trees. `some`: on merging one file's lines and on detecting renames only. `any`: may do
 * anything, or cannot be judged.
 */
export type AttributeEffect = 'none' | 'some' | 'any';

const DECIDES = new Set(['merge', 'filter']);
/** `binary` is `-diff -merge -text`; `diff` decides what counts as text, and so what counts as similar. */
const COLOURS = new Set(['diff', 'binary']);

/** Judges the text of one file. A word of a pattern that has the form of an attribute counts as one. */
export function attributeEffect(text: string): AttributeEffect {
  let effect: AttributeEffect = 'none';
  for (const line of text.split('\n')) {
    if (/^\s*#/.test(line)) continue;
    if (line.includes('[attr]')) return 'any';
    for (const word of line.split(/\s+/)) {
      const name = word.replace(/^[-!]/, '').replace(/=.*$/s, '');
      if (DECIDES.has(name)) return 'any';
      if (COLOURS.has(name)) effect = 'some';
    }
  }
  return effect;
}

const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
const KNOWN_COMMITS = 256;
/** By name, which is its content: what is known once stays true, for every repository. */
const known = new Map<Sha, AttributeEffect>();

/** Judges every attributes file of a commit. */
export async function attributeEffectOfCommit(
  request: RepoRequest & { readonly commit: Sha },
): Promise<{ readonly kind: 'judged'; readonly effect: AttributeEffect } | GitFailed> {
  const { repo, commit } = request;
  const remembered = known.get(commit);
  if (remembered !== undefined) return { kind: 'judged', effect: remembered };
  const options = ['-r', '-z', '--raw', '--no-renames', '--no-ext-diff', '--no-textconv', '--no-abbrev'];
  const listed = await callGit(
    {
      op: 'list-attributes',
      gitDir: repo.gitDir,
      args: ['diff-tree', ...options, EMPTY_TREE, commit, '--', ':(glob,icase)**/.gitattributes'],
      env: { GIT_LITERAL_PATHSPECS: '0' },
    },
    request,
  );
  if (listed.kind === 'git-failed') return listed;
  const entries = [...listed.text.matchAll(/:000000 (\d{6}) 0{40} ([0-9a-f]{40}) A\0/g)];
  const judged = entries.every(([, mode]) => mode?.startsWith('100'))
    ? await attributeEffectOfBlobs(
        request,
        entries.map(([, , oid = '']) => oid),
      )
    : ({ kind: 'judged', effect: 'any' } as const);
  if (judged.kind === 'git-failed') return judged;
  if (known.size >= KNOWN_COMMITS) known.clear();
  known.set(commit, judged.effect);
  return judged;
}

/** Judges every attributes file that a list of changes adds, alters or removes. */
export function attributeEffectOfChanges(
  request: RepoRequest & { readonly changes: RawChanges },
): Promise<{ readonly kind: 'judged'; readonly effect: AttributeEffect } | GitFailed> {
  const { between, byCommits } = request.changes;
  const files = [...between, ...byCommits].filter(({ path }) => /(?:^|\/)\.gitattributes$/i.test(path));
  const sides = files.flatMap(({ oldMode, newMode, oldOid, newOid }) => [
    { mode: oldMode, oid: oldOid },
    { mode: newMode, oid: newOid },
  ]);
  if (sides.some(({ mode }) => mode !== '000000' && !mode.startsWith('100')))
    return Promise.resolve({ kind: 'judged', effect: 'any' });
  return attributeEffectOfBlobs(
    request,
    sides.flatMap(({ mode, oid }) => (mode === '000000' ? [] : [oid])),
  );
}

const LARGEST_FILE = 1024 * 1024;

async function attributeEffectOfBlobs(
  request: RepoRequest,
  oids: readonly Sha[],
): Promise<{ readonly kind: 'judged'; readonly effect: AttributeEffect } | GitFailed> {
  const asked = [...new Set(oids)];
  if (asked.length === 0) return { kind: 'judged', effect: 'none' };
  let effect: AttributeEffect = 'none';
  const stream = new ObjectStream(LARGEST_FILE, ({ bytes }) => {
    effect = stronger(effect, attributeEffect(Buffer.from(bytes).toString('latin1')));
  });
  const read = await callGit(
    {
      op: 'read-attributes',
      gitDir: request.repo.gitDir,
      args: ['cat-file', '--batch', '--buffer'],
      stdin: `${asked.join('\n')}\n`,
      onBytes: (bytes) => stream.push(bytes),
    },
    request,
  );
  if (read.kind === 'git-failed') return read;
  const { missing, oversized } = stream.end(asked.length);
  return { kind: 'judged', effect: missing.length + oversized.length > 0 ? 'any' : effect };
}

const ORDER: readonly AttributeEffect[] = ['none', 'some', 'any'];

/** The one that may change more. */
export const stronger = (a: AttributeEffect, b: AttributeEffect): AttributeEffect =>
  ORDER.indexOf(a) > ORDER.indexOf(b) ? a : b;

/**
 * Whether every path takes its content from one side and no rename can carry anything: then no file is merged by its
 * lines and nothing has to be compared for similarity. A rename needs a deletion and an addition on one side, and only
 * matters to what the other side adds or changes.
 */
export function sidesAreApart({ between, byCommits }: RawChanges): boolean {
  const theirs = new Set(between.map(({ path }) => path));
  if (byCommits.some(({ path }) => theirs.has(path))) return false;
  const added = (changes: readonly RawChange[]): boolean => changes.some(({ status }) => status === 'A');
  const deleted = [...between, ...byCommits].some(({ status }) => status === 'D');
  return !(deleted && added(between) && added(byCommits));
}
