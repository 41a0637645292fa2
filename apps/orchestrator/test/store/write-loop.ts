/** A process that adds tasks and finishes their jobs until it is killed; it prints an id only once it is on disk. */

import { mustOpen } from './temp-store.ts';
import { addTask, claim, tokenOf } from './world.ts';

const [file, name] = process.argv.slice(2);
if (file === undefined || name === undefined) throw new Error('usage: write-loop FILE NAME');
const store = mustOpen(file);
for (let n = 0; ; n += 1) {
  const id = `${name}-${n}`;
  await addTask(store, id);
  process.stdout.write(`task ${id}\n`);
  const job = await claim(store, { workerId: name });
  if (job === null) continue;
  process.stdout.write(`claim ${job.id} ${job.token}\n`);
  if ((await store.finishJob(tokenOf(job), { state: 'done', atMs: 1 })) === 'finished')
    process.stdout.write(`done ${job.id}\n`);
}
