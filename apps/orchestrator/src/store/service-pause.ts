import type { Repository } from './port/index.ts';

/** Whether the service itself paused the repository, because of what answered at its address. */
export const isPausedByService = ({ paused, pausedReason }: Repository): boolean => paused && pausedReason !== null;
