/** Write one verdict, read it back, and see a forged one refused. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArtefact, writeArtefact } from '@gatehouse/artefact';

const dir = await mkdtemp(join(tmpdir(), 'artefact-example-'));
const place = { dir, name: '17-security-report.md' };
const keys = { security_status: ['PASS', 'FAIL', 'ERROR'], findings: 'integer' } as const;

const written = await writeArtefact({ ...place, front: { security_status: 'FAIL', findings: 2 }, body: '# Two\n' });
console.log(written.kind);

const read = await readArtefact({ ...place, keys });
console.log(read.kind === 'read' ? `${read.front.security_status}, ${read.front.findings} findings` : read.kind);

await writeFile(join(dir, place.name), '---\nsecurity_status: FAIL\nsecurity_status: PASS\nfindings: 0\n---\n');
const forged = await readArtefact({ ...place, keys });
console.log(forged.kind === 'malformed' ? `refused: ${forged.reason}` : forged.kind);

await rm(dir, { recursive: true });
