/** Which trees are known to be green. */

/** What a green was earned with; see DESIGN "Merge gate". */
export interface ResultKey {
  readonly tree: string;
  readonly gateDigest: string;
  readonly envDigest: string;
}

export interface ResultStore {
  /** `green` only for a first-try green of exactly this key, at most `ttlMs` old. */
  lookupResult(key: ResultKey, at: { atMs: number; ttlMs: number }): Promise<'green' | 'none'>;
  /** `green` is kept; `red` forgets every green of that tree, whatever it was earned with; `flaky` forgets this key. */
  recordResult(key: ResultKey, outcome: 'green' | 'red' | 'flaky', atMs: number): Promise<void>;
}
