/** Work by stage: a column for each stage that agents and people take a task through. */
import { visibleStart } from '../../platform/visible-text.ts';
import type { Assets } from './assets.ts';
import { Frame, type Viewer } from './frame.tsx';
import { State, When } from './marks.tsx';
import { whyOf } from './queue-page.tsx';
import type { QueueRow } from './read-queue.ts';
import type { WorkContent } from './read-work.ts';
import { wordOf } from './task-words.ts';

interface WorkPage {
  readonly assets: Pick<Assets, 'address'>;
  readonly viewer: Viewer;
  readonly content: WorkContent;
  readonly liveSince: number;
}

const [LONGEST_TITLE, LONGEST_WHY] = [120, 140];

export const workPage = ({ assets, viewer, content, liveSince }: WorkPage) => (
  <Frame title="Work" here="work" viewer={viewer} assets={assets} liveSince={liveSince}>
    <div class="head">
      <h1>Work</h1>
      <p class="soft">
        What agents work on, by stage. Changes that people push go straight to the queue.{' '}
        <a href="/board/tasks">All tasks</a>, over or not.
      </p>
    </div>
    {content.columns.every(({ rows }) => rows.length === 0) ? <FirstStep /> : null}
    <section class="board" aria-label="Tasks by stage" tabindex={0}>
      {content.columns.map(({ stage, rows, more }) => (
        <section aria-labelledby={`stage-${stage}`}>
          <h2 id={`stage-${stage}`}>{stage}</h2>
          <ul data-live={`stage-${stage}`}>
            {rows.map((row) => (
              <Slip row={row} nowMs={content.nowMs} />
            ))}
            {more === 0 ? null : <li class="none">and {more} more</li>}
            {rows.length === 0 ? (
              <li class="none" data-key="empty">
                nothing
              </li>
            ) : null}
          </ul>
        </section>
      ))}
    </section>
  </Frame>
);

const FirstStep = () => (
  <section class="card wide empty" aria-labelledby="first">
    <h2 id="first">No agent has a task</h2>
    <p>
      Register a repository with the profile full and a policy that names the agent, then ask for a change in words.
    </p>
    <pre tabindex={0}>
      {`gatehouse repo add app --path /srv/git/app.git --policy operator.yaml --profile full
gatehouse task add --repo app --key ABC-1 --title "Sort the list" --description "Newest first."`}
    </pre>
  </section>
);

const Slip = ({ row, nowMs }: { readonly row: QueueRow; readonly nowMs: number }) => {
  const { shape, word } = wordOf(row.task, row.isRunning);
  return (
    <li class="slip" data-key={row.task.id}>
      <a href={`/board/tasks/${encodeURIComponent(row.task.id)}`}>{visibleStart(row.view.title, LONGEST_TITLE)}</a>
      <span>
        <State shape={shape}>{word}</State>
      </span>
      <span class="small soft">{visibleStart(whyOf(row), LONGEST_WHY)}</span>
      <span class="small soft">
        {row.task.repoId} · <When atMs={row.task.updatedAt} nowMs={nowMs} />
      </span>
    </li>
  );
};
