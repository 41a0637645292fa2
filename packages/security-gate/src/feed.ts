/**
 * Where advisories come from. A feed that cannot answer says so; an empty answer and no answer are different things.
 */
import type { Ecosystem } from './lock/locked-package.ts';
import type { Severity } from './verdict.ts';

/** One advisory as a feed reports it: which versions it is about is a range, or a list where the feed was asked for each. */
export interface FeedAdvisory {
  /** The advisory's own name, for example `GHSA-…`. */
  readonly id: string;
  /** Its names elsewhere, for example `CVE-…`. */
  readonly aliases: readonly string[];
  /** Name of the package. */
  readonly package: string;
  /** How bad it is, by the feed's word. */
  readonly severity: Severity;
  /** Where the package lives; default npm. */
  readonly ecosystem?: Ecosystem;
  /** The range, in the words of npm's semver. Not read where `versions` says more. */
  readonly vulnerableVersions: string;
  /** The versions among those that were asked about, where the feed named them itself. */
  readonly versions?: readonly string[];
  /** Where a person reads about it. */
  readonly url?: string;
  /** What it is about, in one line. */
  readonly title?: string;
}

/** An ecosystem that nobody answered for. */
export interface FeedGap {
  /** Whose packages were not audited. */
  readonly ecosystem: Ecosystem;
  /** No answer, or one that is not to be believed. */
  readonly kind: 'unreachable' | 'malformed';
  /** What went wrong, in one line. */
  readonly reason: string;
}

/** What a feed can answer. */
export type FeedAnswer =
  | {
      readonly kind: 'ok';
      /** Every advisory of the packages that were asked about. */
      readonly advisories: readonly FeedAdvisory[];
      /** What got no answer although the rest did. */
      readonly gaps?: readonly FeedGap[];
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
  /** Where the package lives; default npm. */
  readonly ecosystem?: Ecosystem;
  /** Name of the package. */
  readonly name: string;
  /** The installed versions of it. */
  readonly versions: readonly string[];
}

/** Answers within the signal's life; never throws for a network's sake. */
export interface FeedPort {
  /** What reports call the feed. */
  readonly name: string;
  /** Whose packages it knows about; default npm alone. It is not asked about others. */
  readonly ecosystems?: readonly Ecosystem[];
  /** Asks about all packages at once. */
  query(packages: readonly FeedQuestion[], signal: AbortSignal): Promise<FeedAnswer>;
}

/** The ecosystems that a feed is asked about. */
export const ecosystemsOf = ({ ecosystems }: FeedPort): readonly Ecosystem[] => ecosystems ?? ['npm'];
