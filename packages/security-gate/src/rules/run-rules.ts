/** Runs our own rules over one text: keywords first, all in one pass over its bytes, then the few rules whose keyword stands there. */
import { isInArmour } from './armour.ts';
import { assignedStart, assignedValue } from './assigned-value.ts';
import { GENERIC_ID, GENERIC_KEYWORDS, isGenericSecret } from './generic-assignment.ts';
import { KeywordAutomaton } from './keyword-automaton.ts';
import { RULES } from './pack.ts';
import type { SecretRule } from './rule.ts';
import { SECRETLINT_HINTS, SECRETLINT_URL_RULES } from './secretlint-hints.ts';
import { entropy, isExample } from './stand-in.ts';

/** A secret in a text: offsets of the secret itself. */
export interface Match {
  readonly rule: string;
  readonly start: number;
  readonly end: number;
  /** Why it counts, where the rule itself says it. */
  readonly why?: string;
}

/** What one look at a text shows. */
export interface Findings {
  readonly matches: readonly Match[];
  /** Where a word stands that some rule of the embedded engine needs: the offset and the rule's name, in order. */
  readonly hints: readonly { readonly at: number; readonly rule: string }[];
}

interface Keyword {
  readonly length: number;
  readonly rules: readonly SecretRule[];
  readonly generic: boolean;
  readonly hints: readonly string[];
  readonly url: boolean;
}

const words = [
  ...new Set(
    [
      ...RULES.flatMap(({ keywords }) => keywords),
      ...GENERIC_KEYWORDS,
      ...SECRETLINT_HINTS.flatMap(([, ...all]) => all),
    ].map((word) => word.toLowerCase()),
  ),
];
const has = (all: readonly string[], word: string): boolean => all.some((one) => one.toLowerCase() === word);
const KEYWORDS: readonly Keyword[] = words.map((word) => ({
  length: word.length,
  rules: RULES.filter(({ keywords }) => has(keywords, word)),
  generic: has(GENERIC_KEYWORDS, word),
  hints: SECRETLINT_HINTS.filter(([, ...all]) => has(all, word)).map(([rule]) => rule),
  url: word === '://',
}));
/** User and password of a URL, however short. */
const URL_PASSWORD = /:\/\/[^\s:@/]{1,256}:[^\s@/]{1,256}@/y;
const AUTOMATON = new KeywordAutomaton(words);

/** Matches of every own rule. `bytes` are those of `text`, in UTF-8 or, one a character, in Latin-1. */
export function runOwnRules(text: string, bytes: Uint8Array = Buffer.from(text)): Findings {
  const matches: Match[] = [];
  const hints: { at: number; rule: string }[] = [];
  const offsets = offsetsIn(text, bytes);
  let judged = -1;
  AUTOMATON.scan(bytes, (number, end) => {
    const keyword = KEYWORDS[number];
    if (keyword === undefined) return;
    const to = offsets(end);
    const from = to - keyword.length;
    for (const rule of keyword.hints) hints.push({ at: from, rule });
    if (keyword.url && standsAt(text, URL_PASSWORD, from))
      for (const rule of SECRETLINT_URL_RULES) hints.push({ at: from, rule });
    let lead: ReturnType<typeof assignedStart> | undefined;
    for (const rule of keyword.rules) {
      if (rule.anchor === 'value') {
        if (lead === undefined) lead = assignedStart(text, { from, to });
        if (lead === null || !isName(text, { from, to }, lead.name)) continue;
      }
      const start = rule.anchor === 'value' ? (lead?.start ?? 0) : tokenStart(text, from, rule);
      const match = matchAt(text, rule, start);
      if (match !== null) matches.push(match);
    }
    if (!keyword.generic) return;
    if (lead === undefined) lead = assignedStart(text, { from, to });
    if (lead === null || lead.start === judged) return;
    judged = lead.start;
    const value = assignedValue(text, lead);
    if (value !== null && isGenericSecret(text, value))
      matches.push({ rule: GENERIC_ID, start: value.start, end: value.end });
  });
  return { matches, hints };
}

function standsAt(text: string, pattern: RegExp, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}

function matchAt(text: string, rule: SecretRule, start: number): Match | null {
  rule.shape.lastIndex = start;
  const found = rule.shape.exec(text);
  if (found === null) return null;
  const secret = found.groups?.['secret'] ?? found[0];
  if (entropy(secret) < rule.entropy || isExample(secret) || !rule.accepts(secret, found.groups ?? {})) return null;
  const at = start + found[0].lastIndexOf(secret);
  const match = { rule: rule.id, start: at, end: at + secret.length, why: rule.why };
  // A shape that stands behind words of its own is none by chance.
  return secret === found[0] && isInArmour(text, match) ? null : match;
}

/** Back over at most `back` characters of a token. */
function tokenStart(text: string, from: number, { back, backOf }: SecretRule): number {
  let start = from;
  while (start > 0 && from - start < back && backOf.test(text[start - 1] ?? '')) start -= 1;
  return start;
}

const SECRET_WORD = /key|token|secret|pass|pwd|auth|cred|api|pat$/i;
const GOES_ON =
  /^(?:io|api|app|auth|access|ci|cli|client|key|oauth|pass|pat|private|secret|sdk|token|user|dev|prod|bot)/i;

/** True when the keyword is a word of its own in the name, and the name says that its value is a secret. */
function isName(text: string, { from, to }: { readonly from: number; readonly to: number }, name: string): boolean {
  if (!SECRET_WORD.test(name)) return false;
  const before = text[from - 1] ?? '';
  const first = text[from] ?? '';
  if (/[a-z]/.test(before) && /[a-z]/.test(first)) return false;
  if (/[A-Z]/.test(before) && /[A-Z]/.test(first)) return false;
  const behind = text.slice(to, to + 8);
  const last = text[to - 1] ?? '';
  const same = (/^[a-z]/.test(behind) && /[a-z]/.test(last)) || (/^[A-Z]/.test(behind) && /[A-Z]/.test(last));
  return !same || GOES_ON.test(behind);
}

/** Offsets in bytes as offsets in text; asked in ascending order. */
function offsetsIn(text: string, bytes: Uint8Array): (offset: number) => number {
  if (text.length === bytes.length) return (offset) => offset;
  let at = 0;
  let units = 0;
  return (offset) => {
    for (; at < offset; at += 1) {
      const byte = bytes[at] as number;
      if (byte < 0x80 || byte >= 0xc0) units += byte >= 0xf0 ? 2 : 1;
    }
    return units;
  };
}
