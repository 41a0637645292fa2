/** The audit's half of the verdict. */
import { type Crashed, describeCrash, type Finding } from '@gatehouse/verdict';
import type { SecurityPolicy } from './compute-verdict.ts';
import type { FeedGap } from './feed.ts';
import { sanitizeText } from './sanitize-text.ts';
import type { Advisory, DependencyAudit, LockChange, UnreadDependencies } from './verdict.ts';
import { cannotDecide, type Part, part } from './verdict-part.ts';
import { OF_CHANGE, type Words } from './words.ts';

/** What the audit means for the verdict. */
export function dependencyPart(
  audit: DependencyAudit | Crashed | null,
  policy: SecurityPolicy,
  words: Words = OF_CHANGE,
): Part {
  if (!policy.depAuditEnabled || audit === null) return part({ warnings: ['dependency audit is switched off'] });
  switch (audit.kind) {
    case 'crashed':
      return part({ fault: { cause: 'crashed', reason: describeCrash(audit) } });
    case 'none':
      return part({});
    case 'tool-failed':
      return cannotDecide(`the dependency audit failed: ${audit.reason}`);
    case 'timeout':
      return cannotDecide('the dependency audit ran out of time');
    case 'unreachable':
    case 'malformed': {
      const reason = `DEPENDENCIES WERE NOT AUDITED: ${stateOf(audit)}`;
      const shown = fileParts(audit, policy, words);
      return policy.depFailClosed
        ? part({ ...shown, fault: { cause: 'feed-down', reason } })
        : part({ ...shown, warnings: [reason, ...shown.warnings] });
    }
    case 'lock-unreadable': {
      const message = `${audit.path} cannot be read: ${audit.reason}`;
      if (audit.side === 'head')
        return part({ findings: [{ rule: 'dependency/lock-unreadable', message, path: audit.path }] });
      if (audit.side === 'both') return part({ warnings: [`${message}, on base as well`] });
      return cannotDecide(`${message} on base, so nothing can be compared`);
    }
    case 'audited': {
      const shown = fileParts(audit, policy, words);
      const gaps = (audit.gaps ?? []).map(
        (gap) => `DEPENDENCIES WERE NOT AUDITED: those of ${gap.ecosystem}, ${stateOf(gap)}`,
      );
      const decisive = (audit.gaps ?? []).findIndex(({ added }) => added !== 0);
      const reason = gaps[decisive];
      return part({
        findings: [...audit.introduced.map((one) => advisoryFinding(one, words)), ...shown.findings],
        warnings: [
          ...gaps,
          ...audit.preexisting.map((one) => `on base already: ${advisoryText(one)}`),
          ...audit.belowThreshold.map((one) => `below the threshold: ${advisoryText(one)}`),
          ...shown.warnings,
        ],
        fault: policy.depFailClosed && reason !== undefined ? { cause: 'feed-down', reason } : null,
      });
    }
  }
}

/** Where there is no feed, nothing was out of reach. */
const stateOf = ({ kind, reason }: Pick<FeedGap, 'kind' | 'reason'>): string =>
  reason.startsWith('no advisory feed') ? reason : `the advisory feed is ${kind} (${reason})`;

type FileFacts = Pick<Extract<DependencyAudit, { readonly kind: 'audited' }>, 'changes' | 'unread'>;

/** What needs no feed: bad lockfile changes, and dependency files that nobody read. */
function fileParts({ changes, unread = [] }: FileFacts, policy: SecurityPolicy, words: Words): Omit<Part, 'fault'> {
  const shown = changePart(changes, policy);
  const changed = unread.filter(({ isChanged }) => isChanged);
  const rest = unread.filter(({ isChanged }) => !isChanged);
  const text = ({ path, why }: UnreadDependencies): string => `dependencies not audited: ${path} ${why}`;
  const old = rest.slice(0, 5).map(({ path, why }) => `${path} ${why}`);
  const more = rest.length > old.length ? `; and ${rest.length - old.length} more` : '';
  const standing = rest.length === 0 ? [] : [`${words.unread}: ${old.join('; ')}${more}`];
  return policy.depFailClosed
    ? {
        findings: [
          ...shown.findings,
          ...changed.map((one) => ({ rule: 'dependency/unread', message: text(one), path: one.path })),
        ],
        warnings: [...shown.warnings, ...standing],
      }
    : { findings: shown.findings, warnings: [...shown.warnings, ...changed.map(text), ...standing] };
}

/** A new package that runs a script is said; everything else is a finding unless the policy only warns. */
function changePart(
  changes: readonly LockChange[],
  policy: SecurityPolicy,
): { readonly findings: readonly Finding[]; readonly warnings: readonly string[] } {
  const findings = changes.map((change) => ({
    rule: change.rule,
    message: `${change.package === '' ? change.path : change.package} ${change.detail}`,
    path: change.path,
  }));
  const blocks = ({ rule }: Finding): boolean => policy.lockChanges !== 'warn' && rule !== 'lock/new-install-script';
  return {
    findings: findings.filter(blocks),
    warnings: findings.filter((one) => !blocks(one)).map(({ rule, message, path }) => `${rule} in ${path}: ${message}`),
  };
}

const advisoryText = ({ package: name, versions, severity, id, aliases, title }: Advisory): string =>
  sanitizeText(`${name}@${versions.join(', ')} ${severity} ${[id, ...aliases].join(' ')} ${title}`.trim());

const advisoryFinding = (one: Advisory, { installs }: Words): Finding => ({
  rule: 'dependency/known-vulnerability',
  message: `${installs} ${advisoryText(one)}. Take a version outside ${one.url === '' ? 'the advisory' : one.url}.`,
});
