/**
 * Plane, by its public API (docs/adr/0022-the-outside-is-read-again-and-told-once.md). Tried against a double that is held to
 * facts read in its source, not against an installation.
 */
import { parseJson } from '../../platform/json.ts';
import type { TellAnswer } from '../../platform/tell-answer.ts';
import { isSignedByOneOf } from '../../platform/webhook-signature.ts';
import type { IssueList, IssueLookup, TrackedIssue, Tracker } from '../port.ts';
import type { PlaneAnswer, PlaneCall, PlaneClient } from './client.ts';
import { type AskingWish, type ListedState, resolveStates, type StateMemory, type StateNames } from './states.ts';
import { htmlOfText, textOfHtml } from './text.ts';

export interface PlaneTracker {
  readonly client: PlaneClient;
  /** Identifier of a project, as in `WEB-12`, to the id of the repository. */
  readonly projects: ReadonlyMap<string, string>;
  readonly names: StateNames;
  readonly memory: StateMemory;
  /** Empty: no delivery is believed. */
  readonly webhookSecret: string;
  /** Epoch ms. */
  readonly now: () => number;
}

interface Project {
  readonly id: string;
  readonly identifier: string;
  readonly repository: string;
  readonly wishOf: ReadonlyMap<string, AskingWish>;
  readonly warnings: readonly string[];
}

const PAGE = 100;
const MOST_PAGES = 200;
const PROJECTS_MS = 60_000;
/** Ids go into a path. */
const ID = /^[0-9A-Za-z-]{1,64}$/;

export function planeTracker(parts: PlaneTracker): Tracker {
  const { client, webhookSecret } = parts;
  const cache = projectCache(parts);
  return {
    name: 'plane',
    issue: (id, signal) => lookUp(parts, cache.recent, { issueId: id, signal }),
    wanted: (signal) => listWanted(parts, cache.fresh, signal),
    async comment({ issueId, key, text, signal }): Promise<TellAnswer> {
      const [project, item] = partsOf(issueId);
      if (project === null) return { kind: 'rejected', reason: 'no such issue' };
      const answer = await client({
        method: 'POST',
        path: `/projects/${project}/work-items/${item}/comments/`,
        body: { comment_html: htmlOfText(text), external_source: 'gatehouse', external_id: key },
        signal,
      });
      return toldBy(answer);
    },
    async hint({ headers, body }) {
      const signed = headers['x-plane-signature'] ?? '';
      if (webhookSecret === '' || !isSignedByOneOf([webhookSecret], body, signed))
        return { kind: 'refused', reason: 'its signature is missing or wrong' };
      const { event, data } = objectIn(parseJson(Buffer.from(body).toString('utf8')));
      if (event !== 'issue' && event !== 'issue_comment') return { kind: 'elsewhere' };
      const { id, issue, project } = objectIn(data);
      const item = event === 'issue_comment' ? issue : id;
      return { kind: 're-read', issueId: isId(item) && isId(project) ? `${project}/${item}` : null };
    },
  };
}

/** A repeated key is answered 409 by Plane: the comment is there. */
function toldBy(answer: PlaneAnswer): TellAnswer {
  if (answer.kind === 'unreachable')
    return { kind: 'untold', reason: answer.reason, retryAfterMs: answer.retryAfterMs };
  const { status } = answer;
  if ((status >= 200 && status < 300) || status === 409) return { kind: 'told' };
  return { kind: 'rejected', reason: `plane answered ${status} to a comment` };
}

type ReadProjects = (signal?: AbortSignal) => Promise<Project[] | Unreachable>;

/** A key has sixty calls a minute: projects and statuses are read once in a while, and a single issue uses what is known. */
function projectCache(parts: PlaneTracker): { readonly fresh: ReadProjects; readonly recent: ReadProjects } {
  let last: { readonly projects: Project[]; readonly at: number } | null = null;
  const read =
    (maxAgeMs: number): ReadProjects =>
    async (signal) => {
      if (last !== null && parts.now() - last.at < maxAgeMs) return last.projects;
      const projects = await projectsOf(parts, signal);
      if (Array.isArray(projects)) last = { projects, at: parts.now() };
      return projects;
    };
  return { fresh: read(PROJECTS_MS), recent: read(PROJECTS_MS * 10) };
}

interface LookUp {
  readonly issueId: string;
  readonly signal: AbortSignal | undefined;
}

async function lookUp(parts: PlaneTracker, read: ReadProjects, { issueId, signal }: LookUp): Promise<IssueLookup> {
  const [project, item] = partsOf(issueId);
  if (project === null) return { kind: 'gone' };
  const projects = await read(signal);
  if (!Array.isArray(projects)) return unreachable(projects);
  const known = projects.find(({ id }) => id === project);
  if (known === undefined) return { kind: 'gone' };
  const answer = await parts.client({ method: 'GET', path: `/projects/${project}/work-items/${item}/`, signal });
  if (answer.kind === 'unreachable') return unreachable(answer);
  if (answer.status === 404 || answer.status === 410) return { kind: 'gone' };
  const issue = answer.status === 200 ? issueIn(answer.body, known) : null;
  return issue === null
    ? { kind: 'unreachable', reason: `plane answered ${answer.status}, and no work item` }
    : { kind: 'issue', issue };
}

async function listWanted(parts: PlaneTracker, read: ReadProjects, signal?: AbortSignal): Promise<IssueList> {
  const projects = await read(signal);
  if (!Array.isArray(projects)) return unreachable(projects);
  const all: TrackedIssue[] = [];
  const warnings = [
    ...projects.flatMap(({ repository, warnings: texts }) => texts.map((text) => ({ repository, text }))),
    ...missing(parts, projects),
  ];
  for (const project of projects) {
    const items = await pages(parts, { path: `/projects/${project.id}/work-items/`, signal });
    if (!Array.isArray(items)) return unreachable(items);
    for (const item of items) {
      const issue = issueIn(item, project);
      if (issue !== null && issue.wish !== 'nothing') all.push(issue);
    }
  }
  return { kind: 'issues', all, warnings };
}

const missing = ({ projects }: PlaneTracker, found: readonly Project[]) =>
  [...projects]
    .filter(([name]) => !found.some(({ identifier }) => identifier === name))
    .map(([name, repository]) => ({
      repository,
      text: `no project of the workspace is called ${name}, or the key may not see it; see ORCH_PLANE_PROJECTS`,
    }));

/** The configured projects with their statuses. */
async function projectsOf(parts: PlaneTracker, signal?: AbortSignal): Promise<Project[] | Unreachable> {
  const listed = await pages(parts, { path: '/projects/', signal });
  if (!Array.isArray(listed)) return listed;
  const known = await parts.memory.trackerStates();
  const projects: Project[] = [];
  for (const one of listed.map(objectIn)) {
    const { id, identifier } = one;
    const repository = typeof identifier === 'string' ? parts.projects.get(identifier) : undefined;
    if (!isId(id) || typeof identifier !== 'string' || repository === undefined) continue;
    const states = await pages(parts, { path: `/projects/${id}/states/`, signal });
    if (!Array.isArray(states)) return states;
    const resolved = resolveStates({
      project: identifier,
      listed: states.map(objectIn).filter(isListedState),
      known,
      names: parts.names,
    });
    for (const state of resolved.found) await parts.memory.recordTrackerState(state);
    projects.push({ id, identifier, repository, wishOf: resolved.wishOf, warnings: resolved.warnings });
  }
  return projects;
}

type Unreachable = Extract<PlaneAnswer, { readonly kind: 'unreachable' }>;
const unreachable = ({ reason }: Pick<Unreachable, 'reason'>) => ({ kind: 'unreachable', reason }) as const;

/** Every row of a list, whether it comes in pages or at once. */
async function pages({ client }: PlaneTracker, of: Omit<PlaneCall, 'method'>): Promise<unknown[] | Unreachable> {
  const rows: unknown[] = [];
  let cursor = '';
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const path = `${of.path}?per_page=${PAGE}${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
    const answer = await client({ ...of, method: 'GET', path });
    if (answer.kind === 'unreachable') return answer;
    const { body, status } = answer;
    if (status !== 200) return refusedList(status);
    if (Array.isArray(body)) return body;
    const { results, next_cursor: next, next_page_results: isMore } = objectIn(body);
    if (!Array.isArray(results)) return refusedList(status);
    rows.push(...results);
    if (isMore !== true || typeof next !== 'string' || next === cursor) return rows;
    cursor = next;
  }
  return { kind: 'unreachable', reason: `plane has more than ${MOST_PAGES * PAGE} rows in a list`, retryAfterMs: null };
}

const refusedList = (status: number): Unreachable => ({
  kind: 'unreachable',
  reason:
    status === 401 || status === 403
      ? `plane answered ${status}: ORCH_PLANE_TOKEN is not valid there, or may not read the project`
      : `plane answered ${status}, and no list`,
  retryAfterMs: null,
});

function issueIn(row: unknown, { id: project, identifier, repository, wishOf }: Project): TrackedIssue | null {
  const { id, name, description_html: html, sequence_id: number, state, updated_at: updated } = objectIn(row);
  const updatedAt = typeof updated === 'string' ? Date.parse(updated) : Number.NaN;
  // Expanded or not: both shapes are Plane's.
  const stateId = typeof state === 'string' ? state : objectIn(state)['id'];
  if (!isId(id) || typeof name !== 'string' || typeof stateId !== 'string' || Number.isNaN(updatedAt)) return null;
  return {
    id: `${project}/${id}`,
    key: typeof number === 'number' ? `${identifier}-${number}` : id,
    repository,
    title: name.slice(0, 500),
    description: typeof html === 'string' ? textOfHtml(html) : '',
    wish: wishOf.get(stateId) ?? 'nothing',
    updatedAt,
  };
}

type Fields = Readonly<Record<string, unknown>>;
const objectIn = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const isId = (value: unknown): value is string => typeof value === 'string' && ID.test(value);
const isListedState = (row: Fields): row is Fields & ListedState => isId(row['id']) && typeof row['name'] === 'string';

/** `project/item`; nulls for anything else. */
function partsOf(issueId: string): readonly [string, string] | readonly [null, null] {
  const [project, item, ...more] = issueId.split('/');
  return isId(project) && isId(item) && more.length === 0 ? [project, item] : [null, null];
}
