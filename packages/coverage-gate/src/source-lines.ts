/**
 * What stands on each line of a source file, as far as brackets, strings and comments tell it: enough to say which
 * statement a line belongs to, in any language with brackets, and in Python. A guess from text, never a parse.
 */

/** One line of a source file. */
export interface SourceLine {
  /** Holds more than blanks, comments and closing brackets. */
  readonly isCode: boolean;
  /** Without comments and outer blanks. */
  readonly code: string;
  /** Columns of its indentation. */
  readonly indent: number;
  /** Open brackets where it starts, and where it ends. */
  readonly depth: number;
  readonly depthAfter: number;
  /** Lines, innermost first, whose brackets or strings this line stands in and whose statement it therefore continues. */
  readonly continues: readonly number[];
}

interface Bracket {
  readonly line: number;
  /** Opens a block of statements of its own. */
  readonly isBlock: boolean;
}

const HASH_COMMENTS = /\.(py|pyi|rb|sh|bash|pl|pm|r|ex|exs|jl|tcl|cr|nim)$/i;
const MAX_CONTINUED = 32;
/** A line that starts or ends like this belongs to the one before, or goes on. */
const STARTS_WITHIN = /^(?:\?\.|\.(?!\.)|&&|\|\||\?\?|[?:+*/%|^](?!\/)|and\b|or\b)/;
const GOES_ON = /(?:\\|&&|\|\||\?\?|[=+*%|?,]|\band|\bor|\bnot)$/;

/** Total and linear in the length of the text. Line n is at n - 1. */
export function sourceLines(text: string, path: string): readonly SourceLine[] {
  const scan = new SourceScan(HASH_COMMENTS.test(path));
  const lines: SourceLine[] = [];
  let before = -1;
  for (const [at, line] of text.split('\n').entries()) {
    const found = scan.line(line.slice(0, MAX_COLUMNS), at + 1);
    const previous = lines[before];
    const joined = previous !== undefined && found.continues.length === 0 && joins(previous, found);
    lines.push(joined ? { ...found, continues: [before + 1, ...previous.continues].slice(0, MAX_CONTINUED) } : found);
    if (found.code !== '') before = at;
  }
  return lines;
}

const MAX_COLUMNS = 10_000;

const joins = (before: SourceLine, { code }: SourceLine): boolean =>
  STARTS_WITHIN.test(code) || (code !== '' && GOES_ON.test(before.code));

class SourceScan {
  readonly #open: Bracket[] = [];
  readonly #isHash: boolean;
  /** What ends the comment or the string that is open, and where it began. */
  #until: string | null = null;
  #since = 0;

  constructor(isHash: boolean) {
    this.#isHash = isHash;
  }

  line(text: string, number: number): SourceLine {
    const continues = this.#continued();
    const depth = this.#open.length;
    let code = '';
    let at = 0;
    while (at < text.length) {
      const step: { readonly length: number; readonly kept: string } =
        this.#until === null ? this.#plain(text, at, { code, number }) : this.#inside(text, at);
      at += step.length;
      code += step.kept;
    }
    if (this.#until === '\n' || this.#until === '"' || this.#until === "'") this.#until = null;
    code = code.trim();
    const isCode = !/^[)\]};,\s]*$/.test(code);
    const indent = /^\s*/.exec(text)?.[0].replaceAll('\t', '        ').length ?? 0;
    return { isCode, code, indent, depth, depthAfter: this.#open.length, continues };
  }

  /** Down to the block the line stands in; a statement of that block has begun where its first bracket was opened. */
  #continued(): readonly number[] {
    const lines = this.#until !== null && this.#until !== '*/' ? [this.#since] : [];
    for (let at = this.#open.length - 1; at >= 0 && lines.length < MAX_CONTINUED; at--) {
      const bracket = this.#open[at];
      if (bracket === undefined || bracket.isBlock) break;
      if (lines.at(-1) !== bracket.line) lines.push(bracket.line);
    }
    return lines;
  }

  #inside(text: string, at: number): { readonly length: number; readonly kept: string } {
    const until = this.#until ?? '\n';
    const kept = until === '*/' || until === '\n' ? '' : '_';
    if (text[at] === '\\' && until !== '*/') return { length: 2, kept };
    if (!text.startsWith(until, at)) return { length: 1, kept };
    this.#until = null;
    return { length: until.length, kept };
  }

  #plain(
    text: string,
    at: number,
    { code, number }: { readonly code: string; readonly number: number },
  ): { readonly length: number; readonly kept: string } {
    const char = text[at] ?? '';
    const three = text.slice(at, at + 3);
    const opened = (until: string, length: number, kept: string) => {
      this.#until = until;
      this.#since = number;
      return { length, kept };
    };
    if (char === '#' && (this.#isHash || number === 1)) return opened('\n', 1, '');
    if (three.startsWith('//') && !this.#isHash) return opened('\n', 2, '');
    if (three.startsWith('/*') && !this.#isHash) return opened('*/', 2, '');
    if (this.#isHash && (three === '"""' || three === "'''")) return opened(three, 3, '_');
    if (char === '"' || char === '`' || (char === "'" && isQuote(text, at))) return opened(char, 1, '_');
    if (char === '/' && !this.#isHash) {
      const regex = REGEX_BEFORE.test(code) ? /^\/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[])+\//.exec(text.slice(at)) : null;
      if (regex !== null) return { length: regex[0].length, kept: '_' };
    }
    if ('([{'.includes(char)) this.#open.push({ line: number, isBlock: char === '{' && !LITERAL_BEFORE.test(code) });
    else if (')]}'.includes(char)) this.#open.pop();
    return { length: 1, kept: char };
  }
}

/** A brace after one of these opens a value, not a block. */
const LITERAL_BEFORE = /(?:[([,=:?&|]|\breturn)\s*$/;
const REGEX_BEFORE = /(?:^|[([,=:?&|!{};]|\breturn)\s*$/;

/** Not the mark of a lifetime, as in Rust, nor an apostrophe inside a word. */
const isQuote = (text: string, at: number): boolean => !/^'\w+(?![\w'])[^']*$/.test(text.slice(at, at + 200));
