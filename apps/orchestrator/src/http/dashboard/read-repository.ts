/** What the pages of repositories tell: how landing goes, how coverage moved, what is flaky, what holds it up. */
import { resolveCommit } from '@gatehouse/git';
import type { ServiceContext } from '../../context.ts';
import type { MainHealth } from '../../platform/health-of-main.ts';
import type { BaselineChange, BaselineRecord, Breaker, Repository, RunCount } from '../../store/port/index.ts';
import type { FlakyRow } from '../flaky-view.ts';
import { readFlaky, SHOWN_FLAKY } from '../read-flaky.ts';
import type { ReadsBoard } from './read-queue.ts';

export type ReadsRepository = ReadsBoard & Pick<ServiceContext, 'loadPolicy' | 'mainHealth'>;

export interface Figures {
  readonly queued: number;
  readonly landed: number;
  readonly halfWithinMs: number | null;
  readonly mostWithinMs: number | null;
  /** Whole runs of the tests for each landing; null: nothing landed, or no run is kept. */
  readonly runsPerLanding: number | null;
  /** Share of the branch's runs that were red; null: none is kept. */
  readonly redRate: number | null;
}

export interface CoverageLine {
  readonly branch: string;
  readonly record: BaselineRecord;
  readonly history: readonly BaselineChange[];
  /** Tolerated loss, in millionths. */
  readonly epsilonPpm: number;
}

export interface RepositoryContent {
  readonly repo: Repository;
  readonly figures: Figures;
  /** Landings of each of the last days, oldest first. */
  readonly days: readonly { readonly day: string; readonly count: number }[];
  readonly coverage: readonly CoverageLine[];
  readonly flaky: readonly FlakyRow[];
  readonly breakers: readonly Breaker[];
  /** What stands on main already; null: it was not looked at yet. */
  readonly health: MainHealth | null;
  readonly nowMs: number;
}

interface Landing {
  readonly createdAt: number;
  readonly landedAt: number;
}

const DAY_MS = 86_400_000;
export const DAYS = 14;
const LIMITS = { landed: 5000, history: 200 } as const;

/** The numbers of the last {@link DAYS} days. */
export async function readFigures(
  service: ReadsBoard,
  repo: Repository,
): Promise<{ figures: Figures; landings: readonly Landing[] }> {
  const { store, now } = service;
  const sinceMs = now() - DAYS * DAY_MS;
  const landings = await store.landings({ repoId: repo.id, sinceMs, limit: LIMITS.landed });
  const runs = await store.countRuns({ repoId: repo.id, sinceMs });
  const took = landings.map(({ createdAt, landedAt }) => landedAt - createdAt).toSorted((one, other) => one - other);
  const figures = {
    queued: await store.queueLength(repo.id),
    landed: landings.length,
    halfWithinMs: took[took.length >> 1] ?? null,
    mostWithinMs: took[Math.floor(took.length * 0.95)] ?? null,
    ...shareOf(runs, landings.length),
  };
  return { figures, landings };
}

const WHOLE: readonly string[] = ['branch', 'branch-again', 'base'];

function shareOf(runs: readonly RunCount[], landed: number): Pick<Figures, 'redRate' | 'runsPerLanding'> {
  const whole = sum(runs.filter(({ purpose }) => WHOLE.includes(purpose)));
  const judged = runs.filter(
    ({ purpose, outcome }) => purpose === 'branch' && (outcome === 'red' || outcome === 'green'),
  );
  const red = sum(judged.filter(({ outcome }) => outcome === 'red'));
  return {
    runsPerLanding: landed === 0 || whole === 0 ? null : whole / landed,
    redRate: judged.length === 0 ? null : red / sum(judged),
  };
}

const sum = (counts: readonly RunCount[]): number => counts.reduce((all, { count }) => all + count, 0);

export async function readRepository(service: ReadsRepository, repo: Repository): Promise<RepositoryContent> {
  const { store, now } = service;
  const { figures, landings } = await readFigures(service, repo);
  return {
    repo,
    figures,
    days: daysOf(landings, now()),
    coverage: await readCoverage(service, repo),
    flaky: await readFlaky(service, repo, SHOWN_FLAKY),
    breakers: await store.listBreakers(repo.id),
    health: (await service.mainHealth?.read(repo.id)) ?? null,
    nowMs: now(),
  };
}

function daysOf(landings: readonly Landing[], nowMs: number): RepositoryContent['days'] {
  const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);
  const counts = new Map<string, number>();
  for (const { landedAt } of landings) counts.set(dayOf(landedAt), (counts.get(dayOf(landedAt)) ?? 0) + 1);
  return Array.from({ length: DAYS }, (_, at) => {
    const day = dayOf(nowMs - (DAYS - 1 - at) * DAY_MS);
    return { day, count: counts.get(day) ?? 0 };
  });
}

async function readCoverage(service: ReadsRepository, repo: Repository): Promise<readonly CoverageLine[]> {
  const { store } = service;
  const history = await store.baselineHistory({ repoId: repo.id, limit: LIMITS.history });
  const baselines = await store.listBaselines(repo.id);
  const epsilonPpm = baselines.length === 0 ? 0 : await epsilonOf(service, repo);
  return baselines.map(({ branch, commandHash, record }) => ({
    branch,
    record,
    history: history.filter((change) => change.branch === branch && change.commandHash === commandHash),
    epsilonPpm,
  }));
}

/** As main's policy says now, as far as the mirror knows main. */
async function epsilonOf({ mirrors, loadPolicy, settings }: ReadsRepository, repo: Repository): Promise<number> {
  const git = { gitDir: mirrors.directory(repo.id) };
  const main = await resolveCommit({ repo: git, ref: `refs/heads/${repo.main}` });
  if (main.kind !== 'found') return settings.coverage.epsilonPpm;
  const loaded = await loadPolicy({ git, base: main.sha, operatorFile: repo.policyPath ?? '', settings });
  const epsilon = loaded.kind === 'policy' ? loaded.policy.coverage?.epsilonPpm : undefined;
  return epsilon ?? settings.coverage.epsilonPpm;
}
