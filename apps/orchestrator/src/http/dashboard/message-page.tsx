/** A page with one thing to say: what was refused, or is not there, and what to do now. */
import { visibleLine } from '../../platform/visible-text.ts';
import type { Assets } from './assets.ts';
import { Frame, type Viewer } from './frame.tsx';

export interface MessageContent {
  readonly assets: Pick<Assets, 'address'>;
  readonly viewer: Viewer | null;
  readonly title: string;
  readonly detail: string;
  readonly next?: string | undefined;
  readonly back: string;
}

export const messagePage = ({ assets, viewer, title, detail, next, back }: MessageContent) => (
  <Frame title={title} here="none" viewer={viewer} assets={assets}>
    <section class="card door" aria-labelledby="message">
      <h1 id="message">{title}</h1>
      <p>{visibleLine(detail)}</p>
      {next === undefined ? null : <p class="soft">{visibleLine(next)}</p>}
      <p>
        <a href={back}>Go back</a>
      </p>
    </section>
  </Frame>
);
