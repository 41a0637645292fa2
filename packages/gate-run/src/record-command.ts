/** From what a command did to the record of it: classified, judged by the caller, masked, with the end of its output. */
import { pathToFileURL } from 'node:url';
import type { GroupRun } from '@gatehouse/proc-group';
import { type Crashed, neverRaise } from '@gatehouse/verdict';
import { callPort } from './call-port.ts';
import { classifyEnd } from './classify-end.ts';
import type { EndedCommand, Judgement, RunRequest } from './request.ts';
import type { CommandRun, RecordedTests } from './verdict.ts';

const EXCERPT_CHARS = 4_000;
/** Searched for secrets beside it, so that none is cut in half. */
const BEFORE_CHARS = 16_384;
const WITHHELD = '(withheld: it could not be masked)';

/** What is known of a command before it runs. */
export type CommandAbout = Pick<CommandRun, 'purpose' | 'commit' | 'tree' | 'command' | 'startedAt'>;

/** A command that ended, and what it was run for. */
export interface EndedRun {
  readonly step: 'setup' | 'command';
  readonly about: CommandAbout;
  readonly ended: GroupRun;
  readonly output: string;
  readonly timeoutMs: number;
}

/** The record of a command that ran. A judgement that crashes leaves the table's. */
export async function recordEnd(
  { slot, limits, mask = limits?.mask, judge }: RunRequest,
  { step, about, ended, output, timeoutMs }: EndedRun,
): Promise<CommandRun> {
  const end = classifyEnd({ run: ended, output });
  const own = judge === undefined ? {} : await judged(judge, { step, ended, output, timeoutMs, end });
  const class_ = { ...end, ...own };
  return {
    ...about,
    durationMs: Math.round(ended.timings.totalMs),
    outcome: class_.outcome,
    ending: class_.ending,
    reason: await masked(mask, class_.reason),
    ...(own.tests === undefined ? {} : { tests: explained(own.tests, slot.dir) }),
    ...(ended.kind === 'exited' ? { exitCode: ended.code } : {}),
    level: ended.level,
    leftovers: ended.containment.leftovers.length,
    verified: ended.containment.verified,
    ...(ended.containment.unproven === undefined ? {} : { unproven: ended.containment.unproven }),
    ...(ended.logPath === undefined ? {} : { logPath: ended.logPath }),
    excerpt: await excerptOf(mask, fromRoot(output.trimEnd(), slot.dir)),
    ...(ended.usage === undefined ? {} : { usage: ended.usage }),
  };
}

/** Masked before it is cut: half of a secret is not known as one. It begins with a line; what is cut off is said. */
async function excerptOf(mask: RunRequest['mask'], output: string): Promise<string> {
  const searched = await masked(mask, output.slice(-EXCERPT_CHARS - BEFORE_CHARS));
  if (output.length <= EXCERPT_CHARS || searched === WITHHELD) return searched;
  const kept = searched.slice(-EXCERPT_CHARS);
  const line = kept.indexOf('\n') + 1;
  const shown = (line > 0 && line < EXCERPT_CHARS / 2 ? kept.slice(line) : kept).replace(/^[\udc00-\udfff]/, '');
  return `(… ${output.length - shown.length} characters before this)\n${shown}`;
}

const explained = ({ details, ...tests }: RecordedTests, dir: string): RecordedTests =>
  details === undefined
    ? tests
    : { ...tests, details: details.map(({ name, detail }) => ({ name, detail: fromRoot(detail, dir) })) };

/** The text with paths and file addresses below `dir` as relative ones, as readers elsewhere have them; `dir` itself becomes `.`. */
export function fromRoot(text: string, dir: string): string {
  return [pathToFileURL(dir).href, dir].reduce(
    (said, root) => said.split(root).reduce((before, after) => before + withoutRoot(root, after)),
    text,
  );
}

function withoutRoot(root: string, after: string): string {
  if (/^\/[\w@.~+-]/.test(after)) return after.slice(1);
  // Another directory, whose name begins like this one's.
  const isAnother = /^(?:[\w~-]|\.\w)/.test(after);
  return (isAnother ? root : '.') + after;
}

async function judged(judge: NonNullable<RunRequest['judge']>, command: EndedCommand): Promise<Judgement> {
  const answer = await neverRaise('judge', async () => ({ kind: 'judged' as const, words: await judge(command) }))();
  return answer.kind === 'judged' ? answer.words : unjudged(answer);
}

/** What the caller could not judge proves nothing, whatever its exit status says. */
const unjudged = ({ error }: Crashed): Judgement => ({
  outcome: 'tool-failed',
  reason: `the run could not be judged: ${error.message}`,
});

/** The record of a command that could not be supervised. A full disk under the log file is a machine fault; all else is a bug. */
export function recordCrash(about: CommandAbout, { error }: Crashed): CommandRun {
  const reason = `the run could not be supervised: ${error.message}`;
  const unrun = {
    ...about,
    level: 'plain',
    leftovers: 0,
    verified: false,
    unproven: 'the run could not be supervised',
    durationMs: Math.max(0, Date.now() - about.startedAt),
  };
  const full = /\bENOSPC\b|\bEDQUOT\b/.test(error.message);
  return full
    ? { ...unrun, outcome: 'infra', ending: 'disk-full', reason }
    : { ...unrun, outcome: 'tool-failed', reason };
}

/** The record of a command that was not tried; no change is blamed. */
export const recordRefusal = (about: CommandAbout, reason: string): CommandRun => ({
  ...about,
  durationMs: 0,
  level: 'plain',
  leftovers: 0,
  verified: true,
  outcome: 'tool-failed',
  ending: 'refused',
  reason,
});

async function masked(mask: RunRequest['mask'], text: string): Promise<string> {
  if (mask === undefined || text === '') return text;
  const answer = await callPort('mask', () => mask(text));
  return answer.kind === 'answered' && typeof answer.answer === 'string' ? answer.answer : WITHHELD;
}
