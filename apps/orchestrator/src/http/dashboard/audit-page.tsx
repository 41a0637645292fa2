/** The audit log: everything that happened, who did it, and a search. */
import { visibleJson, visibleLine, visibleStart } from '../../platform/visible-text.ts';
import type { StoredEvent } from '../../store/port/index.ts';
import type { Assets } from './assets.ts';
import { eventWords } from './event-words.ts';
import { Frame, type Viewer } from './frame.tsx';
import { State, When } from './marks.tsx';
import type { StepWords } from './task-words.ts';

/** What was typed into the search, by field; empty: nothing. */
export type AuditSearch = Readonly<Record<'text' | 'repo' | 'task' | 'actor' | 'kind', string>>;

export interface AuditContent {
  readonly search: AuditSearch;
  readonly events: readonly StoredEvent[];
  /** Where the next page begins; null: this is the last one. */
  readonly older: number | null;
  readonly words: StepWords;
  readonly nowMs: number;
}

interface AuditPage {
  readonly assets: Pick<Assets, 'address'>;
  readonly viewer: Viewer;
  readonly content: AuditContent;
}

const FIELDS = [
  ['text', 'Anything in it'],
  ['repo', 'Repository'],
  ['task', 'Task'],
  ['actor', 'Who'],
  ['kind', 'What'],
] as const;
const [LONGEST_BODY, LONGEST_ACTOR] = [20_000, 80];

export const auditPage = ({ assets, viewer, content }: AuditPage) => (
  <Frame title="Audit" here="audit" viewer={viewer} assets={assets}>
    <div class="head">
      <h1>Audit log</h1>
    </div>
    <section class="card wide" aria-label="Events">
      <form class="search" method="get" action="/board/audit">
        {FIELDS.map(([name, label]) => (
          <p>
            <label for={name}>{label}</label>
            <input id={name} name={name} type="search" value={content.search[name]} maxlength={200} />
          </p>
        ))}
        <button type="submit">Search</button>
      </form>
      <ul class="rows">
        {content.events.map((event) => (
          <Row event={event} content={content} />
        ))}
      </ul>
      {content.events.length === 0 ? (
        <p class="empty">Nothing matches. Leave fields empty to see everything, the newest first.</p>
      ) : null}
      {content.older === null ? null : (
        <p class="more">
          <a href={olderAddress(content)}>Older</a>
        </p>
      )}
    </section>
  </Frame>
);

const Row = ({ event, content }: { readonly event: StoredEvent; readonly content: AuditContent }) => {
  const { shape, word, text } = eventWords(event, content.words);
  return (
    <li class="row" data-entry="">
      <State shape={shape}>{word}</State>
      <span class="grow">
        {event.taskId === null ? (
          event.repoId
        ) : (
          <a href={`/board/tasks/${encodeURIComponent(event.taskId)}`}>{event.taskId}</a>
        )}{' '}
        <span class="soft">{text}</span>
        <details>
          <summary class="small">
            {event.kind} {event.seq}, by {visibleStart(event.actor, LONGEST_ACTOR)}
          </summary>
          <pre tabindex={0}>{visibleLine(visibleJson(event.body)).slice(0, LONGEST_BODY)}</pre>
        </details>
      </span>
      <span class="soft small">
        <When atMs={event.at} nowMs={content.nowMs} />
      </span>
    </li>
  );
};

function olderAddress({ search, older }: AuditContent): string {
  const given = Object.entries(search).filter(([, value]) => value !== '');
  return `/board/audit?${new URLSearchParams([...given, ['before', String(older)]])}`;
}
