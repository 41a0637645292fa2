/** The rules of the coverage gate in `gatehouse.yaml`, and which source's word counts for each. */
import type { CoveragePolicy, FindingRule } from '@gatehouse/coverage-gate';
import { z } from 'zod';
import { percent } from './policy-values.ts';

const strictness = z.enum(['off', 'warn', 'block']);
const slack = z.number().int().min(0);
const finding = z.union([strictness, z.strictObject({ policy: strictness, slack: slack.optional() })]);
const prefix = z
  .string()
  .max(500)
  .regex(/^[^/\s*?][^*?]*$/, 'must be the beginning of a path, such as generated/');
const share = { policy: strictness, min: percent.optional(), slack: slack.optional() };

/** Keys below `coverage` that say what is demanded; what is run stands beside them. */
export const COVERAGE_RULES = {
  patch: z.strictObject({ min: percent, policy: strictness, slack: slack.optional() }).optional(),
  per_file: z.strictObject(share).optional(),
  labels: z
    .array(
      z
        .strictObject({
          ...share,
          label: z.string().regex(/^[\w.-]{1,50}$/, 'must be a short name'),
          paths: z.array(prefix).min(1).max(50).optional(),
          carry_forward: z.boolean().optional(),
        })
        .refine(
          ({ paths, carry_forward: carries }) => paths !== undefined || carries !== true,
          'carries nothing forward without paths, which say what is part of it',
        ),
    )
    .max(50)
    .optional(),
  vanished: finding.optional(),
  shrunk: finding.optional(),
  unmeasured: finding.optional(),
  pragmas: finding.optional(),
  config: finding.optional(),
  ignore: z.array(prefix).max(200).optional(),
  on_unknown: z.enum(['open', 'closed-if-base-ok', 'closed']).optional(),
};

/** The keys that a mistyped one is compared with, by place. */
export const COVERAGE_RULE_KEYS: Readonly<Record<string, readonly string[]>> = {
  'coverage.patch': ['min', 'policy', 'slack'],
  'coverage.per_file': Object.keys(share),
  'coverage.labels': ['label', 'paths', 'carry_forward', ...Object.keys(share)],
};

type Rules = { readonly [Key in keyof typeof COVERAGE_RULES]?: z.output<(typeof COVERAGE_RULES)[Key]> };
type Findings = 'vanished' | 'shrunk' | 'unmeasured' | 'pragmas' | 'config';

const FINDINGS: readonly Findings[] = ['vanished', 'shrunk', 'unmeasured', 'pragmas', 'config'];
const UNKNOWN = ['open', 'closed-if-base-ok', 'closed'] as const;

/** What the operator names is fixed; of a finding and of what is unknown the base may only ask for more. */
export function resolveCoverageRules(
  operator: Rules | undefined,
  base: Rules | undefined,
  failClosed: boolean,
): Pick<CoveragePolicy, 'patch' | 'perFile' | 'labels' | 'ignore' | 'failClosed' | 'onUnknown' | Findings> {
  const patch = operator?.patch ?? base?.patch;
  const perFile = operator?.per_file ?? base?.per_file;
  const labels = operator?.labels ?? base?.labels;
  const ignore = operator?.ignore ?? base?.ignore;
  const onUnknown = stricterUnknown(operator?.on_unknown, base?.on_unknown);
  const findings = FINDINGS.map((key) => [key, stricterFinding(operator?.[key], base?.[key])] as const);
  return {
    ...(patch === undefined ? {} : { patch: { ...shareOf(patch), minPpm: patch.min } }),
    ...(perFile === undefined ? {} : { perFile: shareOf(perFile) }),
    ...(labels === undefined
      ? {}
      : {
          labels: labels.map(({ label, paths, carry_forward: carryForward, ...rule }) => ({
            ...{ label, ...shareOf(rule) },
            ...(paths === undefined ? {} : { paths }),
            ...(carryForward === undefined ? {} : { carryForward }),
          })),
        }),
    ...(ignore === undefined ? {} : { ignore }),
    ...Object.fromEntries(findings.filter(([, rule]) => rule !== undefined)),
    failClosed: failClosed || onUnknown === 'closed',
    ...(onUnknown === 'open' && !failClosed ? { onUnknown } : {}),
  };
}

function shareOf({ policy, min, slack: slackLines }: NonNullable<Rules['per_file']>) {
  return {
    policy,
    ...(min === undefined ? {} : { minPpm: min }),
    ...(slackLines === undefined ? {} : { slackLines }),
  };
}

function stricterUnknown(fixed: Rules['on_unknown'], wanted: Rules['on_unknown']): (typeof UNKNOWN)[number] {
  if (fixed === undefined || wanted === undefined) return fixed ?? wanted ?? 'closed-if-base-ok';
  return UNKNOWN.indexOf(wanted) > UNKNOWN.indexOf(fixed) ? wanted : fixed;
}

const STRICTNESS = ['off', 'warn', 'block'] as const;
const rank = (rule: FindingRule): number => STRICTNESS.indexOf(typeof rule === 'string' ? rule : rule.policy);

function stricterFinding(fixed: Rules[Findings], wanted: Rules[Findings]): FindingRule | undefined {
  const chosen =
    fixed === undefined || wanted === undefined
      ? (fixed ?? wanted)
      : rank(plain(wanted)) > rank(plain(fixed))
        ? wanted
        : fixed;
  return chosen === undefined ? undefined : plain(chosen);
}

const plain = (rule: NonNullable<Rules[Findings]>): FindingRule =>
  typeof rule === 'string' ? rule : { policy: rule.policy, ...(rule.slack === undefined ? {} : { slack: rule.slack }) };
