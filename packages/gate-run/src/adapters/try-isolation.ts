/** Finds out by trying it whether this machine separates commands as it is asked to. */
import { chmod, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { outputText, removeTree, runInGroup } from '@gatehouse/proc-group';
import { type Isolation, isolationFault } from '../isolation.ts';
import { openAsUser, openWorld } from './open-world.ts';
import { makeHome, removeHome } from './private-home.ts';
import { codeOf } from './system-error.ts';

/** `holds`: a command that was run so wrote its checkout and did not see what was beside it. */
export type TriedIsolation =
  | { readonly kind: 'holds' }
  | {
      readonly kind: 'lacks';
      /** What stands in the way, in one line for a person. */
      readonly reason: string;
    };

/** Tries it in a directory of its own below `place`, which the caller may write. */
export async function tryIsolation(isolation: Isolation, place: string): Promise<TriedIsolation> {
  const fault = isolationFault(isolation);
  if (fault !== null) return { kind: 'lacks', reason: fault };
  try {
    const root = await mkdtemp(join(place, 'gatehouse-try-'));
    try {
      return await tryIn(isolation, root);
    } finally {
      await removeTree(root);
    }
  } catch (error) {
    const code = codeOf(error);
    if (code?.startsWith('E') !== true) throw error;
    return { kind: 'lacks', reason: `it cannot be tried in ${place} (${code})` };
  }
}

const SECRET = 'beside';
const LOOK = `: > written || exit 3; if cat ../../${SECRET} > /dev/null 2>&1; then echo it was read; exit 4; fi; kill -0 "$1" 2> /dev/null && exit 5; exit 7`;
const SAID: { readonly [Code: number]: string } = {
  3: 'the checkout could not be written',
  4: 'what lies beside the checkout was read',
  5: 'the service could be signalled',
};
const TRY_MS = 20_000;

async function tryIn(isolation: Isolation, root: string): Promise<TriedIsolation> {
  await chmod(root, 0o711);
  const dir = join(root, 'slots', 'one');
  await mkdir(dir, { recursive: true });
  await writeFile(join(root, SECRET), 'not for a command', { mode: 0o600 });
  const made = await makeHome(dir);
  if (made.kind === 'unmade') return { kind: 'lacks', reason: made.reason };
  const asked = { dir, home: made.home, visible: {}, signal: undefined };
  const world =
    isolation.kind === 'bwrap'
      ? await openWorld({ ...isolation, hidden: [...isolation.hidden, root] }, asked)
      : await openAsUser(isolation, asked);
  if (world.kind === 'closed') return { kind: 'lacks', reason: world.reason };
  try {
    const { inside, runAs } = world;
    const run = await runInGroup({
      command: '/bin/sh',
      args: ['-c', LOOK, 'sh', String(process.pid)],
      cwd: dir,
      env: { set: { HOME: made.home.home, TMPDIR: made.home.temp } },
      timeoutMs: TRY_MS,
      ...(inside === undefined ? {} : { inside }),
      ...(runAs === undefined ? {} : { runAs }),
    });
    if (run.kind === 'exited' && run.code === 7) return { kind: 'holds' };
    if (run.kind === 'exited')
      return { kind: 'lacks', reason: SAID[run.code] ?? outputText(run.stderr).trim().slice(0, 300) };
    const why = run.kind === 'crashed' ? run.error.message : run.kind === 'spawn-failed' ? run.message : run.kind;
    return { kind: 'lacks', reason: why };
  } finally {
    await world.close();
    await removeHome(made.home);
  }
}
