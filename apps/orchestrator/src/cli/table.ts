/** Tables as wide as their place: on a terminal nothing wraps, in a pipe nothing is cut. */
import { visibleLine } from '../platform/visible-text.ts';

/** How stdout looks: its width in columns (null: no terminal, unlimited), and whether it takes colours. */
export interface Look {
  readonly columns: number | null;
  readonly colour: boolean;
}
export const PLAIN: Look = { columns: null, colour: false };

/** Good news, a fault, waiting, or beside the point. The word itself says it as well. */
export type Tone = 'good' | 'bad' | 'wait' | 'dim';
export type Cell = string | { readonly text: string; readonly tone: Tone };
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

const SGR: { readonly [Of in Tone | 'bold']: readonly [number, number] } = {
  good: [32, 39],
  bad: [31, 39],
  wait: [33, 39],
  dim: [2, 22],
  bold: [1, 22],
};

/** Text in a tone; as it is where the look has no colours. */
export const toned = (text: string, tone: Tone | 'bold', { colour }: Look): string =>
  colour ? `\u001b[${SGR[tone][0]}m${text}\u001b[${SGR[tone][1]}m` : text;

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;
let segmenter: Intl.Segmenter | undefined;
/** Made by its first use: most starts need none. */
const graphemesOf = (text: string): Intl.Segments => {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter.segment(text);
};
const MARK = /^\p{M}$/u;
const ASCII = /^[\x20-\x7e]*$/;

/** Columns that a terminal gives a text: two for East Asian wide characters and emoji, none for marks on another. */
export function columnsOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of graphemesOf(text)) columns += WIDE.test(segment) ? 2 : MARK.test(segment) ? 0 : 1;
  return columns;
}

/** The beginning that fits, with `…` where something is missing. */
export function cut(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let kept = '';
  let used = 1;
  for (const { segment } of graphemesOf(text)) {
    used += columnsOf(segment);
    if (used > columns) break;
    kept += segment;
  }
  return columns < 1 ? '' : `${kept}…`;
}

const GAP = 2;
/** A cut column still shows this much, as long as anything else can give way. */
const LEAST = 8;

/** Lines of the table: the widest column gives way first, and no line is wider than the look. */
export function tableLines({ head, rows }: Table, look: Look): readonly string[] {
  const texts = rows.map((row) => head.map((_, at) => visibleLine(textOf(row[at] ?? ''))));
  const natural = head.map((title, at) =>
    texts.reduce((most, row) => Math.max(most, columnsOf(row[at] ?? '')), columnsOf(title)),
  );
  const widths = look.columns === null ? natural : fitted(natural, look.columns);
  const line = (cells: readonly string[], tone: (at: number) => Tone | 'bold' | undefined): string => {
    const last = cells.findLastIndex((cell) => cell !== '');
    const shown = cells.slice(0, last + 1).map((cell, at) => {
      const fit = cut(cell, widths[at] ?? 0);
      const kind = tone(at);
      const pad = at === last ? 0 : Math.max(0, (widths[at] ?? 0) - columnsOf(fit));
      return `${kind === undefined ? fit : toned(fit, kind, look)}${' '.repeat(pad)}`;
    });
    return shown.join(' '.repeat(GAP));
  };
  return [
    line(head, () => 'bold'),
    line(
      widths.map((width) => '-'.repeat(width)),
      () => 'dim',
    ),
    ...texts.map((cells, row) => line(cells, (at) => toneOf(rows[row]?.[at] ?? ''))),
  ];
}

const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text);
const toneOf = (cell: Cell): Tone | undefined => (typeof cell === 'string' ? undefined : cell.tone);

function fitted(natural: readonly number[], columns: number): readonly number[] {
  const widths = [...natural];
  let over = widths.reduce((sum, width) => sum + width, GAP * (widths.length - 1)) - columns;
  for (const least of [LEAST, 1])
    while (over > 0) {
      const widest = widths.indexOf(Math.max(...widths));
      const width = widths[widest] ?? 0;
      if (width <= least) break;
      const next = Math.max(least, ...widths.filter((other) => other < width));
      const given = Math.min(over, Math.max(1, Math.ceil((width - next) / 2)));
      widths[widest] = width - given;
      over -= given;
    }
  return widths;
}
