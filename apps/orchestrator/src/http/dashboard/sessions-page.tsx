/** Who is logged in, and the button that ends it. */
import { visibleLine } from '../../platform/visible-text.ts';
import type { Session } from '../../store/port/index.ts';
import type { Assets } from './assets.ts';
import { Form, Frame, type Viewer } from './frame.tsx';
import { When } from './marks.tsx';

export interface SessionsContent {
  readonly assets: Pick<Assets, 'address'>;
  readonly viewer: Viewer;
  readonly sessions: readonly Session[];
  readonly nowMs: number;
}

export const sessionsPage = ({ assets, viewer, sessions, nowMs }: SessionsContent) => (
  <Frame title="Sessions" here="sessions" viewer={viewer} assets={assets}>
    <div class="head">
      <h1>Sessions</h1>
      <p class="soft">
        Browsers that were let in with {viewer.scope === 'admin' ? 'any token' : 'your token'}. One ends after a day
        without use, and after seven days.
      </p>
    </div>
    <section class="card wide" aria-label="Sessions">
      {sessions.length === 0 ? <p class="empty">Nobody is logged in.</p> : null}
      <ul class="rows">
        {sessions.map((session) => (
          <li class="row">
            <span class="grow">
              <strong>{visibleLine(session.tokenName)}</strong> <span class="soft">may {session.scope}</span>
              <br />
              <span class="soft small">
                since <When atMs={session.createdAt} nowMs={nowMs} />, last used{' '}
                <When atMs={session.lastUsedAt} nowMs={nowMs} />, ends <When atMs={session.expiresAt} nowMs={nowMs} />
              </span>
            </span>
            <Form viewer={viewer} action={`/board/sessions/${session.id}/revoke`}>
              <button
                type="submit"
                class="danger"
                aria-label={`End session ${session.id} of ${visibleLine(session.tokenName)}`}
              >
                End
              </button>
            </Form>
          </li>
        ))}
      </ul>
    </section>
  </Frame>
);
