/** Whatever comes from outside, the edges of the service answer. */
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createCancellations } from '../src/cancellation/cancellations.ts';
import { parseDuration } from '../src/cli/run-command.ts';
import { composeService } from '../src/compose.ts';
import { createApp } from '../src/http/app.ts';
import { identify } from '../src/http/tokens.ts';
import { closestMatch } from '../src/platform/did-you-mean.ts';
import { silentLog } from '../src/platform/logger.ts';
import { parsePolicyFile } from '../src/policy/policy-file.ts';
import { fileName } from '../src/workspace/mirrors.ts';
import { settingsFrom } from './live-gatehouse.ts';
import { cli } from './recording-terminal.ts';
import { scratchFolder } from './scratch-forge.ts';

test('the app answers any request with a status that blames the right side', async () => {
  const opened = await composeService(settingsFrom({ ORCH_DATA_DIR: join(scratchFolder(), 'data') }), silentLog);
  if (opened.kind !== 'open') throw new Error(opened.problem);
  const rows = [{ name: 'x', scope: 'admin', sha256: Buffer.alloc(32) }] as const;
  const app = createApp({
    service: opened.context,
    condition: opened.storeFile.condition,
    cancellations: createCancellations(opened.context),
    tokens: rows,
    hosts: new Set(['h']),
  });
  const path = fc.webPath().map((text) => `http://h/${text}`);
  const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS');
  const headers = fc.record({
    host: fc.constantFrom('h', 'evil', ''),
    authorization: fc.stringMatching(/^[ -~]{0,60}$/),
    cookie: fc.stringMatching(/^[ -~]{0,60}$/),
    'content-type': fc.constantFrom('application/json', 'text/plain'),
  });
  await fc.assert(
    fc.asyncProperty(path, method, headers, fc.string({ maxLength: 200 }), async (url, verb, head, body) => {
      const sent = verb === 'GET' || verb === 'HEAD' ? {} : { body };
      const response = await app.request(url, { method: verb, headers: head, ...sent });
      expect(response.status === 200 ? new URL(url).pathname : 'refused').toMatch(/^(\/healthz|refused)$/);
      expect(response.status).toBeLessThan(500);
    }),
    { numRuns: 200 },
  );
  await opened.close();
});

test('the command line answers any words with a documented status', async () => {
  const first = fc.constantFrom('gate', 'coverage', 'task', 'repo', '--help', '', 'sreve', '--version', '-x');
  await fc.assert(
    fc.asyncProperty(first, fc.array(fc.string({ maxLength: 20 }), { maxLength: 4 }), async (word, rest) => {
      const said = await cli([word, ...rest, '--url', 'http://127.0.0.1:1']);
      expect([0, 2, 3]).toContain(said.exit);
    }),
    { numRuns: 60 },
  );
});

describe('a policy file', () => {
  test.each([
    ['deep', '['.repeat(5000)],
    ['large', `version: 1\n# ${'x'.repeat(300_000)}\n`],
    ['a bomb', `a: &a [1,1]\nb: &b [*a,*a]\nversion: *b\n`],
    ['a key of the prototype', 'version: 1\n__proto__: { test: 1 }\n'],
    ['a tag', 'version: !!js/function "x"\n'],
    ['a NUL', 'version: 1\0\n'],
    ['two documents', 'version: 1\n---\nversion: 1\n'],
    ['nothing', 'null\n'],
  ])('that is %s is refused with a problem', (_title, text) => {
    const answer = parsePolicyFile(text, 'gatehouse.yaml');
    expect(answer).toMatchObject({ kind: 'invalid' });
    expect(answer.kind === 'invalid' && answer.problems.every((line) => line.startsWith('gatehouse.yaml'))).toBe(true);
  });
});

test('pure edges are total', () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ maxLength: 60 }), fc.string({ maxLength: 60 }), (text, one, other) => {
      const ms = parseDuration(text);
      expect(ms === null || (Number.isSafeInteger(ms) && ms >= 0)).toBe(true);
      expect(identify([], text)).toBeNull();
      expect([one, other]).toContain(closestMatch(text.slice(0, 40), [one, other]));
    }),
  );
});

test('a file name stands for one id, stays in its folder and is never hidden', () => {
  const id = fc.string({ maxLength: 60 });
  fc.assert(
    fc.property(id, id, (one, other) => {
      expect(fileName(one) === fileName(other)).toBe(one === other);
      expect(fileName(one)).not.toMatch(/[/\\]|^\./);
    }),
  );
});
