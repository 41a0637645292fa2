/** Counts the changes of what a process keeps in memory, so that a reader knows whether to read again. */
export interface Revision {
  /** Something that is shown is other than it was. */
  bump(): void;
  value(): number;
}

export function createRevision(): Revision {
  let count = 0;
  return {
    bump: () => {
      count += 1;
    },
    value: () => count,
  };
}
