/** Alerts: what was told to people outside, and the letters that did not arrive. */
import { alertOf } from '../../notifiers/alert-message.ts';
import { alertIn, NOTICE, routeNameOf } from '../../notifiers/notice-row.ts';
import { visibleLines, visibleStart } from '../../platform/visible-text.ts';
import type { OutboxMessage } from '../../store/port/index.ts';
import type { Assets } from './assets.ts';
import { Form, Frame, mayPress, type Viewer } from './frame.tsx';
import { State, When } from './marks.tsx';

interface AlertsContent {
  readonly dead: readonly OutboxMessage[];
  readonly pending: readonly OutboxMessage[];
  /** Alerts as they were raised, the newest first. */
  readonly raised: readonly OutboxMessage[];
  readonly nowMs: number;
}

interface AlertsPage {
  readonly assets: Pick<Assets, 'address'>;
  readonly viewer: Viewer;
  readonly content: AlertsContent;
}

const LONGEST = 600;

export const alertsPage = ({ assets, viewer, content }: AlertsPage) => (
  <Frame title="Alerts" here="alerts" viewer={viewer} assets={assets}>
    <div class="head">
      <h1>Alerts</h1>
    </div>
    {content.dead.length === 0 ? null : (
      <Section id="dead" title="Did not arrive" rows={content.dead} viewer={viewer} nowMs={content.nowMs} />
    )}
    {content.pending.length === 0 ? null : (
      <Section id="pending" title="On their way" rows={content.pending} viewer={viewer} nowMs={content.nowMs} />
    )}
    <Section id="raised" title="Raised" rows={content.raised} viewer={viewer} nowMs={content.nowMs} />
    {content.raised.length === 0 ? (
      <p class="wide soft">
        None yet. They go to the log; <code>ORCH_NOTIFY_WEBHOOK_URL</code> or <code>ORCH_TELEGRAM_TOKEN</code> send them
        to people, and <code>gatehouse notify test</code> tries it.
      </p>
    ) : null}
  </Frame>
);

interface SectionProps {
  readonly id: string;
  readonly title: string;
  readonly rows: readonly OutboxMessage[];
  readonly viewer: Viewer;
  readonly nowMs: number;
}

const Section = ({ id, title, rows, viewer, nowMs }: SectionProps) => (
  <section class="card wide" aria-labelledby={id}>
    <h2 id={id}>{title}</h2>
    <ul class="rows">
      {rows.map((row) => (
        <Row row={row} viewer={viewer} nowMs={nowMs} />
      ))}
      {rows.length === 0 ? <li class="row soft">Nothing.</li> : null}
    </ul>
  </section>
);

function Row({ row, viewer, nowMs }: Pick<SectionProps, 'viewer' | 'nowMs'> & { readonly row: OutboxMessage }) {
  const alert = row.kind === NOTICE ? alertIn(row) : alertOf(row);
  return (
    <li class="row">
      <State shape={SHAPES[row.state]}>{WORDS[row.state]}</State>
      <span class="grow">
        <span class="lines">{alert === null ? 'not readable' : visibleLines(alert.text, LONGEST)}</span>
        <br />
        <span class="soft small">
          {alert?.task ? (
            <a href={`/board/tasks/${encodeURIComponent(alert.task)}`}>{alert.task}</a>
          ) : (
            (alert?.repository ?? 'service')
          )}
          {row.kind === NOTICE ? ` · to ${visibleStart(routeNameOf(row), LONGEST)}` : ''}
          {row.lastError === null ? '' : ` · ${visibleStart(row.lastError, LONGEST)}`}
        </span>
      </span>
      <span class="soft small">
        <When atMs={row.createdAt} nowMs={nowMs} />
      </span>
      {row.kind === NOTICE && row.state === 'dead' && mayPress(viewer, 'operate') ? (
        <Form viewer={viewer} action={`/board/notifications/${row.id}/resend`}>
          <button type="submit" aria-label={`Send ${row.id} again`}>
            Send again
          </button>
        </Form>
      ) : null}
    </li>
  );
}

const SHAPES = { pending: 'wait', sent: 'go', dead: 'stop' } as const;
const WORDS = { pending: 'due', sent: 'told', dead: 'given up' } as const;
