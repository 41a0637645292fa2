/** A report at hand, placed on a commit of a repository. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { cli, onlyJson } from './recording-terminal.ts';
import { Forge, scratchFolder } from './scratch-forge.ts';

test('with a repository, coverage read says what counts for a commit of it, and what becomes of the other names', async () => {
  const folder = scratchFolder();
  const forge = await Forge.make({ 'src/a.js': 'one\n', '.gitignore': 'gen/\n' });
  forge.push({ branch: 'grown', from: 'main' }, { 'src/a.js': 'one\ntwo\n' });
  const records = { 'src/a.js': 2, 'gone.js': 1, 'gen/x.js': 1, '/opt/x.js': 1 };
  const lines = (count: number): string => 'DA:1,1\nDA:2,0\n'.slice(0, 7 * count);
  const lcov = Object.entries(records).map(([name, count]) => `SF:${name}\n${lines(count)}end_of_record\n`);
  writeFileSync(join(folder, 'lcov.info'), lcov.join(''));
  const words = ['coverage', 'read', 'lcov.info', '--repo', forge.path];
  const said = await cli([...words, '--commit', 'grown', '--json'], folder);
  expect([said.exit, onlyJson(said)]).toMatchObject([
    0,
    {
      covered: 4,
      total: 5,
      placed: {
        commit: forge.head('grown'),
        covered: 1,
        total: 2,
        files: 1,
        unplaced: { files: 1, lines: 1, examples: ['gone.js'] },
        foreign: { files: 2, lines: 2, examples: ['/opt/x.js (outside the checkout)', 'gen/x.js (ignored by git)'] },
        stale: [],
      },
    },
  ]);
  const text = (await cli([...words, '--commit', 'main'], folder)).out;
  expect(text).toContain('1 name unplaced (1 line): gone.js');
  expect(await cli([...words, '--commit', 'nowhere'], folder)).toMatchObject({ exit: 2 });
  expect(await cli([...words.slice(0, 4), folder], folder)).toMatchObject({ exit: 2 });
});
