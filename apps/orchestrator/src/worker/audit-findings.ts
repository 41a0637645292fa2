/** What an audit of main says of its health, beside what was known before: what it could not look at stays as it was. Pure. */
import type { FeedPort, RepositoryAudit } from '@gatehouse/security-gate';
import type { HealthFinding } from '../platform/health-of-main.ts';

/** A finding before it is known since when it stands there. */
export type Sighting = Omit<HealthFinding, 'since'>;

export interface AuditFindings {
  readonly found: readonly Sighting[];
  /** In words; worth trying again. */
  readonly unknown: readonly string[];
}

/** `feed` is who was asked; null: nobody, which is told where it is set. */
export function findingsOf(
  { scan, audit }: RepositoryAudit,
  { before, feed }: { readonly before: readonly HealthFinding[]; readonly feed: FeedPort | null },
): AuditFindings {
  const kept = (kind: HealthFinding['kind']): readonly Sighting[] => before.filter((one) => one.kind === kind);
  const secrets = secretsIn(scan, kept('secret'));
  const vulnerabilities = vulnerabilitiesIn(audit, kept('vulnerability'), feed);
  return {
    found: [...secrets.found, ...vulnerabilities.found],
    unknown: [...secrets.unknown, ...vulnerabilities.unknown],
  };
}

function secretsIn(scan: RepositoryAudit['scan'], kept: readonly Sighting[]): AuditFindings {
  if (scan.kind !== 'scanned') return { found: kept, unknown: [`secrets (${reasonOf(scan)})`] };
  const found = scan.findings.map(({ fingerprint, rule, path, line, where, blob }) => ({
    ...{ id: fingerprint, kind: 'secret' as const },
    text: `${rule} in ${path === '' ? `${where} ${blob.slice(0, 12)}` : `${path}:${line}`}`,
  }));
  const more = scan.introduced - found.length;
  const text = `${more} more secrets, which are not listed`;
  const rest = more > 0 ? [{ id: 'more secrets', kind: 'secret' as const, text, count: more }] : [];
  return { found: [...found, ...rest], unknown: [] };
}

function vulnerabilitiesIn(
  audit: RepositoryAudit['audit'],
  kept: readonly Sighting[],
  feed: FeedPort | null,
): AuditFindings {
  if (audit === null || audit.kind === 'none') return { found: [], unknown: [] };
  if (audit.kind !== 'audited')
    return { found: kept, unknown: feed === null ? [] : [`dependencies (${reasonOf(audit)})`] };
  const found = audit.introduced.map(({ package: name, versions, severity, id, title }) => ({
    ...{ id: `${name} ${id}`, kind: 'vulnerability' as const },
    text: `${name}@${versions.join(', ')} ${severity} ${id} ${title}`.trim(),
  }));
  // What it never answers for was never known.
  const answers = feed?.ecosystems ?? ['npm'];
  const open = (audit.gaps ?? []).filter(({ ecosystem }) => answers.includes(ecosystem));
  const known = new Set(found.map(({ id }) => id));
  return {
    found: open.length === 0 ? found : [...found, ...kept.filter(({ id }) => !known.has(id))],
    unknown: open.map(({ ecosystem, reason }) => `dependencies of ${ecosystem} (${reason})`),
  };
}

const reasonOf = (answer: { readonly kind: string; readonly reason?: string }): string => answer.reason ?? answer.kind;
