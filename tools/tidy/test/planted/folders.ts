import { ARROW_LIMIT, ORDER, STILL_MOVING } from '../../src/guards/folders.ts';
import type { NearMiss, Plant } from '../plant.ts';

const SRC = 'apps/orchestrator/src';
const moving = (former: Readonly<Record<string, string>>, upward: readonly string[]): string =>
  `${JSON.stringify({ former, upward }, null, 2)}\n`;

/** One file per folder that imports as many folders below it as asked, until `count` pairs are drawn. */
function pairs(count: number): Record<string, string> {
  const folders = ORDER.filter((entry) => !['main', 'settings'].includes(entry));
  const lines = new Map(folders.map((entry) => [entry, ['export {};']]));
  // The small repository draws one pair itself: main → settings.
  let drawn = 1;
  for (const [at, from] of folders.entries())
    for (const to of folders.slice(at + 1))
      if (drawn < count) {
        lines.get(from)?.push(`import '../${to}/part.ts';`);
        drawn += 1;
      }
  return Object.fromEntries([...lines].map(([entry, text]) => [`${SRC}/${entry}/part.ts`, `${text.join('\n')}\n`]));
}

/** The map of the small repository, with a row for each folder. */
const mapped = (...entries: readonly string[]): Plant['overlay'] => ({
  'docs/architecture.md': (old) => old + entries.map((entry) => `| \`${entry}\` | a part |\n`).join(''),
});
const IN_SMALL = ['main', 'settings', 'http', 'store', 'forges'];
const allMapped = mapped(...ORDER.filter((entry) => !IN_SMALL.includes(entry)).map((entry) => `${entry}/`));

export const plants: readonly Plant[] = [
  {
    title: 'a folder without a place in the order',
    rule: 'unknown-folder',
    overlay: { [`${SRC}/rooms/room.ts`]: 'export {};\n', ...mapped('rooms/') },
    at: `${SRC}/rooms/room.ts:0`,
    says: "'rooms' has no place in the order",
  },
  {
    title: 'a file of the top without a place in the order',
    rule: 'unknown-folder',
    overlay: { [`${SRC}/bell.ts`]: 'export {};\n', ...mapped('bell.ts') },
    at: `${SRC}/bell.ts:0`,
    says: 'put its code into a folder that has one',
  },
  ...["import { a } from '../http/a.ts';", "import type { A } from '../http/a.ts';"].map((line) => ({
    title: `the store knows HTTP: ${line}`,
    rule: 'upward',
    overlay: {
      [`${SRC}/store/rows.ts`]: `${line}\n`,
      [`${SRC}/http/a.ts`]: 'export {};\n',
    },
    at: `${SRC}/store/rows.ts:1`,
    says: 'store stands below http',
  })),
  {
    title: 'two folders in a circle',
    rule: 'circle',
    overlay: {
      [`${SRC}/store/rows.ts`]: "import '../http/a.ts';\n",
      [`${SRC}/http/a.ts`]: "import '../store/rows.ts';\n",
    },
    at: `${SRC}/:0`,
    says: 'http, store import each other in a circle',
    also: ['upward'],
  },
  {
    title: `more than ${ARROW_LIMIT} pairs of folders`,
    rule: 'too-many-arrows',
    overlay: { ...pairs(ARROW_LIMIT + 1), ...allMapped },
    at: `${SRC}/:0`,
    says: `${ARROW_LIMIT} are allowed`,
  },
  {
    title: 'an exception for an entry that has moved',
    rule: 'stale-exception',
    overlay: { [STILL_MOVING]: moving({ house: 'context' }, []) },
    at: `${STILL_MOVING}:3`,
    says: "'house' needs no exception any more",
  },
  {
    title: 'an exception for an arrow that is gone',
    rule: 'stale-exception',
    overlay: {
      [STILL_MOVING]: moving({ bell: 'platform' }, ['bell -> main']),
      [`${SRC}/bell.ts`]: 'export {};\n',
      ...mapped('bell.ts'),
    },
    at: `${STILL_MOVING}:6`,
    says: "'bell -> main' needs no exception any more",
  },
  {
    title: 'a list of exceptions that has become empty',
    rule: 'stale-exception',
    overlay: { [STILL_MOVING]: moving({}, []) },
    at: `${STILL_MOVING}:1`,
    says: 'remove this file',
  },
  {
    title: 'a list of exceptions that cannot be read',
    rule: 'broken-exceptions',
    overlay: { [STILL_MOVING]: '{ "former": [' },
    at: `${STILL_MOVING}:1`,
    says: 'correct it or remove it',
  },
];

export const nearMisses: readonly NearMiss[] = [
  {
    title: 'a folder that imports a lower one and itself',
    overlay: {
      [`${SRC}/http/routes/tasks.ts`]: "import '../auth.ts';\nimport '../../store/rows.ts';\n",
      [`${SRC}/store/rows.ts`]: 'export {};\n',
    },
  },
  {
    title: 'what is on the move: an old name with a place, and an arrow that still points upwards',
    overlay: {
      [STILL_MOVING]: moving({ house: 'context' }, ['store -> house']),
      [`${SRC}/house.ts`]: 'export {};\n',
      [`${SRC}/store/rows.ts`]: "import '../house.ts';\n",
      ...mapped('house.ts'),
    },
  },
  { title: `${ARROW_LIMIT} pairs of folders`, overlay: { ...pairs(ARROW_LIMIT), ...allMapped } },
];
