/** A task's key: plain enough for a folder, a branch and a code tree. */
export const KEY: RegExp = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;

/** Where a task's papers are in a tree. */
export const papersDir = (key: string): string => `docs/work-items/${key}`;
