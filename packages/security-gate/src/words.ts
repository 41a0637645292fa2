/** How a finding is put: of what a change adds, or of what stands on main, for which no change is to blame. */
export interface Words {
  /** What to do about a secret or a large file, behind `Rotate it, then`. */
  readonly without: string;
  /** Who installs a package. */
  readonly installs: string;
  /** Warnings about files that steer tools or agents. */
  readonly steers: (paths: readonly string[]) => readonly string[];
}

export const OF_CHANGE: Words = {
  without: 'rewrite the branch without it: deleting it in a new commit leaves it in the history.',
  installs: 'The change installs',
  steers: (paths) => paths.map((path) => `steers tools or agents, changed by the branch, had no effect: ${path}`),
};

export const OF_MAIN: Words = {
  without: 'take it out: it stays in the history, where it must open nothing any more.',
  installs: 'It installs',
  steers: (paths) => (paths.length === 0 ? [] : [`these files steer tools or agents: ${paths.join(', ')}`]),
};
