/**
 * Names in a report → files of the commit, by the table in rules.ts. What fits no file, or several, is placed nowhere and said;
 * so are two names that mean one file and do not agree about its lines. Pure; its cost is that of the names and the files, added.
 */
import { atOnce, type InTurns, STEPS_A_TURN } from '../adapters/turns.ts';
import { type LineSet, uniteLines } from '../readers/report-lines.ts';
import { type Answer, type ForeignWhy, RULES } from './rules.ts';
import { type AskedName, type ReportPlace, sceneOf } from './scene.ts';
import type { PlacingTree } from './tree-index.ts';

/** A name of this project that no line counts for. */
export interface UnplacedName {
  readonly name: string;
  /**
   * `absent`: no file of the commit fits. `several`: more than one does. `doubtful`: nothing says which root it begins at.
   * `contradicted`: another name of the file has other lines.
   */
  readonly why: 'absent' | 'several' | 'doubtful' | 'contradicted';
  /** Files it can mean; none where it is `absent`. */
  readonly fits: readonly string[];
  /** Where an `absent` one would be; git may ignore that. */
  readonly at: readonly string[];
}

/** A name of another project, or of a file that git ignores. */
export interface ForeignName {
  readonly name: string;
  readonly why: ForeignWhy;
}

/** Every name of the report is in one of the three. */
export interface PlacedNames {
  /** Lines by path in the commit. */
  readonly lines: ReadonlyMap<string, LineSet>;
  readonly unplaced: readonly UnplacedName[];
  readonly foreign: readonly ForeignName[];
  /** Files that had several names with different lines, which are a union now. */
  readonly united: readonly string[];
}

/** A name that fits one file. */
interface Placed {
  readonly name: AskedName;
  readonly file: string;
  readonly isLiteral: boolean;
}

/** Places every name of `files`. */
export const placeNames = (files: ReadonlyMap<string, LineSet>, tree: PlacingTree, place: ReportPlace): PlacedNames =>
  atOnce(placing(files, tree, place));

/** The same in turns. */
export function* placing(
  files: ReadonlyMap<string, LineSet>,
  tree: PlacingTree,
  place: ReportPlace,
): InTurns<PlacedNames> {
  const { forms, ask, scene } = yield* sceneOf(files.keys(), place, tree);
  const unplaced: UnplacedName[] = [];
  const foreign: ForeignName[] = [];
  const byFile = new Map<string, Placed[]>();
  let steps = 0;
  for (const form of forms) {
    const name = ask(form);
    const before = steps;
    steps += name.readings.length;
    if (Math.floor(before / STEPS_A_TURN) !== Math.floor(steps / STEPS_A_TURN)) yield;
    const asked = { path: name.module?.plain ?? name.path, ignoresCase: name.ignoresCase };
    if (!scene.index.isPrepared(asked)) yield* scene.index.prepare(asked);
    if (scene.packages.mayBeAsked(scene.format)) yield* scene.packages.prepare(name, scene.format);
    const answer = answerOf(name, scene);
    const [file] = answer.kind === 'fits' && answer.files.length === 1 ? answer.files : [];
    if (answer.kind === 'fits' && file !== undefined) {
      const others = byFile.get(file);
      const placed = { name, file, isLiteral: answer.isLiteral };
      if (others === undefined) byFile.set(file, [placed]);
      else others.push(placed);
    } else if (answer.kind === 'foreign') foreign.push({ name: name.name, why: answer.why });
    else if (answer.kind === 'fits') unplaced.push({ name: name.name, why: 'several', fits: answer.files, at: [] });
    else if (answer.kind === 'doubt') unplaced.push({ name: name.name, why: 'doubtful', fits: answer.files, at: [] });
    else if (answer.at.some((path) => scene.index.isInSubmodule(path)))
      foreign.push({ name: name.name, why: 'submodule' });
    else unplaced.push({ name: name.name, why: 'absent', fits: [], at: answer.at });
  }
  const { lines, united, quarrels } = yield* unite(byFile, files);
  for (const { name, file } of quarrels) unplaced.push({ name: name.name, why: 'contradicted', fits: [file], at: [] });
  return { lines, unplaced, foreign, united };
}

function answerOf(name: AskedName, scene: Parameters<(typeof RULES)[number]['answer']>[1]): Answer {
  for (const { answer } of RULES) {
    const said = answer(name, scene);
    if (said !== null) return said;
  }
  return { kind: 'none', at: name.readings.filter(({ from }) => from !== 'elsewhere').map(({ path }) => path) };
}

function* unite(
  byFile: ReadonlyMap<string, readonly Placed[]>,
  files: ReadonlyMap<string, LineSet>,
): InTurns<Pick<PlacedNames, 'lines' | 'united'> & { readonly quarrels: readonly Placed[] }> {
  const lines = new Map<string, LineSet>();
  const united: string[] = [];
  const quarrels: Placed[] = [];
  let steps = 0;
  for (const [file, all] of byFile) {
    if (++steps % STEPS_A_TURN === 0) yield;
    const setOf = ({ name }: Placed): LineSet => files.get(name.name) ?? EMPTY;
    const agree = all.length === 1 || isOneFile(all, setOf);
    const kept = agree ? all : all.filter(({ isLiteral }) => isLiteral);
    if (!agree) quarrels.push(...all.filter(({ isLiteral }) => !isLiteral));
    if (kept.length > 1 && !kept.every((one) => sameBits(setOf(one), setOf(kept[0] as Placed)))) united.push(file);
    const [first, ...rest] = kept.map(setOf);
    if (first !== undefined) lines.set(file, rest.reduce(uniteLines, first));
  }
  return { lines, united, quarrels };
}

const EMPTY: LineSet = { seen: new Uint32Array(0), hit: new Uint32Array(0) };

/** Names that spell one path are one; others have to measure the same lines, and no two modules share a file. */
function isOneFile(all: readonly Placed[], setOf: (placed: Placed) => LineSet): boolean {
  const [first, ...rest] = all;
  if (first === undefined) return true;
  return rest.every((other) => {
    const modules = ({ name }: Placed): string => name.module?.modules.join('/') ?? '';
    if (modules(first) !== modules(other)) return false;
    const isSpelling = first.name.path === other.name.path && first.name.origin === other.name.origin;
    return isSpelling || sameWords(setOf(first).seen, setOf(other).seen);
  });
}

const sameBits = (a: LineSet, b: LineSet): boolean => sameWords(a.seen, b.seen) && sameWords(a.hit, b.hit);

function sameWords(a: Uint32Array, b: Uint32Array): boolean {
  for (let word = 0; word < Math.max(a.length, b.length); word++) if ((a[word] ?? 0) !== (b[word] ?? 0)) return false;
  return true;
}
