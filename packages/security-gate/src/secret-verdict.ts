/** The scan's half of the verdict. */
import { type Crashed, describeCrash, type Finding } from '@gatehouse/verdict';
import type { SecurityPolicy } from './compute-verdict.ts';
import { sanitizeText } from './sanitize-text.ts';
import type { Scanned, SecretFinding, SecretScan } from './verdict.ts';
import { cannotDecide, type Part, part } from './verdict-part.ts';
import { OF_CHANGE, type Words } from './words.ts';

export const UNRELATED = {
  reason: 'the branch has no commit in common with main (unrelated history), so what it adds cannot be told',
  finding: {
    rule: 'unrelated-history',
    message:
      'the branch was not started from main: start a new branch from main, bring the changes over (git cherry-pick, or copy the files), and ask for that branch',
  },
} as const;

/** What the scan means for the verdict. */
export function secretPart(scan: SecretScan | Crashed, policy: SecurityPolicy, words: Words = OF_CHANGE): Part {
  switch (scan.kind) {
    case 'crashed':
      return part({ fault: { cause: 'crashed', reason: describeCrash(scan) } });
    case 'timeout':
      return cannotDecide('the secret scan ran out of time');
    case 'tool-failed':
      return cannotDecide(`the secret scan failed: ${scan.reason}`);
    case 'unrelated':
      return part({ findings: [UNRELATED.finding] });
    case 'scanned': {
      const { total: all, scanned, unscannable } = scan.objects;
      if (!(scanned + unscannable.length === all)) return cannotDecide('the scanned objects do not add up');
      const large = unscannable.find(({ reason }) => reason === 'too-large');
      const hidden = unscannable.length;
      const blind = large ?? (policy.unscannable === 'error' ? unscannable[0] : undefined);
      const findings = scan.findings.map((one) => secretFinding(one, words));
      const rest = scan.introduced - findings.length;
      if (rest > 0)
        findings.push({ rule: 'secret/more', message: `${rest} more secrets were found and are not listed` });
      const warnings = [
        ...scan.preexisting.map((one) => `${one.rule} in ${placeOf(one)} stands on base already: rotate it there`),
        ...moreOf(scan.preexisting.length, scan.standing),
        ...scan.allowed.map((one) => `${one.rule} in ${placeOf(one)} is allowed by base's policy (${one.fingerprint})`),
        ...scan.expired.map(
          (one) => `the allow entry ${sanitizeText(one.fingerprint)} expired on ${sanitizeText(one.expires)}`,
        ),
        ...unscannable.slice(0, 20).map((one) => `content not scanned (${one.reason}): ${one.path ?? one.oid}`),
        ...(hidden > 20 ? [`${hidden - 20} more objects whose content was not scanned`] : []),
        ...words.steers(scan.trustFiles),
      ];
      const odd = oddEntries(scan, policy, words);
      findings.push(...odd.findings);
      warnings.push(...odd.warnings);
      const fault =
        blind === undefined
          ? null
          : ({
              cause: 'tool-failed',
              reason: `${blind.path ?? blind.oid} cannot be scanned (${blind.reason})`,
            } as const);
      return part({ findings, warnings, fault });
    }
  }
}

const moreOf = (listed: number, all = listed): readonly string[] =>
  all > listed ? [`${all - listed} more secrets stand on base already and are not listed: rotate them there`] : [];

const LISTED = 50;
const MIB = 1024 * 1024;

/** Gitlinks and large objects, each as a finding where the policy blocks it, else as a warning. */
function oddEntries(
  { strayLinks = [], large = [] }: Scanned,
  { gitlinks = 'warn', largeFiles = 'warn' }: SecurityPolicy,
  words: Words,
): Pick<Part, 'findings' | 'warnings'> {
  const links = strayLinks.map(({ path, commit }) => ({
    rule: 'entry/gitlink',
    path,
    message: `${path} is a commit of another repository (${commit.slice(0, 12)}) that no .gitmodules names: whoever clones finds an empty folder. Take it out (git rm --cached) and commit its files, or add it with git submodule add.`,
  }));
  const files = large.map(({ path, oid, bytes }) => ({
    rule: 'entry/large-file',
    ...(path === undefined ? {} : { path }),
    message: `${path ?? oid} has ${(bytes / MIB).toFixed(1)} MiB, more than the policy allows. Keep it outside of the repository, and ${words.without}`,
  }));
  const all = [
    { found: links, policy: gitlinks },
    { found: files, policy: largeFiles },
  ];
  const shown = (found: readonly Finding[]): readonly Finding[] => found.slice(0, LISTED);
  const more = (found: readonly Finding[]): readonly string[] =>
    found.length > LISTED ? [`${found.length - LISTED} more of ${found[0]?.rule ?? ''} are not listed`] : [];
  return {
    findings: all.flatMap(({ found, policy }) => (policy === 'block' ? shown(found) : [])),
    warnings: all.flatMap(({ found, policy }) => [
      ...(policy === 'block' ? [] : shown(found).map(({ rule, message }) => `${rule}: ${message}`)),
      ...more(found),
    ]),
  };
}

const placeOf = ({ path, where, blob, line }: SecretFinding): string =>
  where === 'branch-name'
    ? "the branch's name"
    : path === ''
      ? `${where} ${blob.slice(0, 12)}`
      : where === 'path-name'
        ? `the name ${path}`
        : `${path}:${line}`;

const UNDER_ANOTHER_NAME = 'push the branch under another name and delete this one.';

function secretFinding(one: SecretFinding, words: Words): Finding {
  const encoded = one.encoding === 'text' ? '' : ` hidden as ${one.encoding}`;
  const message =
    `A secret (${one.length} characters${encoded}) stands in ${placeOf(one)}, column ${one.column}: ${one.why}. ` +
    `Rotate it, then ${one.where === 'branch-name' ? UNDER_ANOTHER_NAME : words.without} ` +
    `Fingerprint ${one.fingerprint}.`;
  return {
    rule: one.rule,
    message,
    line: one.line,
    ...(one.path === '' ? {} : { path: one.path }),
    ...(one.commit === null ? {} : { commit: one.commit }),
  };
}
