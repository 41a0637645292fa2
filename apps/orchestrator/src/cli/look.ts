/**
 * What the terminal is like: its width, and whether it takes colours. Node knows NO_COLOR, FORCE_COLOR and TERM; COLUMNS is read
 * here, as the table of settings is too much to load for help.
 */
import { styleText } from 'node:util';
import { processEnvironment } from '../platform/process-environment.ts';
import type { Look } from './table.ts';

const LEAST_COLUMNS = 20;
const WITHOUT_A_WORD = 80;

export type ColorWhen = 'auto' | 'always' | 'never';

/** Of a stream of this process. In a pipe nothing is cut, whatever COLUMNS says. */
export function lookOf(stream: NodeJS.WriteStream, when: ColorWhen = 'auto'): Look {
  const colour = when === 'auto' ? styleText('bold', 'x', { stream }) !== 'x' : when === 'always';
  if (stream.isTTY !== true) return { columns: null, colour };
  const asked = Number(processEnvironment()['COLUMNS']);
  const columns = Number.isInteger(asked) && asked >= LEAST_COLUMNS ? asked : stream.columns || WITHOUT_A_WORD;
  return { columns: Math.max(LEAST_COLUMNS, columns), colour };
}
