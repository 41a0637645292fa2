/** A page of plain text: the log of a job, which follows while the job runs, or a report. */
import { visibleLine, visibleText } from '../../platform/visible-text.ts';
import type { Assets } from './assets.ts';
import { Frame, type Viewer } from './frame.tsx';

interface TextPage {
  readonly assets: Pick<Assets, 'address'>;
  readonly viewer: Viewer;
  readonly title: string;
  /** The task that it belongs to; null: a repository's own job. */
  readonly task: string | null;
  readonly text: string;
  /** More is to come. */
  readonly isLive?: boolean;
}

export const textPage = ({ assets, viewer, title, task, text, isLive = false }: TextPage) => (
  <Frame title={title} here="none" viewer={viewer} assets={assets}>
    <div class="head">
      <h1>{visibleLine(title)}</h1>
      <p class="soft">
        {task === null ? null : <a href={`/board/tasks/${encodeURIComponent(task)}`}>Back to the task</a>}
        {isLive ? ' · follows what is printed' : ''}
      </p>
    </div>
    <section class="wide" aria-label={visibleLine(title)}>
      <pre class="log" id="log" tabindex={0} data-follow={isLive ? '' : undefined}>
        {visibleText(text)}
      </pre>
    </section>
  </Frame>
);
