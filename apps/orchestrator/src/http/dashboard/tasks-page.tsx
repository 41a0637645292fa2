/** Every task, over or not, newest first: the way to what is in no queue any more. */
import { visibleLine, visibleStart } from '../../platform/visible-text.ts';
import type { Page } from '../page.ts';
import { stopWords } from '../views.ts';
import type { Assets } from './assets.ts';
import { Frame, type Viewer } from './frame.tsx';
import { State, When } from './marks.tsx';
import type { QueueRow } from './read-queue.ts';
import { originOf, plainReason, wordOf } from './task-words.ts';

interface TasksPage {
  readonly assets: Pick<Assets, 'address'>;
  readonly viewer: Viewer;
  readonly tasks: Page<QueueRow>;
  readonly nowMs: number;
}

const [LONGEST_TITLE, LONGEST_REASON] = [160, 320];

export const tasksPage = ({ assets, viewer, tasks, nowMs }: TasksPage) => (
  <Frame title="Tasks" here="work" viewer={viewer} assets={assets}>
    <div class="head">
      <h1>Tasks</h1>
      <p class="soft">
        {tasks.rows.length} of {tasks.total}, the newest first.
      </p>
    </div>
    <section class="card wide" aria-label="Tasks">
      <ul class="rows">
        {tasks.rows.map((row) => (
          <Row row={row} nowMs={nowMs} />
        ))}
      </ul>
      {tasks.rows.length === 0 ? <p class="empty">No task yet.</p> : null}
      {tasks.cursor === null ? null : (
        <p class="more">
          <a href={`/board/tasks?cursor=${encodeURIComponent(tasks.cursor)}`}>Older</a>
        </p>
      )}
    </section>
  </Frame>
);

const Row = ({ row: { task, view, isRunning }, nowMs }: { readonly row: QueueRow; readonly nowMs: number }) => {
  const { shape, word } = wordOf(task, isRunning);
  return (
    <li class="row" data-key={task.id}>
      <State shape={shape}>{word}</State>
      <span class="grow any">
        <a href={`/board/tasks/${encodeURIComponent(task.id)}`}>{visibleStart(view.title, LONGEST_TITLE)}</a>{' '}
        <span class="soft small">{visibleStart(originOf(task), LONGEST_TITLE)}</span>
        <br />
        <span class="soft small">{task.repoId}</span>
        {view.reason === null ? null : (
          <span class="soft small reason">{visibleStart(plainReason(view.reason), LONGEST_REASON)}</span>
        )}
        {stopWords(view).map((words) => (
          <span class="soft small reason">{visibleStart(words, LONGEST_REASON)}</span>
        ))}
        {view.warnings.map((warning) => (
          <span class="soft small mind">{visibleLine(warning)}</span>
        ))}
      </span>
      <span class="soft small">
        <When atMs={task.createdAt} nowMs={nowMs} />
      </span>
    </li>
  );
};
