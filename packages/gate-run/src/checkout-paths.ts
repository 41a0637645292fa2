/** Paths that a command prints, for readers elsewhere: a file of a commit is at its place below the root, on every machine. */
import { pathToFileURL } from 'node:url';

/** The text with paths and file addresses below `dir` as relative ones; `dir` itself becomes `.`. */
export function fromRoot(text: string, dir: string): string {
  return [pathToFileURL(dir).href, dir].reduce(
    (said, root) => said.split(root).reduce((before, after) => before + withoutRoot(root, after)),
    text,
  );
}

function withoutRoot(root: string, after: string): string {
  if (/^\/[\w@.~+-]/.test(after)) return after.slice(1);
  // Another directory, whose name begins like this one's.
  const isAnother = /^(?:[\w~-]|\.\w)/.test(after);
  return (isAnother ? root : '.') + after;
}
