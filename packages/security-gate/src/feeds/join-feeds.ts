/** Several feeds as one: each is asked about its own ecosystems, and an ecosystem that none of them answered for is a gap. */
import { total } from '../adapters/total.ts';
import {
  ecosystemsOf,
  type FeedAdvisory,
  type FeedAnswer,
  type FeedGap,
  type FeedPort,
  type FeedQuestion,
} from '../feed.ts';
import type { Ecosystem } from '../lock/locked-package.ts';

/** One feed answers as itself. With more, an ecosystem is answered for when one of its feeds answered. */
export function joinFeeds(feeds: readonly FeedPort[]): FeedPort {
  return total(() => join(feeds), NOBODY);
}

/** What arguments that cannot be read are joined to. */
const NOBODY: FeedPort = {
  name: 'none',
  query: async () => ({ kind: 'unreachable', reason: 'the feeds to join cannot be read' }),
};

function join(feeds: readonly FeedPort[]): FeedPort {
  return {
    name: feeds.map(({ name }) => name).join(', '),
    ecosystems: [...new Set(feeds.flatMap(ecosystemsOf))],
    query: (packages, signal) => queryAll(feeds, packages, signal),
  };
}

async function queryAll(
  feeds: readonly FeedPort[],
  packages: readonly FeedQuestion[],
  signal: AbortSignal,
): Promise<FeedAnswer> {
  const asked = feeds
    .map((feed) => ({
      feed,
      about: packages.filter(({ ecosystem = 'npm' }) => ecosystemsOf(feed).includes(ecosystem)),
    }))
    .filter(({ about }) => about.length > 0 || packages.length === 0);
  const answers = await Promise.all(
    asked.map(async ({ feed, about }) => ({ feed, about, answer: await feed.query(about, signal) })),
  );
  const advisories: FeedAdvisory[] = [];
  const answered = new Set<Ecosystem>();
  const refusals = new Map<Ecosystem, FeedGap>();
  for (const { feed, about, answer } of answers) {
    const gaps = new Map(answer.kind === 'ok' ? (answer.gaps ?? []).map((gap) => [gap.ecosystem, gap]) : []);
    if (answer.kind === 'ok') for (const one of answer.advisories) advisories.push(one);
    for (const ecosystem of new Set(about.map((one) => one.ecosystem ?? 'npm'))) {
      const gap = gaps.get(ecosystem);
      if (answer.kind === 'ok' && gap === undefined) answered.add(ecosystem);
      else if (answer.kind === 'ok')
        refusals.set(ecosystem, {
          ecosystem,
          kind: gap?.kind ?? 'malformed',
          reason: `${feed.name}: ${gap?.reason ?? ''}`,
        });
      else refusals.set(ecosystem, { ecosystem, kind: answer.kind, reason: `${feed.name}: ${answer.reason}` });
    }
  }
  const gaps = [...refusals.values()].filter(({ ecosystem }) => !answered.has(ecosystem));
  const [first] = answers.flatMap(({ answer }) => (answer.kind === 'ok' ? [] : [answer]));
  return answered.size === 0 && first !== undefined ? first : { kind: 'ok', advisories, gaps };
}
