/** A service that makes one round and is killed in it: `round.child.ts ROOT DESK POLICY KILLED_AT_LEASE`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileLease } from '../../src/index.ts';
import { attempt, placesIn } from './queue.ts';
import { recordIn } from './scene.ts';

const [root = '', desk = '', policy = '', atLease = ''] = process.argv.slice(2);
writeFileSync(join(desk, 'service.pid'), String(process.pid));
const places = placesIn(root);
const lease = fileLease(join(places.home, 'leases'), { ttlMs: 60_000 });
const end = await attempt({
  ...places,
  branch: 'task',
  holder: 'killed-service',
  policy: JSON.parse(policy),
  before: (phase) => writeFileSync(join(desk, 'phase'), phase),
  onRun: (run) => recordIn(desk, run),
  lease: {
    ...lease,
    acquire: async (request) => {
      const answer = await lease.acquire(request);
      if (atLease === 'true') {
        writeFileSync(join(desk, 'fired'), '');
        process.kill(process.pid, 'SIGKILL');
      }
      return answer;
    },
  },
});
console.log(end.kind);
