/** A file a person cannot hold in the head is two files. Think at 250 lines; 400 is the wall. */
import { filesMatching, type Guard, type RepoFile, type RepoTree, readNothing } from '../tree.ts';

export const LINE_LIMIT = 400;

export const sizes: Guard = {
  name: 'no source, test or script is longer than 400 lines',
  rules: ['too-long'],
  check(tree) {
    const files = measured(tree);
    if (files.length === 0) return readNothing('source file');
    return files
      .filter((file) => linesOf(file) > LINE_LIMIT)
      .map((file) => {
        const message = `${linesOf(file)} lines, ${LINE_LIMIT} are allowed; split it by what changes together`;
        return { rule: 'too-long', path: file.path, line: LINE_LIMIT + 1, message };
      });
  },
};

/** The longest files, longest first; for a person who searches for the next split. */
export function largest(tree: RepoTree, count: number): { readonly path: string; readonly lines: number }[] {
  return measured(tree)
    .map((file) => ({ path: file.path, lines: linesOf(file) }))
    .sort((left, right) => right.lines - left.lines)
    .slice(0, count);
}

/** Made by a machine, and compared with what it makes. */
const MADE = /(^|\/)pnpm-lock\.yaml$|\/migrations\/meta\/|\/openapi\/api-schema\.ts$/;

function measured(tree: RepoTree): RepoFile[] {
  const code = filesMatching(tree, /\.([cm]?[jt]sx?|css|sql|sh|py|html|ya?ml)$/).filter(
    (file) => !MADE.test(file.path),
  );
  const scripts = filesMatching(tree, /(^|\/)[^./]+$/).filter((file) => file.text.startsWith('#!'));
  return [...code, ...scripts];
}

const linesOf = ({ text }: RepoFile): number =>
  text === '' ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
