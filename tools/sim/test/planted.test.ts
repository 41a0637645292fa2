/** Every invariant of the store's rows is seen to fire on what it forbids, and to keep still beside it. */
import { describe, expect, test } from '@jest/globals';
import { INVARIANTS } from '../src/invariants/all.ts';
import { EMPTY, type Snapshot } from '../src/snapshot.ts';
import { job, lease, picture, task } from './snapshots.ts';

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
    wrong: now(picture({ tasks: [task('t')], jobs: [job(1, 't'), job(2, 't', { kind: 'landing' })] })),
    right: now(picture({ tasks: [task('t'), task('u')], jobs: [job(1, 't'), job(2, 'u')] })),
  },
  'ended-jobs-stay-ended': {
    wrong: [picture({ newestJob: 2, jobs: [job(2, 't')] }), picture({ newestJob: 2, jobs: [job(1, 't')] })],
    right: [picture({ newestJob: 2, jobs: [job(2, 't')] }), picture({ newestJob: 3, jobs: [job(3, 't')] })],
  },
  'active-has-job': {
    wrong: now(picture({ tasks: [task('t', { status: 'blocked' })], jobs: [job(1, 't')] })),
    right: now(picture({ tasks: [task('t', { status: 'blocked' }), task('u')], jobs: [job(1, 'u')] })),
  },
  'terminal-is-final': {
    wrong: [picture({ tasks: [task('t', { stage: 'cancelled' })] }), picture({ tasks: [task('t')] })],
    right: [picture({ tasks: [task('t')] }), picture({ tasks: [task('t', { stage: 'cancelled' })] })],
  },
  'lease-at-rest': {
    wrong: now(picture({ tasks: [task('t', { status: 'waiting' })], leases: [lease('t', 1)] })),
    right: now(picture({ tasks: [task('t', { status: 'stopping', criticalToken: 1 })], leases: [lease('t', 1)] })),
  },
  'one-holder': {
    wrong: [picture({ leases: [lease('t', 4)] }), picture({ leases: [lease('u', 4)] })],
    right: [picture({ leases: [lease('t', 4)] }), picture({ leases: [lease('u', 5)] })],
  },
  'queue-head-notified': {
    wrong: now(
      picture({
        tasks: [task('t', { status: 'waiting' })],
        tickets: [ticket('t', false)],
        leases: [lease('u', 1, { released: true })],
      }),
    ),
    right: now(
      picture({
        tasks: [task('t', { status: 'waiting' })],
        tickets: [ticket('t', true)],
        leases: [lease('u', 1, { released: true })],
      }),
    ),
  },
  'stop-is-final': {
    wrong: [
      picture({ tasks: [task('t', { cancelRequestedAt: 5 })] }),
      picture({ tasks: [task('t', { cancelRequestedAt: 5, criticalToken: 1 })] }),
    ],
    right: [
      picture({ tasks: [task('t', { criticalToken: 1 })] }),
      picture({ tasks: [task('t', { cancelRequestedAt: 5, criticalToken: 1 })] }),
    ],
  },
  'baseline-never-falls': {
    wrong: [picture({ baselines: [baseline(1, 90)] }), picture({ baselines: [baseline(2, 80)] })],
    right: [picture({ baselines: [baseline(1, 90)] }), picture({ baselines: [baseline(2, 80, true)] })],
  },
  'generations-grow': {
    wrong: [
      picture({ tasks: [task('t', { branch: 'queue/1~stopped~t', stage: 'cancelled' })] }),
      picture({
        tasks: [task('t', { branch: 'queue/1~stopped~t', stage: 'cancelled' }), task('u', { branch: 'queue/1' })],
      }),
    ],
    right: [
      picture({ tasks: [task('t', { branch: 'queue/1~stopped~t', stage: 'cancelled' })] }),
      picture({
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
  ['active-has-job', 'an active task without a job', now(picture({ tasks: [task('t')] }))],
  [
    'active-has-job',
    'a waiting task with one',
    now(picture({ tasks: [task('t', { status: 'waiting' })], jobs: [job(1, 't')] })),
  ],
  ['one-holder', 'a token that fell', [picture({ leases: [lease('t', 4)] }), picture({ leases: [lease('t', 3)] })]],
  [
    'one-holder',
    'a released token that came back',
    [picture({ leases: [lease('t', 4, { released: true })] }), picture({ leases: [lease('t', 4)] })],
  ],
  [
    'one-holder',
    'two tasks inside the window',
    now(
      picture({
        tasks: [task('t', { criticalToken: 1 }), task('u', { criticalToken: 1 })],
        leases: [lease('t', 1)],
      }),
    ),
  ],
  [
    'lease-at-rest',
    'a done task that holds the lease',
    now(picture({ tasks: [task('t', { stage: 'done' })], leases: [lease('t', 1)] })),
  ],
  [
    'queue-head-notified',
    'a blocked task in the line',
    now(picture({ tasks: [task('t', { status: 'blocked' })], tickets: [ticket('t', true)] })),
  ],
  [
    'stop-is-final',
    'a stop that was forgotten',
    [picture({ tasks: [task('t', { cancelRequestedAt: 5 })] }), picture({ tasks: [task('t')] })],
  ],
  [
    'baseline-never-falls',
    'a sequence that went back',
    [picture({ baselines: [baseline(3, 90)] }), picture({ baselines: [baseline(2, 95)] })],
  ],
];

test.each(more)('%s fires on %s', (name, _, [before, after]) => {
  const found = INVARIANTS.find((invariant) => invariant.name === name);
  expect(found?.check(after, before)).not.toEqual([]);
});
