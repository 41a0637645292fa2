/** Splits text into lines as it comes: one pass, with no more memory than one bounded line. */

const MAX_LINE_CHARS = 1_000;
/** Of a line with colours so much is looked at that the line without them is as long as any other. */
const MAX_COLOURED_CHARS = 4 * MAX_LINE_CHARS;

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal colours begin with the escape character
const COLOUR = /\u001b\[[0-9;?]*[A-Za-z]/g;

/** Shows each line without its end, without colours, and bounded; the rest of a longer line is passed over. */
export class LineSplitter {
  readonly #visit: (line: string) => void;
  #rest = '';

  constructor(visit: (line: string) => void) {
    this.#visit = visit;
  }

  write(text: string): void {
    let from = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      this.#line(text, from, end);
      from = end + 1;
    }
    if (from < text.length && this.#rest.length < MAX_COLOURED_CHARS)
      this.#rest += text.slice(from, from + MAX_COLOURED_CHARS);
  }

  end(): void {
    if (this.#rest !== '') this.#line('', 0, 0);
  }

  #line(text: string, from: number, end: number): void {
    const line = this.#rest + text.slice(from, Math.min(end, from + MAX_COLOURED_CHARS));
    this.#rest = '';
    this.#visit(plain(line));
  }
}

/** Lines of a whole text. */
export function linesOf(text: string): readonly string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  splitter.write(text);
  splitter.end();
  return lines;
}

function plain(line: string): string {
  const bare = line.includes('\u001b') ? line.replace(COLOUR, '') : line;
  return (bare.endsWith('\r') ? bare.slice(0, -1) : bare).slice(0, MAX_LINE_CHARS);
}
