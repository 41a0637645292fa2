import { expect, test } from '@jest/globals';
import { print } from '../src/cli/answer.ts';
import { jsonLog } from '../src/platform/logger.ts';

test('what a branch brought cannot steer the terminal it is shown in', () => {
  const said: string[] = [];
  const keep = (text: string | Uint8Array): void => void said.push(String(text));
  const terminal = { out: keep, err: keep, cwd: '/', signal: new AbortController().signal, interactive: true };
  print({ exit: 1, text: 'a\u001b[2J\u202eb\r\n\tlast', problem: 'no\u0007' }, terminal, {
    asJson: false,
    command: '',
  });
  expect(said).toEqual(['a\\u{1b}[2J\\u{202e}b\\u{d}\n\tlast\n', 'gatehouse: no\\u{7}\n']);
});

test('neither can it as JSON, which still holds the very value, nor in a line of the log', () => {
  const branch = 'a\u202eb\u200b\u0085\u{e0001}机';
  const lines: string[] = [];
  const keep = (text: string | Uint8Array): void => void lines.push(String(text));
  const terminal = { out: keep, err: keep, cwd: '/', signal: new AbortController().signal, interactive: true };
  print({ exit: 0, json: { branch } }, terminal, { asJson: true, command: '' });
  jsonLog(keep).info('a branch', { branch });
  for (const line of lines) {
    expect(line).not.toMatch(/[\p{Cf}\u0085]/u);
    expect(JSON.parse(line)).toMatchObject({ branch });
  }
  expect(lines).toHaveLength(2);
});
