/** A ratchet that is killed at any step leaves the old or the new record, and the next one goes on from there. */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileBaseline } from '@gatehouse/coverage-gate';
import { afterAll, expect, test } from '@jest/globals';

const SCRIPT = fileURLToPath(new URL('./ratchet-kills.mjs', import.meta.url));
const isWhole = process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1';
const EXTENT = isWhole ? 'all of it' : 'a part of it; GATEHOUSE_REQUIRE_TOOLS=1 plays all';
const root = mkdtempSync(join(tmpdir(), 'ratchet-kills-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const ratchet = (folder: string, covered: number, killAt: number) =>
  spawnSync(process.execPath, [SCRIPT, folder, String(covered), '100', String(killAt)], { encoding: 'utf8' });

test(`kill -9 before every step that touches the disk (${EXTENT})`, async () => {
  const before = join(root, 'before');
  expect(ratchet(before, 80, 0).status).toBe(0);
  const counting = join(root, 'counting');
  cpSync(before, counting, { recursive: true });
  const { steps } = JSON.parse(ratchet(counting, 90, 0).stdout) as { steps: number };
  expect(steps).toBeGreaterThan(10);
  const ends = new Map<number, number>();
  for (let killAt = 1; killAt <= steps; killAt += isWhole ? 1 : 3) {
    const folder = join(root, `killed-${killAt}`);
    cpSync(before, folder, { recursive: true });
    expect(ratchet(folder, 90, killAt).signal).toBe('SIGKILL');
    const left = await fileBaseline(folder).read();
    ends.set(left?.seq ?? 0, (ends.get(left?.seq ?? 0) ?? 0) + 1);
    expect(left).toMatchObject(
      left?.seq === 1
        ? { mark: { covered: 80 }, last: { covered: 80 } }
        : { seq: 2, mark: { covered: 90 }, last: { covered: 90 } },
    );
    if (!isWhole && killAt > 1) continue;
    const next = JSON.parse(ratchet(folder, 95, 0).stdout) as { answer: object };
    expect(next.answer).toEqual({ kind: 'ratcheted', seq: (left?.seq ?? 0) + 1, moved: 'mark' });
  }
  // Some kills came before the record was there, and some after it.
  expect([...ends.keys()].sort()).toEqual([1, 2]);
}, 120_000);

const WRITERS = isWhole ? 64 : 6;

test(`${WRITERS} processes at once: none is lost, and the mark is the best of them`, async () => {
  const folder = join(root, 'together');
  const shares = Array.from({ length: WRITERS }, (_, i) => 30 + ((i * 7) % WRITERS));
  const exits = shares.map(
    (covered) =>
      new Promise<number | null>((resolve) => {
        spawn(process.execPath, [SCRIPT, folder, String(covered), '100', '0'], { stdio: 'ignore' }).on('exit', resolve);
      }),
  );
  expect(await Promise.all(exits)).toEqual(shares.map(() => 0));
  expect(await fileBaseline(folder).read()).toMatchObject({
    seq: WRITERS,
    mark: { covered: Math.max(...shares), total: 100 },
  });
}, 120_000);
