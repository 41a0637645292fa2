/** Every invariant of the store's rows is seen to fire on what it forbids, and to keep still beside it. */

import { SUB_GATES } from '@gatehouse/stage-engine';
import { describe, expect, test } from '@jest/globals';
import { INVARIANTS } from '../src/invariants/after-each-write.ts';
import { IN_SCOPE } from '../src/invariants/landing.ts';
import { EMPTY, type Snapshot } from '../src/snapshot.ts';
import { job, lease, snapshot, task } from './snapshots.ts';

interface Planted {
  readonly wrong: readonly [before: Snapshot, after: Snapshot];
  /** The nearest thing that is right. */
  readonly right: readonly [before: Snapshot, after: Snapshot];
}

const now = (after: Snapshot): readonly [Snapshot, Snapshot] => [EMPTY, after];
const baseline = (seq: number, covered: number, overridden = false) => ({
  key: 'r main',
  seq,
  covered,
  total: 100,
  overridden,
});
const ticket = (taskId: string, woken: boolean) => ({ id: 1, repoId: 'r', taskId, woken });

const PLANTED: Readonly<Record<string, Planted>> = {
  'one-live-job': {
    wrong: now(snapshot({ tasks: [task('t')], jobs: [job(1, 't'), job(2, 't', { kind: 'landing' })] })),
    right: now(snapshot({ tasks: [task('t'), task('u')], jobs: [job(1, 't'), job(2, 'u')] })),
  },
  'ended-jobs-stay-ended': {
    wrong: [snapshot({ newestJob: 2, jobs: [job(2, 't')] }), snapshot({ newestJob: 2, jobs: [job(1, 't')] })],
    right: [snapshot({ newestJob: 2, jobs: [job(2, 't')] }), snapshot({ newestJob: 3, jobs: [job(3, 't')] })],
  },
  'active-has-job': {
    wrong: now(snapshot({ tasks: [task('t', { status: 'blocked' })], jobs: [job(1, 't')] })),
    right: now(snapshot({ tasks: [task('t', { status: 'blocked' }), task('u')], jobs: [job(1, 'u')] })),
  },
  'terminal-is-final': {
    wrong: [snapshot({ tasks: [task('t', { stage: 'cancelled' })] }), snapshot({ tasks: [task('t')] })],
    right: [snapshot({ tasks: [task('t')] }), snapshot({ tasks: [task('t', { stage: 'cancelled' })] })],
  },
  'lease-at-rest': {
    wrong: now(snapshot({ tasks: [task('t', { status: 'waiting' })], leases: [lease('t', 1)] })),
    right: now(snapshot({ tasks: [task('t', { status: 'stopping', criticalToken: 1 })], leases: [lease('t', 1)] })),
  },
  'one-holder': {
    wrong: [snapshot({ leases: [lease('t', 4)] }), snapshot({ leases: [lease('u', 4)] })],
    right: [snapshot({ leases: [lease('t', 4)] }), snapshot({ leases: [lease('u', 5)] })],
  },
  'window-at-landing': {
    wrong: now(
      snapshot({
        tasks: [task('t', { criticalToken: 1, stage: 'deploy', status: 'blocked' })],
        leases: [lease('t', 1)],
      }),
    ),
    right: now(snapshot({ tasks: [task('t', { criticalToken: 1, stage: 'deploy' })], leases: [lease('t', 1)] })),
  },
  'queue-head-notified': {
    wrong: now(
      snapshot({
        tasks: [task('t', { status: 'waiting' })],
        tickets: [ticket('t', false)],
        leases: [lease('u', 1, { released: true })],
      }),
    ),
    right: now(
      snapshot({
        tasks: [task('t', { status: 'waiting' })],
        tickets: [ticket('t', true)],
        leases: [lease('u', 1, { released: true })],
      }),
    ),
  },
  'stop-is-final': {
    wrong: [
      snapshot({ tasks: [task('t', { cancelRequestedAt: 5 })] }),
      snapshot({ tasks: [task('t', { cancelRequestedAt: 5, criticalToken: 1 })] }),
    ],
    right: [
      snapshot({ tasks: [task('t', { criticalToken: 1 })] }),
      snapshot({ tasks: [task('t', { cancelRequestedAt: 5, criticalToken: 1 })] }),
    ],
  },
  'baseline-never-falls': {
    wrong: [snapshot({ baselines: [baseline(1, 90)] }), snapshot({ baselines: [baseline(2, 80)] })],
    right: [snapshot({ baselines: [baseline(1, 90)] }), snapshot({ baselines: [baseline(2, 80, true)] })],
  },
  'generations-grow': {
    wrong: [
      snapshot({ tasks: [task('t', { branch: 'queue/1~stopped~t', stage: 'cancelled' })] }),
      snapshot({
        tasks: [task('t', { branch: 'queue/1~stopped~t', stage: 'cancelled' }), task('u', { branch: 'queue/1' })],
      }),
    ],
    right: [
      snapshot({ tasks: [task('t', { branch: 'queue/1~stopped~t', stage: 'cancelled' })] }),
      snapshot({
        tasks: [
          task('t', { branch: 'queue/1~stopped~t', stage: 'cancelled' }),
          task('u', { branch: 'queue/1', generation: 2 }),
        ],
      }),
    ],
  },
};

describe.each(INVARIANTS)('$name: $says', ({ name, check }) => {
  test('fires on what it forbids', () => {
    const [before, after] = PLANTED[name]?.wrong ?? [EMPTY, EMPTY];
    expect(check(after, before)).not.toEqual([]);
  });
  test('keeps still beside it', () => {
    const [before, after] = PLANTED[name]?.right ?? [EMPTY, EMPTY];
    expect(check(after, before)).toEqual([]);
  });
});

const more: readonly (readonly [string, string, readonly [Snapshot, Snapshot]])[] = [
  ['active-has-job', 'an active task without a job', now(snapshot({ tasks: [task('t')] }))],
  [
    'active-has-job',
    'a waiting task with one',
    now(snapshot({ tasks: [task('t', { status: 'waiting' })], jobs: [job(1, 't')] })),
  ],
  ['one-holder', 'a token that fell', [snapshot({ leases: [lease('t', 4)] }), snapshot({ leases: [lease('t', 3)] })]],
  [
    'one-holder',
    'a released token that came back',
    [snapshot({ leases: [lease('t', 4, { released: true })] }), snapshot({ leases: [lease('t', 4)] })],
  ],
  [
    'one-holder',
    'two tasks inside the window',
    now(
      snapshot({
        tasks: [task('t', { criticalToken: 1 }), task('u', { criticalToken: 1 })],
        leases: [lease('t', 1)],
      }),
    ),
  ],
  [
    'lease-at-rest',
    'a done task that holds the lease',
    now(snapshot({ tasks: [task('t', { stage: 'done' })], leases: [lease('t', 1)] })),
  ],
  [
    'queue-head-notified',
    'a blocked task in the queue',
    now(snapshot({ tasks: [task('t', { status: 'blocked' })], tickets: [ticket('t', true)] })),
  ],
  [
    'stop-is-final',
    'a stop that was forgotten',
    [snapshot({ tasks: [task('t', { cancelRequestedAt: 5 })] }), snapshot({ tasks: [task('t')] })],
  ],
  [
    'baseline-never-falls',
    'a sequence that went back',
    [snapshot({ baselines: [baseline(3, 90)] }), snapshot({ baselines: [baseline(2, 95)] })],
  ],
];

test.each(more)('%s fires on %s', (name, _, [before, after]) => {
  const found = INVARIANTS.find((invariant) => invariant.name === name);
  expect(found?.check(after, before)).not.toEqual([]);
});

test('whoever lands has passed every gate that the engine asks before a landing', () => {
  expect(IN_SCOPE).toEqual(SUB_GATES['deploy-staging']);
});
