/** The queue: why does my change wait, and how long. In queue order, one section per repository. */
import { visibleLine, visibleStart } from '../../platform/visible-text.ts';
import { stopWords } from '../views.ts';
import type { Assets } from './assets.ts';
import { Frame, type Viewer } from './frame.tsx';
import { about, counted, lasting, Sha, State, When } from './marks.tsx';
import { landedAtOf, type QueueContent, type QueueRow, type RepositoryQueue } from './read-queue.ts';
import { originOf, plainReason, wordOf } from './task-words.ts';
import { segmentWords } from './way.ts';

interface QueuePage {
  readonly assets: Pick<Assets, 'address'>;
  readonly viewer: Viewer;
  readonly content: QueueContent;
  readonly liveSince: number;
  /** Gates that are off, feeds that are missing. */
  readonly notes: readonly string[];
}

export const queuePage = ({ assets, viewer, content, liveSince, notes }: QueuePage) => (
  <Frame title="Queue" here="queue" viewer={viewer} assets={assets} liveSince={liveSince}>
    <h1 class="vh">Queue</h1>
    <Notes notes={notes} />
    <div class="flow">
      {content.queues.length === 0 ? <FirstStep /> : null}
      {content.queues.map((queue) => (
        <Queue queue={queue} nowMs={content.nowMs} isAlone={content.queues.length === 1} />
      ))}
    </div>
    {content.queues.length === 0 ? null : (
      <div class="side">
        <People content={content} />
        <Landed content={content} />
      </div>
    )}
  </Frame>
);

const Notes = ({ notes }: { readonly notes: readonly string[] }) =>
  notes.length === 0 ? null : (
    <ul class="notes">
      {notes.map((note) => (
        <li class="note wait">{note}</li>
      ))}
    </ul>
  );

const FirstStep = () => (
  <section class="card empty" aria-labelledby="first">
    <h2 id="first">Nothing is registered yet</h2>
    <p>Say where your code is; its branches can be queued a moment later.</p>
    <pre tabindex={0}>gatehouse repo add app --path /srv/git/app.git</pre>
    <pre tabindex={0}>gatehouse task add --repo app --branch my-change</pre>
  </section>
);

function Queue({
  queue,
  nowMs,
  isAlone,
}: {
  readonly queue: RepositoryQueue;
  readonly nowMs: number;
  readonly isAlone: boolean;
}) {
  const { repo, rows, more, total } = queue;
  return (
    <section class="card" aria-labelledby={`queue-${repo.id}`}>
      <div class="title-line">
        <h2 id={`queue-${repo.id}`}>
          <a href={`/board/repos/${encodeURIComponent(repo.id)}`}>{repo.id}</a>
        </h2>
        <p class="soft small" data-live={`head-${repo.id}`}>
          <span data-key="head">
            {total === 0 ? 'the queue is empty' : `${total} in the queue`}
            {repo.mainSha === null ? null : (
              <>
                {' · '}
                {visibleLine(repo.main)} at <Sha of={repo.mainSha} />
              </>
            )}
            {queue.landedToday === 0 ? null : ` · ${queue.landedToday} landed in 24 h`}
            {queue.halfWithinMs === null ? null : ` · half within ${lasting(queue.halfWithinMs)}`}
          </span>
        </p>
      </div>
      <Hold queue={queue} />
      <ol class="queue" data-live={`queue-${repo.id}`}>
        {rows.map((row) => (
          <Row row={row} nowMs={nowMs} />
        ))}
        {rows.length === 0 ? <EmptyQueue queue={queue} /> : null}
      </ol>
      {more === 0 ? null : (
        <p class="more">
          {isAlone ? (
            <a href="/board/tasks">and {more} more behind them</a>
          ) : (
            <a href={`/?repo=${encodeURIComponent(repo.id)}`}>and {more} more behind them</a>
          )}
        </p>
      )}
    </section>
  );
}

const Hold = ({ queue: { repo } }: { readonly queue: RepositoryQueue }) => {
  if (repo.frozenReason !== null)
    return (
      <p class="note stop">
        Frozen, nothing lands: {visibleLine(repo.frozenReason)}. An administrator thaws it on the repository’s page.
      </p>
    );
  if (!repo.paused) return null;
  return (
    <p class="note wait">
      Paused, nothing begins{repo.pausedReason === null ? '' : `: ${visibleLine(repo.pausedReason)}`}. Resume it on the
      repository’s page.
    </p>
  );
};

const EmptyQueue = ({ queue: { repo, people } }: { readonly queue: RepositoryQueue }) => (
  <li class="empty" data-key="empty">
    {people === 0 ? 'Nothing waits.' : `Nothing waits for the machine; ${counted(people, 'task')} for a person.`}{' '}
    {repo.profile === 'full' ? (
      <>
        <code>gatehouse task add --repo {repo.id} --title "WHAT IS TO BE DONE"</code> asks for a change.
      </>
    ) : (
      <>
        <code>gatehouse task add --repo {repo.id} --branch BRANCH</code>, or the label on a pull request, queues a
        change.
      </>
    )}
  </li>
);

const LONGEST_TITLE = 160;

function Row({ row, nowMs }: { readonly row: QueueRow; readonly nowMs: number }) {
  const { task, view, position, way } = row;
  const { shape, word } = wordOf(task, row.isRunning);
  return (
    <li class={row.isRunning ? 'now' : undefined} data-key={task.id}>
      <span class="pos">{position ?? '–'}</span>
      <span class="title">
        <a href={`/board/tasks/${encodeURIComponent(task.id)}`}>{visibleStart(view.title, LONGEST_TITLE)}</a>{' '}
        <span class="soft small origin">{visibleStart(originOf(task), LONGEST_TITLE)}</span>
      </span>
      <ol class="way">
        {way.map((segment) => (
          <li class={segment.at}>
            <span class="vh">{segmentWords(segment)}</span>
          </li>
        ))}
      </ol>
      <span class="eta">
        {row.isRunning || shape !== 'wait' || row.waitMs === null ? (
          <State shape={shape}>{word}</State>
        ) : (
          <span class="soft">in {about(row.waitMs)}</span>
        )}
      </span>
      <span class="why">
        {whyOf(row)}
        {task.state.waitingSinceMs === null || row.isRunning ? null : (
          <>
            {' · since '}
            <When atMs={task.state.waitingSinceMs} nowMs={nowMs} />
          </>
        )}
        {view.warnings.map((warning) => (
          <span class="mind">
            <State shape="wait">mind</State> {visibleLine(warning)}
          </span>
        ))}
      </span>
    </li>
  );
}

/** What it does, or why it does not, in words. */
export function whyOf(row: Pick<QueueRow, 'view' | 'pace' | 'isRunning' | 'words'>): string {
  const { view, pace, isRunning } = row;
  const stop = stopWords(view);
  if (view.reason !== null || stop.length > 0)
    return [plainReason(view.reason ?? ''), ...stop]
      .filter((part) => part !== '')
      .map(visibleLine)
      .join('; ');
  if (!isRunning || pace === null) return 'begins as soon as a place is free';
  return `${row.words(view.step ?? view.stage)} · ${lasting(pace.elapsedMs)}${usually(pace)}`;
}

function usually({ elapsedMs, usualMs }: NonNullable<QueueRow['pace']>): string {
  if (usualMs === null) return '';
  return elapsedMs > usualMs ? `, longer than the usual ${lasting(usualMs)}` : ` of about ${lasting(usualMs)}`;
}

const People = ({ content: { people, nowMs } }: { readonly content: QueueContent }) => (
  <section class="card" aria-labelledby="people">
    <h2 id="people">Needs a person</h2>
    <ul data-live="people">
      {people.map((row) => {
        const { shape, word } = wordOf(row.task, false);
        return (
          <li data-key={row.task.id}>
            <State shape={shape}>{word}</State>{' '}
            <a href={`/board/tasks/${encodeURIComponent(row.task.id)}`}>
              {visibleStart(row.view.title, LONGEST_TITLE)}
            </a>
            <span class="small soft clamp">{visibleLine(plainReason(row.view.reason ?? ''))}</span>
            <span class="small soft">
              <When atMs={row.task.updatedAt} nowMs={nowMs} />
            </span>
          </li>
        );
      })}
      {people.length === 0 ? (
        <li class="soft" data-key="empty">
          Nobody is waited for.
        </li>
      ) : null}
    </ul>
  </section>
);

const Landed = ({ content: { landed, nowMs } }: { readonly content: QueueContent }) => (
  <section class="card" aria-labelledby="landed">
    <div class="title-line">
      <h2 id="landed">Just landed</h2>
      <a class="small" href="/board/tasks">
        All tasks
      </a>
    </div>
    <ul data-live="landed">
      {landed.map((task) => (
        <li data-key={task.id}>
          <State shape="go">landed</State>{' '}
          <a href={`/board/tasks/${encodeURIComponent(task.id)}`}>{visibleStart(task.title, LONGEST_TITLE)}</a>
          <span class="small soft clamp">
            <Sha of={task.landedSha ?? ''} /> · after {lasting(landedAtOf(task) - task.createdAt)} ·{' '}
            <When atMs={landedAtOf(task)} nowMs={nowMs} />
          </span>
        </li>
      ))}
      {landed.length === 0 ? (
        <li class="soft" data-key="empty">
          Nothing in the last 24 hours.
        </li>
      ) : null}
    </ul>
  </section>
);
