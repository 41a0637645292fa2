import { type FeedPort, type FeedQuestion, joinFeeds, osvFeed } from '@gatehouse/security-gate';
import { afterEach, describe, expect, test } from '@jest/globals';
import { cvssSeverity } from '../src/feeds/cvss.ts';
import { KNOWN, osvDouble, type Vulnerable } from './osv-double.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
async function double(...given: Parameters<typeof osvDouble>) {
  const server = await osvDouble(...given);
  open.push(server);
  return server;
}
const bad = (more: object = {}): Vulnerable => ({
  ecosystem: 'PyPI',
  name: 'bad',
  version: '1.0',
  record: { id: 'PYSEC-1', aliases: ['CVE-2026-1'], summary: 'bad', database_specific: { severity: 'HIGH' }, ...more },
});
const question: readonly FeedQuestion[] = [
  { ecosystem: 'PyPI', name: 'bad', versions: ['1.0', '2.0'] },
  { ecosystem: 'PyPI', name: 'good', versions: ['1.0'] },
];
const ask = (url: string, packages = question) => osvFeed({ url }).query(packages, new AbortController().signal);
const listOf = (value: unknown): unknown[] => (value as { readonly results: unknown[] }).results;

test('names the vulnerable ones among the versions that were asked about, with severity and aliases', async () => {
  const { url } = await double([...KNOWN, bad()]);
  expect(await ask(`${url}/`)).toMatchObject({
    kind: 'ok',
    gaps: [],
    advisories: [
      {
        id: 'PYSEC-1',
        aliases: ['CVE-2026-1'],
        ecosystem: 'PyPI',
        package: 'bad',
        versions: ['1.0'],
        severity: 'high',
      },
      { package: 'jinja2', versions: ['2.4.1'] },
    ],
  });
});

test('asks in batches of a thousand and follows pages to their end', async () => {
  const many = Array.from({ length: 5 }, (_, n) => ({ ...bad(), record: { id: `PYSEC-${n}` } }));
  const { url, paths } = await double([...KNOWN, ...many], { pageSize: 2 });
  const packages = [
    ...question,
    ...Array.from({ length: 1500 }, (_, n) => ({ ecosystem: 'PyPI' as const, name: `p${n}`, versions: ['1'] })),
  ];
  const answer = await ask(url, packages);
  expect(answer.kind === 'ok' && answer.advisories.filter(({ package: name }) => name === 'bad')).toHaveLength(5);
  expect(paths.filter((path) => path === '/v1/querybatch')).toHaveLength(2 + 2);
});

test('a withdrawn record is none, a malicious package is critical, a CVSS vector counts where no word does', async () => {
  const cvss = { severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }] };
  const { url } = await double([
    ...KNOWN,
    { ...bad(), record: { id: 'GHSA-gone', withdrawn: '2026-01-01T00:00:00Z' } },
    { ...bad(), record: { id: 'MAL-2026-1' } },
    { ...bad(), record: { id: 'PYSEC-2', ...cvss } },
    { ...bad(), record: { id: 'PYSEC-3' } },
  ]);
  const answer = await ask(url);
  expect(answer.kind === 'ok' && answer.advisories.map(({ id, severity }) => [id, severity])).toEqual([
    ['MAL-2026-1', 'critical'],
    ['PYSEC-2', 'critical'],
    ['PYSEC-3', 'unknown'],
    ['GHSA-canary-PyPI', 'low'],
  ]);
});

test.each([
  ['AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H', 'critical'],
  ['AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H', 'high'],
  ['AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N', 'moderate'],
  ['AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N', 'low'],
  ['AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N', 'low'],
  ['AV:N/AC:L/PR:N', 'unknown'],
  ['AV:X/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N', 'unknown'],
])('the vector %s is %s', (vector, severity) => {
  expect(cvssSeverity(`CVSS:3.1/${vector}`)).toBe(severity);
});

describe('an answer that is not to be believed is malformed:', () => {
  test.each<[string, (path: string, value: unknown) => unknown]>([
    ['HTML', () => '<html>'],
    ['nothing', () => ''],
    ['no results', () => ({})],
    ['one result less', (path, value) => (path === '/v1/querybatch' ? { results: listOf(value).slice(1) } : value)],
    [
      'a vulnerability without an id',
      (path, value) => (path === '/v1/querybatch' ? { results: listOf(value).map(() => ({ vulns: [{}] })) } : value),
    ],
    [
      'pages without end',
      (path, value) =>
        path === '/v1/querybatch' ? { results: listOf(value).map(() => ({ next_page_token: 'x' })) } : value,
    ],
    [
      'the record of another vulnerability',
      (path, value) => (path.startsWith('/v1/vulns/') ? { id: 'OTHER-1' } : value),
    ],
    [
      'a blind service: no canary comes back',
      (path, value) => (path === '/v1/querybatch' ? { results: listOf(value).map(() => ({})) } : value),
    ],
  ])('%s', async (_name, breaks) => {
    const { url } = await double([...KNOWN, bad()], { breaks });
    expect((await ask(url)).kind).toBe('malformed');
  });
});

test('a record that cannot be had leaves the feed unreachable', async () => {
  const { url } = await double([...KNOWN, bad()], {
    breaks: (path, value) => (path.includes('PYSEC') ? undefined : value),
  });
  expect((await ask(url)).kind).toBe('unreachable');
});

test('an ecosystem whose canary is missing is a gap, the others are answered', async () => {
  const { url } = await double([...KNOWN.filter(({ ecosystem }) => ecosystem !== 'Go'), bad()]);
  const packages: readonly FeedQuestion[] = [
    ...question,
    { ecosystem: 'Go', name: 'example.org/x', versions: ['1.0.0'] },
  ];
  expect(await ask(url, packages)).toMatchObject({ kind: 'ok', gaps: [{ ecosystem: 'Go', kind: 'malformed' }] });
});

test('feeds are joined: each is asked about its own, and what none answered for is a gap', async () => {
  const { url } = await double([...KNOWN, bad()]);
  const dead: FeedPort = { name: 'dead', query: async () => ({ kind: 'unreachable', reason: 'down' }) };
  const alive: FeedPort = { name: 'alive', query: async () => ({ kind: 'ok', advisories: [] }) };
  const npm: FeedQuestion = { name: 'x', versions: ['1.0.0'] };
  const signal = new AbortController().signal;
  const python: FeedPort = { ...osvFeed({ url }), ecosystems: ['PyPI'] };
  expect(await joinFeeds([dead, python]).query([npm, ...question], signal)).toMatchObject({
    kind: 'ok',
    gaps: [{ ecosystem: 'npm', kind: 'unreachable', reason: 'dead: down' }],
  });
  expect(await joinFeeds([dead, alive]).query([npm], signal)).toEqual({ kind: 'ok', advisories: [], gaps: [] });
  expect(await joinFeeds([dead, dead]).query([npm], signal)).toMatchObject({ kind: 'unreachable' });
});
