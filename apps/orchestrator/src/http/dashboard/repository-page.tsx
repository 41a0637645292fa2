/** Repositories: the list with its numbers, and one of them with everything about how landing goes there. */

import { inWords, type MainHealth } from '../../platform/health-of-main.ts';
import { visibleLine } from '../../platform/visible-text.ts';
import type { Breaker, Repository } from '../../store/port/index.ts';
import type { Assets } from './assets.ts';
import { CoverageChart, coverageWords, LandingsChart } from './charts.tsx';
import { FlakySection } from './flaky-section.tsx';
import { Form, Frame, mayPress, type Viewer } from './frame.tsx';
import { lasting, Sha, State, When } from './marks.tsx';
import { DAYS, type Figures, type RepositoryContent } from './read-repository.ts';

interface Shared {
  readonly assets: Pick<Assets, 'address'>;
  readonly viewer: Viewer;
  readonly liveSince: number;
}

export const repositoriesPage = (
  props: Shared & { readonly repos: readonly { readonly repo: Repository; readonly figures: Figures }[] },
) => (
  <Frame title="Repositories" here="repositories" {...props}>
    <div class="head">
      <h1>Repositories</h1>
    </div>
    {props.repos.length === 0 ? (
      <section class="card wide empty" aria-label="Repositories">
        <h2>Nothing is registered yet</h2>
        <pre tabindex={0}>gatehouse repo add app --path /srv/git/app.git</pre>
      </section>
    ) : null}
    {props.repos.map(({ repo, figures }) => (
      <section class="card wide" aria-labelledby={`repo-${repo.id}`} data-live={`repo-${repo.id}`}>
        <div class="title-line" data-key="title">
          <h2 id={`repo-${repo.id}`}>
            <a href={`/board/repos/${encodeURIComponent(repo.id)}`}>{repo.id}</a>
          </h2>
          <span class="soft small any">{visibleLine(repo.url)}</span>
          <Hold repo={repo} />
        </div>
        <Numbers figures={figures} />
      </section>
    ))}
  </Frame>
);

const Hold = ({ repo }: { readonly repo: Repository }) => {
  if (repo.frozenReason !== null) return <State shape="stop">frozen</State>;
  return repo.paused ? <State shape="wait">paused</State> : <State shape="go">open</State>;
};

const Numbers = ({ figures }: { readonly figures: Figures }) => {
  const rows: readonly (readonly [string, string])[] = [
    ['in the queue', String(figures.queued)],
    [`landed in ${DAYS} days`, String(figures.landed)],
    ['half land within', figures.halfWithinMs === null ? '–' : lasting(figures.halfWithinMs)],
    ['95 of 100 within', figures.mostWithinMs === null ? '–' : lasting(figures.mostWithinMs)],
    ['test runs per landing', figures.runsPerLanding === null ? '–' : figures.runsPerLanding.toFixed(1)],
    ['runs that were red', figures.redRate === null ? '–' : `${Math.round(figures.redRate * 100)} %`],
  ];
  return (
    <dl class="figures" data-key="figures">
      {rows.map(([name, value]) => (
        <div>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
};

export const repositoryPage = (props: Shared & { readonly content: RepositoryContent }) => {
  const { viewer, content } = props;
  const { repo, figures } = content;
  return (
    <Frame title={repo.id} here="repositories" {...props}>
      <div class="head">
        <h1>{repo.id}</h1>
        <div class="actions">
          <Actions viewer={viewer} repo={repo} />
        </div>
        <p class="soft small">
          <Hold repo={repo} /> · {visibleLine(repo.url)} · lands on {visibleLine(repo.main)}
          {repo.mainSha === null ? null : (
            <>
              {' at '}
              <Sha of={repo.mainSha} />
            </>
          )}
          {' · '}
          <a href={`/?repo=${encodeURIComponent(repo.id)}`}>its queue</a> ·{' '}
          <a href={`/board/audit?repo=${encodeURIComponent(repo.id)}`}>its events</a>
        </p>
      </div>
      {repo.frozenReason === null ? null : <p class="note stop wide">Frozen: {visibleLine(repo.frozenReason)}</p>}
      {repo.pausedReason === null ? null : <p class="note wait wide">Paused: {visibleLine(repo.pausedReason)}</p>}
      <section class="card wide" aria-labelledby="numbers" data-live="numbers">
        <h2 id="numbers" data-key="title">
          The last {DAYS} days
        </h2>
        <Numbers figures={figures} />
      </section>
      <div class="wide duo">
        <Coverage content={content} />
        <section class="card" aria-labelledby="landings">
          <h2 id="landings">Landings per day</h2>
          <div class="chart" data-live="landings">
            <LandingsChart days={content.days} />
          </div>
        </section>
      </div>
      <Health health={content.health} />
      <Breakers breakers={content.breakers} nowMs={content.nowMs} />
      <FlakySection tests={content.flaky} />
    </Frame>
  );
};

const Coverage = ({ content: { coverage } }: { readonly content: RepositoryContent }) => (
  <section class="card" aria-labelledby="coverage">
    <h2 id="coverage">Coverage</h2>
    {coverage.length === 0 ? (
      <p class="empty">
        Nothing is measured yet. With <code>coverage: {'{ command, report }'}</code> in gatehouse.yaml the first landing
        sets the mark.
      </p>
    ) : null}
    {coverage.map((line) => (
      <div class="chart" data-live={`coverage-${line.record.commandHash}`}>
        <p class="soft small">
          {visibleLine(line.branch)}: {coverageWords(line)}
        </p>
        <CoverageChart line={line} />
      </div>
    ))}
  </section>
);

/** What no branch is blamed for; nothing is shown before main was looked at. */
const Health = ({ health }: { readonly health: MainHealth | null }) =>
  health === null ? null : (
    <section class="card wide" aria-labelledby="health">
      <h2 id="health">Health of main</h2>
      <div data-live="health">
        <p class="soft small">
          {health.findings.length === 0 ? 'nothing was found' : inWords(health.findings)} at <Sha of={health.commit} />
          {health.unknown.length === 0 ? null : `; not looked at: ${visibleLine(health.unknown.join(', '))}`}
        </p>
        <ul class="rows">
          {health.findings.slice(0, SHOWN_HEALTH).map(({ id, kind, text, since }) => (
            <li class="row" data-key={id}>
              <State shape="wait">{kind}</State>
              <span class="grow any">{visibleLine(text)}</span>
              <span class="soft small">
                since <Sha of={since} />
              </span>
            </li>
          ))}
        </ul>
      </div>
    </section>
  );

const SHOWN_HEALTH = 20;

const Breakers = ({ breakers, nowMs }: { readonly breakers: readonly Breaker[]; readonly nowMs: number }) => (
  <section class="card wide" aria-labelledby="breakers">
    <h2 id="breakers">Trouble that is nobody’s</h2>
    <ul class="rows" data-live="breakers">
      {breakers.map(({ cause, host, state, since }) => (
        <li class="row" data-key={`${cause} ${host}`}>
          <State shape={state === 'open' ? 'stop' : 'wait'}>{state}</State>
          <span class="grow">
            {visibleLine(cause)} on {visibleLine(host)}
          </span>
          <span class="soft small">
            <When atMs={since} nowMs={nowMs} />
          </span>
        </li>
      ))}
      {breakers.length === 0 ? (
        <li class="row soft" data-key="empty">
          No breaker is open: machine and services do what tests need of them.
        </li>
      ) : null}
    </ul>
  </section>
);

const Actions = ({ viewer, repo }: { readonly viewer: Viewer; readonly repo: Repository }) => {
  const path = `/board/repos/${encodeURIComponent(repo.id)}`;
  return (
    <>
      {mayPress(viewer, 'operate') ? (
        <Form viewer={viewer} action={`${path}/${repo.paused ? 'resume' : 'pause'}`}>
          <button type="submit">{repo.paused ? 'Resume' : 'Pause'}</button>
        </Form>
      ) : null}
      {mayPress(viewer, 'admin') && repo.frozenReason !== null ? (
        <Form viewer={viewer} action={`${path}/thaw`}>
          <button type="submit" class="danger">
            Thaw
          </button>
        </Form>
      ) : null}
    </>
  );
};
