/** What happened to a task, oldest first, so that what is new appears at the end and nothing moves. */
import { verdictWord } from '../../platform/verdict-word.ts';
import { visibleLine } from '../../platform/visible-text.ts';
import { eventWords } from './event-words.ts';
import { Evidence } from './evidence.tsx';
import { lasting, Sha, type Shape, State, When } from './marks.tsx';
import { whyOf } from './queue-page.tsx';
import type { TaskContent, TimelineEntry, VerdictEntry } from './read-task.ts';
import type { StepWords } from './task-words.ts';

export const Timeline = ({ content }: { readonly content: TaskContent }) => (
  <section class="card late" aria-labelledby="timeline">
    <h2 id="timeline">What happened</h2>
    <ol class="steps" data-live="timeline">
      {content.entries.map((entry) => (
        <li data-key={entry.key} data-entry="" id={entry.key}>
          <Occasion entry={entry} nowMs={content.nowMs} words={content.row.words} />
          {entry.kind === 'verdict' ? (
            <Verdict entry={entry} taskId={content.row.task.id} />
          ) : (
            <Told entry={entry} words={content.row.words} />
          )}
        </li>
      ))}
      {content.job === null ? null : <Running content={content} />}
    </ol>
  </section>
);

const SHAPES: { readonly [Status in VerdictEntry['run']['status']]: Shape } = {
  pass: 'go',
  fail: 'stop',
  defer: 'wait',
  error: 'wait',
  skip: 'off',
};

/** A pass that rests on nothing measured, or on a person's word, looks like none. */
const shapeOf = (run: VerdictEntry['run']): Shape => (verdictWord(run) === run.status ? SHAPES[run.status] : 'wait');

interface OccasionProps {
  readonly entry: TimelineEntry;
  readonly nowMs: number;
  readonly words: StepWords;
}

const Occasion = ({ entry, nowMs, words }: OccasionProps) => {
  const { shape, word } =
    entry.kind === 'verdict'
      ? { shape: shapeOf(entry.run), word: words(entry.run.check) }
      : eventWords(entry.event, words);
  return (
    <span>
      <State shape={shape}>{word}</State>
      <br />
      <span class="small soft">
        {entry.kind === 'verdict' && entry.run.durationMs > 0 ? `${lasting(entry.run.durationMs)} · ` : ''}
        <When atMs={entry.atMs} nowMs={nowMs} />
      </span>
    </span>
  );
};

interface ToldProps {
  readonly entry: Extract<TimelineEntry, { kind: 'event' }>;
  readonly words: StepWords;
}

const Told = ({ entry, words }: ToldProps) => (
  <div class="what">
    <p class="soft lines">{eventWords(entry.event, words).text}</p>
  </div>
);

const Verdict = ({ entry, taskId }: { readonly entry: VerdictEntry; readonly taskId: string }) => {
  const { run, times } = entry;
  const isPlain = run.status === 'pass' || run.status === 'skip';
  return (
    <div class="what">
      {isPlain ? <p>{visibleLine(run.reason)}</p> : <h3>{visibleLine(run.reason)}</h3>}
      <p class="small soft">
        {verdictWord(run)}
        {run.cause === null ? '' : ` (${run.cause})`}
        {times > 1 ? `, ${times} times in a row` : ''}
        {run.testedSha === null ? null : (
          <>
            {' · tested '}
            <Sha of={run.testedSha} />
          </>
        )}
        {run.baseSha === null ? null : (
          <>
            {' · on main at '}
            <Sha of={run.baseSha} />
          </>
        )}
        {run.basisRun === null ? '' : ` · rests on command run ${run.basisRun}`}
      </p>
      <Evidence entry={entry} taskId={taskId} />
    </div>
  );
};

const Running = ({ content: { row, job } }: { readonly content: TaskContent }) => (
  <li data-key={`job-${job?.id}`} data-entry="">
    <span>
      <State shape="run">{row.words(job?.step ?? '')}</State>
    </span>
    <div class="what">
      <p>{whyOf(row)}</p>
      <p class="small">
        <a href={`/board/jobs/${job?.id}/log`}>Follow its log</a>
      </p>
    </div>
  </li>
);
