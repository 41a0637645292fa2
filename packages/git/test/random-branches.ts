/**
 * Random histories: a base, what main did since, and a branch, with everything git trees can hold. One seed, one
 * history.
 */

type File = readonly [mode: string, content: string];
type Tree = Map<string, File>;

/** Small, fast and the same everywhere. */
export class Prng {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  one<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }
}

const DIRECTORIES = ['', 'src/', 'src/deep/', 'lib/', 'docs/', 'weird \xe9/'];
const NAMES = ['a', 'b', 'c.txt', 'd.bin', 'e.sh', 'f\xff', '\xc3\xbc', 'with space', '-x', 'quote"'];
const ATTRIBUTES = [
  '* text=auto\n',
  '*.sh text eol=lf\n*.txt eol=crlf\n',
  'd.bin binary\n',
  '*.txt -diff\n',
  '* merge=union\n',
  '* -merge\n',
  '*.txt merge=binary\n* -merge\n',
  '*.bin filter=lfs diff=lfs merge=lfs -text\n',
  '*.txt linguist-generated ident\n',
  '[attr]mine -merge\n* mine\n',
  'c.txt working-tree-encoding=UTF-16\n',
];
const GITLINKS = ['1111111111111111111111111111111111111111', '2222222222222222222222222222222222222222'];

const lines = (prng: Prng, count: number): string =>
  Array.from({ length: count }, () => `${prng.one(['let', 'if', 'for', 'end', 'x'])} ${prng.below(1000)}\n`).join('');

const freshPath = (prng: Prng): string =>
  `${prng.one(DIRECTORIES)}${prng.one(NAMES)}${prng.chance(0.4) ? prng.below(6) : ''}`;

/** Sets a path and removes what cannot stand beside it. */
function put(tree: Tree, path: string, file: File): void {
  for (const other of [...tree.keys()])
    if (other.startsWith(`${path}/`) || path.startsWith(`${other}/`)) tree.delete(other);
  tree.set(path, file);
}

type Operation = (tree: Tree, prng: Prng) => void;

const anyPath = (tree: Tree, prng: Prng): string => prng.one([...tree.keys()]);

const editLine: Operation = (tree, prng) => {
  const path = anyPath(tree, prng);
  const [mode, content] = tree.get(path) ?? ['100644', ''];
  if (!mode.startsWith('100')) return;
  const rows = content.split('\n');
  rows[prng.below(rows.length)] = `changed ${prng.below(1000)}`;
  tree.set(path, [mode, rows.join('\n')]);
};

const OPERATIONS: readonly (readonly [weight: number, Operation])[] = [
  [10, editLine],
  [4, (tree, prng) => put(tree, freshPath(prng), ['100644', lines(prng, 3 + prng.below(15))])],
  [1.5, (tree, prng) => void (tree.size > 4 && tree.delete(anyPath(tree, prng)))],
  [
    2,
    (tree, prng) => {
      const path = anyPath(tree, prng);
      const file = tree.get(path) as File;
      tree.delete(path);
      put(tree, freshPath(prng), file);
    },
  ],
  [
    0.5,
    (tree, prng) => {
      const from = prng.one(DIRECTORIES.slice(1));
      const to = prng.one(['moved/', ...DIRECTORIES.slice(1)]);
      for (const [path, file] of [...tree])
        if (path.startsWith(from) && from !== to) {
          tree.delete(path);
          put(tree, to + path.slice(from.length), file);
        }
    },
  ],
  [
    1,
    (tree, prng) => {
      const path = anyPath(tree, prng);
      const [mode, content] = tree.get(path) as File;
      if (mode.startsWith('100')) tree.set(path, [mode === '100644' ? '100755' : '100644', content]);
    },
  ],
  [0.7, (tree, prng) => put(tree, freshPath(prng), ['120000', prng.one(['a', '../x', 'nowhere'])])],
  [0.5, (tree, prng) => put(tree, anyPath(tree, prng), ['120000', prng.one(['a', 'src'])])],
  [0.5, (tree, prng) => put(tree, `${anyPath(tree, prng)}/inner`, ['100644', lines(prng, 4)])],
  [0.5, (tree, prng) => put(tree, prng.one(['sub', 'lib/sub']), ['160000', prng.one(GITLINKS)])],
  [0.7, (tree, prng) => put(tree, freshPath(prng), ['100644', `\0\x01${prng.below(100)}\0\r\n${lines(prng, 3)}`])],
  [
    0.7,
    (tree, prng) => {
      const path = anyPath(tree, prng);
      const [mode, content] = tree.get(path) as File;
      if (mode.startsWith('100')) tree.set(path, [mode, content.replace(/\r?\n/g, prng.chance(0.7) ? '\r\n' : '\n')]);
    },
  ],
  [
    0.3,
    (tree, prng) => {
      const path = anyPath(tree, prng);
      const [mode, content] = tree.get(path) as File;
      if (mode.startsWith('100')) tree.set(path, [mode, content.replace(/ /g, '  ')]);
    },
  ],
];
const TOTAL = OPERATIONS.reduce((sum, [weight]) => sum + weight, 0);

function operate(tree: Tree, prng: Prng): void {
  let left = prng.next() * TOTAL;
  const chosen = OPERATIONS.find(([weight]) => {
    left -= weight;
    return left < 0;
  });
  chosen?.[1](tree, prng);
}

const AUTHORS = [
  'Ada Author <ada@example.test> 1700000000 +0000',
  '\xc3\x9cber <u@example.test> 1600000000 +1245',
  'Odd , <> 1 -1159',
  'Latin \xe9 <l@example.test> 1700000000 +0200',
];
const MESSAGES = [
  'one line',
  'subject\n\nbody\n',
  '\n  \n\nleading\n\n\ntrailing  \n\n\n',
  '# comment\n# more\n',
  'fixup! subject\n',
  '',
  '\n\n',
  '   indented\n\ttab',
  'utf \xe2\x9c\x93\r\nline\r\n',
  'latin \xe9\n',
  'scissors\n# ------------------------ >8 ------------------------\nrest\n',
];

const quoted = (path: string): string =>
  `"${[...path].map((char) => (/[\x20-\x7e]/.test(char) && !/["\\]/.test(char) ? char : `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)).join('')}"`;

/** Writes a `fast-import` stream; strings are latin1. */
class Stream {
  readonly parts: string[] = [];
  #mark = 0;

  commit(ref: string, tree: Tree, about: { parents: readonly number[]; prng: Prng; plain?: boolean }): number {
    const { parents, prng } = about;
    const author = prng.chance(0.1) ? prng.one(AUTHORS) : (AUTHORS[0] as string);
    const message = prng.chance(0.15) ? prng.one(MESSAGES) : `change ${prng.below(1000)}\n`;
    this.#mark += 1;
    const [first, ...others] = parents;
    this.parts.push(
      `commit ${ref}\nmark :${this.#mark}\nauthor ${author}\ncommitter C <c@example.test> ${1700000000 + this.#mark} +0530\n`,
      !about.plain && prng.chance(0.02) ? `encoding ${prng.one(['ISO-8859-1', 'nonsense'])}\n` : '',
      `data ${message.length}\n${message}\n`,
      first === undefined ? '' : `from :${first}\n`,
      ...others.map((parent) => `merge :${parent}\n`),
      'deleteall\n',
    );
    for (const [path, [mode, content]] of tree)
      this.parts.push(
        mode === '160000'
          ? `M 160000 ${content} ${quoted(path)}\n`
          : `M ${mode} inline ${quoted(path)}\ndata ${content.length}\n${content}\n`,
      );
    this.parts.push('\n');
    return this.#mark;
  }
}

function grow(stream: Stream, from: { ref: string; tree: Tree; parent: number; commits: number }, prng: Prng): number {
  const { ref, tree } = from;
  let parent = from.parent;
  for (let made = 0; made < from.commits; made += 1) {
    const before = new Map(tree);
    for (let times = prng.chance(0.04) ? 0 : 1 + prng.below(3); times > 0; times -= 1) operate(tree, prng);
    if (prng.chance(0.01)) put(tree, prng.one(['back\\slash', 'git~1']), ['100644', 'x\n']);
    if (prng.chance(0.03))
      put(tree, prng.one(['.gitattributes', 'src/.gitattributes']), ['100644', prng.one(ATTRIBUTES)]);
    parent = stream.commit(ref, tree, { parents: [parent], prng });
    if (prng.chance(0.05)) {
      tree.clear();
      for (const [path, file] of before) tree.set(path, file);
      parent = stream.commit(ref, tree, { parents: [parent], prng });
    }
  }
  return parent;
}

/** One case as `refs/heads/main-<n>` and `refs/heads/side-<n>`. */
function addCase(stream: Stream, number: number, prng: Prng): void {
  const [main, side] = [`refs/heads/main-${number}`, `refs/heads/side-${number}`];
  const tree: Tree = new Map();
  for (let files = 8 + prng.below(14); files > 0; files -= 1)
    put(tree, freshPath(prng), ['100644', lines(prng, 4 + prng.below(20))]);
  if (prng.chance(0.12))
    put(tree, prng.one(['.gitattributes', 'lib/.gitattributes']), ['100644', prng.one(ATTRIBUTES)]);
  const fork = stream.commit(main, tree, { parents: [], prng, plain: true });
  stream.parts.push(`reset ${side}\nfrom :${fork}\n\n`);
  const ours = new Map(tree);
  const theirs = new Map(tree);
  // The same change on both sides: a commit that main has already, alone or beside others.
  const shared = prng.chance(0.3) ? prng.below(2 ** 30) : null;
  const late = prng.chance(0.5);
  let [onMain, onSide] = [fork, fork];
  const both = (): void => {
    if (shared === null) return;
    for (let times = 0; times < 2; times += 1) editLine(ours, new Prng(shared + times));
    // Alone, the two commits are the same change; then main may take it back, and the branch brings it in again.
    const before = new Map(theirs);
    const alone = prng.chance(0.6);
    for (let times = 0; times < 2; times += 1) editLine(theirs, new Prng(shared + times));
    if (!alone) operate(theirs, prng);
    onMain = stream.commit(main, theirs, { parents: [onMain], prng });
    if (alone && prng.chance(0.5)) {
      theirs.clear();
      for (const [path, file] of before) theirs.set(path, file);
      onMain = stream.commit(main, theirs, { parents: [onMain], prng });
    }
    onSide = stream.commit(side, ours, { parents: [onSide], prng });
  };
  if (!late) both();
  onMain = grow(
    stream,
    { ref: main, tree: theirs, parent: onMain, commits: prng.chance(0.06) ? 0 : 1 + prng.below(3) },
    prng,
  );
  onSide = grow(
    stream,
    { ref: side, tree: ours, parent: onSide, commits: prng.chance(0.06) ? 0 : 1 + prng.below(4) },
    prng,
  );
  if (late) both();
  if (prng.chance(0.06)) {
    const other = new Map(ours);
    editLine(other, prng);
    const arm = stream.commit(`refs/heads/arm-${number}`, other, { parents: [onSide], prng });
    operate(ours, prng);
    onSide = stream.commit(side, ours, { parents: [onSide, arm], prng });
  }
}

/** A `fast-import` stream with cases `0..count-1`. */
export function randomBranches(seed: number, count: number): Buffer {
  const stream = new Stream();
  for (let number = 0; number < count; number += 1) addCase(stream, number, new Prng(seed * 1_000_003 + number));
  return Buffer.from(stream.parts.join(''), 'latin1');
}
