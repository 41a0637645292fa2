/** Hits → findings: where, in which commit, how often, known before or not, allowed or not. */
import { askFingerprints, type ScanEngine } from './engine.ts';
import type { FirstPlace, WalkedHistory } from './history.ts';
import { sanitizeText } from './sanitize-text.ts';
import type { AllowEntry, ScanFailed, SecretFinding } from './verdict.ts';
import type { Hit } from './worker/protocol.ts';

/** Of those that are listed, where nobody asks for more. */
export const LISTED = 50;
const ALLOW_LIMIT = 500;

/** One secret under one rule and path, at its first place. */
interface Sighting {
  readonly hit: Hit;
  readonly rawPath: string;
  readonly path: string;
  readonly commit: string | null;
  readonly where: SecretFinding['where'];
  count: number;
}

/** What the findings are made from. */
export interface Evidence {
  readonly hits: readonly Hit[];
  readonly types: ReadonlyMap<string, 'blob' | 'commit' | 'tag' | 'tree'>;
  readonly history: WalkedHistory;
  /** Hits in path names, with the path they stand in. */
  readonly nameHits: readonly { readonly hit: Hit; readonly place: FirstPlace & { readonly oid: string } }[];
  /** Hits in the branch's name. */
  readonly branchHits: readonly Hit[];
  readonly mask: (path: string) => string;
  readonly known: ReadonlySet<string>;
  readonly allow: readonly AllowEntry[];
  readonly nowMs: number;
  /** So many of each kind are listed. */
  readonly listed: number;
}

export interface Findings {
  readonly kind: 'findings';
  readonly findings: readonly SecretFinding[];
  readonly introduced: number;
  readonly preexisting: readonly SecretFinding[];
  readonly standing: number;
  readonly allowed: readonly SecretFinding[];
  readonly expired: readonly AllowEntry[];
}

/** Sorts the evidence. Fingerprints are slow by intent, so only what is shown or may be allowed gets one. */
export async function settleFindings(evidence: Evidence, engine: ScanEngine): Promise<Findings | ScanFailed> {
  const sightings = gather(evidence);
  const fresh = sightings.filter(({ hit }) => !evidence.known.has(hit.secret));
  const standing = sightings.filter(({ hit }) => evidence.known.has(hit.secret));
  const old = standing.slice(0, evidence.listed);
  const allowPaths = new Set(evidence.allow.map(({ path }) => path));
  const candidates = fresh.filter(({ rawPath }) => allowPaths.has(rawPath)).slice(0, ALLOW_LIMIT);
  const others = fresh.filter((sighting) => !candidates.includes(sighting));
  const shown = [...candidates, ...others.slice(0, evidence.listed), ...old];
  const wanted = shown.map(({ hit, rawPath }) => ({ secret: hit.secret, rule: hit.rule, path: rawPath }));
  const answer = await askFingerprints(engine, wanted);
  if (answer.kind === 'tool-failed') return answer;
  const findings = shown.map((sighting, index) => ({
    sighting,
    finding: finish(sighting, answer.fingerprints[index] ?? ''),
  }));
  const verdicts = findings.map((one) => ({ ...one, entry: entryFor(one.sighting, one.finding, evidence.allow) }));
  const isOld = ({ sighting }: { readonly sighting: Sighting }): boolean => evidence.known.has(sighting.hit.secret);
  const isAllowed = ({ entry }: { readonly entry: AllowEntry | undefined }): boolean =>
    entry !== undefined && !hasExpired(entry, evidence.nowMs);
  const allowed = verdicts.filter((one) => !isOld(one) && isAllowed(one));
  const introduced = verdicts.filter((one) => !isOld(one) && !isAllowed(one));
  return {
    kind: 'findings',
    findings: introduced.slice(0, evidence.listed).map(({ finding }) => finding),
    introduced: fresh.length - allowed.length,
    preexisting: verdicts.filter(isOld).map(({ finding }) => finding),
    standing: standing.length,
    allowed: allowed.map(({ finding }) => finding),
    expired: introduced.flatMap(({ entry }) => (entry === undefined ? [] : [entry])),
  };
}

function gather(evidence: Evidence): Sighting[] {
  const sightings = new Map<string, Sighting>();
  const add = (sighting: Omit<Sighting, 'count'>): void => {
    const key = `${sighting.hit.secret} ${sighting.rawPath}`;
    const first = sightings.get(key);
    if (first === undefined) sightings.set(key, { ...sighting, count: 1 });
    else first.count += 1;
  };
  const order = new Map([...evidence.history.places.keys()].map((oid, index) => [oid, index]));
  const rank = ({ id }: Hit): number => order.get(id) ?? -1;
  for (const hit of [...evidence.hits].sort((a, b) => rank(a) - rank(b))) {
    const type = evidence.types.get(hit.id);
    const place = evidence.history.places.get(hit.id);
    if (type === 'commit') add({ hit, rawPath: '', path: '', commit: hit.id, where: 'commit' });
    else if (type === 'tag') add({ hit, rawPath: '', path: '', commit: null, where: 'tag' });
    else {
      const rawPath = place?.path ?? '';
      const where = place?.link === true ? 'symlink-target' : 'content';
      add({ hit, rawPath, path: evidence.mask(rawPath), commit: place?.commit ?? null, where });
    }
  }
  for (const { hit, place } of evidence.nameHits)
    add({
      hit: { ...hit, id: place.oid, line: 1 },
      rawPath: place.path,
      path: evidence.mask(place.path),
      commit: place.commit,
      where: 'path-name',
    });
  for (const hit of evidence.branchHits) add({ hit, rawPath: '', path: '', commit: null, where: 'branch-name' });
  return [...sightings.values()];
}

const finish = ({ hit, path, commit, where, count }: Sighting, fingerprint: string): SecretFinding => ({
  rule: hit.rule,
  why: hit.why,
  path: sanitizeText(path),
  commit,
  blob: hit.id,
  line: hit.line,
  column: hit.column,
  length: hit.length,
  fingerprint,
  where,
  encoding: hit.encoding,
  count,
});

const entryFor = (sighting: Sighting, finding: SecretFinding, allow: readonly AllowEntry[]): AllowEntry | undefined =>
  allow.find(
    ({ fingerprint, path }) =>
      finding.fingerprint !== '' && fingerprint === finding.fingerprint && path === sighting.rawPath,
  );

/** An entry holds to the end of its last day in UTC. */
function hasExpired({ expires }: AllowEntry, nowMs: number): boolean {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(expires) ? Date.parse(`${expires}T00:00:00Z`) : Number.NaN;
  return !(nowMs < day + 86_400_000);
}
