/** How far the trusted command reaches, read from base alone: which tools it runs, and where. */
import type { Family } from './programs.ts';

export interface Reach {
  readonly families: ReadonlySet<Family>;
  /** First words of its commands: programs that are looked for by name. */
  readonly programs: ReadonlySet<string>;
  /** Directories its commands run in; the root is `''`. */
  readonly dirs: ReadonlySet<string>;
  /** Scripts run in packages that only the package manager can enumerate. */
  readonly everywhere: boolean;
  /** Directories it puts on the PATH. */
  readonly searched: ReadonlySet<string>;
  /** Directories that Python imports from. */
  readonly imported: ReadonlySet<string>;
  /** Names in base's root, with their modes. */
  readonly root: ReadonlyMap<string, string>;
}
