/** Trees and names for the tests of placing. */
import { type PlacedNames, placeNames } from '../../src/placing/place-names.ts';
import type { ReportPlace } from '../../src/placing/scene.ts';
import type { PlacingTree } from '../../src/placing/tree-index.ts';
import { lineSet } from '../requests.ts';

/** A commit of these files and nothing else that matters. */
export const tree = (...files: string[]): PlacingTree => ({
  tracked: new Set(files),
  links: new Map(),
  submodules: new Set(),
  goModules: [],
  goDependencies: [],
  packages: new Map(),
});

/** Places names that measure one line each. */
export const place = (names: readonly string[], files: PlacingTree, more: Partial<ReportPlace> = {}): PlacedNames =>
  placeNames(new Map(names.map((name) => [name, lineSet([1], [])])), files, { roots: ['/slots/1'], ...more });

/** What one name of them becomes: its file, the files that it fits, why it is foreign, or `nowhere`. */
export function fate(name: string, { lines, unplaced, foreign }: PlacedNames): string {
  const other = foreign.find((one) => one.name === name);
  if (other !== undefined) return `foreign: ${other.why}`;
  const left = unplaced.find((one) => one.name === name);
  if (left?.why === 'several') return `fits ${[...left.fits].sort().join(' ')}`;
  if (left?.why === 'doubtful') return `may be ${[...left.fits].sort().join(' ')}`;
  if (left !== undefined) return 'nowhere';
  return [...lines.keys()].join(' ');
}
