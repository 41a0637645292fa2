/** What is known of a repository's flaky tests: the proofs in the store, and the quarantine that main names now. */
import { resolveCommit } from '@gatehouse/git';
import { isQuarantineOpen, type QuarantinedTest, type TestPolicy, testIdentity } from '@gatehouse/merge-gate';
import type { ServiceContext } from '../context.ts';
import { maskTexts, WITHHELD } from '../platform/mask-text.ts';
import type { FlakyTest, Repository } from '../store/port/index.ts';
import type { FlakyRow } from './flaky-view.ts';

type FlakyDeps = Pick<ServiceContext, 'loadPolicy' | 'mirrors' | 'now' | 'settings' | 'store'>;

/** Proven tests, the last seen first, then quarantined ones without a proof. A policy that cannot be read names none. Secrets in names are masked. */
export async function readFlaky(service: FlakyDeps, repo: Repository, limit: number): Promise<readonly FlakyRow[]> {
  const proven = await service.store.flakyTests({ repoId: repo.id, limit });
  const entries = new Map(await quarantineOf(service, repo));
  const rows = proven.map((test) => rowOf(repo.id, test, entries.get(test.name) ?? null));
  for (const { name } of proven) entries.delete(name);
  const others = [...entries].map(([name, entry]) => rowOf(repo.id, { ...UNPROVEN, name }, entry));
  const shown = [...rows, ...others].slice(0, limit);
  const names = await maskTexts(shown.map(({ name }) => name));
  return shown.map((row, at) => ({ ...row, name: names[at] ?? WITHHELD }));
}

const UNPROVEN = { reds: 0, greens: 0, trees: 0, provenFlakyAt: null, lastSeen: null } as const;

type Known = Omit<FlakyTest, 'provenFlakyAt' | 'lastSeen'> & {
  readonly provenFlakyAt: number | null;
  readonly lastSeen: number | null;
};

const rowOf = (repo: string, test: Known, quarantine: FlakyRow['quarantine']): FlakyRow => ({
  repo,
  name: test.name,
  reds: test.reds,
  greens: test.greens,
  trees: test.trees,
  proven_flaky_at: dateOf(test.provenFlakyAt),
  last_seen: dateOf(test.lastSeen),
  quarantine,
});

const dateOf = (atMs: number | null): string | null => (atMs === null ? null : new Date(atMs).toISOString());

/** As of the mirror's main; nothing is fetched for it. */
async function quarantineOf(service: FlakyDeps, repo: Repository) {
  const git = { gitDir: service.mirrors.directory(repo.id) };
  const main = await resolveCommit({ repo: git, ref: `refs/heads/${repo.main}` });
  if (main.kind !== 'found') return [];
  const { settings } = service;
  const loaded = await service.loadPolicy({ git, base: main.sha, operatorFile: repo.policyPath ?? '', settings });
  const test = loaded.kind === 'policy' ? loaded.policy.test : null;
  return (test?.quarantine ?? []).map(
    (entry) => [testIdentity(entry.name), entryOf(entry, test, service.now())] as const,
  );
}

const entryOf = (
  entry: QuarantinedTest,
  test: TestPolicy | null,
  nowMs: number,
): NonNullable<FlakyRow['quarantine']> => ({
  owner: entry.owner,
  reason: entry.reason,
  expires: entry.expires,
  decides: test?.flaky !== 'quarantine' || !isQuarantineOpen(entry, nowMs),
});

/** Rows on a repository's page; `gatehouse flaky` has them all. */
export const SHOWN_FLAKY = 20;
