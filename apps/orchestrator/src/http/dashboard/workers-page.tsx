/** Workers and leases: which process works, on what, and who may move which main branch. */
import { visibleLine } from '../../platform/visible-text.ts';
import type { Job, Lease, Ticket, WorkerRecord } from '../../store/port/index.ts';
import type { Assets } from './assets.ts';
import { Frame, type Viewer } from './frame.tsx';
import { counted, lasting, State, When } from './marks.tsx';
import type { StepWords } from './task-words.ts';

interface WorkersContent {
  readonly workers: readonly WorkerRecord[];
  /** Those that run. */
  readonly jobs: readonly Job[];
  readonly leases: readonly Lease[];
  readonly tickets: readonly Ticket[];
  readonly places: { readonly agents: number; readonly gateRuns: number };
  readonly words: StepWords;
  readonly nowMs: number;
}

interface WorkersPage {
  readonly assets: Pick<Assets, 'address'>;
  readonly viewer: Viewer;
  readonly content: WorkersContent;
  readonly liveSince: number;
}

/** Longer without a sign of life, and a process may be gone. */
const SILENT_MS = 60_000;

export const workersPage = ({ assets, viewer, content, liveSince }: WorkersPage) => (
  <Frame title="Workers" here="workers" viewer={viewer} assets={assets} liveSince={liveSince}>
    <div class="head">
      <h1>Workers</h1>
      <p class="soft">
        {counted(content.places.gateRuns, 'place')} for gates (ORCH_MAX_GATE_RUNS), {content.places.agents} for agents
        (ORCH_MAX_CONCURRENCY); landing takes none.
      </p>
    </div>
    <Processes content={content} />
    <Jobs content={content} />
    <Leases content={content} />
  </Frame>
);

const Processes = ({ content: { workers, nowMs } }: { readonly content: WorkersContent }) => (
  <section class="card wide" aria-labelledby="processes">
    <h2 id="processes">Processes</h2>
    <ul class="rows" data-live="processes">
      {workers.map(({ id, host, pid, version, startedAt, heartbeatAt }) => (
        <li class="row" data-key={id}>
          {nowMs - heartbeatAt > SILENT_MS ? <State shape="wait">silent</State> : <State shape="go">alive</State>}
          <span class="grow">
            <code>{visibleLine(id)}</code>{' '}
            <span class="soft small">
              on {visibleLine(host.split('/')[0] ?? host)}, process {pid}, version {version}
            </span>
          </span>
          <span class="soft small">
            started <When atMs={startedAt} nowMs={nowMs} />, heard of <When atMs={heartbeatAt} nowMs={nowMs} />
          </span>
        </li>
      ))}
    </ul>
  </section>
);

const Jobs = ({ content: { jobs, words, nowMs } }: { readonly content: WorkersContent }) => (
  <section class="card wide" aria-labelledby="jobs">
    <h2 id="jobs">Running now</h2>
    <ul class="rows" data-live="jobs">
      {jobs.map((job) => (
        <li class="row" data-key={`job-${job.id}`}>
          <State shape="run">{words(job.step)}</State>
          <span class="grow">
            {job.taskId === null ? (
              <>probe of {job.repoId}</>
            ) : (
              <a href={`/board/tasks/${encodeURIComponent(job.taskId)}`}>{job.taskId}</a>
            )}{' '}
            <span class="soft small">
              job {job.id}, {job.attempts === 1 ? 'first attempt' : `attempt ${job.attempts}`}, for{' '}
              {lasting(nowMs - (job.progressAt ?? nowMs))}
            </span>
          </span>
          <a class="small" href={`/board/jobs/${job.id}/log`} aria-label={`Log of job ${job.id}`}>
            Log
          </a>
        </li>
      ))}
      {jobs.length === 0 ? (
        <li class="row soft" data-key="empty">
          Nothing runs.
        </li>
      ) : null}
    </ul>
  </section>
);

const Leases = ({ content: { leases, tickets, nowMs } }: { readonly content: WorkersContent }) => {
  const held = leases.filter(({ releasedAt }) => releasedAt === null);
  return (
    <section class="card wide" aria-labelledby="leases">
      <h2 id="leases">Who may move main</h2>
      <ul class="rows" data-live="leases">
        {held.map(({ repoId, holder, token, acquiredAt }) => (
          <li class="row" data-key={repoId}>
            <State shape="run">held</State>
            <span class="grow">
              {repoId} by <a href={`/board/tasks/${encodeURIComponent(holder)}`}>{visibleLine(holder)}</a>{' '}
              <span class="soft small">
                token {token}, {counted(tickets.filter((ticket) => ticket.repoId === repoId).length, 'task')} behind it
              </span>
            </span>
            <span class="soft small">
              <When atMs={acquiredAt} nowMs={nowMs} />
            </span>
          </li>
        ))}
        {held.length === 0 ? (
          <li class="row soft" data-key="empty">
            Nobody: no branch is being tested for landing.
          </li>
        ) : null}
      </ul>
    </section>
  );
};
