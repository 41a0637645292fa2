/**
 * The service's folders import downwards only, so that none of them stands on a circle. The table is the layout; what
 * still stands elsewhere is named in a list of its own, and that list may only shrink.
 */
import { circles, entriesOf, entryOf, type FolderArrow, folderArrows, SERVICE } from '../service-folders.ts';
import { type Guard, lineOf, type RepoFile, type RepoTree, readNothing, type Violation } from '../tree.ts';

/** The entries of `apps/orchestrator/src`, highest first: each may import those below it, and no other. */
export const ORDER: readonly string[] = [
  'main',
  'testing',
  'cli',
  'running-service',
  'compose',
  'http',
  'worker',
  'context',
  'cancellation',
  'agents',
  'breakers',
  'checks',
  'workspace',
  'forges',
  'trackers',
  'notifiers',
  'policy',
  'store',
  'schema',
  'settings',
  'platform',
];

/** More pairs than this and the order says little: two folders that import each other's neighbours are one. */
export const ARROW_LIMIT = 91;

/** Optional; without it every rule is enforced. */
export const STILL_MOVING = 'tools/tidy/still-moving.json';

/** Entries that wait for their place in the order, and pairs that still point upwards. */
export interface StillMoving {
  readonly former: Readonly<Record<string, string>>;
  readonly upward: readonly string[];
}

export const folders: Guard = {
  name: 'the folders of the service import downwards only',
  rules: ['unknown-folder', 'upward', 'circle', 'too-many-arrows', 'stale-exception', 'broken-exceptions'],
  check(tree) {
    const entries = entriesOf(tree);
    if (entries.length === 0) return readNothing('folder of the service');
    const file = tree.files.get(STILL_MOVING);
    const moving = file === undefined ? NONE : readMoving(file);
    if (moving === null) {
      const message = 'must hold {"former": {"entry": "place"}, "upward": ["entry -> entry"]}; correct it or remove it';
      return [{ rule: 'broken-exceptions', path: STILL_MOVING, line: 1, message }];
    }
    const arrows = folderArrows(tree);
    return [
      ...(file === undefined ? whole(arrows) : stale(file, { moving, entries, arrows })),
      ...entries.filter((entry) => placeOf(entry, moving) < 0).map((entry) => unknownFolder(tree, entry)),
      ...arrows.filter((arrow) => isUpward(arrow, moving) && !moving.upward.includes(pairOf(arrow))).map(upward),
    ];
  },
};

const NONE: StillMoving = { former: {}, upward: [] };

/** Where an entry stands in the order; -1 for one that has no place. */
export function placeOf(entry: string, { former }: Pick<StillMoving, 'former'>): number {
  return ORDER.indexOf(Object.hasOwn(former, entry) ? (former[entry] ?? '') : entry);
}

/** Whether an import leads from an entry to one above it. */
export function isUpward({ from, to }: Pick<FolderArrow, 'from' | 'to'>, moving: StillMoving): boolean {
  const [above, below] = [placeOf(to, moving), placeOf(from, moving)];
  return above >= 0 && below >= 0 && above < below;
}

export const pairOf = ({ from, to }: Pick<FolderArrow, 'from' | 'to'>): string => `${from} -> ${to}`;

/** The exceptions in the file; null where it holds something else. */
export function readMoving({ text }: RepoFile): StillMoving | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const { former, upward: pairs } = (value ?? {}) as { readonly former?: unknown; readonly upward?: unknown };
  if (typeof former !== 'object' || former === null || !Array.isArray(pairs)) return null;
  return { former: former as StillMoving['former'], upward: pairs.map(String) };
}

function unknownFolder(tree: RepoTree, entry: string): Violation {
  const path = [...tree.files.keys()].find((one) => one.startsWith(SERVICE) && entryOf(one) === entry) ?? SERVICE;
  const message = `'${entry}' has no place in the order of tools/tidy/src/guards/folders.ts; put its code into a folder that has one`;
  return { rule: 'unknown-folder', path, line: 0, message };
}

function upward({ from, to, file, line }: FolderArrow): Violation {
  const message = `${from} stands below ${to} and must not know it; take what is needed as an argument, or move it down`;
  return { rule: 'upward', path: file.path, line, message };
}

/** What holds once nothing is on the move. */
function whole(arrows: readonly FolderArrow[]): Violation[] {
  const pairs = new Set(arrows.map(pairOf));
  const found: Violation[] = circles(arrows).map((group) => {
    const message = `${group.join(', ')} import each other in a circle; turn one arrow around`;
    return { rule: 'circle', path: SERVICE, line: 0, message };
  });
  if (pairs.size <= ARROW_LIMIT) return found;
  const message = `${pairs.size} pairs of entries import each other, ${ARROW_LIMIT} are allowed; merge two, or pass values`;
  return [...found, { rule: 'too-many-arrows', path: SERVICE, line: 0, message }];
}

interface Found {
  readonly moving: StillMoving;
  readonly entries: readonly string[];
  readonly arrows: readonly FolderArrow[];
}

function stale(file: RepoFile, { moving, entries, arrows }: Found): Violation[] {
  const pairs = new Set(arrows.filter((arrow) => isUpward(arrow, moving)).map(pairOf));
  const gone = [
    ...Object.keys(moving.former).filter((entry) => !entries.includes(entry)),
    ...moving.upward.filter((pair) => !pairs.has(pair)),
  ];
  const empty = Object.keys(moving.former).length + moving.upward.length === 0;
  if (empty) {
    const message = 'nothing is on the move any more; remove this file, so that every rule is enforced';
    return [{ rule: 'stale-exception', path: file.path, line: 1, message }];
  }
  return gone.map((name) => {
    const message = `'${name}' needs no exception any more; take it out of the list`;
    return { rule: 'stale-exception', path: file.path, line: lineOf(file, `"${name}"`), message };
  });
}
