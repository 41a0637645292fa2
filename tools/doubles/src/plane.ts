/**
 * Plane 1.3.1 as far as its public API is used: projects, statuses, work items, comments. Held to facts read in its source, not
 * to an installation: keys of sixty calls a minute, `external_id` as an idempotency key (409), one delivery per changed field,
 * none for a deleted item, a delivery number that is new in every try.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import { Faults } from './faults.ts';
import { answerByApi, type Served, serve } from './serve.ts';

export interface PlaneState {
  readonly id: string;
  name: string;
}

export interface PlaneItem {
  readonly id: string;
  readonly project: string;
  readonly number: number;
  name: string;
  html: string;
  state: string;
  updatedAt: number;
}

export interface PlaneComment {
  readonly item: string;
  readonly html: string;
  readonly externalId: string;
}

export interface PlaneDelivery {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export class Plane {
  readonly token = 'plane_api_planted';
  readonly secret = 'plane_wh_planted';
  readonly workspace = 'acme';
  readonly faults = new Faults();
  readonly projects: { readonly id: string; readonly identifier: string; readonly states: PlaneState[] }[] = [];
  readonly items = new Map<string, PlaneItem>();
  readonly comments: PlaneComment[] = [];
  /** Calls of the key in this minute that are left; null: it is not limited. */
  callsLeft: number | null = null;
  calls = 0;
  /** Rows of a page of a list. */
  page = 2;
  #clock = Date.UTC(2026, 10, 28);
  #numbers = 0;
  #served: Served | null = null;

  async start(): Promise<string> {
    const api = this.#api();
    this.#served = await serve({ faults: this.faults, answer: (received) => answerByApi(api, received) });
    return this.#served.url;
  }

  async close(): Promise<void> {
    await this.#served?.close();
  }

  addProject(identifier: string, names: readonly string[]): string {
    const states = names.map((name) => ({ id: randomUUID(), name }));
    const id = randomUUID();
    this.projects.push({ id, identifier, states });
    return id;
  }

  stateId(project: string, name: string): string {
    const found = this.projects.find(({ id }) => id === project)?.states.find((state) => state.name === name);
    if (found === undefined) throw new Error(`no status ${name}`);
    return found.id;
  }

  addItem(
    project: string,
    name: string,
    { state, html = '' }: { readonly state: string; readonly html?: string },
  ): PlaneItem {
    this.#numbers += 1;
    const item = {
      id: randomUUID(),
      project,
      number: this.#numbers,
      name,
      html,
      state: this.stateId(project, state),
      updatedAt: this.#tick(),
    };
    this.items.set(item.id, item);
    return item;
  }

  move(item: PlaneItem, state: string): void {
    item.state = this.stateId(item.project, state);
    item.updatedAt = this.#tick();
  }

  /** Anything but the status changed. */
  touch(item: PlaneItem): void {
    item.updatedAt = this.#tick();
  }

  /** A delivery about the item as it is now. */
  delivery(item: PlaneItem, action = 'updated'): PlaneDelivery {
    const data = action === 'deleted' ? { id: item.id } : { ...this.#view(item), state: { id: item.state } };
    const body = Buffer.from(JSON.stringify({ event: 'issue', action, webhook_id: 'w', workspace_id: 'x', data }));
    return {
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Autopilot',
        'x-plane-delivery': randomUUID(),
        'x-plane-event': 'issue',
        'x-plane-signature': createHmac('sha256', this.secret).update(body).digest('hex'),
      },
      body,
    };
  }

  #tick(): number {
    this.#clock += 1_000;
    return this.#clock;
  }

  #view({ id, project, number, name, html, state, updatedAt }: PlaneItem) {
    return {
      id,
      project,
      sequence_id: number,
      name,
      description_html: html,
      state,
      updated_at: new Date(updatedAt).toISOString(),
    };
  }

  #api(): Hono {
    const api = new Hono();
    api.use(async (c, next) => {
      this.calls += 1;
      if (c.req.header('x-api-key') !== this.token) return c.json({ error: 'Given API token is not valid' }, 403);
      if (this.callsLeft !== null) {
        if (this.callsLeft === 0) return c.json({ error_code: 5900 }, 429, { 'retry-after': '17' });
        this.callsLeft -= 1;
        c.header('x-ratelimit-remaining', String(this.callsLeft));
      }
      return next();
    });
    const root = `/api/v1/workspaces/${this.workspace}/projects`;
    api.get(`${root}/`, (c) =>
      c.json(
        this.#paged(
          this.projects.map(({ id, identifier }) => ({ id, identifier })),
          c.req.query('cursor'),
        ),
      ),
    );
    api.get(`${root}/:project/states/`, (c) => {
      const found = this.projects.find(({ id }) => id === c.req.param('project'));
      return found === undefined
        ? c.json({ error: 'not found' }, 404)
        : c.json(
            this.#paged(
              found.states.map(({ id, name }) => ({ id, name, color: '#fff', group: 'started' })),
              c.req.query('cursor'),
            ),
          );
    });
    api.get(`${root}/:project/work-items/`, (c) => {
      const all = [...this.items.values()].filter(({ project }) => project === c.req.param('project'));
      return c.json(
        this.#paged(
          all.map((item) => this.#view(item)),
          c.req.query('cursor'),
        ),
      );
    });
    api.get(`${root}/:project/work-items/:id/`, (c) => {
      const item = this.items.get(c.req.param('id'));
      return item === undefined || item.project !== c.req.param('project')
        ? c.json({ error: 'The requested resource does not exist.' }, 404)
        : c.json(this.#view(item));
    });
    api.post(`${root}/:project/work-items/:id/comments/`, async (c) => {
      const item = this.items.get(c.req.param('id'));
      if (item === undefined) return c.json({ error: 'not found' }, 404);
      const { comment_html: html, external_id: externalId } = await c.req.json<Record<string, string>>();
      if (html === undefined || externalId === undefined) return c.json({ comment_html: ['required'] }, 400);
      if (
        this.comments.some((one) => one.externalId === externalId && this.items.get(one.item)?.project === item.project)
      )
        return c.json({ error: 'Comment with the same external id already exists', id: 'c' }, 409);
      this.comments.push({ item: item.id, html, externalId });
      return c.json({ id: randomUUID() }, 201);
    });
    return api;
  }

  #paged(rows: readonly unknown[], cursor = '0'): unknown {
    const from = Number(cursor);
    const to = from + this.page;
    return {
      results: rows.slice(from, to),
      next_cursor: String(to),
      next_page_results: to < rows.length,
      total_results: rows.length,
    };
  }
}
