/** The rows of the measurement: what is counted, in plain words, and the count for one tree. */
import { ORDER, readMoving, STILL_MOVING, type StillMoving } from '../guards/folders.ts';
import { circles, entriesOf, folderArrows } from '../service-folders.ts';
import type { RepoTree } from '../tree.ts';
import { checkNamers, contextTakers, pairsOf, typesOf } from './figures.ts';
import { FORMER } from './former-names.ts';
import { type Journey, type Walked, walkJourney } from './journey.ts';
import { TODAY } from './journeys.ts';
import { BEFORE } from './journeys-before.ts';

export interface Row {
  readonly what: string;
  readonly count: string;
  /** What the count is made of; printed with `--details`. */
  readonly details: readonly string[];
}

/** Measures one tree. Journeys that the code does not confirm are reported as such, never counted. */
export function measure(tree: RepoTree): Row[] {
  const arrows = folderArrows(tree);
  const pairs = pairsOf(tree);
  const upward = pairs.filter((pair) => isUpward(pair, movingIn(tree)));
  const rings = circles(arrows);
  const namers = checkNamers(tree);
  const ofService = namers.filter((path) => path.startsWith('apps/'));
  const types = typesOf(tree);
  const takers = [...contextTakers(tree, 'House'), ...contextTakers(tree, 'ServiceContext')];
  const entries = entriesOf(tree);
  return [
    { what: 'entries of `apps/orchestrator/src`', count: String(entries.length), details: entries },
    {
      what: 'arrows between them; upward; circles',
      count: `${pairs.length}; ${upward.length}; ${rings.length}`,
      details: [...upward.map((pair) => `upward: ${pair}`), ...rings.map((ring) => `circle: ${ring.join(', ')}`)],
    },
    ...journeyRows(tree),
    {
      what: 'production files that name a check: service; all',
      count: `${ofService.length}; ${namers.length}`,
      details: namers,
    },
    {
      what: 'types declared in more than one file',
      count: `${types.repeated.size} of ${types.declared}`,
      details: [...types.repeated].map(([name, paths]) => `${name} ×${paths.length}: ${paths.join(', ')}`),
    },
    { what: 'parameters and fields that hold the whole context', count: String(takers.length), details: takers },
  ];
}

/** The exceptions of the tree, and the names from before there was an order. */
function movingIn(tree: RepoTree): StillMoving {
  const file = tree.files.get(STILL_MOVING);
  const moving = file === undefined ? null : readMoving(file);
  return { former: { ...FORMER, ...moving?.former }, upward: [] };
}

function isUpward(pair: string, { former }: StillMoving): boolean {
  const [from = -1, to = -1] = pair.split(' -> ').map((entry) => ORDER.indexOf(former[entry] ?? entry));
  return from >= 0 && to >= 0 && to < from;
}

/** Of each journey the version that the tree confirms; of two that it does not, the one with fewer faults. */
function journeyRows(tree: RepoTree): Row[] {
  return TODAY.map((journey, at) => {
    const versions = [journey, BEFORE[at] ?? journey].map((one) => walkJourney(tree, one));
    const best = versions.toSorted((left, right) => left.faults.length - right.faults.length)[0];
    return journeyRow(journey, best ?? walkJourney(tree, journey));
  });
}

function journeyRow({ name }: Journey, { modules, turns, validations, clamps, faults }: Walked): Row {
  const checks = validations + clamps > 0 ? `; ${validations} validations, ${clamps} clamps` : '';
  const count = faults.length > 0 ? 'not confirmed' : `${modules} modules, ${turns} turns back${checks}`;
  return { what: name, count, details: faults };
}
