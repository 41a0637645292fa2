/** The front door of the board for a person without a session. */
import type { Assets } from './assets.ts';
import { Frame } from './frame.tsx';

export interface LoginContent {
  readonly assets: Pick<Assets, 'address'>;
  /** Where the person wanted to go. */
  readonly next: string;
  /** Why they are still here; null: they just came. */
  readonly problem: string | null;
}

export const loginPage = ({ assets, next, problem }: LoginContent) => (
  <Frame title="Log in" here="none" viewer={null} assets={assets}>
    <form class="card door" method="post" action="/login" aria-labelledby="door">
      <h1 id="door">Log in</h1>
      {problem === null ? null : (
        <p class="note stop" role="alert">
          {problem}
        </p>
      )}
      <input type="hidden" name="next" value={next} />
      <label for="token">API token</label>
      <input
        id="token"
        name="token"
        type="password"
        autocomplete="current-password"
        spellcheck={false}
        required
        autofocus
      />
      <button type="submit" class="primary">
        Log in
      </button>
      <p class="soft small">
        The service made one at its first start, and names its file whenever it starts: <code>api-token</code> in its
        data directory, so <code>cat .gatehouse/api-token</code> where it runs, or{' '}
        <code>cat "$ORCH_DATA_DIR/api-token"</code> if that is set. It is asked for once; this browser then has a
        session of its own, with the rights of that token.
      </p>
    </form>
  </Frame>
);
