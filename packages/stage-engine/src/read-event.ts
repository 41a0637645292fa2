/**
 * Parses an event at the edge. What names nothing the engine knows is null, and ignored. The content of an answer is
 * read leniently, because its job is over either way: an unreadable verdict is an error of the check.
 */
import type { Cause, Finding, SkipCode } from '@gatehouse/verdict';
import { ACTIONS, type Outcome, type ResumeReason } from './actions.ts';
import { CHECKS } from './checks.ts';
import type { AgentAnswer, CheckAnswer, EngineEvent, LandingAnswer, RunPhase } from './events.ts';
import { type Json, namesOf, readName, readRecord, readText, readWhole } from './read-json.ts';
import { type AgentRole, STAGE_TRANSITIONS } from './stages.ts';

const CHECK_NAMES = namesOf(CHECKS);
const ROLES: readonly AgentRole[] = Object.values(STAGE_TRANSITIONS).flatMap(({ agent }) => agent ?? []);
const WAKES: readonly ResumeReason[] = [
  'lease-free',
  'main-moved',
  'main-healed',
  'timer',
  'environment-changed',
  'forge-changed',
];
const PHASES: readonly RunPhase[] = ['idle', 'running', 'critical'];
const STATUSES: readonly CheckAnswer['status'][] = ['pass', 'fail', 'defer', 'error', 'skip'];
const SKIP_CODES: readonly SkipCode[] = ['nothing-to-land'];
const NO_CAUSE: readonly Outcome[] = ['pass', 'skip', 'fail', 'needs-merge', 'frozen', 'budget-spent', ...SKIP_CODES];
const CAUSES = namesOf(ACTIONS).filter((name): name is Cause => !NO_CAUSE.includes(name));
const LANDINGS: readonly Exclude<LandingAnswer['kind'], 'landed'>[] = [
  'base-moved',
  'branch-moved',
  'ci-pending',
  'cannot-land',
  'lock-busy',
  'frozen',
  'merged-outside',
  'needs-merge',
  'infra',
];
const FINDINGS_LIMIT = 1000;

type Reader = (given: Json, atMs: number) => EngineEvent | null;

const READERS: { readonly [Kind in EngineEvent['kind']]: Reader } = {
  enqueued: (_, atMs) => ({ kind: 'enqueued', atMs }),
  'check-answered': (given, atMs) => {
    const check = readName(given['check'], CHECK_NAMES);
    return check && { kind: 'check-answered', check, verdict: readVerdict(readRecord(given['verdict']) ?? {}), atMs };
  },
  'landing-answered': (given, atMs) => ({
    kind: 'landing-answered',
    answer: readLanding(given),
    ...readInside(given),
    atMs,
  }),
  'agent-answered': (given, atMs) => {
    const step = readName(given['step'], ROLES);
    return step && { kind: 'agent-answered', step, answer: readAgent(given), atMs };
  },
  approved: (given, atMs) => {
    const check = readName(given['check'], CHECK_NAMES);
    return check && { kind: 'approved', check, by: readText(given['by']) ?? 'unknown', atMs };
  },
  woken: (given, atMs) => {
    const why = readName(given['why'], WAKES);
    return why && { kind: 'woken', why, atMs };
  },
  'head-moved': (_, atMs) => ({ kind: 'head-moved', atMs }),
  'branch-gone': (_, atMs) => ({ kind: 'branch-gone', atMs }),
  'merged-otherwise': (given, atMs) => ({ kind: 'merged-otherwise', reason: readText(given['reason']) ?? '', atMs }),
  retried: (given, atMs) => ({ kind: 'retried', by: readText(given['by']) ?? 'unknown', ...readInside(given), atMs }),
  overridden: (given, atMs) => {
    const check = readName(given['check'], CHECK_NAMES);
    const by = readText(given['by']) ?? 'unknown';
    const reason = readText(given['reason']) ?? '';
    return check && { kind: 'overridden', check, by, reason, ...readInside(given), atMs };
  },
  'stop-requested': (given, atMs) => {
    const phase = readName(given['phase'], PHASES) ?? 'running';
    return { kind: 'stop-requested', by: readText(given['by']) ?? 'unknown', phase, atMs };
  },
  'stop-settled': (given, atMs) => ({ kind: 'stop-settled', verified: given['verified'] === true, atMs }),
};

const readInside = (given: Json): { inside?: true } => (given['inside'] === true ? { inside: true } : {});

const KINDS = namesOf(READERS);

export function readEvent(foreign: unknown): EngineEvent | null {
  const given = readRecord(foreign);
  const kind = given && readName(given['kind'], KINDS);
  const atMs = given && readWhole(given['atMs']);
  return given === null || kind === null || atMs === null ? null : READERS[kind](given, atMs);
}

function readVerdict(given: Json): CheckAnswer {
  const status = readName(given['status'], STATUSES);
  const reason = readText(given['reason']) ?? 'no reason given';
  if (status === null) return { status: 'error', cause: 'crashed', reason: 'the verdict is unreadable', findings: [] };
  const cause = readName(given['cause'], CAUSES);
  const code = readName(given['code'], SKIP_CODES);
  if (status === 'skip' && code === null && (given['code'] ?? null) !== null)
    return { status: 'error', cause: 'crashed', reason: 'the code of the skip is unknown', findings: [] };
  const baseTree = readText(given['baseTree']);
  const base = readText(readRecord(given['commits'])?.['base']);
  return {
    status,
    reason,
    findings: readFindings(given['findings']),
    ...(cause === null ? {} : { cause }),
    ...(code === null || status !== 'skip' ? {} : { code }),
    ...(baseTree === null ? {} : { baseTree }),
    ...(base === null ? {} : { commits: { base } }),
  };
}

function readFindings(given: unknown): readonly Finding[] {
  if (!Array.isArray(given)) return [];
  const rest = given.length - FINDINGS_LIMIT;
  const more = rest > 0 ? [{ rule: 'cut', message: `${rest} more findings are not listed; see the report` }] : [];
  const read = given.slice(0, FINDINGS_LIMIT).flatMap((foreign: unknown) => {
    const finding = readRecord(foreign) ?? {};
    const rule = readText(finding['rule']);
    const message = readText(finding['message']);
    if (rule === null || message === null) return [];
    const path = readText(finding['path']);
    const line = readWhole(finding['line']);
    const commit = readText(finding['commit']);
    const where = { ...(path === null ? {} : { path }), ...(line === null ? {} : { line }) };
    return [{ rule, message, ...where, ...(commit === null ? {} : { commit }) }];
  });
  return [...read, ...more];
}

/** An answer that cannot be read is `infra`: asked again from sub-gate 1, where main is read anew. */
function readLanding(given: Json): LandingAnswer {
  const answer = readRecord(given['answer']) ?? {};
  if (answer['kind'] === 'landed') return { kind: 'landed' };
  const kind = readName(answer['kind'], LANDINGS);
  if (kind === null) return { kind: 'infra', reason: 'the answer of the landing is unreadable' };
  return { kind, reason: readText(answer['reason']) ?? 'no reason given' };
}

function readAgent(given: Json): AgentAnswer {
  const answer = readRecord(given['answer']) ?? {};
  if (answer['kind'] === 'done') return { kind: 'done' };
  const kind = readName(answer['kind'], ['tool-failed', 'infra', 'crashed', 'budget-spent'] as const) ?? 'crashed';
  return { kind, reason: readText(answer['reason']) ?? 'no reason given' };
}
