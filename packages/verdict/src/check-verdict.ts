/** What a check answers to the engine. Only `pass` and a `skip` without a code open an edge; see docs/glossary.md. */

/** Why the change is not to blame (`defer`) or why the gate could not decide (`error`). The list is closed. */
export type Cause =
  | 'lock-busy'
  | 'infra'
  | 'main-broken'
  | 'base-moved'
  | 'branch-moved'
  | 'ci-pending'
  | 'cannot-land'
  | 'feed-down'
  | 'tool-failed'
  | 'crashed';

/** How a machine, or an external service, failed a run; other runs on the same machine may fail the same way. */
export type MachineFault = 'timeout' | 'signal' | 'memory' | 'disk' | 'spawn' | 'network' | 'tool';

/** One thing a person can act on. It names places and rules, never a secret's value. */
export interface Finding {
  /** Stable rule name, for example `conflict`, `red-test`, `secret/github-token`, `coverage/baseline`. */
  readonly rule: string;
  /** One sentence for the author: what is wrong and what to do. */
  readonly message: string;
  /** Relative to the root of the commit, with forward slashes; absent where no file is at fault. */
  readonly path?: string;
  /** 1-based. */
  readonly line?: number;
  /** The commit that holds it, where it is not the head; full object name. */
  readonly commit?: string;
}

/** The exact commits a verdict is about; full 40-hex object names. */
export interface TestedCommits {
  /** The commit of main that the change was compared with. */
  readonly base: string;
  /** The author's own commit. */
  readonly head: string;
  /** The caught-up commit that was run and may land; absent when nothing was combined. */
  readonly tested?: string;
}

/**
 * What a green of the merge check rests on. `test-run`: a run of the trusted test command on the tested commit.
 * `quarantined-run`: such a run whose every failure is one that does not decide. `earlier-run`: a run on the same tree, under the same
 * definition and environment. `declared-ci`: other checks, which the operator declared to cover the tests. `path-rule`: rules of the
 * trusted definition, which ask for no run.
 */
export type GreenBasis = 'test-run' | 'quarantined-run' | 'earlier-run' | 'declared-ci' | 'path-rule';

interface Explained {
  /** One line a person understands without the source. */
  readonly reason: string;
  /** What its author can act on; never empty for a `fail` that has a place to name. */
  readonly findings: readonly Finding[];
  /** What a person should hear although it does not decide, one line each. */
  readonly warnings: readonly string[];
  /** The commits that were judged; absent where none was. */
  readonly commits?: TestedCommits;
  /** Name of the report in the artefact store, for example `17-security-report.md`. */
  readonly artefact?: string;
  /** Of a pass that says the tests are green: what that rests on. */
  readonly basis?: GreenBasis;
}

/** Names a `skip` that opens no edge. `nothing-to-land`: the candidate changes nothing against main, so the task is over. */
export type SkipCode = 'nothing-to-land';

/** `fail` blames the change; `defer` does not; `error` could not decide; `skip` says why nothing was checked. */
export type CheckVerdict =
  | (Explained & {
      /** `pass` and a `skip` without a code open; `fail` blames the change, `defer` and `error` blame nobody. */
      readonly status: 'pass' | 'fail';
    })
  | (Explained & {
      readonly status: 'skip';
      /** Present where the skip opens no edge, and says why. */
      readonly code?: SkipCode;
    })
  | (Explained & {
      /** `pass` and a `skip` without a code open; `fail` blames the change, `defer` and `error` blame nobody. */
      readonly status: 'defer' | 'error';
      /** Why it was put off, or could not be decided. */
      readonly cause: Cause;
      /** The fault, where the gate could classify it. */
      readonly trouble?: MachineFault;
    });
