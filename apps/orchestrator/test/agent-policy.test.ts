import { describe, expect, test } from '@jest/globals';
import { attemptOf, parseScript } from '../src/agents/scripted/script.ts';
import { isToolConfig } from '../src/agents/tool-config.ts';
import { resolveAgents } from '../src/policy/agent-policy.ts';
import { type PolicyOwner, parsePolicyFile } from '../src/policy/policy-file.ts';

const problemsOf = (text: string, owner?: PolicyOwner): string => {
  const answer = parsePolicyFile(text, 'file', owner);
  return answer.kind === 'policy' ? '' : answer.problems.join('\n');
};
const agents = (text: string) => {
  const answer = parsePolicyFile(`version: 1\nagents: ${text}\n`, 'operator.yaml');
  if (answer.kind !== 'policy') throw new Error(answer.problems.join('; '));
  return resolveAgents(answer.policy.agents);
};

describe('the key agents', () => {
  test('stands only in an operator’s file', () => {
    const text = 'version: 1\nagents: { command: work }\n';
    expect(problemsOf(text)).toBe('');
    expect(problemsOf(text, 'repository')).toMatch(/a repository cannot name the commands that work on it/);
    expect(problemsOf('version: 1\nagents:\n', 'repository')).toMatch(/cannot name/);
  });

  test('names a command for every role, and another one for a role of its own', () => {
    const found = agents('{ command: work, timeout: 90s, env: [HOME], developer: { command: code, timeout: 5m } }');
    expect(found.analyst).toEqual({ kind: 'command', run: 'work', timeoutMs: 90_000, env: ['HOME'] });
    expect(found.developer).toEqual({ kind: 'command', run: 'code', timeoutMs: 300_000, env: ['HOME'] });
    expect(agents('{ scripted: /s.yaml, tester: { command: try-it } }')).toMatchObject({
      reviewer: { kind: 'scripted', run: '/s.yaml' },
      tester: { kind: 'command', run: 'try-it' },
    });
  });

  test('leaves a role that no policy names without an agent', () => {
    expect(agents('{ developer: { command: code } }')).toMatchObject({ developer: { run: 'code' }, reviewer: null });
    expect(resolveAgents(undefined)).toMatchObject({ analyst: null, deployer: null });
  });

  test.each([
    ['two ways to work', '{ command: a, scripted: /b }', /both a command and a script/],
    ['a script that is not at an absolute path', '{ scripted: b.yaml }', /absolute path/],
    ['a misspelt role', '{ command: a, reviewr: { command: b } }', /agents\.reviewr; did you mean reviewer/],
    ['a misspelt key of a role', '{ developer: { comand: b } }', /agents\.developer\.comand; did you mean command/],
    ['a credential of the service', '{ command: a, env: [ORCH_API_TOKEN] }', /hold no forge credential/],
    ['a credential of the forge', '{ command: a, developer: { env: [GITHUB_TOKEN] } }', /hold no forge credential/],
  ])('refuses %s', (_title, text, why) => {
    expect(problemsOf(`version: 1\nagents: ${text}\n`)).toMatch(why);
  });
});

describe('a script', () => {
  test('says what a role does at each attempt, the last one for ever, and a task’s own words win', () => {
    const read = parseScript(
      'version: 1\nroles: { developer: [{ say: one }, { say: two }] }\ntasks: { K: { developer: [{ say: own }] } }\n',
    );
    if (read.kind !== 'script') throw new Error(read.problems.join());
    const said = (key: string, attempt: number) => attemptOf(read.script, 'developer', { key, attempt })?.say;
    expect([said('x', 1), said('x', 2), said('x', 9), said('K', 3)]).toEqual(['one', 'two', 'two', 'own']);
    expect(attemptOf(read.script, 'tester', { key: 'x', attempt: 1 })).toBeNull();
    expect(attemptOf(read.script, 'developer', { key: 'constructor', attempt: 1 })?.say).toBe('one');
  });

  test.each(['', '{', 'version: 2', 'version: 1\nroles: { developer: [] }', 'version: 1\nroles: { x: [{}] }'])(
    'that is not one is refused in words: %j',
    (text) => {
      expect(parseScript(text)).toMatchObject({ kind: 'invalid', problems: [expect.any(String)] });
    },
  );
});

test.each([
  ['CLAUDE.md', true],
  ['src/deep/agents.md', true],
  ['.claude/commands/x.md', true],
  ['packages/a/.Cursor/rules', true],
  ['.github/copilot-instructions.md', true],
  ['README.md', false],
  ['src/claude.ts', false],
  ['docs/CLAUDE.md.txt', false],
])('whether %s instructs an agent tool: %s', (path, expected) => {
  expect(isToolConfig(path)).toBe(expected);
});
