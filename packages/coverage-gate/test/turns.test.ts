/** A report and a commit of many files do not hold the event loop: how much is asked for between two of its turns is bounded. */
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from '@jest/globals';
import { atOnce, eachInTurns, type InTurns, inTurns, STEPS_A_TURN } from '../src/adapters/turns.ts';
import { recordInTurns } from '../src/baseline-record.ts';
import { judging } from '../src/compute-verdict.ts';
import { limitLines } from '../src/placing/line-limits.ts';
import { placing } from '../src/placing/place-names.ts';
import type { ReportPlace } from '../src/placing/scene.ts';
import { tree } from './placing/trees.ts';
import { baselineAt, lineSet, measured, request } from './requests.ts';

const MANY = 10_000;
const range = <Item>(make: (at: number) => Item): Item[] => Array.from({ length: MANY }, (_, at) => make(at));
const spread = range((at) => `packages/p${at % 500}/src/f${at}.js`);
const alike = range((at) => `packages/p${at}/src/index.js`);
const classes = range((at) => `m${at}/src/main/java/org/C.java`);

/** Files of a commit that count what is asked of them. */
class CountedNames extends Set<string> {
  asked = 0;
  override has(name: string): boolean {
    this.asked += 1;
    return super.has(name);
  }
  override *keys(): SetIterator<string> {
    for (const name of super.keys()) {
      this.asked += 1;
      yield name;
    }
  }
}

const SHAPES: readonly [string, readonly string[], readonly string[], Partial<ReportPlace>][] = [
  ['relative', spread, spread, {}],
  ['in a container', spread.map((name) => `/build/w/${name}`), spread, {}],
  ['on Windows', spread.map((name) => `C:\\w\\${name.replaceAll('/', '\\')}`), spread, {}],
  ['of one base name', alike.map((name) => name.slice(9)), alike, {}],
  ['below sources', spread, spread, { format: 'cobertura', sources: ['/w', '/w/a', '/w/b'] }],
  [
    'a class in each module',
    range((at) => `m${at}/org/C.java`),
    classes,
    {
      format: 'jacoco',
      modules: new Map(range((at) => [`m${at}/org/C.java`, { modules: [`m${at}`], plain: 'org/C.java' }])),
    },
  ],
];

/** More than this is asked for one name nowhere here. */
const MOST_A_TURN = 10 * STEPS_A_TURN;

test.each(SHAPES)('names %s are placed in turns', async (_, names, files, more) => {
  const tracked = new CountedNames(files);
  const report = new Map(names.map((name) => [name, lineSet([1], [])]));
  const work = (): InTurns<unknown> => placing(report, { ...tree(), tracked }, { roots: ['/slots/1'], ...more });
  let [most, before, isOver] = [0, 0, false];
  const turn = (): void => {
    most = Math.max(most, tracked.asked - before);
    before = tracked.asked;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const placed = await inTurns(work());
  isOver = true;
  turn();
  expect(tracked.asked).toBeGreaterThanOrEqual(MANY);
  expect(most).toBeLessThan(MOST_A_TURN);
  expect(isDeepStrictEqual(placed, atOnce(work()))).toBe(true);
});

function turnsOf(work: InTurns<unknown>): number {
  let turns = 0;
  while (work.next().done !== true) turns += 1;
  return turns;
}

const files = Object.fromEntries(spread.map((name): [string, readonly [number, number]] => [name, [1, 2]]));

test.each([
  ['the record of a measurement is made', () => recordInTurns(Object.entries(files))],
  [
    'lines behind the ends of files are taken away',
    () => limitLines(new Map(spread.map((name) => [name, lineSet([9], [])])), () => 3),
  ],
  [
    'a verdict looks for files that vanished',
    () => {
      const more = { files, tracked: new Set(spread) };
      return judging(request(measured(MANY, 2 * MANY, more), baselineAt(MANY, 2 * MANY, { files })));
    },
  ],
])('%s in turns', (_, work) => {
  expect(turnsOf(work())).toBeGreaterThanOrEqual(MANY / STEPS_A_TURN - 1);
});

test('a record that is made in turns has every name as its own', () => {
  const names = ['__proto__', 'constructor', 'a'];
  const made = atOnce(recordInTurns(names.map((name) => [name, [1, 2]] as const)));
  expect(Object.keys(made)).toEqual(names);
  expect(Object.entries(made)).toEqual(names.map((name) => [name, [1, 2]]));
  expect(Object.getPrototypeOf(made)).toBe(Object.prototype);
});

test('others go on between two turns, and the last one answers', async () => {
  const seen: number[] = [];
  let isOver = false;
  let turns = 0;
  const turn = (): void => {
    turns += 1;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await inTurns(
    eachInTurns(
      range((at) => at),
      (at) => seen.push(at),
    ),
  );
  isOver = true;
  expect(seen).toHaveLength(MANY);
  expect(turns).toBeGreaterThanOrEqual(MANY / STEPS_A_TURN);
});
