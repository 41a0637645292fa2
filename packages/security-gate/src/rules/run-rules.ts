/** Runs our own rules over one piece of text. */
import { GENERIC_ASSIGNMENT, looksSecret } from './generic-assignment.ts';
import { OWN_RULES } from './own-rules.ts';

/** A secret in a text: offsets of the secret itself. */
export interface Match {
  readonly rule: string;
  readonly start: number;
  readonly end: number;
}

/** Every match of every own rule. */
export function* runOwnRules(text: string): Generator<Match> {
  for (const { id, hints, pattern, accepts } of OWN_RULES) {
    if (!hints.some((hint) => text.includes(hint))) continue;
    for (const match of text.matchAll(pattern)) {
      const secret = match.groups?.['secret'] ?? '';
      if (accepts?.(secret, match[0]) === false) continue;
      const start = match.index + match[0].lastIndexOf(secret);
      yield { rule: id, start, end: start + secret.length };
    }
  }
  if (!/passw|passphrase|pwd|secret|token|api.?key|access.?key|private.?key|credential/i.test(text)) return;
  for (const match of text.matchAll(GENERIC_ASSIGNMENT.pattern)) {
    const { quoted, single, bare } = match.groups ?? {};
    const secret = quoted ?? single ?? bare ?? '';
    if (!looksSecret(secret, bare === undefined)) continue;
    const start = match.index + match[0].lastIndexOf(secret);
    yield { rule: GENERIC_ASSIGNMENT.id, start, end: start + secret.length };
  }
}
