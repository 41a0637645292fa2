/** Which rules of the trusted definition hold for a change, path by path, and what is to be run for it. Pure, total. */
import { comparePatterns, matchesPath, type PathPattern, pathPattern } from './pattern.ts';
import { isTrustPath } from './trust-paths.ts';

/** From the operator or from base, never from the branch. */
export interface PathRule {
  /** See `validatePathPattern`. */
  readonly paths: readonly string[];
  /** `skip`: a change of these paths alone needs no test. Else what is run for it in place of the whole command. */
  readonly test:
    | 'skip'
    | {
        /** The shell line that is run. */
        readonly command: string;
      };
}

/** A rule that was applied: the pattern that matched, what it asks for, and to how many paths it was the most specific. */
export interface AppliedRule {
  /** The pattern that matched. */
  readonly pattern: string;
  /** What the rule asks for. */
  readonly test: PathRule['test'];
  /** To how many changed paths it was the most specific. */
  readonly paths: number;
}

/** `whole`: no rule covers the change, or its rules ask for different commands. */
export type TestDecision =
  | { readonly kind: 'whole' }
  | { readonly kind: 'skip'; readonly rules: readonly AppliedRule[] }
  | { readonly kind: 'narrowed'; readonly command: string; readonly rules: readonly AppliedRule[] };

export interface ChangedFiles {
  /** Every path that differs; a rename is two of them. */
  readonly paths: ReadonlySet<string>;
  /** The change touches what decides how it is tested. */
  readonly isTrusted: boolean;
}

/** The whole trusted command. */
export const WHOLE: TestDecision = { kind: 'whole' };
/** Letters of paths times patterns: a fifth of a second at worst. A larger change is tested as a whole, sooner than it is compared. */
const MOST_LETTERS = 4_000_000;

/** `skip` only when every path is covered by it; beside it one command narrows, and two different ones do not. */
export function decideTest(rules: readonly PathRule[], { paths, isTrusted }: ChangedFiles): TestDecision {
  const patterns = rules.flatMap(({ paths: texts, test }) =>
    texts.map((text) => ({ pattern: pathPattern(text), test })),
  );
  if (isTrusted || paths.size === 0 || lettersOf(paths) * patterns.length > MOST_LETTERS) return WHOLE;
  const applied = new Map<PathPattern, { readonly test: PathRule['test']; paths: number }>();
  for (const path of paths) {
    const found = isTrustPath(path) ? undefined : mostSpecific(patterns, path);
    if (found === undefined) return WHOLE;
    const before = applied.get(found.pattern);
    if (before === undefined) applied.set(found.pattern, { test: found.test, paths: 1 });
    else before.paths += 1;
  }
  return decisionOf([...applied].map(([{ text }, more]) => ({ pattern: text, ...more })));
}

function decisionOf(rules: readonly AppliedRule[]): TestDecision {
  const commands = new Set(rules.flatMap(({ test }) => (test === 'skip' ? [] : [test.command])));
  const [command, another] = [...commands];
  if (command === undefined) return { kind: 'skip', rules };
  return another === undefined ? { kind: 'narrowed', command, rules } : WHOLE;
}

function lettersOf(paths: ReadonlySet<string>): number {
  let letters = 0;
  for (const path of paths) letters += path.length;
  return letters;
}

interface RulePattern {
  readonly pattern: PathPattern;
  readonly test: PathRule['test'];
}

/** Of two that say as much, the later one. */
function mostSpecific(patterns: readonly RulePattern[], path: string): RulePattern | undefined {
  let best: RulePattern | undefined;
  const names = path.split('/');
  for (const one of patterns)
    if (matchesPath(one.pattern, names) && (best === undefined || comparePatterns(one.pattern, best.pattern) >= 0))
      best = one;
  return best;
}

const LISTED = 3;

/** The rules in words, for a verdict; empty without one. */
export function describeRules(rules: readonly AppliedRule[] | undefined): string {
  if (rules === undefined || rules.length === 0) return '';
  const named = rules.slice(0, LISTED).map(({ pattern, test, paths }) => {
    const asks = test === 'skip' ? 'skip' : `\`${test.command.slice(0, 200)}\``;
    return `${pattern}: ${asks} (${paths} path${paths === 1 ? '' : 's'})`;
  });
  const more = rules.length > LISTED ? `, and ${rules.length - LISTED} more` : '';
  return `; by ${rules.length === 1 ? 'the rule' : 'the rules'} ${named.join(', ')}${more}`;
}
