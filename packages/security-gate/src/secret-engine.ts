/** A scanner of somebody else's beside the embedded one. What it finds is added; what it cannot tell is a failure, never a clean branch. */

/** What a scanner answered to one batch. The report holds secrets, so that only the worker reads it. */
export type EngineReport =
  | {
      readonly kind: 'report';
      /** As the scanner wrote it. */
      readonly bytes: Uint8Array;
    }
  | {
      readonly kind: 'engine-failed';
      /** Why, in one line for a person. */
      readonly reason: string;
    };

/** One batch. */
export interface EngineQuestion {
  /** Contents without names, for a name could tell a scanner to look away. A report calls them by their place in this list. */
  readonly files: readonly Uint8Array[];
  /** The scanner's configuration at base, byte for byte; null: there is none. */
  readonly config: Uint8Array | null;
  /** Ends the call early; what was started is ended, too. */
  readonly signal: AbortSignal;
}

/** A scanner behind one contract, so that a second one is another row and no other branch. */
export interface SecretEngine {
  /** With its version, where it tells one: part of what a verdict depends on. */
  readonly name: string;
  /** Path in the repository of its configuration, which is read at base and never at head. */
  readonly configFile: string;
  /** How its report is read. */
  readonly format: 'gitleaks';
  /** Scans contents. Every file that was given and is not in the report is clean. */
  readonly scan: (question: EngineQuestion) => Promise<EngineReport>;
}

/** Name of a rule that we add to a scanner's own, and the beginning of what it finds. */
export const CANARY = 'gatehouse-canary';
