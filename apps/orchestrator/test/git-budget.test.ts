import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { atRest, enqueue, register, serviceOn } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

const { PATH } = process.env;
afterEach(() => {
  process.env['PATH'] = PATH;
});

/** A git that notes the words it is started with, in front of the real one. */
function noteGit(folder: string): () => readonly string[] {
  const log = join(folder, 'git.log');
  const script = `#!/bin/sh\necho "$*" >> '${log}'\nPATH='${PATH}' exec git "$@"\n`;
  writeFileSync(join(folder, 'git'), script, { mode: 0o755 });
  writeFileSync(log, '');
  process.env['PATH'] = `${folder}:${PATH}`;
  return () => readFileSync(log, 'utf8').trimEnd().split('\n');
}

test('a landing starts at most 47 processes of git, besides two for each fetch', async () => {
  const folder = scratchFolder();
  const forge = await Forge.make(PROJECT, folder);
  forge.push({ branch: 'feature/A-1-good', from: 'main' }, { 'a.txt': 'a\n' });
  // Who looks for news by the clock is not counted.
  const service = await serviceOn(join(folder, 'data'), { ORCH_POLL_S: '3600' });
  await register(service, forge.path);
  const started = noteGit(scratchFolder());
  expect(await atRest(service, await enqueue(service, 'feature/A-1-good'))).toMatchObject({ stage: 'done' });
  const all = started();
  const fetches = all.filter((words) => words.includes(' fetch --quiet --prune ')).length;
  expect(fetches).toBeGreaterThan(3);
  expect(fetches).toBeLessThanOrEqual(9);
  expect(all.length - 2 * fetches).toBeLessThanOrEqual(47);
});
