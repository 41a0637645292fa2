import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { EXAMPLES } from '../src/cli/commands/examples.ts';
import { commandAt, everyCommand, pathOf } from '../src/cli/commands/help.ts';
import { OVERVIEW } from '../src/cli/commands/overview.ts';
import { TOPICS } from '../src/cli/commands/topics.ts';
import { buildProgram } from '../src/cli/program.ts';
import { cli } from './recording-terminal.ts';
import { scratchFolder } from './scratch-forge.ts';
import { describeWith } from './tool-tests.ts';

const terminal = {
  out: () => {},
  err: () => {},
  cwd: '/',
  signal: new AbortController().signal,
  interactive: false,
};
const program = buildProgram({ terminal, answer: { exit: 2 }, json: false, command: '', color: 'auto' });
const leaves = everyCommand(program).filter(({ commands }) => commands.length === 0);

/** As a shell would: words in quotes are one, variables in front and what is redirected are not ours. */
const wordsOf = (line: string): string[] =>
  (line.replace(/ > .*$/, '').match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replace(/^"|"$/g, ''));

describe('examples', () => {
  test('each command has some, and no other name has', () => {
    expect(Object.keys(EXAMPLES).sort()).toEqual(leaves.map(pathOf).sort());
  });

  test.each(Object.entries(EXAMPLES).flatMap(([path, lines]) => lines.map((line) => [line, path] as const)))(
    '%s is a call that its command takes, and its help shows it',
    async (line, path) => {
      const words = wordsOf(line);
      const after = words.slice(words.indexOf('gatehouse') + 1);
      const names = path.split(' ');
      expect(after.slice(0, names.length)).toEqual(names);
      const command = commandAt(program, names) as Command;
      const given = after.slice(names.length);
      const { operands, unknown } = command.parseOptions(given);
      expect(unknown.filter((word) => path !== 'run' && word.startsWith('-'))).toEqual([]);
      for (const { required, name } of command.registeredArguments.map((one) => ({
        required: one.required,
        name: one.name(),
      })))
        if (required) expect([name, operands.length > 0]).toEqual([name, true]);
      for (const { long, mandatory } of command.options)
        if (mandatory && command.getOptionValueSourceWithGlobals(String(long).slice(2)) !== 'default')
          expect(given).toContain(long);
      expect((await cli([...names, '--help'])).out).toContain(`\n  ${line}\n`);
    },
  );
});

describe('help', () => {
  test('the top fits 80 by 40 and has a group for every command', async () => {
    const lines = (await cli(['--help'])).out.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(40);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines).not.toContain('Commands:');
    const grouped = Object.values(OVERVIEW).flatMap((group) => Object.keys(group));
    expect(program.commands.map((command) => command.name())).toEqual([...grouped, 'help']);
  });

  test('of a command is what its --help is, and without words what --help is', async () => {
    expect(await cli(['help', 'task', 'add'])).toEqual(await cli(['task', 'add', '--help']));
    expect(await cli(['help'])).toEqual(await cli(['--help']));
  });

  test.each(Object.keys(TOPICS))('of the topic %s answers, and the top names it', async (name) => {
    const said = await cli(['help', name]);
    expect(said).toMatchObject({ exit: 0, err: '' });
    expect(said.out.length).toBeGreaterThan(200);
    expect((await cli(['--help'])).out).toMatch(new RegExp(`help TOPIC: .*\\b${name}\\b`));
  });

  test('of what is neither names the nearest', async () => {
    const said = await cli(['help', 'tokne']);
    expect(said).toMatchObject({
      exit: 2,
      out: '',
      err: expect.stringContaining('did you mean gatehouse help token?'),
    });
  });
});

/** What the script of a shell offers behind the words, the last of which is being typed. */
type Offer = (...words: string[]) => string[];

async function scriptFor(shell: string): Promise<string> {
  const path = join(scratchFolder(), `gatehouse.${shell}`);
  const said = await cli(['completion', shell]);
  expect(said).toMatchObject({ exit: 0, err: '' });
  writeFileSync(path, said.out);
  return path;
}

const outputOf = (command: string, ...words: string[]): string[] => {
  const ran = spawnSync(command, words, { encoding: 'utf8' });
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  return ran.stdout.split('\n').filter((line) => line !== '');
};

function offersWhatHelpShows(offer: Offer): void {
  expect(offer('ta')).toEqual(['task']);
  expect(offer('task', 's').sort()).toEqual(['show', 'stop']);
  expect(offer('gate', 'se')).toEqual(['security']);
  expect(offer('task', 'add', '--dep')).toEqual(['--depends-on']);
  expect(offer('repo', 'add', '--forge', 'git').sort()).toEqual(['git', 'gitea', 'github']);
  expect(offer('help', 'exit')).toEqual(['exit-status']);
  expect(offer('coverage', 'read', '--js')).toEqual(['--json']);
}

describeWith('bash')('completion in bash', () => {
  test('offers what help shows', async () => {
    const script = await scriptFor('bash');
    const ask = `source "$0"; COMP_WORDS=(gatehouse "$@"); COMP_CWORD=$#; _gatehouse; printf '%s\\n' "\${COMPREPLY[@]}"`;
    offersWhatHelpShows((...words) => outputOf('bash', '-c', ask, script, ...words));
    expect(outputOf('bash', '-c', `${ask}; complete -p gatehouse`, script, 'ta')).toContainEqual(
      expect.stringContaining('-F _gatehouse gatehouse'),
    );
  });
});

describeWith('zsh')('completion in zsh', () => {
  test('offers what help shows', async () => {
    const script = await scriptFor('zsh');
    // Without a terminal nothing is completed: what would be offered is printed instead.
    const ask = `compdef() { :; }; _files() { :; }; _describe() { local -a all=("\${(@P)2}"); print -l -- \${(M)\${all%%:*}:#\${words[CURRENT]}*}; }
      source "$0"; words=(gatehouse "$@"); CURRENT=$(( $# + 1 )); _gatehouse`;
    offersWhatHelpShows((...words) => outputOf('zsh', '-f', '-c', ask, script, ...words));
  });
});

describeWith('fish')('completion in fish', () => {
  test('offers what help shows', async () => {
    const script = await scriptFor('fish');
    offersWhatHelpShows((...words) =>
      outputOf('fish', '--no-config', '-c', `source ${script}; complete -C "gatehouse ${words.join(' ')}"`).map(
        (line) => line.split('\t')[0] ?? '',
      ),
    );
  });
});
