/** An advisory feed on loopback with made-up advisories, so that the demo needs no network. It is labelled as such. */
import { type ListenAnswer, listen } from '@gatehouse/orchestrator/testing';
import { Hono } from 'hono';

const advisory = (id: number, title: string, vulnerable: string) => ({
  id,
  url: `https://example.invalid/advisories/DEMO-${id}`,
  title: `${title} (made up for the demo)`,
  severity: 'high',
  vulnerable_versions: vulnerable,
  cwe: ['CWE-1236'],
  cvss: { score: 8.1, vectorString: null },
});

/** The second one is the canary by which the gate knows that the feed answers. */
const ADVISORIES: Readonly<Record<string, readonly ReturnType<typeof advisory>[]>> = {
  'csv-quick-parser': [advisory(900_001, 'csv-quick-parser runs formulas found in cells', '<1.1.0')],
  minimist: [advisory(900_002, 'minimist lets a caller set any property', '<1.2.6')],
};

export function startFeed(): Promise<ListenAnswer> {
  const app = new Hono();
  app.post('/advisories/bulk', async (c) => {
    const asked: unknown = await c.req.json();
    const names = typeof asked === 'object' && asked !== null ? Object.keys(asked) : [];
    return c.json(
      Object.fromEntries(
        names.filter((name) => Object.hasOwn(ADVISORIES, name)).map((name) => [name, ADVISORIES[name]]),
      ),
    );
  });
  return listen(app.fetch, { host: '127.0.0.1', port: 0 });
}
