/** gitleaks' report as data: each entry has to name a file that was given, and the canary has to be there. Anything else is no report. */
import { parseJson } from '../adapters/json.ts';
import { CANARY } from '../secret-engine.ts';

/** What gitleaks found in one item. */
export interface EngineMatch {
  readonly id: string;
  readonly rule: string;
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

export type ReadReport =
  | { readonly kind: 'read'; readonly matches: readonly EngineMatch[] }
  | { readonly kind: 'malformed'; readonly reason: string };

const RULE = /^[A-Za-z0-9][\w.-]{0,99}$/;
const malformed = (reason: string): ReadReport => ({ kind: 'malformed', reason: `gitleaks' report: ${reason}` });

/** `ids` in the order in which the files were numbered. Total. */
export function readGitleaks(report: Uint8Array, ids: readonly string[]): ReadReport {
  const entries = parseJson(new TextDecoder().decode(report));
  if (!Array.isArray(entries)) return malformed('it is no list');
  const matches: EngineMatch[] = [];
  let canaries = 0;
  for (const entry of entries) {
    const { RuleID: rule, Secret: text, File: file, StartLine: line, StartColumn: column } = Object(entry);
    if (typeof rule !== 'string' || typeof text !== 'string' || typeof file !== 'string')
      return malformed('an entry has no rule, no secret or no file');
    const name = file.slice(file.lastIndexOf('/') + 1);
    if (name === 'canary') {
      canaries += rule === CANARY ? 1 : 0;
      continue;
    }
    const id = /^\d{1,7}$/.test(name) ? ids[Number(name)] : undefined;
    if (id === undefined) return malformed('an entry names a file that was not given');
    if (text === '') continue;
    matches.push({
      id,
      rule: RULE.test(rule) ? rule : 'unnamed',
      text,
      line: numberOf(line),
      column: numberOf(column),
    });
  }
  return canaries === 1 ? { kind: 'read', matches } : malformed('its canary is not in it');
}

const numberOf = (value: unknown): number => (Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : 1);
