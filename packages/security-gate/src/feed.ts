/**
 * Where advisories come from. A feed that cannot answer says so; an empty answer and no answer are different things.
 */
import type { Severity } from './verdict.ts';

/** One advisory as a feed reports it. `vulnerableVersions` is an npm semver range. */
export interface FeedAdvisory {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly package: string;
  readonly severity: Severity;
  readonly vulnerableVersions: string;
  readonly url?: string;
  readonly title?: string;
}

export type FeedAnswer =
  | { readonly kind: 'ok'; readonly advisories: readonly FeedAdvisory[] }
  | { readonly kind: 'unreachable'; readonly reason: string }
  | { readonly kind: 'malformed'; readonly reason: string };

/** Package names with the versions that are installed. */
export interface FeedQuestion {
  readonly name: string;
  readonly versions: readonly string[];
}

/** Answers within the signal's life; never throws for a network's sake. */
export interface FeedPort {
  readonly name: string;
  query(packages: readonly FeedQuestion[], signal: AbortSignal): Promise<FeedAnswer>;
}
