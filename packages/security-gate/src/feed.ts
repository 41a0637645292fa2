/**
 * Where advisories come from. A feed that cannot answer says so; an empty answer and no answer are different things.
 */
import type { Severity } from './verdict.ts';

/** One advisory as a feed reports it. `vulnerableVersions` is an npm semver range. */
export interface FeedAdvisory {
  /** The advisory's own name, for example `GHSA-…`. */
  readonly id: string;
  /** Its names elsewhere, for example `CVE-…`. */
  readonly aliases: readonly string[];
  /** Name of the package. */
  readonly package: string;
  /** How bad it is, by the feed's word. */
  readonly severity: Severity;
  /** The range, in the words of npm's semver. */
  readonly vulnerableVersions: string;
  /** Where a person reads about it. */
  readonly url?: string;
  /** What it is about, in one line. */
  readonly title?: string;
}

/** What a feed can answer. */
export type FeedAnswer =
  | {
      readonly kind: 'ok';
      /** Every advisory of the packages that were asked about. */
      readonly advisories: readonly FeedAdvisory[];
    }
  | {
      readonly kind: 'unreachable';
      /** What went wrong, in one line. */
      readonly reason: string;
    }
  | {
      readonly kind: 'malformed';
      /** What went wrong, in one line. */
      readonly reason: string;
    };

/** Package names with the versions that are installed. */
export interface FeedQuestion {
  /** Name of the package. */
  readonly name: string;
  /** The installed versions of it. */
  readonly versions: readonly string[];
}

/** Answers within the signal's life; never throws for a network's sake. */
export interface FeedPort {
  /** What reports call the feed. */
  readonly name: string;
  /** Asks about all packages at once. */
  query(packages: readonly FeedQuestion[], signal: AbortSignal): Promise<FeedAnswer>;
}
