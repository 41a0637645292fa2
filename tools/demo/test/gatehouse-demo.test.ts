/** The built `gatehouse demo`, which runs the built demo. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { processesNaming } from '@gatehouse/orchestrator/testing';
import { expect, test } from '@jest/globals';
import { scratchFolder } from './scratch-forge.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const PROGRAMS = {
  'gatehouse demo': [at('../../../apps/orchestrator/dist/main.js'), 'demo'],
  'the demo': [at('../dist/main.js')],
} as const;

const KEPT = { PATH: process.env['PATH'] ?? '', NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '' };

/** Runs a program in an empty directory of its own; answers its output and every file that is there afterwards. */
async function run(words: readonly string[], env: Readonly<Record<string, string>>) {
  const folder = scratchFolder();
  for (const place of ['cwd', 'home', 'tmp']) mkdirSync(join(folder, place));
  writeFileSync(join(folder, 'cwd', 'regular-file'), 'a file\n');
  const child = spawn(process.execPath, [...words], {
    cwd: join(folder, 'cwd'),
    env: { ...KEPT, HOME: join(folder, 'home'), TMPDIR: join(folder, 'tmp'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [exit] = (await closed) as [number | null];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return { exit, out, err, files, processes: await processesNaming(folder) };
}

const UNTOUCHED = { out: '', files: ['cwd', 'cwd/regular-file', 'home', 'tmp'], processes: [] };

test.each(Object.entries(PROGRAMS))(
  '%s names a data directory below a regular file, with the setting',
  async (_, words) => {
    const said = await run([...words, '--once'], { ORCH_DATA_DIR: 'regular-file/data', ORCH_PORT: '0' });
    const problem =
      /^gatehouse: .*regular-file\/data.* cannot be used: .*file, not a directory; set ORCH_DATA_DIR\n {2}next: gatehouse doctor\n$/;
    expect(said).toEqual({ ...UNTOUCHED, exit: 3, err: expect.stringMatching(problem) });
  },
);

test.each(Object.entries(PROGRAMS))('%s names a setting that is none', async (_, words) => {
  const said = await run([...words, '--once'], { ORCH_PORT: 'eighty' });
  expect(said).toEqual({
    ...UNTOUCHED,
    exit: 2,
    err: expect.stringMatching(/^gatehouse: ORCH_PORT: must be .*eighty"\)\n {2}next: gatehouse demo --help\n$/),
  });
});

test('an unknown word is named, with the words there are', async () => {
  const said = await run([...PROGRAMS['the demo'], '--twice'], {});
  const problem = 'gatehouse: the demo does not know --twice; it takes --once, --json and --forge gitea\n';
  expect(said).toEqual({ ...UNTOUCHED, exit: 2, err: `${problem}  next: gatehouse demo --help\n` });
});
