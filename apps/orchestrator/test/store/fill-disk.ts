/** Writes mail until the disk is full, then reads back what was acknowledged. */
import { StoreError } from '../../src/store/errors.ts';
import { mustOpen } from './temp-store.ts';

const file = process.argv[2];
if (file === undefined) throw new Error('usage: fill-disk FILE');
const store = mustOpen(file);
let acknowledged = 0;
let code = 'none';
while (code === 'none' && acknowledged < 5000) {
  const mail = { source: 's', dedupeKey: String(acknowledged), bodyHash: 'h', body: 'x'.repeat(8000), atMs: 1 };
  try {
    await store.receiveInbox(mail);
    acknowledged += 1;
  } catch (thrown) {
    code = thrown instanceof StoreError ? thrown.code : String(thrown);
  }
}
const found = (await store.pendingInbox(10_000)).length;
process.stdout.write(JSON.stringify({ acknowledged, found, code }));
