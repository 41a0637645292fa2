import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { silentLog } from '../src/platform/logger.ts';
import { loadPolicy, rememberingPolicies } from '../src/policy/load-policy.ts';
import { settingsFrom } from './live-gatehouse.ts';
import { Forge, scratchFolder } from './scratch-forge.ts';

const settings = settingsFrom({});
const DEFINED = 'version: 1\ntest: { command: sh check.sh }\n';
const asked = (forge: Forge, base = forge.head('main')) =>
  ({ git: { gitDir: forge.path }, base, operatorFile: '', settings }) as const;
const tests = (test: string) => ({ kind: 'policy', policy: { test: { command: test } } });

describe('a service remembers what a commit of main says', () => {
  test('it reads a commit once, and gives for each what loading it anew gives', async () => {
    const forge = await Forge.make({ 'gatehouse.yaml': DEFINED });
    const first = asked(forge);
    forge.push({ branch: 'main' }, { 'gatehouse.yaml': DEFINED.replace('check.sh', 'other.sh') });
    const second = asked(forge);
    const remembering = rememberingPolicies(silentLog);
    for (const request of [first, second, first]) expect(await remembering(request)).toEqual(await loadPolicy(request));
    rmSync(forge.path, { recursive: true });
    expect(await remembering(first)).toMatchObject(tests('sh check.sh'));
    expect(await remembering(second)).toMatchObject(tests('sh other.sh'));
    expect(await loadPolicy(first)).toMatchObject({ kind: 'unreadable' });
  });

  test('what could not be read is read again', async () => {
    const forge = await Forge.make({ 'gatehouse.yaml': DEFINED });
    const request = asked(forge);
    const remembering = rememberingPolicies(silentLog);
    expect(await remembering({ ...request, git: { gitDir: join(scratchFolder(), 'none.git') } })).toMatchObject({
      kind: 'unreadable',
    });
    expect(await remembering(request)).toMatchObject(tests('sh check.sh'));
  });

  test('a mistake in it is logged when it is met, once, and again after it was mended', async () => {
    const forge = await Forge.make({ 'gatehouse.yaml': DEFINED });
    const operatorFile = join(scratchFolder(), 'operator.yaml');
    const said: unknown[] = [];
    const remembering = rememberingPolicies({ warn: (message, fields) => void said.push([message, fields?.['why']]) });
    const ask = async (text: string) => {
      writeFileSync(operatorFile, text);
      await remembering({ ...asked(forge), operatorFile });
    };
    const wrong = 'version: 1\ndeplyo: { staging: x }\n';
    for (const text of [wrong, wrong, DEFINED, wrong]) await ask(text);
    const line = [
      'how a change is judged cannot be read',
      `${operatorFile}: unknown key deplyo; did you mean deploy? (line 2)`,
    ];
    expect(said).toEqual([line, line]);
  });

  test('the operator’s file is no part of a commit: it holds from the next check on', async () => {
    const forge = await Forge.make({ 'gatehouse.yaml': DEFINED });
    const operatorFile = join(scratchFolder(), 'operator.yaml');
    const remembering = rememberingPolicies(silentLog);
    for (const command of ['sh one.sh', 'sh two.sh']) {
      writeFileSync(operatorFile, `version: 1\ntest: { command: ${command} }\n`);
      expect(await remembering({ ...asked(forge), operatorFile })).toMatchObject(tests(command));
    }
  });
});
