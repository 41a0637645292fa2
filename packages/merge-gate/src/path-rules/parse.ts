/** Reads path rules once at the edge: plain copies, each pattern valid, each rule with something to do. */
import type { PathRule } from './decide.ts';
import { validatePathPattern } from './pattern.ts';

/** Rules, and patterns of one rule. */
export const MOST_RULES = 50;

type ParsedRules =
  | { readonly kind: 'valid'; readonly value: readonly PathRule[] }
  | { readonly kind: 'invalid'; readonly reason: string };

const invalid = (reason: string): ParsedRules => ({ kind: 'invalid', reason });

/** Fails on the first rule that could be understood otherwise than it was meant. */
export function parseRules(rules: readonly PathRule[] | undefined): ParsedRules {
  if (rules === undefined) return { kind: 'valid', value: [] };
  if (!Array.isArray(rules) || rules.length > MOST_RULES) return invalid(`rules must be at most ${MOST_RULES}`);
  const value: PathRule[] = [];
  for (const rule of rules as readonly PathRule[]) {
    const { paths, test } = { ...rule };
    if (!Array.isArray(paths) || paths.length === 0 || paths.length > MOST_RULES)
      return invalid(`a rule must name 1 to ${MOST_RULES} paths`);
    const texts: string[] = [];
    for (const path of paths as readonly unknown[]) {
      const verdict = validatePathPattern(path);
      if (verdict.kind === 'invalid') return invalid(`rules: ${verdict.reason}`);
      texts.push(path as string);
    }
    const command = test === 'skip' ? null : { ...test }.command;
    if (command !== null && (typeof command !== 'string' || command.trim() === ''))
      return invalid('a rule must say skip or name a command');
    value.push({ paths: texts, test: command === null ? 'skip' : { command } });
  }
  return { kind: 'valid', value };
}
