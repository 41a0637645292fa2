/** Asks once more before something that cannot be taken back, and for the reason that is kept with it. */
import { visibleLine } from '../../platform/visible-text.ts';
import type { Task } from '../../store/port/index.ts';
import type { Assets } from './assets.ts';
import { Form, Frame, type Viewer } from './frame.tsx';
import { Sha } from './marks.tsx';

interface ConfirmContent {
  readonly assets: Pick<Assets, 'address'>;
  readonly viewer: Viewer;
  readonly task: Task;
  /** Checks that may be overridden now; the first one is what blocks. */
  readonly checks: readonly string[];
}

export const stopPage = ({ assets, viewer, task }: Omit<ConfirmContent, 'checks'>) => (
  <Frame title={`Stop ${task.title}`} here="none" viewer={viewer} assets={assets}>
    <Form viewer={viewer} action={`/board/tasks/${encodeURIComponent(task.id)}/stop`} class="card door">
      <h1>Stop this task?</h1>
      <p>
        <strong class="any">{visibleLine(task.title)}</strong>
      </p>
      <p class="soft">
        What runs for it is ended and proven to be over; it leaves the queue. While it lands, the stop waits until that
        is known. Its branch stays and can be queued again.
      </p>
      <label for="reason">Reason, kept in the audit log</label>
      <input id="reason" name="reason" maxlength={2000} autofocus />
      <Choice id={task.id}>Stop it</Choice>
    </Form>
  </Frame>
);

export const overridePage = ({ assets, viewer, task, checks }: ConfirmContent) => (
  <Frame title={`Override for ${task.title}`} here="none" viewer={viewer} assets={assets}>
    <Form viewer={viewer} action={`/board/tasks/${encodeURIComponent(task.id)}/override`} class="card door">
      <h1>Let one check pass?</h1>
      <p>
        <strong class="any">{visibleLine(task.title)}</strong>
      </p>
      <p class="soft">
        For this exact head only, <Sha of={task.headSha ?? ''} />. A push makes it void. Who did it and why stays in the
        audit log.
      </p>
      <input type="hidden" name="head_sha" value={task.headSha ?? ''} />
      <label for="check">Check</label>
      <select id="check" name="check" required>
        {checks.map((check) => (
          <option value={check}>{check}</option>
        ))}
      </select>
      <label for="reason">Reason, kept in the audit log</label>
      <input id="reason" name="reason" minlength={3} maxlength={2000} required autofocus />
      <Choice id={task.id}>Let it pass</Choice>
    </Form>
  </Frame>
);

const Choice = ({ id, children }: { readonly id: string; readonly children: string }) => (
  <p class="choice">
    <button type="submit" class="danger primary">
      {children}
    </button>
    <a href={`/board/tasks/${encodeURIComponent(id)}`}>Leave it as it is</a>
  </p>
);
