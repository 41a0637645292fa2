/**
 * Reads `gatehouse.yaml`: strict, with a line and a next step for every mistake. The same grammar serves the operator's
 * file for a repository and the file in the base commit; which of them wins is decided in resolve-policy.ts.
 */
import { type Document, isNode, LineCounter, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import { closestMatch } from '../platform/did-you-mean.ts';
import { AGENT_KEYS, AGENTS_KEYS, agentsSchema } from './agent-policy.ts';
import { BUDGET_KEYS } from './budget.ts';
import { COVERAGE_MEASURING, COVERAGE_REPORT_KEYS, isOneMeasuring, ONE_MEASURING } from './coverage-measuring.ts';
import { COVERAGE_RULE_KEYS, COVERAGE_RULES } from './coverage-rules.ts';
import {
  cachePaths,
  command,
  duration,
  pathMap,
  pathPattern,
  percent,
  quarantined,
  size,
  variable,
} from './policy-values.ts';

const isolationMode = z.enum(['none', 'uid', 'bwrap']);

const policyFile = z.strictObject({
  version: z.literal(1),
  agents: agentsSchema.optional(),
  test: z
    .strictObject({
      setup: command.optional(),
      command: command.min(1).optional(),
      timeout: duration.optional(),
      min_tests: z.number().int().min(0).optional(),
      flaky: z.enum(['pass', 'block', 'quarantine']).optional(),
      fewer_tests: z.enum(['warn', 'block']).optional(),
      quarantine: z.array(quarantined).max(20, 'at most 20 tests: mend one before the next').optional(),
      gate_files: z.enum(['warn', 'block']).optional(),
      report: z
        .strictObject({ format: z.enum(['junit', 'tap', 'jest-json', 'ctrf']), path: z.string().min(1).max(500) })
        .optional(),
      env: z.array(variable).max(100).optional(),
      cache: cachePaths.optional(),
      submodules: z.enum(['fetch', 'none']).optional(),
      network: z.boolean().optional(),
      isolation: isolationMode.optional(),
    })
    .optional(),
  rules: z
    .array(
      z.strictObject({
        paths: z.array(pathPattern).min(1).max(50),
        test: command.refine((text) => text.trim() !== '', 'must be skip, or a command'),
      }),
    )
    .max(50)
    .optional(),
  ci: z.strictObject({ command: command.min(1).optional(), covers: z.literal('test').optional() }).optional(),
  coverage: z
    .strictObject({
      setup: command.optional(),
      ...COVERAGE_MEASURING,
      path_map: pathMap.optional(),
      max_unplaced: percent.optional(),
      mode: z.enum(['absolute', 'baseline', 'both']).optional(),
      min: percent.optional(),
      epsilon: percent.optional(),
      timeout: duration.optional(),
      with_test: z.boolean().optional(),
      ...COVERAGE_RULES,
    })
    .refine(isOneMeasuring, ONE_MEASURING)
    .optional(),
  security: z
    .strictObject({
      dep_severity: z.enum(['low', 'moderate', 'high', 'critical']).optional(),
      gitlinks: z.enum(['warn', 'block']).optional(),
      large_files: z.enum(['warn', 'block']).optional(),
      max_file_size: size.optional(),
      allow: z
        .array(
          z.strictObject({
            fingerprint: z.string().min(8),
            path: z.string().min(1),
            reason: z.string().min(1),
            expires: z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a date such as 2027-01-31'),
          }),
        )
        .max(1000)
        .optional(),
    })
    .optional(),
  markers: z
    .array(z.strictObject({ ticket: z.string().min(1), symbol: z.string().min(1), file: z.string().min(1) }))
    .max(1000)
    .optional(),
  deploy: z
    .strictObject({
      staging: command.optional(),
      production: command.optional(),
      freshness: command.optional(),
      isolation: isolationMode.optional(),
    })
    .optional(),
});

/** The content of a policy file; durations in ms, percentages in ppm. */
export type PolicyFile = z.output<typeof policyFile>;
export type PolicyFileAnswer =
  | { readonly kind: 'policy'; readonly policy: PolicyFile }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

const KEYS: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(policyFile.shape),
  test: [
    'setup',
    'command',
    'timeout',
    'min_tests',
    'flaky',
    'fewer_tests',
    'quarantine',
    'gate_files',
    'report',
    'env',
    'cache',
    'submodules',
    'network',
    'isolation',
  ],
  'test.quarantine': Object.keys(quarantined.shape),
  'test.report': ['format', 'path'],
  rules: ['paths', 'test'],
  ci: ['command', 'covers'],
  coverage: [
    'setup',
    ...Object.keys(COVERAGE_MEASURING),
    'path_map',
    'max_unplaced',
    'mode',
    'min',
    'epsilon',
    'timeout',
    'with_test',
    ...Object.keys(COVERAGE_RULES),
  ],
  'coverage.reports': COVERAGE_REPORT_KEYS,
  ...COVERAGE_RULE_KEYS,
  security: ['dep_severity', 'gitlinks', 'large_files', 'max_file_size', 'allow'],
  deploy: ['staging', 'production', 'freshness', 'isolation'],
  agents: AGENTS_KEYS,
  'agents.budget': BUDGET_KEYS,
};

/** Whose file it is: an operator may name agents, a repository may not. */
export type PolicyOwner = 'operator' | 'repository';

/** Parses the text of a policy file. `origin` names it in every problem. Total. */
export function parsePolicyFile(text: string, origin: string, owner: PolicyOwner = 'operator'): PolicyFileAnswer {
  if (text.length > 256 * 1024) return { kind: 'invalid', problems: [`${origin}: larger than 256 KiB`] };
  const lines = new LineCounter();
  const document = parseDocument(text, { uniqueKeys: true, strict: true, stringKeys: true, lineCounter: lines });
  const syntax = [...document.errors, ...document.warnings].map((error) => {
    const at = error.linePos?.[0];
    return `${origin}${at === undefined ? '' : `:${at.line}`}: ${error.message.split('\n')[0] ?? 'is not YAML'}`;
  });
  if (syntax.length > 0) return { kind: 'invalid', problems: syntax };
  let aliases = 0;
  visit(document, {
    Alias: () => {
      aliases += 1;
    },
  });
  if (aliases > 0)
    return { kind: 'invalid', problems: [`${origin}: aliases (*name) are refused; write the value out`] };
  if (owner === 'repository' && document.has('agents'))
    return { kind: 'invalid', problems: [`${origin}: ${NO_AGENTS}`] };
  if (owner === 'repository' && document.hasIn(['ci', 'covers']))
    return { kind: 'invalid', problems: [`${origin}: ${NO_COVERS}`] };
  const own = ['test', 'deploy'].find((part) => owner === 'repository' && document.hasIn([part, 'isolation']));
  if (own !== undefined) return { kind: 'invalid', problems: [`${origin}: ${own}.isolation: ${NO_ISOLATION}`] };
  const answer = policyFile.safeParse(document.toJS() ?? {});
  if (answer.success) return { kind: 'policy', policy: answer.data };
  const problems = answer.error.issues.flatMap((issue) => {
    const line = lineOf(issue, document, lines);
    return explain(issue, origin).map((problem) => (line === null ? problem : `${problem} (line ${line})`));
  });
  return { kind: 'invalid', problems };
}

const NO_AGENTS =
  "agents: a repository cannot name the commands that work on it; put `agents` into the operator's file (repo add --policy)";

const NO_COVERS =
  "ci.covers: a repository cannot answer for it that ci runs its tests; put `ci: { covers: test }` into the operator's file (repo add --policy)";

const NO_ISOLATION =
  "a repository cannot say what separates it from the service; put it into the operator's file (repo add --policy)";

/** Of the value, or of what is around it where it is missing. */
function lineOf(issue: z.core.$ZodIssue, document: Document, lines: LineCounter): number | null {
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys.slice(0, 1)] : issue.path;
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return null;
}

function explain(issue: z.core.$ZodIssue, origin: string): string[] {
  const place = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') return [`${origin}: ${place === '' ? 'the file' : place}: ${issue.message}`];
  return issue.keys.map((key) => {
    const full = place === '' ? key : `${place}.${key}`;
    // An entry of a list is named by its number.
    const known = KEYS[place.replace(/\.\d+$/, '')] ?? (place.startsWith('agents.') ? AGENT_KEYS : undefined);
    const hint = known === undefined ? 'remove it' : `did you mean ${closestMatch(key, known)}?`;
    return `${origin}: unknown key ${full}; ${hint}`;
  });
}
