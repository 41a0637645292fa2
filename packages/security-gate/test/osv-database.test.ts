import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { osvDatabaseFeed } from '@gatehouse/security-gate';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { zipContent, zipEntries } from '../src/adapters/zip.ts';
import { compareVersions, isAffected } from '../src/feeds/osv-affected.ts';

const folder = mkdtempSync(join(tmpdir(), 'osv-database-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A zip archive; `wide` counts its entries in the record of 64 bits, as large ones must. */
function zip(files: { readonly [name: string]: string }, wide = false): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, text] of Object.entries(files)) {
    const bytes = deflateRawSync(text);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(8, 8);
    local.writeUInt32LE(crc32(text), 14);
    local.writeUInt32LE(bytes.length, 18);
    local.writeUInt16LE(Buffer.byteLength(name), 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(bytes.length, 20);
    entry.writeUInt16LE(Buffer.byteLength(name), 28);
    entry.writeUInt32LE(at, 42);
    locals.push(local, Buffer.from(name), bytes);
    directory.push(entry, Buffer.from(name));
    at += 30 + Buffer.byteLength(name) + bytes.length;
  }
  const count = Object.keys(files).length;
  const size = Buffer.concat(directory).length;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(wide ? 0xffff : count, 10);
  end.writeUInt32LE(wide ? 0xffffffff : at, 16);
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(BigInt(count), 32);
  record.writeBigUInt64LE(BigInt(at), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(at + size), 8);
  return Buffer.concat([...locals, ...directory, ...(wide ? [record, locator] : []), end]);
}

const NOW = new Date().toISOString();
const record = (id: string, name: string, affected: object, more: object = {}): string =>
  JSON.stringify({ id, modified: NOW, affected: [{ package: { ecosystem: 'PyPI', name }, ...affected }], ...more });
const upTo = (fixed: string) => ({ ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed }] }] });
const KNOWN = { 'C.json': record('CANARY', 'Jinja2', { versions: ['2.4.1'] }) };
let made = 0;
function database(bytes: Buffer): string {
  made += 1;
  const file = join(folder, String(made), 'PyPI', 'all.zip');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  return join(folder, String(made));
}
const ask = (dir: string, more: object = {}) =>
  osvDatabaseFeed({ dir, ...more }).query(
    [{ ecosystem: 'PyPI', name: 'bad-one', versions: ['1.0', '2.0'] }],
    new AbortController().signal,
  );

test.each([false, true])(
  'names the affected ones among the versions asked about, counted in 64 bits: %s',
  async (wide) => {
    const files = {
      ...KNOWN,
      'A.json': record('PYSEC-1', 'Bad_One', upTo('1.5'), { aliases: ['CVE-2026-1'] }),
      'B.json': record('PYSEC-2', 'other', upTo('9')),
      'W.json': record('PYSEC-3', 'bad-one', upTo('9'), { withdrawn: NOW }),
    };
    expect(await ask(database(zip(files, wide)))).toMatchObject({
      kind: 'ok',
      gaps: [],
      advisories: [{ id: 'CANARY' }, { id: 'PYSEC-1', aliases: ['CVE-2026-1'], package: 'bad-one', versions: ['1.0'] }],
    });
  },
);

describe('a database that cannot answer says so:', () => {
  const whole = zip({ ...KNOWN, 'A.json': record('PYSEC-1', 'bad-one', upTo('1.5')) });
  test('absent', async () => {
    expect(await ask(join(folder, 'absent'))).toMatchObject({
      kind: 'unreachable',
      reason: expect.stringContaining('ENOENT'),
    });
  });
  test.each<[string, Buffer, object]>([
    ['no zip', Buffer.from('<html>'), {}],
    ['cut', whole.subarray(0, whole.length - 30), {}],
    ['a damaged entry', Buffer.from(whole).fill(0xff, 40, 60), {}],
    ['a record that is none', zip({ ...KNOWN, 'A.json': '{"id": ' }), {}],
    ['without its canary', zip({ 'A.json': record('PYSEC-1', 'bad-one', upTo('1.5')) }), {}],
    ['too old', whole, { maxAgeMs: -1 }],
  ])('%s', async (_name, bytes, more) => {
    expect((await ask(database(bytes), more)).kind).toBe('malformed');
  });
});

test('no bytes make the zip reader throw or read past their end', () => {
  const whole = zip({ a: 'x'.repeat(50), b: 'y' }, true);
  fc.assert(
    fc.property(fc.nat({ max: whole.length - 1 }), fc.uint8Array({ maxLength: 8 }), (at, put) => {
      const bytes = Buffer.from(whole);
      bytes.set(put.subarray(0, whole.length - at), at);
      for (const entry of zipEntries(bytes) ?? []) expect(zipContent(bytes, entry)?.length ?? 0).toBeLessThan(1 << 24);
    }),
    { numRuns: 300 },
  );
});

test('ranges: introduced, fixed, last affected, again introduced', () => {
  const about = (events: object[], version: string, type = 'SEMVER') =>
    isAffected(
      { affected: [{ package: { ecosystem: 'npm', name: 'a' }, ranges: [{ type, events }] }] },
      { ecosystem: 'npm', name: 'a', version },
    );
  const twice = [{ introduced: '0' }, { fixed: '1.2.0' }, { introduced: '2.0.0' }, { last_affected: '2.3.0' }];
  const affected = ['0.1.0', '1.2.0-rc.1', '1.2.0', '1.9.9', '2.0.0', '2.3.0', '2.3.1'].filter((version) =>
    about(twice, version),
  );
  expect(affected).toEqual(['0.1.0', '1.2.0-rc.1', '2.0.0', '2.3.0']);
  expect(about([{ introduced: '0' }], '1.0.0', 'GIT')).toBe(false);
});

test.each([
  ['1.0', '1.0.0', 0],
  ['1.0rc1', '1.0', -1],
  ['1.0', '1.0.post1', -1],
  ['1.0.post1', '1.0.1', -1],
  ['2.0.0.RELEASE', '2.0.0', 0],
  ['1.9', '1.10', -1],
  ['2.0.0.RELEASE', '2.0.1.RELEASE', -1],
  ['v1.2.3', '1.2.3', 0],
])('%s against %s is %d', (left, right, order) => {
  expect(Math.sign(compareVersions(left, right))).toBe(order);
});
