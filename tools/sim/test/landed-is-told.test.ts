/** How a task must end whose commit main has: what is in order, and each thing that is not. */
import { expect, test } from '@jest/globals';
import { type CarriedTask, landedIsTold } from '../src/invariants/landed-is-told.ts';

const landed = (more: Partial<CarriedTask> = {}): CarriedTask => ({
  id: 't',
  stage: 'done',
  ended: null,
  landed: 'c1',
  moves: ['c1'],
  byOthers: null,
  isWithdrawn: false,
  pullRequest: 'merged',
  isFinished: true,
  isTold: true,
  ...more,
});
const others = (more: Partial<CarriedTask>) => landed({ moves: [], byOthers: 'c1', ...more });

test.each([
  ['merged', landed()],
  ['closed, because its forge can do no more', landed({ pullRequest: 'closed' })],
  ['landed after a stop that came too late', landed({ stage: 'cancelled', isWithdrawn: true })],
  ['landed by somebody else', others({})],
  ['landed by somebody else after a stop', others({ stage: 'cancelled', landed: null, isWithdrawn: true })],
])('a task that was %s is in order', (_, task) => {
  expect(landedIsTold(task)).toEqual([]);
});

test.each([
  ['landed twice', landed({ moves: ['c1', 'c2'], landed: 'c2' })],
  ['has no landing on record', landed({ landed: null })],
  ['is called cancelled though nobody stopped it', landed({ stage: 'cancelled', ended: 'merged, not deployed' })],
  ['was landed by somebody else and is called stopped', others({ stage: 'cancelled', ended: 'stopped', landed: null })],
  ['is told with another commit', landed({ landed: 'c0' })],
  ['was landed by somebody else and is told with another commit', others({ landed: 'c0' })],
  ['left its pull request open', landed({ pullRequest: 'open' })],
  ['told nobody', landed({ isTold: false })],
  ['does not know that its pull request is finished', landed({ isFinished: false })],
])('a task that %s is not', (_, task) => {
  expect(landedIsTold(task)).toHaveLength(1);
});
