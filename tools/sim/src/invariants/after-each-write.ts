/** The invariants of the store's rows, checked after every write. */

import { activeHasJob } from './active-has-job.ts';
import { baselineNeverFalls } from './baseline-never-falls.ts';
import { endedJobsStayEnded } from './ended-jobs-stay-ended.ts';
import { generationsGrow } from './generations-grow.ts';
import type { Invariant } from './invariant.ts';
import { leaseAtRest } from './lease-at-rest.ts';
import { oneHolder } from './one-holder.ts';
import { oneLiveJob } from './one-live-job.ts';
import { queueHeadNotified } from './queue-head-notified.ts';
import { stopIsFinal } from './stop-is-final.ts';
import { terminalIsFinal } from './terminal-is-final.ts';
import { windowAtLanding } from './window-at-landing.ts';

export const INVARIANTS: readonly Invariant[] = [
  oneLiveJob,
  endedJobsStayEnded,
  activeHasJob,
  terminalIsFinal,
  leaseAtRest,
  oneHolder,
  windowAtLanding,
  queueHeadNotified,
  stopIsFinal,
  baselineNeverFalls,
  generationsGrow,
];
