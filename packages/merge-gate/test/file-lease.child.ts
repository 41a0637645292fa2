/** Run as a child: `contend DIR REPO HOLDER ARENA` takes one turn; `hold DIR REPO HOLDER` acquires, says so and stays. */
import { setTimeout as pause } from 'node:timers/promises';
import { fileLease } from '../src/adapters/file-lease.ts';
import { contend } from './contend.ts';

const [mode, dir = '', repo = '', holder = '', arena = ''] = process.argv.slice(2);
const port = fileLease(dir, { ttlMs: 60_000 });
if (mode === 'contend') {
  console.log(await contend(port, { repo, holder, arena }));
} else {
  const answer = await port.acquire({ repo, holder });
  console.log(answer.kind);
  await pause(120_000);
}
