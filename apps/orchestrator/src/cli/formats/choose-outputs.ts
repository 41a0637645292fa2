/** Which format goes where: `--format sarif=FILE --format text`, `--format junit --output FILE`, `--json`. */
import { closestMatch } from '../../platform/did-you-mean.ts';
import { writeGithub } from './github.ts';
import { writeJson } from './json.ts';
import { writeJunit } from './junit.ts';
import { writeMarkdown } from './markdown.ts';
import type { Writer } from './report.ts';
import { writeSarif } from './sarif.ts';
import { writeText } from './text.ts';

/** Formats by the name that `--format` takes. */
export const WRITERS: Readonly<Record<string, Writer>> = {
  text: writeText,
  json: writeJson,
  sarif: writeSarif,
  junit: (report) => writeJunit(report),
  markdown: writeMarkdown,
  github: writeGithub,
};

export interface OutputOptions {
  readonly format?: readonly string[];
  readonly output?: string;
  readonly json?: boolean;
}

/** `file` as the caller wrote it; null: stdout. */
export interface Output {
  readonly format: string;
  readonly file: string | null;
}

export type ChosenOutputs =
  | { readonly kind: 'chosen'; readonly outputs: readonly Output[] }
  | { readonly kind: 'unclear'; readonly problem: string };

export function chooseOutputs({ format = [], output, json = false }: OutputOptions): ChosenOutputs {
  const named: Output[] = format.map((words) => {
    const at = words.indexOf('=');
    return at < 0 ? { format: words, file: null } : { format: words.slice(0, at), file: words.slice(at + 1) };
  });
  const wrong = named.find((one) => !Object.hasOwn(WRITERS, one.format));
  if (wrong !== undefined) {
    const names = Object.keys(WRITERS);
    return unclear(
      `no format is called ${JSON.stringify(wrong.format)}; did you mean ${closestMatch(wrong.format, names)}? (${names.join(', ')})`,
    );
  }
  if (named.some(({ file }) => file === '')) return unclear('--format FORMAT=FILE names a file');
  const free = named.filter(({ file }) => file === null);
  if (output !== undefined && free.length !== 1)
    return unclear('--output takes the one --format that names no file: --format sarif --output FILE');
  const placed = output === undefined ? named : named.map((one) => ({ ...one, file: one.file ?? output }));
  const onStdout = placed.filter(({ file }) => file === null).length + (json ? 1 : 0);
  if (onStdout > 1) return unclear('two formats cannot both go to standard output: name a file, --format FORMAT=FILE');
  const files = placed.flatMap(({ file }) => (file === null ? [] : [file]));
  if (new Set(files).size < files.length) return unclear('two formats cannot go to one file');
  const rest: Output[] = json ? [{ format: 'json', file: null }] : [{ format: 'text', file: null }];
  return { kind: 'chosen', outputs: onStdout === 1 && !json ? placed : [...placed, ...rest] };
}

const unclear = (problem: string): ChosenOutputs => ({ kind: 'unclear', problem });
