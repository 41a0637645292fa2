import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { cli } from './recording-terminal.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PAGES = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).map((path) => `docs/${path}`),
];

interface Documented {
  readonly page: string;
  readonly said: string;
  readonly words: readonly string[];
}

/** Each `gatehouse …` in a block of sh; what a quoted word holds is of no account. */
function commandsOf(page: string, text: string): Documented[] {
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) =>
    block.replace(/\\\n\s*/g, ' '),
  );
  return blocks.flatMap((block) =>
    [...block.matchAll(/(?<![^\s;&|(])(?:npm run -s gatehouse --|gatehouse) ([^#;&|<>)\n]*)/g)].map(
      ([said, rest = '']) => ({
        page,
        said,
        words: rest
          .replace(/"[^"]*"|'[^']*'/g, 'TEXT')
          .trim()
          .split(/\s+/),
      }),
    ),
  );
}

/** The help of the command that the words lead to, and the words that are left. */
async function helpOf(words: readonly string[]): Promise<{ readonly help: string; readonly left: readonly string[] }> {
  for (const count of [2, 1]) {
    const path = words.slice(0, count).filter((word) => /^[a-z]+$/.test(word));
    if (path.length < count) continue;
    const { out } = await cli([...path, '--help']);
    // A command that has another name, too, is shown as `ls|list`.
    if (new RegExp(`Usage: gatehouse ${path.join(' ')}(?:\\|\\w+)?\\s`).test(out))
      return { help: out, left: words.slice(count) };
  }
  return { help: '', left: words };
}

async function problemsOf({ page, said, words }: Documented): Promise<string[]> {
  if (words[0]?.startsWith('-'))
    return ['--help', '--version'].includes(words[0]) ? [] : [`${page}: ${said}: no command`];
  const { help, left } = await helpOf(words);
  if (help === '' || /^Usage: .*(?:\[command\]|COMMAND)/.test(help)) return [`${page}: ${said}: no such command`];
  const end = left.indexOf('--');
  const options = (end < 0 ? left : left.slice(0, end)).filter((word) => /^--?[a-z]/.test(word));
  return options
    .map((word) => word.replace(/=.*/, ''))
    .filter((option) => !new RegExp(`(?:^|[\\s,])${option}(?=[\\s,]|$)`, 'm').test(help))
    .map((option) => `${page}: ${said}: no option ${option}`);
}

test('every command in a block of sh of the README and the docs is one that the program has, with its options', async () => {
  const found = PAGES.filter((page) => page.endsWith('.md')).flatMap((page) =>
    commandsOf(page, readFileSync(join(ROOT, page), 'utf8')),
  );
  const problems = await Promise.all(found.map(problemsOf));
  expect(problems.flat()).toEqual([]);
  expect(found.length).toBeGreaterThan(20);
});

test.each([
  ['gatehouse frob', 'no such command'],
  ['gatehouse repo frob', 'no such command'],
  ['gatehouse task add --repo app --brunch x', 'no option --brunch'],
  ['npm run -s gatehouse -- queue --frob', 'no option --frob'],
  ['X=1 gatehouse run --timeout 1s --frob -- true --not-ours', 'no option --frob'],
])('%s is found out', async (line, says) => {
  const found = commandsOf('a.md', `\`\`\`sh\n${line}\n\`\`\`\n`);
  expect(found).toHaveLength(1);
  expect((await Promise.all(found.map(problemsOf))).flat()).toEqual([expect.stringContaining(says)]);
});
