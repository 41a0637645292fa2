/** A pending changeset names packages that exist, so that a release finds what it names. */
import { filesMatching, type Guard, type RepoFile, readNothing, type Violation } from '../tree.ts';
import { workspacesOf } from '../workspaces.ts';

export const changesets: Guard = {
  name: 'a changeset names packages that exist and says something',
  rules: ['changeset'],
  check(tree) {
    const names = new Set(workspacesOf(tree).map(({ name }) => name));
    if (names.size === 0) return readNothing('workspace');
    // Between a release and the next visible change there is none.
    return filesMatching(tree, /^\.changeset\/(?!README\.md$)[^/]+\.md$/).flatMap((file) => checkOne(file, names));
  },
};

function checkOne({ path, text }: RepoFile, names: ReadonlySet<string>): Violation[] {
  const told = (line: number, message: string): Violation => ({ rule: 'changeset', path, line, message });
  const [, front, body = ''] = /^---\n([\s\S]*?)^---\n([\s\S]*)$/m.exec(text) ?? [];
  if (front === undefined) return [told(1, "has no front matter; make one with 'npm run changeset'")];
  const rows = front.split('\n').filter((row) => row.trim() !== '');
  return [
    ...rows.flatMap((row, at) => {
      const [, name = ''] = /^['"]?([^'":]+)['"]?: (?:major|minor|patch)$/.exec(row) ?? [];
      if (names.has(name)) return [];
      return [told(at + 2, `'${row}' must be the name of a package of this repository and major, minor or patch`)];
    }),
    ...(body.trim() === '' ? [told(rows.length + 2, 'says nothing; write what a user sees')] : []),
  ];
}
