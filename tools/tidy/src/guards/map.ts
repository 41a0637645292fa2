/** The map shows every package, every folder of the service and every decision, and nothing that is not there. */

import { dirname, join } from 'node:path/posix';
import { linksOf, rowsOf, type TableRow } from '../markdown.ts';
import { entriesOf, SERVICE } from '../service-folders.ts';
import { filesMatching, type Guard, type RepoFile, type RepoTree, readNothing, type Violation } from '../tree.ts';
import { workspacesOf } from '../workspaces.ts';
import { ARROWS } from './arrows.ts';

const MAP = 'docs/architecture.md';
const INDEX = 'docs/adr/README.md';

/** The section that lists the folders of the service. */
const INSIDE = 'Inside `apps/orchestrator/src`';

export const map: Guard = {
  name: 'the map names every package and folder and links every decision',
  rules: [
    'no-map',
    'unnamed-package',
    'unnamed-folder',
    'names-nothing',
    'drawn-otherwise',
    'adr-name',
    'adr-number',
    'adr-unlinked',
  ],
  check(tree) {
    const workspaces = workspacesOf(tree);
    const decisions = filesMatching(tree, /^docs\/adr\//).filter(({ path }) => path !== INDEX);
    if (workspaces.length === 0 || decisions.length === 0) return readNothing('package or decision');
    const file = tree.files.get(MAP);
    return [...(file === undefined ? noMap() : checkMap(tree, file)), ...checkDecisions(tree, decisions)];
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

/** Both directions: what exists has a row, and what has a row exists. */
function checkMap(tree: RepoTree, file: RepoFile): Violation[] {
  const rows = rowsOf(file);
  const inside = rows.filter(({ heading }) => heading === INSIDE);
  const places = rows.filter((row) => /^`(packages|apps|tools)\/[^`]+`$/.test(row.cells[0] ?? ''));
  const named = new Set(places.map(placeOf));
  const shown = new Set(inside.flatMap(entriesIn).map((entry) => entry.replace(/\/$|\.[cm]?[jt]sx?$/g, '')));
  const missing = (rule: string, message: string): Violation => ({ rule, path: MAP, line: 0, message });
  return [
    ...workspacesOf(tree)
      .filter(({ dir }) => !named.has(dir))
      .map(({ dir }) => missing('unnamed-package', `${dir} is not on the map; say in one line what it promises`)),
    ...entriesOf(tree)
      .filter((entry) => !shown.has(entry))
      .map((entry) => missing('unnamed-folder', `${SERVICE}${entry} is not in the table of '${INSIDE}'; add its row`)),
    ...[
      ...places.map((row) => ({ row, path: placeOf(row) })),
      ...inside.flatMap((row) => entriesIn(row).map((entry) => ({ row, path: join(SERVICE, entry) }))),
    ].flatMap(({ row, path }) => (exists(tree, path) ? [] : [namesNothing(row, path)])),
    ...places.flatMap(checkDrawn),
  ];
}

const placeOf = ({ cells }: TableRow): string => (cells[0] ?? '').replaceAll('`', '');
const entriesIn = ({ cells }: TableRow): string[] =>
  [...(cells[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

const exists = (tree: RepoTree, path: string): boolean =>
  path.endsWith('/')
    ? [...tree.files.keys()].some((one) => one.startsWith(path))
    : tree.files.has(path) || (!/\.\w+$/.test(path) && exists(tree, `${path}/`));

const namesNothing = ({ line }: TableRow, path: string): Violation => ({
  rule: 'names-nothing',
  path: MAP,
  line,
  message: `the map names ${path}, which is not there; correct the row or remove it`,
});

/** The arrows of the table are those the guard of the imports enforces. */
function checkDrawn(row: TableRow): Violation[] {
  const allowed = ARROWS[placeOf(row)];
  if (!Array.isArray(allowed)) return [];
  const drawn = (row.cells[2] ?? '').replaceAll('`', '');
  const wanted = allowed.join(', ') || 'nothing';
  if (drawn === wanted) return [];
  const message = `the map lets ${placeOf(row)} import '${drawn}', tools/tidy allows '${wanted}'; make them equal`;
  return [{ rule: 'drawn-otherwise', path: MAP, line: row.line, message }];
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
