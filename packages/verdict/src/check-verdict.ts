/** What a check answers to the engine. Only `pass` and `skip` open an edge; see docs/glossary.md. */

/** Why nobody is to blame (`defer`) or why the gate could not tell (`error`). The list is closed. */
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

/** What a machine, or a service of somebody else, did to a run; other runs on the same machine may meet it, too. */
export type MachineFault = 'timeout' | 'signal' | 'memory' | 'disk' | 'spawn' | 'network' | 'tool';

/** One thing a person can act on. It names places and rules, never a secret's value. */
export interface Finding {
  /** Stable rule name, for example `conflict`, `red-test`, `secret/github-token`, `coverage/baseline`. */
  readonly rule: string;
  /** One sentence that tells the author what is wrong and what to do. */
  readonly message: string;
  readonly path?: string;
  /** 1-based. */
  readonly line?: number;
  readonly commit?: string;
}

/** The exact commits a verdict is about; full 40-hex object names. */
export interface TestedCommits {
  readonly base: string;
  readonly head: string;
  /** The caught-up commit that was run and may land; absent when nothing was combined. */
  readonly tested?: string;
}

interface Explained {
  /** One line a person understands without the source. */
  readonly reason: string;
  readonly findings: readonly Finding[];
  readonly warnings: readonly string[];
  readonly commits?: TestedCommits;
  /** Name of the report in the artefact store, for example `17-security-report.md`. */
  readonly artefact?: string;
}

/** `fail` blames the change; `defer` blames nobody; `error` could not tell; `skip` says why it did not look. */
export type CheckVerdict =
  | (Explained & { readonly status: 'pass' | 'fail' | 'skip' })
  | (Explained & {
      readonly status: 'defer' | 'error';
      readonly cause: Cause;
      /** Where the gate can tell what was met. */
      readonly trouble?: MachineFault;
    });
