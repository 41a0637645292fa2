/** The one comment and the one status of a task, from what the store says now. Pure. */
import { isTerminal } from '@gatehouse/stage-engine';
import { endOf, NO_REASON } from '../../platform/end-of-task.ts';
import { block, code } from '../../platform/markdown.ts';
import { verdictWord } from '../../platform/verdict-word.ts';
import type { GateRun, Task } from '../../store/port/index.ts';
import type { Place } from '../../store/queue-line.ts';

export interface Told {
  readonly task: Task;
  /** Why it waits, is blocked or has ended; null: it runs, or is next. */
  readonly reason: string | null;
  readonly warnings: readonly string[];
  /** The last verdict of each check that was asked, in order. */
  readonly verdicts: readonly GateRun[];
  readonly place: Place;
  readonly main: string;
  /** The last answer to a person, in markdown. */
  readonly note: string | null;
}

export interface Rendered {
  /** Markdown. */
  readonly comment: string;
  readonly state: 'pending' | 'success' | 'failure' | 'error';
  /** One short line. */
  readonly text: string;
}

const LONGEST_COMMENT = 12_000;
const LONGEST_STATUS = 140;
/** The whole story is below, with the verdicts. */
const LONGEST_REASON = 160;
const FINDINGS = 5;
const LONGEST_FINDINGS = 1500;
const NOT_ASKED = ['skip'];

/** What people read, and nothing that changes by the clock alone. */
export function render(told: Told): Rendered {
  const { state, headline, text } = headlineOf(told);
  const { verdicts, warnings, note } = told;
  const parts = [
    `**Gatehouse**: ${headline}`,
    ...(note === null ? [] : [note]),
    ...warnings.map((warning) => `Mind: ${code(timeless(warning))}`),
    ...(verdicts.length === 0 ? [] : [verdicts.map(verdictLine).join('\n')]),
    ...verdicts.filter(({ status }) => status === 'fail').map((one) => findingsOf(one, told.task.id)),
    HELP,
  ];
  const comment = parts.filter((part) => part !== '').join('\n\n');
  const cut =
    comment.length > LONGEST_COMMENT
      ? `${parts[0]}\n\nToo long for a comment; all of it: ${code(`gatehouse task show ${told.task.id}`)}\n\n${HELP}`
      : comment;
  return { comment: cut, state, text: cutAtWord(text, LONGEST_STATUS) };
}

/** Half a number would be another number. */
const cutAtWord = (text: string, longest: number): string =>
  text.length <= longest ? text : `${text.slice(0, longest - 1).replace(/\s+\S*$/, '')}…`;

const HELP = '<sub>Commands, each as a comment: `/gatehouse queue`, `stop`, `retry`, `why`.</sub>';

interface Headline extends Pick<Rendered, 'state' | 'text'> {
  readonly headline: string;
}

function headlineOf(told: Told): Headline {
  const { task, main, reason } = told;
  const why = reason === null ? '' : timeless(reason).replace(/^removed: /, '');
  const because = why === '' ? '' : `: ${code(why, LONGEST_REASON)}`;
  const short = (words: string): string => (why === '' ? words : `${words}: ${why.replace(/\s+/g, ' ')}`);
  if (task.landedSha !== null && task.state.landed && task.status !== 'blocked') {
    const at = task.landedSha.slice(0, 12);
    return { state: 'success', headline: `landed on ${code(main)} as ${task.landedSha}`, text: `landed as ${at}` };
  }
  if (task.stage === 'cancelled') return cancelled(task, why);
  if (isTerminal(task.stage)) return { state: 'success', headline: `done${because}`, text: short('done') };
  if (task.status === 'stopping')
    return { state: 'pending', headline: `being taken out of the queue${because}`, text: short('being stopped') };
  if (task.status === 'blocked') return blocked(task, because, short);
  const { place, words } = placeOf(told);
  if (task.status === 'waiting')
    return { state: 'pending', headline: `waiting${because}. ${sentence(words)}`, text: short(`waiting, ${place}`) };
  if (reason !== null)
    return { state: 'pending', headline: `queued${because}. ${sentence(words)}`, text: short(`queued, ${place}`) };
  const step = task.state.step ?? task.stage;
  const doing = step === 'land' ? 'landing' : `testing (${code(step)})`;
  return { state: 'pending', headline: `${doing}, ${words}`, text: `${doing.replaceAll('`', '')}, ${place}` };
}

/** Ends whose kind has words of its own here. */
const TOLD_OTHERWISE: readonly string[] = ['branch-gone', 'nothing-to-land', 'merged-outside'];

/** What ended it, in words of a person who only knows the pull request, and what can be done. */
function cancelled({ state, cancelReason }: Task, why: string): Headline {
  const { kind, detail } = endOf(state) ?? { kind: '', detail: '' };
  const asked =
    cancelReason === NO_REASON ? `stopped by ${state.stop?.by ?? 'a person'}, who gave no reason` : cancelReason;
  const said = timeless(asked ?? (TOLD_OTHERWISE.includes(kind) ? detail : why));
  const words = said === '' ? (kind === 'branch-gone' ? 'its branch is gone' : 'cancelled') : said;
  const short = (what: string): string => `${what}: ${words.replace(/\s+/g, ' ')}`;
  switch (kind) {
    case 'nothing-to-land':
      return {
        state: 'success',
        headline: `nothing to land: ${code(words)}. The pull request can be closed.`,
        text: short('nothing to land'),
      };
    case 'merged-outside':
      return { state: 'success', headline: `not needed any more: ${code(words)}`, text: short('not needed any more') };
    default:
      return {
        state: 'error',
        headline: `removed from the queue: ${code(words)}. \`/gatehouse queue\` queues it again.`,
        text: short('removed'),
      };
  }
}

function blocked({ state }: Task, because: string, short: (words: string) => string): Headline {
  const isAuthors = state.blocked?.reason === 'removed';
  return {
    state: isAuthors ? 'failure' : 'error',
    headline: isAuthors
      ? `removed from the queue${because}. Push a mended commit: with the label on it is queued at once, without it comment \`/gatehouse queue\`.`
      : `stopped, a person has to act${because}`,
    text: short(isAuthors ? 'removed' : 'a person has to act'),
  };
}

const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/** Position 1 has the lease or is next. */
function placeOf({ place: { at, placeMs } }: Told): { readonly place: string; readonly words: string } {
  if (at === null) return { place: 'in no place', words: 'It has no place in the queue now.' };
  const { position, length } = at;
  const wait = placeMs === null ? 'unknown' : `about ${minutes(position * placeMs)}`;
  return {
    place: `position ${position}`,
    words: `position ${position} of ${length}, expected wait ${wait}.`,
  };
}

/** In steps that do not change with every run. */
function minutes(ms: number): string {
  const whole = Math.max(1, Math.ceil(ms / 60_000));
  const rounded = whole > 20 ? Math.ceil(whole / 10) * 10 : whole;
  return rounded === 1 ? 'a minute' : `${rounded} minutes`;
}

const verdictLine = ({ check, status, reason, warnings, testedSha, headSha }: GateRun): string => {
  const at = (testedSha ?? headSha)?.slice(0, 12);
  const where = at === undefined || NOT_ASKED.includes(status) ? '' : ` at ${at}`;
  return `- ${code(check)} ${verdictWord({ status, reason, warnings })}${where}: ${code(timeless(reason))}`;
};

function findingsOf({ check, findings }: GateRun, taskId: string): string {
  if (findings.length === 0) return '';
  const shown = findings.slice(0, FINDINGS).map(({ rule, message }) => `${rule}: ${message}`);
  const whole = `all of it: gatehouse task show ${taskId}`;
  const more = findings.length > FINDINGS ? `\n\nand ${findings.length - FINDINGS} more; ${whole}` : '';
  const text = shown.join('\n').replace(/\n{3,}/g, '\n\n');
  return `Findings of ${code(check)}:\n\n${block(text, LONGEST_FINDINGS, whole)}${more}`;
}

/** When something is asked again changes all the time and is of no use to a reader of a comment. */
const timeless = (text: string): string =>
  text.replace(/asked again at \d{4}-[0-9T:.-]+Z(: )?/g, '').replace(/ since \d{4}-[0-9T:.-]+Z/g, '');
