/** One task: where it stands, what to do, everything that happened, and the buttons. */
import { isCheckName } from '@gatehouse/stage-engine';
import type { Child } from 'hono/jsx';
import { visibleLine, visibleText } from '../../platform/visible-text.ts';
import type { Task } from '../../store/port/index.ts';
import { endedAsGone } from '../bring-back.ts';
import type { Papers } from '../read-papers.ts';
import type { Assets } from './assets.ts';
import { commitLink, pullRequestLink } from './forge-links.ts';
import { Form, Frame, mayPress, type Viewer } from './frame.tsx';
import { about, Sha, State, When } from './marks.tsx';
import { whyOf } from './queue-page.tsx';
import type { TaskContent } from './read-task.ts';
import { wordOf } from './task-words.ts';
import { Timeline } from './timeline.tsx';
import { segmentWords } from './way.ts';

interface TaskPage {
  readonly assets: Pick<Assets, 'address'>;
  readonly viewer: Viewer;
  readonly content: TaskContent;
  readonly liveSince: number;
}

export function taskPage({ assets, viewer, content, liveSince }: TaskPage) {
  const { row, repo } = content;
  const { shape, word } = wordOf(row.task, row.isRunning);
  return (
    <Frame title={row.view.title} here="none" viewer={viewer} assets={assets} liveSince={liveSince}>
      <div class="head">
        <h1>{visibleLine(row.view.title)}</h1>
        <div class="actions" data-live="actions">
          <Actions viewer={viewer} task={row.task} canStop={content.canStop} />
        </div>
        <p class="soft small" data-live="state">
          <span data-key="state">
            <State shape={shape}>{word}</State> {' · '}
            <a href={`/board/repos/${encodeURIComponent(repo.id)}`}>{repo.id}</a>
            {' · '}
            <code>{visibleLine(row.task.branch)}</code>
          </span>
        </p>
      </div>
      <div class="flow split">
        <Standing content={content} />
        {content.papers === null ? null : <ToApprove papers={content.papers} />}
        <Timeline content={content} />
      </div>
      <div class="side split">
        <ToDo content={content} />
        <Facts content={content} />
      </div>
    </Frame>
  );
}

/** Each button is shown to those who may press it, where it can do something. */
function Actions(props: { readonly viewer: Viewer; readonly task: Task; readonly canStop: boolean }) {
  const { viewer, task, canStop } = props;
  const path = `/board/tasks/${encodeURIComponent(task.id)}`;
  const isOver = task.stage === 'done' || task.stage === 'cancelled';
  const isBlocked = task.status === 'blocked' && !isOver;
  const mayOperate = mayPress(viewer, 'operate');
  return (
    <>
      {mayOperate && !isOver && task.state.waiting?.cause === 'approval' ? (
        <Form viewer={viewer} action={`${path}/approve`}>
          <a href="#papers">What to?</a>
          <button type="submit" class="primary">
            Say yes
          </button>
        </Form>
      ) : null}
      {mayOperate && (isBlocked || endedAsGone(task)) ? (
        <Form viewer={viewer} action={`${path}/retry`}>
          <button type="submit">Retry</button>
        </Form>
      ) : null}
      {mayPress(viewer, 'admin') && isBlocked && isCheckName(task.state.step) && task.headSha !== null ? (
        <a class="button" href={`${path}/override`}>
          Override…
        </a>
      ) : null}
      {mayOperate && canStop && !isOver && task.status !== 'stopping' ? (
        <a class="button danger" href={`${path}/stop`}>
          Stop…
        </a>
      ) : null}
    </>
  );
}

const Standing = ({ content }: { readonly content: TaskContent }) => {
  const { row } = content;
  const evidence = content.entries.findLast(({ kind }) => kind === 'verdict')?.key;
  const { task, view, way, position, waitMs } = row;
  const isOver = task.stage === 'done' || task.stage === 'cancelled';
  return (
    <section class="card verdict" aria-label="Where it stands" data-live="standing">
      <div data-key="standing" class={wordOf(task, row.isRunning).shape}>
        <p>
          <strong>{isOver && view.reason === null ? landedWords(task) : whyOf(row)}</strong>
        </p>
        {position === null || isOver ? null : (
          <p class="soft small">
            {position === 1 ? 'first in the queue' : `place ${position} in the queue`}
            {waitMs === null ? (row.isInLine ? ', no estimate yet' : '') : `, over in ${about(waitMs)}`}
          </p>
        )}
        {task.status !== 'blocked' || evidence === undefined ? null : (
          <p class="small">
            <a href={`#${evidence}`}>See what it rests on</a>
          </p>
        )}
        {view.warnings.map((warning) => (
          <p class="small">
            <State shape="wait">mind</State> {visibleLine(warning)}
          </p>
        ))}
        <ol class="way">
          {way.map((segment) => (
            <li class={segment.at}>
              <span class="vh">{segmentWords(segment)}</span>
            </li>
          ))}
        </ol>
        <ol class="legend" aria-hidden="true">
          {way.map(({ name }) => (
            <li>{name}</li>
          ))}
        </ol>
      </div>
    </section>
  );
};

/** What the button says yes to, where the person sees it who presses it. */
const ToApprove = ({ papers: read }: { readonly papers: Papers }) => (
  <section class="card" aria-labelledby="papers">
    <h2 id="papers">What you say yes to</h2>
    <div data-live="papers">
      {read.kind === 'unreadable' ? <p data-key="none">It cannot be shown: {read.reason}.</p> : null}
      {read.kind === 'papers' && read.papers.length === 0 ? (
        <p data-key="none">Nothing was written: there is no paper to read.</p>
      ) : null}
      {(read.kind === 'papers' ? read.papers : []).map(({ name, path, text }) => (
        <div class="paper" data-key={`paper-${name}`}>
          <p class="small">
            <code>{visibleLine(path)}</code>
          </p>
          <pre class="log" tabindex={0}>
            {visibleText(text)}
          </pre>
        </div>
      ))}
    </div>
  </section>
);

const landedWords = ({ stage, landedSha }: Task): string => {
  if (stage === 'cancelled') return 'taken out of the queue';
  return landedSha === null ? 'done' : `landed as ${landedSha.slice(0, 8)}`;
};

const ToDo = ({ content }: { readonly content: TaskContent }) => (
  <section class="card" aria-labelledby="todo">
    <h2 id="todo">What to do</h2>
    <ul data-live="todo">
      {content.steps.map(({ text, command }, at) => (
        <li data-key={`advice-${at}`}>
          {text}
          {command === undefined ? null : <pre tabindex={0}>{command}</pre>}
        </li>
      ))}
    </ul>
  </section>
);

function Facts({ content }: { readonly content: TaskContent }) {
  const { row, repo, nowMs, dependencies, spending } = content;
  const { task, view } = row;
  const shas = [
    ['base', task.baseSha],
    ['head', task.headSha],
    ['tested', task.testedSha],
    ['landed', task.landedSha],
  ] as const;
  return (
    <section class="card late" aria-labelledby="facts" data-live="facts">
      <h2 id="facts">Facts</h2>
      <dl class="facts" data-key="facts">
        <dt>task</dt>
        <dd>
          <code>{task.id}</code>
        </dd>
        <dt>profile</dt>
        <dd>{task.profile}</dd>
        <dt>stage</dt>
        <dd>{task.stage}</dd>
        {shas.map(([name, sha]) =>
          sha === null ? null : (
            <>
              <dt>{name}</dt>
              <dd>
                <Linked to={commitLink(repo, sha)}>
                  <Sha of={sha} />
                </Linked>
              </dd>
            </>
          ),
        )}
        {task.pullRequest === null ? null : (
          <>
            <dt>asked at</dt>
            <dd>
              <Linked to={pullRequestLink(repo, task.pullRequest)}>pull request #{task.pullRequest}</Linked>
            </dd>
          </>
        )}
        {task.requestedBy === null ? null : (
          <>
            <dt>asked by</dt>
            <dd>{visibleLine(task.requestedBy)}</dd>
          </>
        )}
        {spending === null ? null : (
          <>
            <dt>agents</dt>
            <dd>
              {spending.map((words) => (
                <div>{visibleLine(words)}</div>
              ))}
            </dd>
          </>
        )}
        {dependencies.map(({ id, stage }) => (
          <>
            <dt>waits for</dt>
            <dd>
              <a href={`/board/tasks/${encodeURIComponent(id)}`}>{id}</a> <span class="soft">{stage}</span>
            </dd>
          </>
        ))}
        {task.generation === 1 ? null : (
          <>
            <dt>generation</dt>
            <dd>{task.generation}</dd>
          </>
        )}
        {view.stop === null ? null : (
          <>
            <dt>stop</dt>
            <dd>
              by {visibleLine(view.stop.by)}: {visibleLine(view.stop.reason)}
            </dd>
          </>
        )}
        <dt>queued</dt>
        <dd>
          <When atMs={task.createdAt} nowMs={nowMs} />
        </dd>
        <dt>changed</dt>
        <dd>
          <When atMs={task.updatedAt} nowMs={nowMs} />
        </dd>
        <dt>events</dt>
        <dd>
          <a href={`/board/audit?task=${encodeURIComponent(task.id)}`}>all of them</a>
        </dd>
      </dl>
    </section>
  );
}

const Linked = ({ to, children }: { readonly to: string | null; readonly children?: Child }) =>
  to === null ? <span>{children}</span> : <a href={to}>{children}</a>;
