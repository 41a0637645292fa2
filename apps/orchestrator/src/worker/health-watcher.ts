/**
 * What stands on main already blames no branch, so a person is told: once for as long as it lasts. Main is audited when it has moved,
 * and once a day for what became known since; never for a poll.
 */
import { createHash } from 'node:crypto';
import type { RepositoryAudit } from '@gatehouse/security-gate';
import { engineNames } from '../checks/secret-engine.ts';
import type { ServiceContext } from '../context.ts';
import { alertMessage, repositoryAlert } from '../notifiers/alert-message.ts';
import { inWords, type MainHealth } from '../platform/health-of-main.ts';
import { maskTexts } from '../platform/mask-text.ts';
import { visibleLine } from '../platform/visible-text.ts';
import { outOfScope } from '../policy/switched-off.ts';
import type { Repository } from '../store/port/index.ts';
import { type AuditFindings, findingsOf } from './audit-findings.ts';

type Watches = Pick<
  ServiceContext,
  'feed' | 'loadPolicy' | 'log' | 'memory' | 'mirrors' | 'now' | 'settings' | 'store'
> & { readonly mainHealth: NonNullable<ServiceContext['mainHealth']> };

/** A main that moves all the time is audited now and then; what could not be looked at is tried again. */
const MOVED_MS = 10 * 60_000;
const UNKNOWN_MS = 60 * 60_000;
const DAY_MS = 86_400_000;
const NAMED = 5;

export interface MainAt {
  readonly repo: Pick<Repository, 'id' | 'main' | 'policyPath'>;
  readonly commit: string;
  readonly signal: AbortSignal;
}

/** Audits main if that is due, and tells what is new. */
export async function watchHealth(service: Watches, at: MainAt): Promise<void> {
  const { settings, now, log, mainHealth } = service;
  const { repo, commit, signal } = at;
  if (outOfScope('security', repo.id, settings) !== null) return;
  const digest = digestOf(service);
  const before = await mainHealth.read(repo.id);
  if (before !== null && !isDue(before, { commit, digest, atMs: now() })) return;
  const found = await audit(service, at);
  // What an abort cut off says nothing.
  if (signal.aborted || found === null) return;
  const said = findingsOf(found, { before: before?.findings ?? [], feed: service.feed });
  const known = await healthOf(said, before, { commit, digest, atMs: now() });
  await tell(service, repo, { before, known });
  const kept = await mainHealth.keep(repo.id, known);
  if (kept.kind !== 'written') log.warn('the health of a main is not kept', { repo: repo.id, why: kept.reason });
  service.memory.bump();
}

const digestOf = ({ settings, feed }: Watches): string =>
  createHash('sha256')
    .update(JSON.stringify([engineNames(settings), settings.security.audit, feed?.name ?? null]))
    .digest('hex')
    .slice(0, 16);

interface Moment {
  readonly commit: string;
  readonly digest: string;
  readonly atMs: number;
}

function isDue(before: MainHealth, { commit, digest, atMs }: Moment): boolean {
  const isOther = before.commit !== commit || before.digest !== digest;
  const afterMs = isOther ? MOVED_MS : before.unknown.length > 0 ? UNKNOWN_MS : DAY_MS;
  return atMs - before.atMs >= afterMs;
}

/** Null: what counts as a finding is not known. */
async function audit(service: Watches, { repo, commit, signal }: MainAt): Promise<RepositoryAudit | null> {
  const { settings, feed, log } = service;
  const git = { gitDir: service.mirrors.directory(repo.id) };
  const loaded = await service.loadPolicy({ git, base: commit, operatorFile: repo.policyPath ?? '', settings, signal });
  if (loaded.kind === 'policy')
    return service.mainHealth.audit({ git, commit, policy: loaded.policy, settings, feed, history: false, signal });
  if (!signal.aborted)
    log.warn('the health of a main is not known: it has no usable gate definition', { repo: repo.id });
  return null;
}

async function healthOf({ found, unknown }: AuditFindings, before: MainHealth | null, at: Moment): Promise<MainHealth> {
  const since = new Map((before?.findings ?? []).map((one) => [one.id, one.since]));
  const texts = await maskTexts(found.map(({ text }) => visibleLine(text)));
  const findings = found.map((one, index) => ({
    ...{ ...one, text: texts[index] ?? '' },
    since: since.get(one.id) ?? at.commit,
  }));
  return { ...at, findings, unknown };
}

/** Told before it is kept: a crash between the two tells it under the same key, which is dropped. */
async function tell(
  { store, log, now }: Watches,
  { id, main }: Pick<Repository, 'id' | 'main'>,
  { before, known }: { readonly before: MainHealth | null; readonly known: MainHealth },
): Promise<void> {
  const told = new Set((before?.findings ?? []).map((one) => one.id));
  const fresh = known.findings.filter((one) => !told.has(one.id));
  const gone = told.size - (known.findings.length - fresh.length);
  if (gone > 0) log.info('main is well again in part', { repo: id, findings: gone, commit: known.commit });
  if (fresh.length === 0) return;
  const named = fresh.slice(0, NAMED).map(({ text }) => text);
  const more = fresh.length > NAMED ? `; and ${fresh.length - NAMED} more` : '';
  const text = `${main} of ${id} holds ${inWords(fresh)} at ${known.commit.slice(0, 12)}, for which no branch is blamed: ${named.join('; ')}${more}. \`gatehouse audit --repo ${id}\` shows all`;
  const ids = createHash('sha256')
    .update(JSON.stringify(fresh.map((one) => one.id).sort()))
    .digest('hex');
  const key = `main-health/${known.commit.slice(0, 12)}/${ids.slice(0, 12)}`;
  await store.addOutbox({ ...alertMessage(repositoryAlert(id, { key, text })), atMs: now() });
  log.warn('something stands on main that no branch is blamed for', { repo: id, findings: fresh.length });
}
