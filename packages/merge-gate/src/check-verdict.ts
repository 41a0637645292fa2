/** From what the merge gate knows to what the engine acts on. Only `pass` opens an edge. */
import { type CommandRun, faultOf } from '@gatehouse/gate-run';
import {
  type Cause,
  type CheckVerdict,
  describeCrash,
  type Finding,
  type GreenBasis,
  type MachineFault,
  type SkipCode,
  type TestedCommits,
} from '@gatehouse/verdict';
import { describeFall } from './count-fall.ts';
import type { ChangedDefinition } from './gate-definition/finding.ts';
import { likelySetup } from './likely-setup.ts';
import { describeRules } from './path-rules/decide.ts';
import type { GreenEvidence, MergeVerdict, NothingToLand, RedCertificate } from './verdict.ts';

type Standing =
  | { readonly status: 'pass' | 'fail' }
  | { readonly status: 'skip'; readonly code: SkipCode }
  | { readonly status: 'defer' | 'error'; readonly cause: Cause };

/** The table is the whole policy: a kind without a status does not compile. */
export const STANDING: { readonly [Kind in MergeVerdict['kind']]: Standing } = {
  mergeable: { status: 'pass' },
  'nothing-to-land': { status: 'skip', code: 'nothing-to-land' },
  conflicted: { status: 'fail' },
  'unrelated-history': { status: 'fail' },
  red: { status: 'fail' },
  'tests-fell': { status: 'fail' },
  'marker-lost': { status: 'fail' },
  'gate-changed': { status: 'fail' },
  'timed-out': { status: 'fail' },
  busy: { status: 'defer', cause: 'lock-busy' },
  infra: { status: 'defer', cause: 'infra' },
  'flaky-blocked': { status: 'defer', cause: 'infra' },
  'main-broken': { status: 'defer', cause: 'main-broken' },
  'base-moved': { status: 'defer', cause: 'base-moved' },
  'branch-moved': { status: 'defer', cause: 'branch-moved' },
  'tool-failed': { status: 'error', cause: 'tool-failed' },
  crashed: { status: 'error', cause: 'crashed' },
};

const MAX_FINDINGS = 50;

/** The verdict as a check's answer, with findings an author can act on. */
export function mergeCheckVerdict(verdict: MergeVerdict, commits: TestedCommits): CheckVerdict {
  const standing = STANDING[verdict.kind];
  const findings = findingsOf(verdict).slice(0, MAX_FINDINGS);
  const warnings = verdict.kind === 'mergeable' ? verdict.warnings : [];
  const about =
    verdict.kind === 'mergeable' ? { base: verdict.base, head: verdict.head, tested: verdict.tested } : commits;
  const trouble = faultIn(verdict);
  const said = {
    reason: `${reasonOf(verdict)}${describeRules(verdict.rules)}`,
    findings,
    warnings,
    commits: about,
    ...(verdict.kind === 'mergeable' ? { basis: BASIS[verdict.evidence.kind] } : {}),
  };
  return 'cause' in standing && trouble !== null ? { ...standing, ...said, trouble } : { ...standing, ...said };
}

/** The machine fault behind a run or a git call, where neither blames the change. */
function faultIn(verdict: MergeVerdict): MachineFault | null {
  if (verdict.kind !== 'infra' && verdict.kind !== 'tool-failed') return null;
  return verdict.trouble ?? (verdict.run === undefined ? null : faultOf(verdict.run));
}

function reasonOf(verdict: MergeVerdict): string {
  switch (verdict.kind) {
    case 'mergeable':
      return `green on top of ${short(verdict.base)}: ${EVIDENCE[verdict.evidence.kind]}${howMany(verdict.evidence)}`;
    case 'conflicted':
      return `the branch conflicts with main in ${count(verdict.paths.length, 'path')}`;
    case 'nothing-to-land':
      return `nothing to land: ${NOTHING[verdict.why](verdict.commits)}`;
    case 'unrelated-history':
      return 'the branch has no commit in common with main (unrelated history), so nothing can be merged';
    case 'red':
      return redReason(verdict.certificate);
    case 'tests-fell':
      return describeFall(verdict);
    case 'marker-lost':
      return `the branch removes ${verdict.markers.map(({ symbol }) => symbol).join(', ')}, which main must keep`;
    case 'gate-changed':
      return `the branch changes what the test command runs: ${verdict.changes.map(({ path, name }) => `${path} ${name}`.trim()).join(', ')}`;
    case 'timed-out':
      return verdict.reason;
    case 'infra':
    case 'tool-failed':
      return `${verdict.reason}${missingCommand(verdict.run)}`;
    case 'busy':
      return `main is being moved by ${verdict.holder}`;
    case 'flaky-blocked':
      return 'flaky: red once and green once on the same tree';
    case 'main-broken':
      return `${brokenPart(verdict.certificate.baseRun)} at ${short(verdict.base)}; the branch cannot be judged until it heals${likelyCause(verdict.certificate.baseRun)}`;
    case 'base-moved':
      return `main moved during the check (now ${short(verdict.found)})`;
    case 'branch-moved':
      return `the branch moved during the check (now ${short(verdict.found)})`;
    case 'crashed':
      return describeCrash(verdict);
  }
}

/** Tests that the one line of a red verdict names; the findings name all. */
const NAMED = 2;

function redReason({ lostCount, bound, runs, failing }: RedCertificate): string {
  const names = failing.slice(0, NAMED).map((name) => JSON.stringify(name.slice(0, 100)));
  const more = failing.length > NAMED ? ` and ${failing.length - NAMED} more` : '';
  const which = names.length === 0 ? '' : `${names.join(', ')}${more} ${failing.length === 1 ? 'fails' : 'fail'}: `;
  const what = lostCount
    ? 'ends without a summary with the branch'
    : `${which}red twice with the branch, green without it`;
  const alone = runs.single === 0 ? '' : ` and ${runs.single} of the failing tests alone`;
  const chance = `an innocent branch shows this with a probability of at most ${percent(bound)}`;
  return `${what}; ${chance} (${count(runs.full, 'whole run')}${alone})`;
}

/** A probability in percent, rounded up. */
export const percent = (probability: number): string => `${(Math.ceil(probability * 1e5) / 1e3).toFixed(3)} %`;

const NOTHING: { readonly [Why in NothingToLand['why']]: (commits: number) => string } = {
  equal: () => 'the branch is equal to its base',
  contained: () => 'its base contains the branch already',
  'on-main': (commits) => `${commits === 1 ? 'its commit is' : `all ${commits} commits are`} on its base already`,
  'no-change': (commits) =>
    `its ${commits === 1 ? 'commit changes' : `${commits} commits change`} nothing against its base`,
};

const BASIS: { readonly [Kind in GreenEvidence['kind']]: GreenBasis } = {
  'first-try': 'test-run',
  flaky: 'test-run',
  quarantined: 'quarantined-run',
  remembered: 'earlier-run',
  validated: 'declared-ci',
  rule: 'path-rule',
};

const EVIDENCE: { readonly [Kind in Extract<MergeVerdict, { kind: 'mergeable' }>['evidence']['kind']]: string } = {
  'first-try': 'tests passed at the first try',
  flaky: 'tests passed at the second try',
  quarantined: 'all tests passed but those in quarantine',
  remembered: 'the same tree passed under the same definition before',
  validated: 'already on top of main, and checks that the operator declared to cover the tests passed this tree',
  rule: 'no test is asked for',
};

/** Says the number of tests wherever a run stands behind the verdict, and says when it is unknown. */
function howMany(evidence: GreenEvidence): string {
  if (!('run' in evidence)) return '';
  const total = evidence.run.tests?.total;
  return total === undefined ? '; how many ran is not known' : ` (${count(total, 'test')})`;
}

function findingsOf(verdict: MergeVerdict): readonly Finding[] {
  switch (verdict.kind) {
    case 'conflicted':
      return verdict.paths.map((path) => ({
        rule: 'conflict',
        message: `resolve the conflict with main in ${path}`,
        path,
      }));
    case 'unrelated-history':
      return [{ rule: 'unrelated-history', message: UNRELATED }];
    case 'red':
      return redFindings(verdict.certificate);
    case 'tests-fell':
      return [
        {
          rule: 'tests-fell',
          message: `${describeFall(verdict)}; bring the missing ones back, or ask an administrator for an override`,
        },
      ];
    case 'marker-lost':
      return verdict.markers.map(({ ticket, symbol, file }) => ({
        rule: 'marker-lost',
        message: `${file} must contain ${symbol} (${ticket}); bring it back`,
        path: file,
      }));
    case 'gate-changed':
      return verdict.changes.map((change) => ({
        rule: 'gate-changed',
        message: changeMessage(change),
        path: change.path,
      }));
    case 'timed-out':
      return [{ rule: 'timeout', message: withExcerpt(verdict.reason, verdict.run), commit: verdict.run.commit }];
    case 'mergeable':
    case 'nothing-to-land':
    case 'busy':
    case 'infra':
    case 'flaky-blocked':
    case 'main-broken':
    case 'base-moved':
    case 'branch-moved':
    case 'tool-failed':
    case 'crashed':
      return [];
  }
}

function redFindings({
  failing,
  second,
  tested,
  lostCount,
  baseRun,
  surroundings,
  places = {},
}: RedCertificate): readonly Finding[] {
  const details = new Map(second.tests?.details?.map(({ name, detail }) => [name, detail]));
  const named = failing.map((name) => {
    const detail = details.get(name);
    const message = detail === undefined ? `failing: ${name}` : `failing: ${name}\n\n${detail}`;
    return { rule: 'red-test', message, commit: tested, ...(Object.hasOwn(places, name) ? places[name] : {}) };
  });
  const says = lostCount
    ? `exits 0 on the branch on top of main, but its runner prints no summary; main alone counts ${count(baseRun.tests?.total ?? 0, 'test')}: a process ends in the middle of the suite`
    : 'fails on the branch on top of main, twice; main alone passes';
  const log = withExcerpt(`\`${second.command}\` ${says}`, second);
  const missing = surroundings === undefined ? [] : [{ rule: 'surroundings', message: surroundings, commit: tested }];
  return [{ rule: 'red-run', message: log, commit: tested }, ...missing, ...named];
}

const changeMessage = ({ path, name, before, after, shadows }: ChangedDefinition): string =>
  shadows === true || name === ''
    ? `${path} ${name === '' ? 'decides how tests are run, and the branch changes it' : name}; take the change out, or ask an administrator for an override`
    : `the gate runs ${name} of ${path}, and the branch changes it from ${quoted(before)} to ${after === null ? 'nothing' : quoted(after)}; bring it back, or ask an administrator for an override`;

const UNRELATED =
  'the branch was not started from main: start a new branch from main, bring the changes over (git cherry-pick, or copy the files), and ask for that branch';

const quoted = (text: string): string => JSON.stringify(text.slice(0, 300));

const brokenPart = ({ purpose }: CommandRun): string =>
  purpose === 'setup' ? 'the setup command fails on main itself' : 'main itself is red';

/** What main's own run lacks, where a tool says it; else the last thing that it said. */
const likelyCause = (run: CommandRun): string => {
  const likely = likelySetup(run.excerpt, run.command);
  return likely === null ? lastWords(run) : `; ${likely.words}`;
};

/** What to do about a command that is not there, or may not be run. */
const missingCommand = (run: CommandRun | undefined): string => {
  const isMissing = run?.ending === 'not-found' || run?.ending === 'not-executable';
  const likely = isMissing ? likelySetup(run.excerpt, run.command) : null;
  return likely === null ? '' : `; ${likely.words}`;
};

/** How package managers end every failure, whatever it was: their own log, which goes with the run, and an exit status. */
const EPILOGUE =
  /^(?:npm (?:error|ERR!)(?:\s*$| A complete log|\s+\S*[\\/]_logs[\\/])|\s*ELIFECYCLE|error Command failed with exit code|info Visit https)/;

/** The last thing a run said of its failure, in one line. */
const lastWords = ({ excerpt = '' }: CommandRun): string => {
  const lines = excerpt.trim().split('\n');
  const line = (lines.findLast((said) => said.trim() !== '' && !EPILOGUE.test(said)) ?? lines.at(-1))?.trim() ?? '';
  return line === '' ? '' : ` (it ends with: ${line.slice(0, 200)})`;
};

const withExcerpt = (text: string, run: CommandRun): string =>
  run.excerpt === undefined || run.excerpt === '' ? text : `${text}\n\n${run.excerpt}`;

const short = (commit: string): string => commit.slice(0, 12);

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
