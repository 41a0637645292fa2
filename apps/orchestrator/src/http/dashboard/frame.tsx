/** What every page of the board has: head, navigation, and who is looking. */
import type { Child } from 'hono/jsx';
import { visibleLine } from '../../platform/visible-text.ts';
import { allows, type Scope } from '../tokens.ts';
import type { Assets } from './assets.ts';

/** The pages of the navigation. What comes later (trains, hosts) gets a row here. */
const PAGES = [
  { name: 'queue', path: '/', word: 'Queue' },
  { name: 'work', path: '/board/work', word: 'Work' },
  { name: 'repositories', path: '/board/repos', word: 'Repositories' },
  { name: 'workers', path: '/board/workers', word: 'Workers' },
  { name: 'audit', path: '/board/audit', word: 'Audit' },
  { name: 'alerts', path: '/board/alerts', word: 'Alerts' },
] as const;

type PageName = (typeof PAGES)[number]['name'] | 'sessions' | 'none';

/** Who looks at a page, and how they like it. */
export interface Viewer {
  readonly name: string;
  readonly scope: Scope;
  /** Null: no session, and so no form. */
  readonly formToken: string | null;
  readonly theme: Theme;
}

export type Theme = 'auto' | 'light' | 'dark';

/** Whether a form that needs the scope is shown to them. */
export const mayPress = ({ formToken, scope }: Viewer, needed: Scope): boolean =>
  formToken !== null && allows(scope, needed);

export interface Framed {
  readonly title: string;
  readonly here: PageName;
  /** Null: not logged in. */
  readonly viewer: Viewer | null;
  readonly assets: Pick<Assets, 'address'>;
  /** The last event that the page knows; absent on a page where nothing moves. */
  readonly liveSince?: number;
  readonly children?: Child;
}

export function Frame({ title, here, viewer, assets, liveSince, children }: Framed) {
  return (
    <html lang="en" data-theme={viewer?.theme ?? 'auto'}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${visibleLine(title)} · Gatehouse`}</title>
        <link rel="icon" href={assets.address('favicon.svg')} type="image/svg+xml" />
        <link rel="stylesheet" href={assets.address('board.css')} />
        <script src={assets.address('board.js')} defer></script>
      </head>
      <body data-live-since={liveSince}>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <header class="bar">
          <a class="brand" href="/">
            <img src={assets.address('favicon.svg')} alt="" width="22" height="22" />
            Gatehouse
          </a>
          {viewer === null ? null : <Navigation here={here} />}
          {viewer === null ? null : <Account viewer={viewer} isLive={liveSince !== undefined} />}
        </header>
        <main id="main" tabindex={-1}>
          {children}
        </main>
      </body>
    </html>
  );
}

const Navigation = ({ here }: { readonly here: PageName }) => (
  <nav aria-label="Pages">
    {PAGES.map(({ name, path, word }) => (
      <a href={path} aria-current={name === here ? 'page' : undefined}>
        {word}
      </a>
    ))}
  </nav>
);

function Account({ viewer, isLive }: { readonly viewer: Viewer; readonly isLive: boolean }) {
  return (
    <div class="account small">
      {isLive ? <output class="live" id="live" /> : null}
      <details class="menu" id="menu">
        <summary>{visibleLine(viewer.name)}</summary>
        <div class="sheet">
          <p class="soft">may {viewer.scope}</p>
          <a href="/board/sessions">Sessions</a>
          <a href="/openapi.json">API</a>
          <ThemeForm viewer={viewer} />
          <Form viewer={viewer} action="/logout">
            <button type="submit">Log out</button>
          </Form>
        </div>
      </details>
    </div>
  );
}

const NEXT_THEME: { readonly [Now in Theme]: Theme } = { auto: 'dark', dark: 'light', light: 'auto' };
const THEME_WORDS: { readonly [Now in Theme]: string } = { auto: 'as the system', dark: 'dark', light: 'light' };

const ThemeForm = ({ viewer }: { readonly viewer: Viewer }) => (
  <Form viewer={viewer} action="/board/theme">
    <input type="hidden" name="theme" value={NEXT_THEME[viewer.theme]} />
    <button type="submit">Colours: {THEME_WORDS[viewer.theme]}</button>
  </Form>
);

/** A form that belongs to the viewer's session; without one there is none. */
export function Form(props: {
  readonly viewer: Pick<Viewer, 'formToken'>;
  readonly action: string;
  readonly class?: string;
  readonly children?: Child;
}) {
  const { viewer, action, children } = props;
  if (viewer.formToken === null) return null;
  return (
    <form method="post" action={action} class={props.class}>
      <input type="hidden" name="form" value={viewer.formToken} />
      {children}
    </form>
  );
}
