/** Hosts that base's own package manager configuration names. The branch's has no say. */
import { decodeUtf8 } from '../adapters/utf8.ts';
import type { ScanFailed } from '../verdict.ts';
import { HOST_FILE, type LockTree, readBlobs, type TreeTools } from './read-tree.ts';

const CONFIG_BYTES = 1024 * 1024;

/** The hosts of every https address in those files. */
export async function configuredHosts(
  base: LockTree,
  tools: Pick<TreeTools, 'git' | 'signal'>,
): Promise<{ readonly kind: 'hosts'; readonly hosts: readonly string[] } | ScanFailed> {
  const files = [...base.others].filter(([path, { size = 0 }]) => HOST_FILE.test(path) && size <= CONFIG_BYTES);
  const hosts: string[] = [];
  const fault = await readBlobs(
    files.map(([, entry]) => entry),
    tools,
    async (_oid, bytes) => {
      for (const [address] of (decodeUtf8(bytes) ?? '').matchAll(/\bhttps:\/\/[^\s"'<>]+/g))
        hosts.push(...[URL.parse(address)?.host ?? ''].filter(Boolean));
      return null;
    },
  );
  return fault ?? { kind: 'hosts', hosts };
}
