/** Which trees are known to be green. */

/** What a green was earned with; see DESIGN "Merge gate". */
export interface ResultKey {
  readonly tree: string;
  readonly gateDigest: string;
  readonly envDigest: string;
}

/** What a run came to; a green names its command run. */
export type ToldResult = { readonly outcome: 'green'; readonly runId: number } | { readonly outcome: 'red' | 'flaky' };

export interface ResultStore {
  /**
   * Number of the command run that earned a first-try green of exactly this key, at most `ttlMs` old; null: none did. A green
   * whose run is on record no more, or was not green on this tree, is none.
   */
  lookupResult(key: ResultKey, at: { atMs: number; ttlMs: number }): Promise<number | null>;
  /** `green` is kept; `red` forgets every green of that tree, whatever it was earned with; `flaky` forgets this key. */
  recordResult(key: ResultKey, told: ToldResult, atMs: number): Promise<void>;
}
