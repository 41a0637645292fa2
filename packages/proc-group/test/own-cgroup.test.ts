import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { ownCgroup } from '../src/adapters/cgroup.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const V1 =
  '12:pids:/user.slice/user-1000.slice\n4:memory:/user.slice\n1:name=systemd:/user.slice/user-1000.slice/session-3.scope\n';
const SCOPE = '/user.slice/user-1000.slice/user@1000.service/app.slice/run-u7.scope';
const UNIT = '/system.slice/gatehouse.service';
/** Layouts as such machines show them: what `/proc/self/cgroup` says, and where `cgroup.controllers` is. */
const LAYOUTS: readonly (readonly [string, string, string | null, string | null])[] = [
  ['systemd-run --user --scope', `0::${SCOPE}\n`, '/sys/fs/cgroup', `/sys/fs/cgroup${SCOPE}`],
  ['a unit with Delegate=yes', `0::${UNIT}\n`, '/sys/fs/cgroup', `/sys/fs/cgroup${UNIT}`],
  ['a container with a cgroup namespace', '0::/\n', '/sys/fs/cgroup', '/sys/fs/cgroup/'],
  ['systemd in hybrid mode', `${V1}0::${UNIT}\n`, '/sys/fs/cgroup/unified', `/sys/fs/cgroup/unified${UNIT}`],
  ['cgroup v1 alone', V1, null, null],
  ['a container without the mount', '0::/\n', null, null],
];

test.each(LAYOUTS)('our own cgroup is found as the kernel shows it under %s', (name, said, mount, own) => {
  const root = join(folder, name.replace(/\W+/g, '-'));
  const files = {
    '/proc/self/cgroup': said,
    ...(mount === null ? {} : { [`${mount}/cgroup.controllers`]: 'memory pids\n' }),
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(root + path), { recursive: true });
    writeFileSync(root + path, text);
  }
  expect(ownCgroup(root)).toBe(own === null ? null : root + own);
});
