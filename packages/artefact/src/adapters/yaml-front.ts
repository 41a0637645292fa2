/**
 * Reads the text between the fences with a YAML parser that may do nothing but split keys from text: failsafe schema,
 * unique keys, no alias, anchor, tag or directive, a warning counts as an error.
 */
import { isAlias, isCollection, isMap, isScalar, parseDocument, visit } from 'yaml';
import type { Malformed } from '../outcome.ts';

/** A scalar as it stands: its text, and whether it was written without quotes. */
export interface FrontScalar {
  readonly text: string;
  readonly plain: boolean;
}

/** Top-level scalars by key; a key whose value is a list or a map holds null. */
export type FrontText =
  | { readonly kind: 'split'; readonly entries: ReadonlyMap<string, FrontScalar | null> }
  | Malformed;

const malformed = (reason: string): Malformed => ({ kind: 'malformed', reason });

/** Splits a front of at most a few KiB. Total: what the parser throws is an answer too. */
export function splitFront(text: string): FrontText {
  try {
    return split(text);
  } catch {
    return malformed('the front is not YAML');
  }
}

function split(text: string): FrontText {
  if (/^(?:%|---|\.\.\.)/m.test(text)) return malformed('a YAML directive or document marker');
  const document = parseDocument(text, {
    schema: 'failsafe',
    version: '1.2',
    strict: true,
    uniqueKeys: true,
    stringKeys: true,
    merge: false,
    logLevel: 'silent',
  });
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault !== undefined) return malformed(`the front is not strict YAML (${fault.code})`);
  if (!isMap(document.contents)) return malformed('the front is not a map');
  let forbidden: string | null = null;
  visit(document, (_key, node) => {
    if (isAlias(node)) forbidden = 'an alias';
    else if (isCollection(node) || isScalar(node)) {
      if (node.tag !== undefined) forbidden = 'a tag';
      if (node.anchor !== undefined) forbidden = 'an anchor';
    }
    return forbidden === null ? undefined : visit.BREAK;
  });
  if (forbidden !== null) return malformed(`the front holds ${forbidden}`);
  const entries = new Map<string, FrontScalar | null>();
  for (const { key, value } of document.contents.items) {
    if (!isScalar(key) || typeof key.value !== 'string') return malformed('a key that is not text');
    const scalar = isScalar(value) && typeof value.value === 'string' ? value : null;
    entries.set(key.value, scalar === null ? null : { text: String(scalar.value), plain: scalar.type === 'PLAIN' });
  }
  return { kind: 'split', entries };
}
