import { describe, expect } from '@jest/globals';
import { canLeave, elsewhere } from './elsewhere.ts';
import { newMarker, survivors, testIf } from './trees.ts';

const testHere = testIf(canLeave, 'hiding parts of the machine needs root and a mount namespace');

/** A shell with a child, both with the marker in their command lines; needs nothing but /bin/sh and sleep. */
const tree = (marker: string) => ({
  command: '/bin/sh',
  args: ['-c', '/bin/sh -c "while :; do sleep 0.05; done" "$0" & wait', marker],
  timeoutMs: 400,
  graceMs: 200,
});

const NO_CGROUP = 'mount -t tmpfs none /sys/fs/cgroup';
const NO_PROC = 'mount -t tmpfs none /proc';
const NO_SHELL = 'mount --bind /dev/null /bin/sh';
const NO_TOOLS =
  'for tool in perl ps pgrep prlimit setpriv unshare bwrap; do path=$(command -v $tool) && mount --bind /dev/null "$path" || :; done';

describe('on a machine that lacks', () => {
  testHere('perl, ps, unshare and bubblewrap the strongest level is as strong, and a namespace is refused', () => {
    const marker = newMarker();
    const bare = elsewhere({ before: [NO_TOOLS], spec: tree(marker) });
    expect(bare.run).toMatchObject({ kind: 'timeout', containment: { verified: true, leaked: 0 } });
    expect(survivors(marker)).toBe(0);
    const refused = elsewhere({ before: [NO_TOOLS], spec: { ...tree(marker), containment: 'namespace' } });
    expect(refused.run).toMatchObject({ kind: 'refused', reason: expect.stringContaining('unshare') });
  });

  testHere('a cgroup hierarchy the level is cookie, and it still proves that no process is left', () => {
    const marker = newMarker();
    const { run, machine } = elsewhere({ before: [NO_CGROUP], spec: tree(marker) });
    expect(run).toMatchObject({ kind: 'timeout', level: 'cookie', containment: { verified: true, leaked: 0 } });
    expect(machine).toMatchObject({ level: 'cookie' });
    expect(survivors(marker)).toBe(0);
  });

  testHere('/proc the level is group: the tree ends, and nothing is claimed to be proved', () => {
    const marker = newMarker();
    const { run, machine } = elsewhere({ before: [NO_PROC], spec: tree(marker) });
    expect(run).toMatchObject({ kind: 'timeout', level: 'group', containment: { verified: false, leaked: null } });
    expect(machine).toMatchObject({ level: 'group' });
    expect(survivors(marker)).toBe(0);
  });

  testHere('/proc a run that requires a mark is refused, and the reason names what is missing', () => {
    const { run } = elsewhere({ before: [NO_PROC], spec: { ...tree('none'), require: 'cookie' } });
    expect(run).toMatchObject({ kind: 'refused', reason: expect.stringContaining('group') });
  });

  testHere('a shell nobody can tell success from a real-time signal, so that it is not claimed', () => {
    const at = (containment: 'group' | 'plain', command: string) =>
      elsewhere({ before: [NO_SHELL], spec: { command, timeoutMs: 10_000, containment } }).run;
    expect(at('group', '/bin/true')).toMatchObject({ kind: 'unknown', raw: { code: null, signal: null } });
    expect(at('plain', '/bin/true')).toMatchObject({ kind: 'unknown' });
    expect(at('group', '/bin/false')).toMatchObject({ kind: 'exited', code: 1 });
  });

  testHere('everything, with the kill-switch off, the direct child ends and nothing else is claimed', () => {
    const marker = newMarker();
    const { run } = elsewhere({
      before: [NO_TOOLS, NO_CGROUP, NO_PROC],
      spec: {
        command: '/bin/sleep',
        args: [`30.${parseInt(marker.slice(-6), 16)}`],
        timeoutMs: 300,
        graceMs: 200,
        containment: 'plain',
      },
    });
    expect(run).toMatchObject({
      kind: 'timeout',
      level: 'plain',
      raw: { signal: 'SIGTERM' },
      containment: { verified: false, leaked: null },
    });
  });
});
