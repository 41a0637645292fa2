/** The map shows every package and every decision, so that a newcomer finds both without a search. */

import { dirname, join } from 'node:path/posix';
import { linksOf } from '../markdown.ts';
import { filesMatching, type Guard, type RepoFile, type RepoTree, readNothing, type Violation } from '../tree.ts';
import { workspacesOf } from '../workspaces.ts';

const MAP = 'docs/architecture.md';
const INDEX = 'docs/adr/README.md';

export const map: Guard = {
  name: 'the map names every package and links every decision',
  rules: ['no-map', 'unnamed-package', 'adr-name', 'adr-number', 'adr-unlinked'],
  check(tree) {
    const workspaces = workspacesOf(tree).filter(({ group }) => group !== 'tools');
    const decisions = filesMatching(tree, /^docs\/adr\//).filter(({ path }) => path !== INDEX);
    if (workspaces.length === 0 || decisions.length === 0) return readNothing('package or decision');
    const places = tree.files.get(MAP);
    return [
      ...(places === undefined ? noMap() : workspaces.flatMap(({ dir, name }) => checkNamed(places, dir, name))),
      ...checkDecisions(tree, decisions),
    ];
  },
};

const noMap = (): Violation[] => [
  {
    rule: 'no-map',
    path: MAP,
    line: 0,
    message: 'the map is missing; write it: the packages, the arrows, the life of one task',
  },
];

function checkNamed(places: RepoFile, dir: string, name: string): Violation[] {
  const short = dir.slice(dir.indexOf('/') + 1);
  const spellings = [dir, name, `\`${short}\``].filter((spelling) => spelling !== '');
  const named = spellings.some((spelling) =>
    new RegExp(`(?<![\\w/-])${spelling.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`).test(places.text),
  );
  if (named) return [];
  return [
    {
      rule: 'unnamed-package',
      path: MAP,
      line: 0,
      message: `${dir} is not on the map; say in one line what it promises`,
    },
  ];
}

function checkDecisions(tree: RepoTree, decisions: readonly RepoFile[]): Violation[] {
  const linked = new Set([MAP, INDEX].flatMap((path) => targets(tree.files.get(path))));
  const owner = new Map<string, string>();
  return decisions.flatMap(({ path }): Violation[] => {
    const number = /^docs\/adr\/(\d{4})-[a-z0-9]+(?:-[a-z0-9]+)*\.md$/.exec(path)?.[1];
    if (number === undefined)
      return [{ rule: 'adr-name', path, line: 0, message: 'a decision is called NNNN-what-was-chosen.md; rename it' }];
    const first = owner.get(number);
    owner.set(number, first ?? path);
    const found: Violation[] = [];
    if (first !== undefined)
      found.push({
        rule: 'adr-number',
        path,
        line: 0,
        message: `${number} is taken by ${first}; take the next free number`,
      });
    if (!linked.has(path))
      found.push({ rule: 'adr-unlinked', path, line: 0, message: `nothing leads here; link it from ${INDEX}` });
    return found;
  });
}

const targets = (file: RepoFile | undefined): string[] =>
  file === undefined ? [] : linksOf(file).map(({ target }) => join(dirname(file.path), target.split('#')[0] ?? ''));
