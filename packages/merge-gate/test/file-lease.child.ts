/** Run as a child: `contend DIR REPO HOLDER ARENA` takes one turn; `hold DIR REPO HOLDER` acquires, says so and stays. See the contract. */
import { createInterface } from 'node:readline';
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
  if (answer.kind !== 'acquired') process.exit(1);
  for await (const _asked of createInterface({ input: process.stdin })) {
    const renewed = await port.renew(answer.proof);
    await port.release(answer.proof);
    console.log(`renewed ${renewed} held ${await port.held(answer.proof)}`);
  }
  await pause(120_000);
}
