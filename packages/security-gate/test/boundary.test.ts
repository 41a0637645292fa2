import {
  auditDependencies,
  checkBranchSecurity,
  computeSecurityVerdict,
  joinFeeds,
  maskSecrets,
  osvDatabaseFeed,
  osvFeed,
  osvScannerFeed,
  pipAuditFeed,
  readSecurityVerdict,
  scanSecrets,
  writeSecurityReport,
} from '@gatehouse/security-gate';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { zipContent, zipEntries } from '../src/adapters/zip.ts';
import { FORMATS } from '../src/lock/formats.ts';
import { readLock } from '../src/lock/read-lock.ts';
import { dedupeMatches } from '../src/rules/dedupe-matches.ts';
import { runOwnRules } from '../src/rules/run-rules.ts';
import { sanitizeText } from '../src/sanitize-text.ts';
import { chunks } from '../src/text/chunks.ts';
import { views } from '../src/text/views.ts';
import { KnownSearch } from '../src/worker/known.ts';
import { hostile } from './hostile.ts';

const nonsense: readonly unknown[] = [
  hostile,
  undefined,
  null,
  7,
  'x',
  [],
  {},
  { git: hostile },
  { dir: hostile },
  { git: { gitDir: '/nowhere' } },
];

test('no export opens or throws for a hostile request', async () => {
  for (const request of nonsense) {
    const whole = await checkBranchSecurity(request as never);
    expect('kind' in whole ? whole.kind : whole.status).toMatch(/^(?:crashed|error)$/);
    expect((await scanSecrets(request as never)).kind).toMatch(/^(?:tool-failed|crashed)$/);
    expect((await auditDependencies(request as never)).kind).toMatch(/^(?:tool-failed|crashed)$/);
    expect((await maskSecrets(request as never)).kind).toMatch(/^(?:tool-failed|crashed)$/);
    expect((await writeSecurityReport(request as never)).kind).toMatch(/^(?:refused|crashed)$/);
    expect((await readSecurityVerdict(request as never)).kind).toMatch(/^(?:rejected|crashed)$/);
    expect(computeSecurityVerdict(request as never).status).toBe('ERROR');
  }
  const sha = 'a'.repeat(40);
  for (const timeoutMs of [Number.NaN, -1, 0, 1e12])
    expect((await scanSecrets({ git: { gitDir: '/nowhere' }, base: sha, head: sha, timeoutMs })).kind).toBe(
      'tool-failed',
    );
});

test('making or joining feeds of nonsense does not throw, and such feeds never answer ok', async () => {
  for (const options of nonsense) {
    for (const make of [osvDatabaseFeed, osvFeed, osvScannerFeed, pipAuditFeed])
      expect(typeof make(options as never).query).toBe('function');
    expect(typeof joinFeeds(options as never).query).toBe('function');
  }
  const none = await joinFeeds(hostile as never).query([], new AbortController().signal);
  expect(none.kind).toBe('unreachable');
});

test('no nonsense becomes a pass', () => {
  fc.assert(fc.property(fc.anything(), (request) => computeSecurityVerdict(request as never).status === 'ERROR'));
});

test('no bytes make the readings, the rules or the lockfile reader throw, and matches lie inside their text', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc.json().map((text) => new TextEncoder().encode(text)),
  );
  fc.assert(
    fc.property(bytes, (some) => {
      for (const entry of zipEntries(Buffer.from(some)) ?? []) zipContent(Buffer.from(some), entry);
      for (const { id } of FORMATS) expect(['lock', 'malformed']).toContain(readLock(some, id).kind);
      for (const { text, origin, place } of views(some))
        for (const { start, end } of dedupeMatches(text, runOwnRules(text).matches)) {
          expect(0 <= start && start < end && end <= text.length).toBe(true);
          expect(place(start)).toBeLessThanOrEqual(origin.length);
        }
    }),
  );
});

test('the pieces of a text own every offset exactly once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300_000 }), (length) => {
      let next = 0;
      for (const { from, to, start, text } of chunks('abcdefgh'.repeat(Math.ceil(length / 8)).slice(0, length))) {
        if (length < 8) return;
        expect(from).toBe(next);
        expect(start).toBeLessThanOrEqual(from);
        expect(start + text.length).toBeGreaterThanOrEqual(Math.min(to, length));
        next = to;
      }
    }),
    { numRuns: 50 },
  );
});

test('the search for known secrets agrees with a plain search', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'ä'), minLength: 1, maxLength: 7 });
  fc.assert(
    fc.property(
      fc.array(word, { maxLength: 8 }),
      fc.string({ unit: fc.constantFrom('a', 'b', 'ä'), maxLength: 40 }),
      (words, text) => {
        const search = new KnownSearch(new Map(words.map((one) => [one, one])));
        search.scan(Buffer.from(text));
        const plain = words.filter((one) => Buffer.byteLength(one) >= 4 && text.includes(one));
        expect([...search.found].sort()).toEqual([...new Set(plain)].sort());
      },
    ),
  );
});

test('what is shown is one bounded line without control or direction', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) =>
      /^[^\p{Cc}\p{Cf}\p{Cs}]{0,514}$/u.test(sanitizeText(text)),
    ),
  );
});
