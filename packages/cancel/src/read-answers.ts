/**
 * Copies what ports answer into plain values. Null: it is not an answer. Whatever reading throws, `callPort` catches.
 */
import type { CancellationState, IssueAnswer, LedgerAnswer, RunRef, StepAnswer, StopFacts } from './ports.ts';
import type { StopWord } from './verdict.ts';

type AnswerFields = { readonly [Name in string]?: unknown };

const TEXT_LIMIT = 2000;
const LIST_LIMIT = 1000;
const WORDS: readonly StopWord[] = ['cancelled', 'stopping', 'deferred', 'too_late', 'already'];

const fields = (value: unknown): AnswerFields | null => (typeof value === 'object' && value !== null ? value : null);
const text = (value: unknown): string | null => (typeof value === 'string' ? value.slice(0, TEXT_LIMIT) : null);
const count = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;

function list<Item>(value: unknown, read: (item: unknown) => Item | null): readonly Item[] | null {
  if (!Array.isArray(value) || value.length > LIST_LIMIT) return null;
  const items: Item[] = [];
  for (const one of value) {
    const item = read(one);
    if (item === null) return null;
    items.push(item);
  }
  return items;
}

export function readStop(
  value: unknown,
): { readonly kind: StopWord; readonly runs: readonly RunRef[] } | { readonly kind: 'unknown-task' } | null {
  const answer = fields(value);
  const kind = answer?.['kind'];
  if (kind === 'unknown-task') return { kind };
  const word = WORDS.find((one) => one === kind);
  const runs = list(answer?.['runs'], readRun);
  return word === undefined || runs === null ? null : { kind: word, runs };
}

export function readState(value: unknown): CancellationState | null {
  const answer = fields(value);
  const kind = answer?.['kind'];
  if (kind === 'unknown-task' || kind === 'released') return { kind };
  if (kind === 'not-due') return { kind, reason: text(answer?.['reason']) ?? '' };
  if (kind !== 'stopping' && kind !== 'cancelled') return null;
  const attempt = count(answer?.['attempt']);
  const runs = list(answer?.['runs'], readRun);
  const facts = readFacts(answer?.['facts']);
  return attempt === null || runs === null || facts === null ? null : { kind, attempt, runs, facts };
}

function readRun(value: unknown): RunRef | null {
  const run = fields(value);
  const id = text(run?.['id']);
  const token = count(run?.['token']);
  return id === null || token === null ? null : { id, token };
}

function readFacts(value: unknown): StopFacts | null {
  const facts = fields(value);
  const profile = facts?.['profile'];
  const branch = text(facts?.['branch']);
  const main = text(facts?.['main']);
  const protectedNames = list(facts?.['protectedNames'], text);
  const head = facts?.['head'] === null ? { kept: null } : { kept: text(facts?.['head']) };
  if (profile !== 'full' && profile !== 'gates-only') return null;
  if (branch === null || main === null || protectedNames === null) return null;
  if (head.kept === null && facts?.['head'] !== null) return null;
  return { profile, branch, head: head.kept, main, protectedNames };
}

export function readLedgerAnswer(value: unknown): LedgerAnswer | null {
  const answer = fields(value);
  if (answer?.['kind'] === 'recorded') return { kind: 'recorded' };
  return answer?.['kind'] === 'refused' ? { kind: 'refused', reason: text(answer['reason']) ?? '' } : null;
}

/** Only a literal `true` with nothing left counts as a proof. */
export function readEnd(value: unknown): { readonly verified: boolean; readonly detail: string } | null {
  const answer = fields(value);
  if (answer?.['kind'] === 'unknown') return { verified: false, detail: 'it is not known here any more' };
  if (answer?.['kind'] !== 'ended') return null;
  const leftovers = list(answer['leftovers'], text);
  if (leftovers === null) return null;
  if (leftovers.length > 0) return { verified: false, detail: `still there: ${leftovers.slice(0, 10).join(', ')}` };
  return answer['verified'] === true
    ? { verified: true, detail: '' }
    : { verified: false, detail: 'it could not be proven that nothing is left' };
}

export function readStep(value: unknown): StepAnswer | null {
  const answer = fields(value);
  const kind = answer?.['kind'];
  if (kind === 'done') return { kind };
  return kind === 'left' || kind === 'failed' ? { kind, reason: text(answer?.['reason']) ?? '' } : null;
}

export function readIssueAnswer(value: unknown): IssueAnswer | null {
  const answer = fields(value);
  if (answer?.['kind'] === 'failed') return { kind: 'failed', reason: text(answer['reason']) ?? '' };
  if (answer?.['kind'] !== 'read') return null;
  if (answer['updatedAt'] === null) return { kind: 'read', updatedAt: null };
  const updatedAt = count(answer['updatedAt']);
  return updatedAt === null ? null : { kind: 'read', updatedAt };
}
