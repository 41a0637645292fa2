/** What the search for two commits is given, and what it answers. */
import type { GitRepo } from '@gatehouse/git';
import type { CheckSubject } from '../../checks/port.ts';
import type { Answer, Terminal } from '../answer.ts';

export interface LocateOptions {
  readonly repo: string;
  readonly branch?: string;
  readonly base?: string;
  readonly fetch?: boolean;
  readonly credential?: string;
  /** No branch is asked about: both commits are that of the base. */
  readonly mainAlone?: boolean;
}

/** How the two commits were chosen; part of `--json`, names frozen. */
export interface SubjectView {
  readonly branch: { readonly name: string; readonly sha: string; readonly from: string };
  readonly base: { readonly name: string; readonly sha: string; readonly from: string };
  readonly ci: { readonly system: string; readonly event: string } | null;
  readonly fetched: boolean;
}

export interface Located {
  readonly git: GitRepo;
  readonly subject: CheckSubject;
  readonly view: SubjectView;
}

export type LocatedAnswer =
  | ({ readonly kind: 'located' } & Located)
  | { readonly kind: 'nowhere'; readonly answer: Answer };

/** What a place is located with besides its options; `directory` is private and removed by the caller. */
export interface LocateScene {
  readonly directory: string;
  readonly terminal: Terminal;
}

export const nowhere = (answer: Answer): LocatedAnswer => ({ kind: 'nowhere', answer });

/** Who asks in a shell: no task, and no other process. */
export const shell = () => ({ repo: 'shell', holder: `shell-${process.pid}` });
