/** A task's key: plain enough for a folder, a branch and a code tree. */
export const KEY: RegExp = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;

/** Below it the papers of all tasks are in a tree. */
export const PAPERS = 'docs/work-items/';

/** Where those of one task are. */
export const papersDir = (key: string): string => `${PAPERS}${key}`;
