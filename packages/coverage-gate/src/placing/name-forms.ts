/**
 * The spellings of names in reports, undone: what is left is a path with forward slashes. Each row of the table says who writes
 * that way. A row never decides which file is meant.
 */

/** A name, and the path that it spells. */
export interface NameForm {
  /** As the report says it. */
  readonly name: string;
  /** Without `.`, empty and inner `..` parts; one that climbs begins with `../`. */
  readonly path: string;
  /** It begins at the root of a file system or at a drive. */
  readonly isAbsolute: boolean;
  /** Written on Windows: upper and lower case mean the same file. */
  readonly ignoresCase: boolean;
  /** What it is relative to by its own word, such as a bundle: `webpack://shop`; empty for none. */
  readonly origin: string;
  /** It is at an address of another machine. */
  readonly isRemote: boolean;
}

interface Spelling {
  readonly reason: string;
  readonly pattern: RegExp;
  readonly undo: (text: string, parts: readonly string[]) => string;
}

/** Applied in this order, each to what the one before left. */
export const SPELLINGS: readonly Spelling[] = [
  {
    reason: 'V8 and Deno write addresses of files, with %20 for a space; Java writes them with one slash',
    pattern: /^file:(?:\/\/[^/]*)?(\/.*)$/is,
    undo: (_, [, path = '']) => percentDecoded(path).replace(/^\/([A-Za-z]:)/, '$1'),
  },
  {
    reason: 'Turbopack calls the root of its project so',
    pattern: /^turbopack:\/\/\/?\[project\]\/(.*)$/is,
    undo: (_, [, path = '']) => path,
  },
  {
    reason: 'Vite serves files outside its root below /@fs/',
    pattern: /^(?:https?:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?)?\/@fs\/(.*)$/is,
    undo: (_, [, path = '']) => (/^[A-Za-z]:/.test(path) ? path : `/${path}`),
  },
  {
    reason: 'a browser names what a server of this machine sent, relative to the root it serves',
    pattern: /^https?:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?\/(.*)$/is,
    undo: (_, [, path = '']) => path,
  },
  {
    reason:
      'source maps of bundlers: webpack://NAMESPACE/./src/a.js, of Next.js with a (layer)/ before, relative to the root of the bundle',
    pattern: /^(?!https?:)[a-z][a-z0-9+.-]+:\/\/[^/]*\/(?:\([\w-]+\)\/(?=\.\/))?(.*)$/is,
    undo: (_, [, path = '']) => path,
  },
  {
    reason: 'long names of Windows: \\\\?\\C:\\work',
    pattern: /^[\\/]{2}\?[\\/](.*)$/s,
    undo: (_, [, path = '']) => path,
  },
  {
    reason: 'Vite and webpack append what part of a file was loaded: a.vue?vue&type=script',
    pattern: /^([^?]+)\?.*$/s,
    undo: (_, [, path = '']) => path,
  },
  {
    reason: 'Windows separates folders by backslashes',
    pattern: /\\/,
    undo: (text) => text.replaceAll('\\', '/'),
  },
];

/** A name without one of these is spelled in none of these ways. */
const IS_SPELLED = /[\\?:@]/;

/** Undoes every spelling of `name`. */
export function formOf(name: string): NameForm {
  if (!IS_SPELLED.test(name)) {
    const path = plainPath(name);
    return { name, path, isAbsolute: name.startsWith('/'), ignoresCase: false, origin: '', isRemote: false };
  }
  const isRemote = /^https?:\/\/(?!localhost[:/]|127\.|\[::1\])/i.test(name);
  let text = name;
  for (const { pattern, undo } of SPELLINGS) {
    const parts = pattern.exec(text);
    if (parts !== null) text = undo(text, parts);
  }
  const hasDrive = /^[A-Za-z]:\//.test(text);
  return {
    name,
    path: plainPath(text),
    isAbsolute: text.startsWith('/') || hasDrive,
    ignoresCase: hasDrive || name.includes('\\'),
    origin: /^(?!file:)[a-z][a-z0-9+.-]+:\/\/[^/]*/i.exec(name)?.[0] ?? '',
    isRemote,
  };
}

/** `folder` and a path relative to it, as one path. */
export function joined(folder: string, path: string): string {
  return plainPath(folder === '' ? path : `${folder}/${path}`);
}

/** Without `.`, empty and inner `..` parts. */
export function plainPath(path: string): string {
  if (!ODD_PART.test(path)) return path;
  const root = path.startsWith('/') ? '/' : '';
  const floor = /^[A-Za-z]:\//.test(path) ? 1 : 0;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length > floor && parts.at(-1) !== '..') parts.pop();
    else if (root === '' && floor === 0) parts.push('..');
  }
  return root + parts.join('/');
}

const ODD_PART = /(?:^|\/)\.{0,2}(?:\/|$)/;

/** Bytes behind per cent signs; others stay as they are. */
const percentDecoded = (text: string): string =>
  text.replace(/(?:%[\da-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));
