/** Every relative link in Markdown leads to a tracked file, and every anchor to a heading. */
import { dirname, join } from 'node:path/posix';
import { anchorsOf, type Link, linksOf } from '../markdown.ts';
import { filesMatching, type Guard, type RepoFile, type RepoTree, readNothing, type Violation } from '../tree.ts';

export const links: Guard = {
  name: 'every relative Markdown link resolves',
  rules: ['dead-link', 'dead-anchor'],
  check(tree) {
    const files = filesMatching(tree, /\.md$/);
    if (files.length === 0) return readNothing('Markdown file');
    const folders = new Set([...tree.files.keys()].flatMap(foldersOf));
    return files.flatMap((file) => linksOf(file).flatMap((link) => judge({ tree, folders, file }, link)));
  },
};

interface Origin {
  readonly tree: RepoTree;
  readonly folders: ReadonlySet<string>;
  readonly file: RepoFile;
}

function judge({ tree, folders, file }: Origin, { target, line }: Link): Violation[] {
  if (/^[a-z][a-z\d+.-]*:|^\/\//i.test(target)) return [];
  const [written = '', anchor = ''] = target.split('#', 2);
  const bare = decode(written.split('?')[0] ?? '');
  const path = bare === '' ? file.path : bare.startsWith('/') ? bare.slice(1) : join(dirname(file.path), bare);
  const clean = path.replace(/\/$/, '');
  const found = tree.files.get(clean);
  const place = { path: file.path, line };
  if (found === undefined) {
    if (folders.has(clean) && anchor === '') return [];
    return [
      {
        rule: 'dead-link',
        ...place,
        message: `'${target}' leads to no tracked file (${clean}); correct the path, or add the file`,
      },
    ];
  }
  if (anchor === '' || hasAnchor(found, decode(anchor))) return [];
  return [{ rule: 'dead-anchor', ...place, message: `${clean} has no place '#${anchor}'; link to a heading it has` }];
}

function hasAnchor(file: RepoFile, anchor: string): boolean {
  const last = /^L(\d+)(?:-L(\d+))?$/.exec(anchor);
  if (last !== null && !file.path.endsWith('.md')) return Number(last[2] ?? last[1]) <= file.text.split('\n').length;
  return anchorsOf(file).has(anchor);
}

/** `a/b/c.md` → `a`, `a/b` and the root, which is `.`. */
function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return ['.', ...parts.map((_, at) => parts.slice(0, at + 1).join('/'))];
}

/** A malformed percent escape stays as it is written and then leads nowhere. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
