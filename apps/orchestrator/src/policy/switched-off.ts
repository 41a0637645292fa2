/**
 * What is switched off, in words: a gate, a repository that a gate leaves out, a protection behind a kill-switch, an audit without a
 * feed. Doctor, the queue, the board, the log and `repo add` say all of it, and a verdict what bears on it. Pure.
 */
import type { CheckVerdict } from '@gatehouse/verdict';
import type { Settings } from '../settings.ts';

/** What a shell calls the gates, in the order in which a change meets them. `GET /queue` has a block for each. */
export const GATE_NAMES = ['security', 'merge', 'coverage'] as const;
export type GateName = (typeof GATE_NAMES)[number];

/** Where the settings of a gate are outside. */
export const SWITCHES: { readonly [Gate in GateName]: { readonly enabled: string; readonly repos: string } } = {
  security: { enabled: 'ORCH_SECURITY_GATE_ENABLED', repos: 'ORCH_SECURITY_GATE_REPOS' },
  merge: { enabled: 'ORCH_MERGE_GATE_ENABLED', repos: 'ORCH_MERGE_GATE_REPOS' },
  coverage: { enabled: 'ORCH_COVERAGE_ENABLED', repos: 'ORCH_COVERAGE_REPOS' },
};

const WITHOUT: { readonly [Gate in GateName]: string } = {
  security: 'no secret and no vulnerable dependency is kept out',
  merge: 'nothing is tested and nothing lands by itself',
  coverage: 'no loss of coverage is kept out',
};

interface Switch {
  /** Where it is no switch: what is missing. */
  readonly name?: string;
  readonly setting: string;
  readonly isOff: (settings: Settings) => boolean;
  readonly words: string;
  /** The gates whose verdicts mean less by it. */
  readonly bearsOn: readonly GateName[];
}

/** The advisory feeds that are configured. */
export const feedsOf = ({ security }: Settings): readonly string[] =>
  [security.feedUrl, security.osvUrl, security.osvDatabase, security.pipAudit, security.osvScanner].filter(
    (feed) => feed !== '',
  );

/** Every switch besides those of the gates. The security gate's own verdict tells of its audit. */
export const KILL_SWITCHES: readonly Switch[] = [
  {
    setting: 'ORCH_SECURITY_DEP_AUDIT_ENABLED',
    isOff: ({ security }) => !security.audit,
    words: 'new dependencies are not audited',
    bearsOn: [],
  },
  {
    name: 'advisory feed',
    setting: 'ORCH_SECURITY_DEP_FEED_URL, ORCH_OSV_URL',
    isOff: (settings) => settings.security.audit && feedsOf(settings).length === 0,
    words: 'no advisory feed is configured: new dependencies are not audited',
    bearsOn: [],
  },
  {
    setting: 'ORCH_STOP_STATUS_ENABLED',
    isOff: ({ tracker }) => !tracker.stopStatus,
    words: 'nobody can stop a task',
    bearsOn: [],
  },
  {
    setting: 'ORCH_SUBPROCESS_TREE_KILL_ENABLED',
    isOff: ({ commands }) => !commands.treeKill,
    words: 'processes that a command leaves behind go on',
    bearsOn: ['merge', 'coverage'],
  },
  {
    setting: 'ORCH_MERGE_INFRA_RETRY_ENABLED',
    isOff: ({ merge }) => !merge.infraRetry,
    words: 'a timeout counts as a failed test',
    bearsOn: ['merge'],
  },
  {
    setting: 'ORCH_MERGE_RETEST_SKIP_WHEN_CURRENT_ENABLED',
    isOff: ({ merge }) => !merge.skipWhenCurrent,
    words: 'what was tested before is tested again',
    bearsOn: ['merge'],
  },
  {
    setting: 'ORCH_MERGE_RETEST_TIMEOUT_VALIDATION_ENABLED',
    isOff: ({ merge }) => !merge.validateTimeouts,
    words: 'deadlines are not checked',
    bearsOn: ['merge', 'coverage'],
  },
  {
    setting: 'ORCH_MERGE_METRICS_ENABLED',
    isOff: ({ merge }) => !merge.metrics,
    words: 'the merge gate is not counted',
    bearsOn: ['merge'],
  },
];

const told = ({ words, setting }: Switch): string => `${words} (${setting})`;

/** A scope list: `*` is every repository, a list is those, empty is the self repository or, when unset, every one. */
export function inScope(repo: string, scope: readonly string[], selfRepo: string): boolean {
  if (scope.includes('*') || scope.includes(repo)) return true;
  return scope.length === 0 && (selfRepo === '' || selfRepo === repo);
}

/** Why this gate skips a repository; null: it does not. */
export function outOfScope(gate: GateName, repo: string, settings: Settings): string | null {
  const { enabled, repos } = settings[gate];
  if (!enabled) return `the ${gate} gate is off (${SWITCHES[gate].enabled})`;
  return inScope(repo, repos, settings.repositories.self) ? null : `${repo} is not in ${SWITCHES[gate].repos}`;
}

export interface Off {
  /** What it is about, in a word or two. */
  readonly name: string;
  /** With the setting that does it. */
  readonly words: string;
  /** What switches it on. */
  readonly mend: string;
}

/** What is off for every repository. */
export const switchedOff = (settings: Settings): readonly Off[] => [
  ...GATE_NAMES.filter((gate) => !settings[gate].enabled).map((gate) => ({
    name: `${gate} gate`,
    words: `the ${gate} gate is off (${SWITCHES[gate].enabled}): ${WITHOUT[gate]}`,
    mend: `set ${SWITCHES[gate].enabled}=true`,
  })),
  ...KILL_SWITCHES.filter(({ isOff }) => isOff(settings)).map((one) => ({
    name: one.name ?? 'off',
    words: told(one),
    mend: one.name === undefined ? `set ${one.setting}=true` : 'set one of them',
  })),
];

/** The gates that are on and leave this repository out. */
const leftOut = (repo: string, settings: Settings): readonly Off[] =>
  GATE_NAMES.flatMap((gate) => {
    const why = settings[gate].enabled ? outOfScope(gate, repo, settings) : null;
    if (why === null) return [];
    const words = `${why}: by the ${gate} gate ${WITHOUT[gate]} there`;
    return [{ name: `${gate} gate`, words, mend: `add ${repo} to ${SWITCHES[gate].repos}` }];
  });

/** All of it, for a service with these repositories. */
export const everythingOff = (settings: Settings, repos: readonly { readonly id: string }[]): readonly Off[] => [
  ...switchedOff(settings),
  ...repos.flatMap(({ id }) => leftOut(id, settings)),
];

/** The verdict of a gate with what makes it mean less. */
export function withSwitches(gate: GateName, settings: Settings, verdict: CheckVerdict): CheckVerdict {
  const off = KILL_SWITCHES.filter(({ bearsOn, isOff }) => bearsOn.includes(gate) && isOff(settings));
  return off.length === 0
    ? verdict
    : { ...verdict, warnings: [...verdict.warnings, ...off.map((one) => `switched-off: ${told(one)}`)] };
}
