/** A process can say how each run that it claimed has ended: none of its own is left behind as one it does not know. */

export interface ClaimedRunsKnown {
  readonly claimed: (by: string, claim: { readonly id: number; readonly token: number }) => void;
  /** What is wrong with what a stop that `by` settled could not prove, one line each. */
  readonly check: (by: string, unproven: string) => readonly string[];
}

const UNKNOWN_RUN = /run (\d+) \(claim (\d+)\): it is not known here any more/g;

export function claimedRunsKnown(): ClaimedRunsKnown {
  const claimedBy = new Map<string, string>();
  return {
    claimed: (by, { id, token }) => claimedBy.set(`${id} ${token}`, by),
    check: (by, unproven) =>
      [...unproven.matchAll(UNKNOWN_RUN)]
        .filter(([, id, token]) => claimedBy.get(`${id} ${token}`) === by)
        .map(([run]) => `${by} claimed what it left behind: ${run}`),
  };
}
