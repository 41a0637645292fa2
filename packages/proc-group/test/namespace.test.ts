import { spawnSync } from 'node:child_process';
import { afterAll, describe, expect } from '@jest/globals';
import { canLeave, elsewhere } from './elsewhere.ts';
import { newMarker, nobody, publicFolder, survivors, testIf } from './trees.ts';

const folder = publicFolder();
afterAll(folder.remove);

const has = (tool: string): boolean => spawnSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', tool]).status === 0;
const hide = (tool: string): string =>
  `path=$(PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin command -v ${tool}) && mount --bind /dev/null "$path" || :`;
const opens = (tool: string, uid: number): boolean =>
  has(tool) &&
  spawnSync(
    tool,
    tool === 'bwrap' ? ['--dev-bind', '/', '/', '--unshare-pid', 'true'] : ['--user', '--pid', '--fork', 'true'],
    { uid, gid: uid },
  ).status === 0;

describe.each([
  ['bwrap', 'unshare'],
  ['unshare', 'bwrap'],
])('a namespace opened by %s', (tool, other) => {
  for (const [who, uid] of [
    ['root', null],
    ['another user', nobody.uid],
  ] as const) {
    const able = canLeave && has('perl') && (uid === null ? has(tool) : opens(tool, uid));
    // An opener that can be installed and was not fails here; one that may not open anything is skipped.
    const demanded = process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1' && !has(tool);
    testIf(able || demanded, `${tool} is not here, or ${who} may not open a namespace with it`)(
      `for ${who} holds a daemon, and the command is not pid 1 in it and leads a group`,
      () => {
        const marker = newMarker();
        const tree = ['-c', 'kill -0 -$$ && echo $$; exec perl "$@"', 'sh', folder.shapes, marker, 'f'];
        const { run, machine } = elsewhere({
          // bubblewrap is asked first.
          before: other === 'bwrap' ? [hide(other)] : [],
          ...(uid === null ? {} : { uid }),
          spec: { command: '/bin/sh', args: tree, timeoutMs: 600, graceMs: 100, containment: 'namespace' },
        });
        expect(survivors(marker)).toBe(0);
        expect(run).toMatchObject({
          kind: 'timeout',
          level: 'namespace',
          secretsReadable: false,
          containment: { verified: true, leaked: 0 },
        });
        const reason = machine.details.find(({ level }) => level === 'namespace')?.reason;
        expect(reason).toMatch(tool);
        const said = Buffer.from(Object.values(run.stdout.head)).toString();
        expect(Number(said)).toBeGreaterThan(1);
        expect(Number(said)).toBeLessThan(100);
      },
    );

    testIf(able || demanded, `${tool} is not here, or ${who} may not open a namespace with it`)(
      `for ${who} leaves a command in our session that is to be there`,
      () => {
        const { run } = elsewhere({
          before: other === 'bwrap' ? [hide(other)] : [],
          ...(uid === null ? {} : { uid }),
          spec: {
            command: '/bin/sh',
            args: ['-c', 'kill -0 -$$ || cut -d " " -f 5,6 /proc/$$/stat'],
            timeoutMs: 20_000,
            session: 'ours',
            containment: 'namespace',
          },
        });
        expect(Buffer.from(Object.values(run.stdout.head)).toString()).toBe('0 0\n');
      },
    );

    testIf(able || demanded, `${tool} is not here, or ${who} may not open a namespace with it`)(
      `for ${who} loses no stop that comes before the command is in it`,
      () => {
        const { run } = elsewhere({
          before: other === 'bwrap' ? [hide(other)] : [],
          ...(uid === null ? {} : { uid }),
          endsAtStart: true,
          spec: { command: 'sleep', args: ['100'], timeoutMs: 900_000, graceMs: 20_000, containment: 'namespace' },
        });
        expect(run).toMatchObject({ kind: 'cancelled', containment: { escalated: 'term', verified: true } });
      },
    );
  }
});
