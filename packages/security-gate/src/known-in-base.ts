/** Which of the secrets found on the branch base already has: in a file, as it is or encoded, or in a path. */
import { type GitRepo, listTree, readObjects } from '@gatehouse/git';
import { askKnown, type ScanEngine } from './engine.ts';
import { gitFault, OBJECT_LIMIT_BYTES } from './new-objects.ts';
import type { ScanFailed } from './verdict.ts';

const BATCH_BYTES = 16 * 1024 * 1024;

/** HMACs of the secrets that stand in base's tree. Files at `paths` are read first; stops when all are known. */
export async function knownInBase(
  tree: {
    readonly git: GitRepo;
    readonly base: string;
    readonly paths: ReadonlySet<string>;
    readonly secrets: ReadonlySet<string>;
  },
  engine: ScanEngine,
  signal: AbortSignal,
): Promise<{ readonly kind: 'known'; readonly secrets: ReadonlySet<string> } | ScanFailed> {
  const listed = await listTree({ repo: tree.git, commit: tree.base, signal });
  if (listed.kind !== 'listed') return gitFault(listed);
  const names = await askKnown(engine, [Buffer.from(listed.entries.map(({ path }) => path).join('\n'))]);
  if (names.kind === 'tool-failed') return names;
  let known = new Set(names.secrets);
  const files = listed.entries.filter(({ type, size }) => type === 'blob' && (size ?? 0) <= OBJECT_LIMIT_BYTES);
  const first = files.filter(({ path }) => tree.paths.has(path));
  const queue: [oid: string, size: number][] = [
    ...new Map([...first, ...files].map(({ oid, size }) => [oid, size ?? 0])),
  ];
  while (queue.length > 0 && known.size < tree.secrets.size) {
    const batch = takeBatch(queue);
    const texts: Uint8Array[] = [];
    const onObject = (object: { readonly bytes: Uint8Array }): number => texts.push(Uint8Array.from(object.bytes));
    const oids = batch.map(([oid]) => oid);
    const read = await readObjects({ repo: tree.git, oids, maxObjectBytes: OBJECT_LIMIT_BYTES, signal, onObject });
    if (read.kind !== 'read') return gitFault(read);
    const answer = await askKnown(engine, texts);
    if (answer.kind === 'tool-failed') return answer;
    known = new Set(answer.secrets);
  }
  return { kind: 'known', secrets: known };
}

function takeBatch(queue: [oid: string, size: number][]): [oid: string, size: number][] {
  let bytes = 0;
  const upTo = queue.findIndex(([, size]) => {
    bytes += size;
    return bytes > BATCH_BYTES;
  });
  return queue.splice(0, upTo === -1 ? queue.length : Math.max(1, upTo));
}
