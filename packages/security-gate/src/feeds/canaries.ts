/** One old and well-known vulnerable version of each ecosystem: a feed that does not report it is blind. */
import type { FeedAdvisory, FeedAnswer, FeedGap, FeedQuestion } from '../feed.ts';
import type { Ecosystem } from '../lock/locked-package.ts';

/** A package version with a known advisory. */
export interface Canary {
  /** Where the package lives. */
  readonly ecosystem: Ecosystem;
  /** Name of the package. */
  readonly name: string;
  /** The version that has an advisory. */
  readonly version: string;
}

/** CVE-2021-44906, CVE-2014-1402, CVE-2020-14040, RUSTSEC-2019-0009, CVE-2021-44228, CVE-2022-24775, CVE-2018-16471. */
export const CANARIES: readonly Canary[] = [
  { ecosystem: 'npm', name: 'minimist', version: '0.0.8' },
  { ecosystem: 'PyPI', name: 'jinja2', version: '2.4.1' },
  { ecosystem: 'Go', name: 'golang.org/x/text', version: '0.3.0' },
  { ecosystem: 'crates.io', name: 'smallvec', version: '0.6.9' },
  { ecosystem: 'Maven', name: 'org.apache.logging.log4j:log4j-core', version: '2.14.1' },
  { ecosystem: 'Packagist', name: 'guzzlehttp/psr7', version: '1.8.0' },
  { ecosystem: 'RubyGems', name: 'rack', version: '2.0.1' },
];

/** The canaries that belong to a question: those of its ecosystems, and the first one where it asks nothing. */
export function canariesFor(questions: readonly FeedQuestion[], canaries: readonly Canary[]): readonly Canary[] {
  const asked = new Set(questions.map(({ ecosystem = 'npm' }) => ecosystem));
  return asked.size === 0 ? canaries.slice(0, 1) : canaries.filter(({ ecosystem }) => asked.has(ecosystem));
}

/** The canaries that an answer with explicit versions does not report. */
export function missingCanaries(canaries: readonly Canary[], advisories: readonly FeedAdvisory[]): readonly Canary[] {
  return canaries.filter(
    ({ ecosystem, name, version }) =>
      !advisories.some(
        (one) => one.ecosystem === ecosystem && one.package === name && (one.versions ?? []).includes(version),
      ),
  );
}

/** What may be believed of an answer: nothing where no canary came back; an ecosystem whose canary did not is a gap. */
export function believed(canaries: readonly Canary[], advisories: readonly FeedAdvisory[]): FeedAnswer {
  const blind = missingCanaries(canaries, advisories);
  if (blind.length > 0 && blind.length === canaries.length)
    return { kind: 'malformed', reason: 'the canary package did not come back vulnerable' };
  const gaps = blind.map(
    ({ ecosystem, name }): FeedGap => ({
      ecosystem,
      kind: 'malformed',
      reason: `the canary ${name} did not come back`,
    }),
  );
  return { kind: 'ok', advisories, gaps };
}
