/**
 * The words this package answers in. Read this file first: every export answers a union on `kind` made of these.
 * `git-failed` never says anything about the change under review; it says what went wrong with git itself.
 */

/** A full object name: 40 lower-case hexadecimal digits. */
export type Sha = string;

/** A bare repository, as plain data. Absolute path of its git directory. */
export interface GitRepo {
  /** Absolute path of the git directory. */
  readonly gitDir: string;
}

/** Why a git call gave no answer. `other` is explained by `stderr` alone. */
export type GitFailureKind =
  | 'timeout'
  | 'killed'
  | 'cancelled'
  | 'disk-full'
  | 'denied'
  | 'missing-git'
  | 'too-old'
  | 'not-a-repository'
  | 'locked'
  | 'corrupt'
  | 'missing-object'
  | 'network'
  | 'other';

/** Git could not answer. No change is at fault. */
export interface GitFailed {
  readonly kind: 'git-failed';
  /** The step that failed, for example `fetch` or `rebase`. */
  readonly op: string;
  /** What kind of failure it was; README says who acts on which. */
  readonly trouble: GitFailureKind;
  /** Exit code of git, `null` when it did not exit by itself or never started. */
  readonly code: number | null;
  /** The first 2 KiB of what git said, without control characters. */
  readonly stderr: string;
  /** The child that may still act, only for a landing whose deadline passed (see `fastForward`). */
  readonly pid?: number;
}

/** The request itself is not acceptable; asking again changes nothing. */
export interface RefusedCall {
  readonly kind: 'refused';
  /** What is wrong with the request. */
  readonly reason: string;
}

/** What every request may carry. */
export interface CallOptions {
  /** Cancels the call; the answer is `git-failed` with trouble `cancelled`. */
  readonly signal?: AbortSignal | undefined;
  /** Deadline of each single git call inside the operation, in ms. */
  readonly timeoutMs?: number | undefined;
  /** Which git to run; default: the first `git` on PATH. */
  readonly gitPath?: string | undefined;
}

/** A request about one repository. */
export interface RepoRequest extends CallOptions {
  /** The bare repository that is asked. */
  readonly repo: GitRepo;
}

/** What a request to a remote may carry. */
export interface RemoteOptions extends CallOptions {
  /**
   * Value of an HTTP `Authorization` header, sent only to the request's url. It travels in git's environment, never in
   * its argument list, where every process of the machine could read it.
   */
  readonly authorization?: string | undefined;
  /** How an ssh remote is reached; absent: as the user of the process would by hand. Of no use to other remotes. */
  readonly ssh?: SshAccess | undefined;
}

/** One private key, and nothing else of this machine's ssh: no agent, no configuration file. */
export interface SshAccess {
  /** Absolute path of the private key, which has no passphrase. */
  readonly keyFile: string;
  /** Absolute path of a file of known host keys, besides those of the user and of the machine. */
  readonly knownHostsFile?: string | undefined;
}
