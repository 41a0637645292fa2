/**
 * What commits change, line by line and without context, so that a change and its inverse are recognised whatever stands
 * around them and whatever else the same commit does. Texts are latin1: one character per byte.
 */

/** One place of a change: what is there before and after, under a key that names the file and the kind of difference. */
export interface Edit {
  readonly place: string;
  readonly before: string;
  readonly after: string;
}

/** How git has to print a patch for `readEdits`: a NUL before each commit, no context, no rename, whole object names. */
export const PATCH_FORMAT: readonly string[] = [
  '--format=%x00%H',
  '--patch',
  '--unified=0',
  '--no-renames',
  '--no-color',
  '--full-index',
  '--no-ext-diff',
  '--no-textconv',
];

/** The edits of each commit of a patch series, in its order. */
export function readEdits(patch: string): readonly (readonly Edit[])[] {
  return patch
    .split(/(?:^|(?<=\n))\0[0-9a-f]{40}\n/)
    .slice(1)
    .map(editsOfCommit);
}

const editsOfCommit = (text: string): readonly Edit[] =>
  text
    .split(/(?<=\n)(?=diff --git )/)
    .filter((file) => file.startsWith('diff --git '))
    .flatMap(editsOfFile);

function editsOfFile(text: string): readonly Edit[] {
  const [head = '', ...hunks] = text.split(/(?<=\n)@@ [^\n]*\n/);
  const [name = ''] = head.split('\n', 1);
  const [, oldMode, newMode] = /^old mode (\d+)\nnew mode (\d+)$/m.exec(head) ?? [];
  const [, oldOid = '', newOid = ''] = /^index ([0-9a-f]+)\.\.([0-9a-f]+)/m.exec(head) ?? [];
  const modes = oldMode === undefined || newMode === undefined ? [] : [edit(`mode ${name}`, oldMode, newMode)];
  if (hunks.length === 0) return oldOid === newOid ? modes : [...modes, edit(`content ${name}`, oldOid, newOid)];
  return [...modes, ...hunks.map((hunk) => edit(`lines ${name}`, linesOf(hunk, '-'), linesOf(hunk, '+')))];
}

const edit = (place: string, before: string, after: string): Edit => ({ place, before, after });

const linesOf = (hunk: string, sign: '-' | '+'): string =>
  hunk
    .split('\n')
    .flatMap((line) => (line.startsWith(sign) ? [line.slice(1)] : []))
    .join('\n');

/** Whether the later commits, oldest first, undid every edit in `own` and none of them made it again. */
export function isUndone(own: readonly Edit[], later: readonly (readonly Edit[])[]): boolean {
  const key = ({ place, before, after }: Edit): string => JSON.stringify([place, before, after]);
  const undone = new Set<string>();
  for (const edits of later) {
    const made = new Set(edits.map(key));
    for (const each of own) {
      if (made.has(key({ place: each.place, before: each.after, after: each.before }))) undone.add(key(each));
      else if (made.has(key(each))) undone.delete(key(each));
    }
  }
  return own.length > 0 && own.every((each) => undone.has(key(each)));
}
