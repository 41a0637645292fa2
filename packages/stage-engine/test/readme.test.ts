import { readFileSync } from 'node:fs';
import { ACTIONS, WAITS } from '@gatehouse/stage-engine';
import { expect, test } from '@jest/globals';
import { play } from '../examples/first.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

test('the example of the README prints what the README says it prints', () => {
  const lines: string[] = [];
  play((line) => lines.push(line));
  expect(readme).toContain(['```text', ...lines, '```'].join('\n'));
});

test('the tables of the README are the tables', () => {
  for (const [outcome, { says, working, gated, landed }] of Object.entries(ACTIONS)) {
    expect(readme).toContain(`| \`${outcome}\` | ${says} | ${working} | ${gated} | ${landed} |`);
  }
  for (const [cause, { says, resumedBy, timer, capped }] of Object.entries(WAITS)) {
    const ends = resumedBy.length === 0 ? 'approved' : resumedBy.join(', ');
    expect(readme).toContain(`| \`${cause}\` | ${says} | ${ends} | ${timer ?? '-'} | ${capped ? 'yes' : 'no'} |`);
  }
});
