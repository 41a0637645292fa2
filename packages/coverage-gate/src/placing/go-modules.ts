/** What `go.mod` and `go.work` say about import paths: https://go.dev/ref/mod#go-mod-file, as far as files are named by it. */
import { joined } from './name-forms.ts';
import type { GoModule } from './tree-index.ts';

/** What one file says. */
export interface GoModFile {
  /** Its own module, and local folders that stand for others. */
  readonly modules: readonly GoModule[];
  /** Modules from elsewhere. */
  readonly dependencies: readonly string[];
}

const MAX_LINES = 20_000;

/** Reads a `go.mod` or `go.work` of the folder `dir`. What it cannot read it leaves out. */
export function parseGoMod(text: string, dir: string): GoModFile {
  const modules: GoModule[] = [];
  const dependencies: string[] = [];
  let block = '';
  for (const raw of text.split('\n', MAX_LINES)) {
    const words = wordsOf(raw);
    if (words.length === 0) continue;
    if (words[0] === ')') block = '';
    else if (words.at(-1) === '(') block = words[0] ?? '';
    else {
      const [directive, ...rest] = block === '' ? words : [block, ...words];
      if (directive === 'module' && rest[0] !== undefined) modules.push({ path: rest[0], dir });
      else if (directive === 'require' && rest[0] !== undefined) dependencies.push(rest[0]);
      else if (directive === 'replace') modules.push(...replaced(rest, dir));
    }
  }
  const local = new Set(modules.map(({ path }) => path));
  return { modules, dependencies: dependencies.filter((path) => !local.has(path)) };
}

/** Words of a line without its comment; a word may stand in quotes. */
function wordsOf(line: string): string[] {
  const found = line.replace(/\/\/.*$/, '').match(/"[^"]*"|`[^`]*`|\(|\)|[^\s()]+/g) ?? [];
  return found.map((word) => word.replace(/^["`](.*)["`]$/, '$1'));
}

/** `path [version] => folder`: only a folder of the commit names files of it. */
function replaced(words: readonly string[], dir: string): GoModule[] {
  const arrow = words.indexOf('=>');
  const [path] = words;
  const target = words[arrow + 1] ?? '';
  if (arrow < 1 || path === undefined || !/^\.\.?(\/|$)/.test(target)) return [];
  const folder = joined(dir, target);
  return folder === '..' || folder.startsWith('../') ? [] : [{ path, dir: folder }];
}

/** Whether the go command looks into a folder at all. */
export const isGoFolder = (dir: string): boolean => !/(^|\/)(testdata|vendor)(\/|$)/.test(dir);
