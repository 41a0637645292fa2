import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { containmentLevel } from '@gatehouse/proc-group';
import { afterAll, describe, expect } from '@jest/globals';
import { canLeave, elsewhere } from './elsewhere.ts';
import { alive, isRoot, newMarker, nobody, publicFolder, readOr, survivors, testIf, until } from './trees.ts';

const folder = publicFolder();
afterAll(folder.remove);

/** setpriv that makes its caller root for good; only the group of the run may execute it. */
function setUserIdProgram(): string | null {
  const found = spawnSync('/bin/sh', ['-c', 'command -v setpriv'], { encoding: 'utf8' }).stdout.trim();
  if (!isRoot || !canLeave || found === '') return null;
  const path = join(folder.path, 'become-root');
  copyFileSync(found, path);
  chownSync(path, 0, nobody.gid);
  chmodSync(path, 0o4710);
  const tried = spawnSync(path, ['--reuid', '0', 'true'], { uid: nobody.uid, gid: nobody.gid });
  return tried.status === 0 ? path : null;
}

const program = setUserIdProgram();
const testForeign = testIf(program !== null, 'needs root, setpriv and a temp directory that honours set-user-id');

const machine = await containmentLevel();
const testDelegated =
  machine.kind === 'detected' && machine.level === 'kernel'
    ? testForeign
    : testIf(false, 'there is no cgroup to delegate');

/** A leader of ours whose child has become root: an orchestrator that is not root may not signal it. */
const spec = (marker: string) => ({
  command: '/bin/sh',
  args: [
    '-c',
    `"$1" --reuid 0 --regid 0 --clear-groups setsid /bin/sh -c 'kill -STOP $$' "$0" >/dev/null 2>&1 & while ! grep -qs "^Uid:.0" /proc/$!/status; do :; done; exit 0`,
    marker,
    program ?? '',
  ],
  timeoutMs: 20_000,
});

describe('a set-user-id child of an orchestrator that is not root', () => {
  testForeign('is reported as leaked at level cookie, and nothing is claimed to be proved', () => {
    const marker = newMarker();
    const { run } = elsewhere({ uid: nobody.uid, spec: { ...spec(marker), containment: 'cookie' } });
    expect(run).toMatchObject({ kind: 'exited', level: 'cookie', containment: { verified: false, leaked: 1 } });
    expect(alive(marker)).toHaveLength(1);
    expect(survivors(marker)).toBeGreaterThan(0);
  });

  testDelegated('is ended by a cgroup that was delegated to the orchestrator', async () => {
    const own = /^0::(.*)$/m.exec(readOr('/proc/self/cgroup', ''))?.[1] ?? '';
    const mount = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].find(
      (path) => readOr(`${path}/cgroup.procs`, '') !== '',
    );
    const delegated = join(mount ?? '', own, `gh-test-${process.pid}`);
    mkdirSync(delegated);
    try {
      const marker = newMarker();
      const { run } = elsewhere({
        before: [`echo $PPID > '${delegated}/cgroup.procs'`, `chown -R ${nobody.uid} '${delegated}'`],
        uid: nobody.uid,
        spec: spec(marker),
      });
      expect(run).toMatchObject({ kind: 'exited', level: 'kernel', containment: { verified: true, leaked: 0 } });
      expect(survivors(marker)).toBe(0);
    } finally {
      await until(() => readOr(`${delegated}/cgroup.procs`, '') === '', 'the delegated cgroup is empty');
      rmdirSync(delegated);
    }
  });
});
