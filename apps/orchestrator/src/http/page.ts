/**
 * Lists come in pages: `limit` rows behind `cursor`. A list keeps the shape of its answer, so what is beside the rows is in
 * headers: `x-total-count`, and while there are more `x-next-cursor` and `link`. A cursor names the last row of a page, so what is
 * added or ends meanwhile shifts nothing.
 */
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { json } from './views.ts';

export const LARGEST_PAGE = 1000;
const DEFAULT_PAGE = 50;

const CURSOR = /^(?:n[0-9]{1,15}|s[A-Za-z0-9_-]*)(?:\.(?:n[0-9]{1,15}|s[A-Za-z0-9_-]*)){0,3}$/;

/** What a list is asked with; some are longer by default, as they always were. */
export const pageQuery = (byDefault: number = DEFAULT_PAGE) =>
  z.object({
    limit: z.coerce
      .number()
      .int()
      .min(1)
      .max(LARGEST_PAGE)
      .default(byDefault)
      .openapi({ description: 'rows of a page' }),
    cursor: z
      .string()
      .max(1000)
      .regex(CURSOR, 'is no cursor of this list; leave it out to begin')
      .optional()
      .openapi({ description: 'the x-next-cursor, or `cursor`, of the page before' }),
  });

const header = (description: string) => ({ description, schema: { type: 'string' as const } });

/** The answer of a list: its rows, and in headers what is beside them. */
export const jsonPage = <Row extends z.ZodType>(row: Row, description: string) => ({
  ...json(z.array(row), description),
  headers: {
    'x-total-count': { ...header('rows of the whole list'), required: true },
    'x-next-cursor': header('where the next page begins; absent on the last one'),
    link: header('the next page, rel="next"; absent on the last one'),
  },
});

export type PageAsked = z.infer<ReturnType<typeof pageQuery>>;
/** What places a row in its list. */
export type Place = readonly (string | number)[];

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Rows of the whole list. */
  readonly total: number;
  /** Null: this is the last page. */
  readonly cursor: string | null;
}

/** Where the page begins; null: with the first row. */
export const placeOf = ({ cursor }: Pick<PageAsked, 'cursor'>): Place | null =>
  cursor === undefined ? null : readCursor(cursor);

/** A page of rows of which one more than `limit` was read. */
export function pageOf<Row>(
  read: readonly Row[],
  limit: number,
  of: { total: number; place: (row: Row) => Place },
): Page<Row> {
  const rows = read.slice(0, limit);
  const last = rows.at(-1);
  return {
    rows,
    total: of.total,
    cursor: read.length > limit && last !== undefined ? writeCursor(of.place(last)) : null,
  };
}

/** A page of a list that is in memory as a whole, in the order of the names of its rows. */
export function pageInMemory<Row>(all: readonly Row[], asked: PageAsked, nameOf: (row: Row) => string): Page<Row> {
  const [name] = placeOf(asked) ?? [];
  const start = name === undefined ? 0 : all.findIndex((row) => nameOf(row) === name) + 1;
  return pageOf(all.slice(start, start + asked.limit + 1), asked.limit, {
    total: all.length,
    place: (row) => [nameOf(row)],
  });
}

/** Says beside the rows where the list goes on. */
export function tellPage(c: Context, { total, cursor }: Page<unknown>): void {
  c.header('x-total-count', String(total));
  if (cursor === null) return;
  const next = new URL(c.req.url);
  next.searchParams.set('cursor', cursor);
  c.header('x-next-cursor', cursor);
  c.header('link', `<${next.pathname}${next.search}>; rel="next"`);
}

/** A number as it is, a text in base64url: whatever fits the pattern is a place. */
const writeCursor = (place: Place): string =>
  place
    .map((part) => (typeof part === 'number' ? `n${part}` : `s${Buffer.from(part).toString('base64url')}`))
    .join('.');

const readCursor = (text: string): Place =>
  text
    .split('.')
    .map((part) =>
      part.startsWith('n') ? Number(part.slice(1)) : Buffer.from(part.slice(1), 'base64url').toString('utf8'),
    );
