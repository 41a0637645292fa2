/** What the service needs from the place where branches live. Gates never see it; only it moves `main`. */
import type { GitRepo } from '@gatehouse/git';

/** How an attempt to fast-forward main ended. Only `landed` means main has the commit. */
export type LandingAnswer =
  | { readonly kind: 'landed' }
  /** main moved since the test; nothing was changed, and this attempt cannot succeed any more. */
  | { readonly kind: 'base-moved'; readonly reason: string }
  /** The forge waits for its own required checks. */
  | { readonly kind: 'ci-pending'; readonly reason: string }
  /** Protection or a missing right; a person has to act. */
  | { readonly kind: 'cannot-land'; readonly reason: string }
  /** What happened is not known, and may still happen: ask main, then land again. Never recorded as "not landed". */
  | { readonly kind: 'in-doubt'; readonly reason: string };

/** Getting ready changes nothing that anybody else sees. */
export type PrepareAnswer =
  | { readonly kind: 'prepared' }
  /** The forge takes nothing from anybody: its disk is full, or may not be written. A person has to act. */
  | { readonly kind: 'cannot-land'; readonly reason: string }
  | { readonly kind: 'unprepared'; readonly reason: string };

export interface LandRequest {
  /** The mirror that holds the tested commit. */
  readonly git: GitRepo;
  readonly main: string;
  /** The base the commit was tested on; main must still be exactly here. */
  readonly from: string;
  readonly commit: string;
  readonly signal?: AbortSignal;
}

export interface Forge {
  /** Name in tables and logs. */
  readonly name: 'local';
  /** What git fetches from. */
  readonly url: string;
  /** Brings what landing needs to the forge, before the critical window is entered. */
  prepare(request: LandRequest): Promise<PrepareAnswer>;
  /** Fast-forwards main to the very commit that was tested, or says why not. Never anything but a fast-forward;
   *  landing the same commit again is `landed`. */
  land(request: LandRequest): Promise<LandingAnswer>;
  /** Tells, before anything waits for it, why this forge could not land; null: it can. */
  cannotLand(): Promise<string | null>;
}
