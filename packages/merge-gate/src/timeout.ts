/** A re-test's deadline is every command's; the name is frozen. */
import type { CommandTimes, FittedDeadline, WantedDeadline } from '@gatehouse/gate-run';
import { fitDeadline } from '@gatehouse/gate-run';

/** The durations of a re-test, in milliseconds. */
export type RetestTimes = CommandTimes;
/** Only `accepted` and `clamped` may be run. */
export type RetestTimeout = FittedDeadline;

/** Decides the deadlines of a re-test: `fitDeadline` of @gatehouse/gate-run. */
export const resolveRetestTimeout: (asked: WantedDeadline) => RetestTimeout = fitDeadline;
