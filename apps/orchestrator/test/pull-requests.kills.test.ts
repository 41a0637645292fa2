/**
 * The service is killed by SIGKILL at a call to the outside, before the call is carried out or after, and started again: one
 * comment, one landing, one alert. Doubles stand for the forges, the tracker and the receiver of alerts. Two rows are played with
 * GATEHOUSE_REQUIRE_TOOLS=1; KILL_AT_CALLS=gitea or github plays the whole table of one of them (soak/kill-at-calls.mjs).
 */
import { beforeAll, expect, test } from '@jest/globals';
import { FORGES } from './lives/forge-side.ts';
import { type KillRow, type KillScene, nameOfRow, playKill, rowsOf } from './lives/kill-table.ts';
import { STORIES } from './lives/killed-life.ts';
import { type NewRepository, newRepository } from './lives/life.ts';
import { testWhole } from './tool-tests.ts';

/** What may not be said twice, and what may not be done twice. */
const IN_TESTS: readonly (KillRow & { readonly forge: KillScene['forge'] })[] = [
  { forge: 'gitea', story: 'landed', outside: 'gitea', kind: 'POST /pulls/{number}/merge', side: 'after', times: 1 },
  { forge: 'github', story: 'red', outside: 'github', kind: 'POST /issues/{number}/comments', side: 'after', times: 1 },
];
const whole = FORGES.filter((name) => name === process.env['KILL_AT_CALLS']);
const only = process.env['KILL_AT_CALLS_ONLY'] ?? '';
/** Most of the time of a row is waiting. */
const AT_ONCE = 5;

let template: NewRepository;
beforeAll(async () => {
  template = await newRepository();
});

if (whole.length === 0)
  for (const { forge, ...row } of IN_TESTS)
    testWhole(`killed at ${forge}, ${nameOfRow(row)}: it converges`, async () => {
      expect(await playKill({ forge, template }, row)).toBeNull();
    });

for (const forge of whole)
  test(`killed at every kind of call around ${forge}: it converges`, async () => {
    const scene = { forge, template };
    const rows: KillRow[] = [];
    for (const story of STORIES)
      rows.push(...(await rowsOf(scene, story)).filter((row) => nameOfRow(row).includes(only)));
    const waiting = [...rows];
    const wrong: string[] = [];
    const work = async (): Promise<void> => {
      for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) {
        const why = await playKill(scene, row);
        process.stdout.write(
          `${why === null ? 'ok   ' : 'WRONG'} ${nameOfRow(row)}${why === null ? '' : `: ${why}`}\n`,
        );
        if (why !== null) wrong.push(nameOfRow(row));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    process.stdout.write(`${rows.length} rows around ${forge}, ${wrong.length} wrong\n`);
    expect(rows.length).toBeGreaterThan(0);
    expect(wrong).toEqual([]);
  });
