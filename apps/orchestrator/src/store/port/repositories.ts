/** Registered repositories. */
import type { Profile } from '@gatehouse/stage-engine';

export interface Repository {
  readonly id: string;
  readonly url: string;
  readonly forge: string;
  /** Short name of the protected branch, usually `main`. */
  readonly main: string;
  readonly profile: Profile;
  /** The operator's file for this repository; wins over `gatehouse.yaml`. */
  readonly policyPath: string | null;
  /** While set no gate or landing job of the repository is claimed; cleared by an admin's thaw. */
  readonly frozenReason: string | null;
  /** While true no job of the repository is claimed. */
  readonly paused: boolean;
  readonly createdAt: number;
  /** Why the service itself paused it; null: a person did, or it is not paused. */
  readonly pausedReason: string | null;
  /** Where main was when it was last seen to have grown; null: whatever is seen next is taken as it is. */
  readonly mainSha: string | null;
  /** Name of the credential for its forge, never the value; null: it needs none. */
  readonly credential: string | null;
  /** The forge's own number of it; null: it was not asked yet, or has none. */
  readonly forgeId: string | null;
  /** Where the forge says that it is now, after a renaming or a transfer; null: at `url`. */
  readonly movedTo: string | null;
}

export interface RepoStore {
  addRepo(
    repo: Pick<Repository, 'id' | 'url' | 'forge' | 'main' | 'profile'> & {
      policyPath?: string;
      credential?: string;
      forgeId?: string;
      atMs: number;
    },
  ): Promise<{ kind: 'added'; repo: Repository } | { kind: 'exists'; repo: Repository }>;
  getRepo(id: string): Promise<Repository | null>;
  /** In order of id. */
  listRepos(): Promise<Repository[]>;
  /**
   * Freeze (`frozenReason`), thaw (`null`), pause, resume, or correct the address (then main is not known any more).
   * Audited as event `repo-changed`.
   */
  updateRepo(
    id: string,
    change: Partial<
      Pick<
        Repository,
        | 'url'
        | 'forge'
        | 'main'
        | 'profile'
        | 'policyPath'
        | 'credential'
        | 'frozenReason'
        | 'paused'
        | 'pausedReason'
        | 'mainSha'
        | 'forgeId'
        | 'movedTo'
      >
    >,
    audit: { actor: string; atMs: number },
  ): Promise<Repository | null>;
  /** Main was seen to have grown, or was seen for the first time. Nothing happens if it is not known to be at `from`. */
  recordMain(id: string, seen: { readonly from: string | null; readonly to: string }): Promise<boolean>;
}
