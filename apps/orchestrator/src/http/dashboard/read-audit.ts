/** A page of the audit log, as the search asks for it. */
import type { EventStore } from '../../store/port/index.ts';
import type { AuditContent, AuditSearch } from './audit-page.tsx';

const PAGE = 50;
const LONGEST = 200;

export async function readAudit(
  store: Pick<EventStore, 'searchEvents'>,
  query: Readonly<Record<string, string>>,
): Promise<Pick<AuditContent, 'search' | 'events' | 'older'>> {
  const typed = (name: string): string => (query[name] ?? '').trim().slice(0, LONGEST);
  const search: AuditSearch = {
    text: typed('text'),
    repo: typed('repo'),
    task: typed('task'),
    actor: typed('actor'),
    kind: typed('kind'),
  };
  const { text, repo: repoId, task: taskId, actor, kind } = search;
  const given = Object.entries({ text, repoId, taskId, actor, kind }).filter(([, value]) => value !== '');
  const before = Number(query['before']);
  const cursor = Number.isSafeInteger(before) && before > 0 ? { beforeSeq: before } : {};
  const read = await store.searchEvents({ ...Object.fromEntries(given), ...cursor, limit: PAGE + 1 });
  const events = read.slice(0, PAGE);
  return { search, events, older: read.length > PAGE ? (events.at(-1)?.seq ?? null) : null };
}
