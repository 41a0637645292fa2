/** What holds after every fault, whatever it was. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { RoundEnd } from './queue.ts';
import { git, type Scene } from './scene.ts';

/** Main only grew, holds what it must, and whatever we moved it to was seen green. `extra`: a file of another person. */
export function expectNothingLost(scene: Scene, last: RoundEnd, extra?: string): void {
  const forge = (...args: readonly string[]): string => git('--git-dir', scene.origin, ...args);
  for (const [from, to] of scene.moves.slice(1)) {
    expect(forge('merge-base', from, to)).toBe(from);
  }
  const files = forge('ls-tree', '-r', '--name-only', 'refs/heads/main').split('\n');
  expect(files).toEqual(expect.arrayContaining(['README.md', 'b.txt', 't/one.sh']));
  if (last.kind === 'landed') expect(files).toEqual(expect.arrayContaining(['a.txt', 't/two.sh']));
  if (extra !== undefined) expect(files).toContain(extra);
  // Whatever we moved main to was seen green as exactly this tree.
  const green = new Set(
    readFileSync(join(scene.desk, 'runs'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
      .filter(({ outcome, purpose }) => outcome === 'green' && purpose !== 'setup')
      .map(({ tree }) => tree),
  );
  const ours = scene.moves.slice(1).filter(([, to]) => forge('log', '-1', '--format=%an', to) !== 'Bob');
  for (const [, to] of ours.slice(1)) expect(green).toContain(forge('rev-parse', `${to}^{tree}`));
}
