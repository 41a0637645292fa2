// Writes docs/openapi.json from the service that was built: `node apps/orchestrator/test/openapi/write.mjs`, then
// `npm run --prefix tools/tidy api-schema` for the types of the client in the tests.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseSettings, silentLog, startService } from '../../dist/testing.js';

const dataDir = mkdtempSync(join(tmpdir(), 'openapi-'));
const { settings } = parseSettings({ ORCH_DATA_DIR: dataDir, ORCH_PORT: '0' });
const service = await startService(settings, silentLog);
const token = readFileSync(service.tokenPath, 'utf8').trim();
const answer = await fetch(`${service.url}/openapi.json`, { headers: { authorization: `Bearer ${token}` } });
writeFileSync(
  join(import.meta.dirname, '../../../../docs/openapi.json'),
  `${JSON.stringify(await answer.json(), null, 2)}\n`,
);
await service.stop();
rmSync(dataDir, { recursive: true, force: true });
