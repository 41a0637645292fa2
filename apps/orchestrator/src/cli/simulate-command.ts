/** `gatehouse simulate`: checks its words and hands over to the simulator of the checkout (tools/sim). */
import { type Answer, type Terminal, usage } from './answer.ts';
import { runPrivateTool, toolProgram } from './private-tool.ts';

export interface SimulateWords {
  readonly seed?: string;
  readonly lifetimes?: string;
  readonly world?: string;
  readonly threads?: string;
  readonly trace?: boolean;
  readonly json?: boolean;
}

export async function simulateCommand(words: SimulateWords, terminal: Terminal): Promise<Answer> {
  const numbers = ['seed', 'lifetimes', 'world', 'threads'] as const;
  const wrong = numbers.find((name) => words[name] !== undefined && !/^\d{1,9}$/.test(words[name]));
  if (wrong !== undefined) return usage(`--${wrong} ${words[wrong]} is not a whole number from 0 to 999999999`);
  if (words.lifetimes === '0') return usage('--lifetimes 0 shows nothing; ask for one at least');
  if (words.trace === true && words.world === undefined)
    return usage('--trace tells about one world; add --world <n>, as a violation names it');
  const given = numbers.flatMap((name) => (words[name] === undefined ? [] : [`--${name}`, words[name]]));
  const flags = (['trace', 'json'] as const).flatMap((name) => (words[name] === true ? [`--${name}`] : []));
  return runPrivateTool({
    title: 'the simulator',
    program: toolProgram('sim'),
    args: [...given, ...flags],
    terminal,
  });
}
