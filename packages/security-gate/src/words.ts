/** How a finding is put: of what a change adds, or of what stands on main, for which no change is to blame. */
export interface Words {
  /** What to do about a secret or a large file, behind `Rotate it, then`. */
  readonly without: string;
  /** Who installs a package. */
  readonly installs: string;
  /** Before the dependency files that stand there unread. */
  readonly unread: string;
  /** Warnings about files that steer tools or agents. */
  readonly steers: (paths: readonly string[]) => readonly string[];
}

const STEERING = 50;

export const OF_CHANGE: Words = {
  without: 'rewrite the branch without it: deleting it in a new commit leaves it in the history.',
  installs: 'The change installs',
  unread: 'dependencies not audited, as on base',
  steers: (paths) => [
    ...paths.slice(0, STEERING).map((path) => `steers tools or agents, changed by the branch, had no effect: ${path}`),
    ...(paths.length > STEERING ? [`${paths.length - STEERING} more files that steer tools or agents`] : []),
  ],
};

const NAMED = 10;

export const OF_MAIN: Words = {
  without: 'take it out: it stays in the history, where it must open nothing any more.',
  installs: 'It installs',
  unread: 'dependencies not audited',
  steers: (paths) => {
    if (paths.length === 0) return [];
    const more = paths.length > NAMED ? `, and ${paths.length - NAMED} more` : '';
    return [`these files steer tools or agents: ${paths.slice(0, NAMED).join(', ')}${more}`];
  },
};
