/** The scanner's place in a file, and the few moves that change it; both halves of the tokenizer build on it. */

export interface Token {
  readonly kind: 'word' | 'number' | 'string' | 'template' | 'regex' | 'text' | 'punct';
  /** Source text; of strings and templates what stands between the quotes, escapes untouched. */
  readonly text: string;
  /** 1-based. */
  readonly line: number;
}

export interface Comment {
  /** With its `//` or `/*`. */
  readonly text: string;
  readonly line: number;
}

/** The scanner's place in a file; shared with the JSX half. */
export interface Scan {
  readonly source: string;
  readonly jsx: boolean;
  readonly code: Token[];
  readonly comments: Comment[];
  lost: { line: number; why: string } | null;
  at: number;
  line: number;
  /** True when the last token ends a value: what follows is an operator, not a regex or an element. */
  value: boolean;
}

/** Moves to `end`, counting lines. */
export function moveTo(scan: Scan, end: number): void {
  for (let at = scan.at; at < end; at += 1) if (scan.source.charCodeAt(at) === 10) scan.line += 1;
  scan.at = end;
}

/** Pushes what stands before `end` as one token and moves there. */
export function push(
  scan: Scan,
  kind: Token['kind'],
  end: number,
  text: string = scan.source.slice(scan.at, end),
): void {
  scan.code.push({ kind, text, line: scan.line });
  moveTo(scan, end);
}

export function lose(scan: Scan, why: string): void {
  scan.lost ??= { line: scan.line, why };
}
