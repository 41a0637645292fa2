/** The JSX half of the tokenizer: tags and text become `text` tokens, expressions in braces are code again. */
import { lose, moveTo, push, type Scan } from './scan.ts';

/** Scans code up to the brace that ends an expression; handed in, because the code half begins elements itself. */
export type ScanCode = (scan: Scan, close: '}') => void;

/** At a `<` where a value may begin: an element or fragment, not the generics of an arrow function. */
export function startsElement(scan: Scan): boolean {
  const rest = scan.source.slice(scan.at, scan.at + 120);
  return /^<(?:>|[A-Za-z_$])/.test(rest) && !/^<[\w$]+(?:\s+extends\s|\s*,)/.test(rest);
}

/** Scans one element with its children; afterwards a value stands. */
export function scanElement(scan: Scan, scanCode: ScanCode): void {
  if (scanTag(scan, scanCode)) scanChildren(scan, scanCode);
  scan.value = true;
}

/** The opening tag. True when children follow. */
function scanTag(scan: Scan, scanCode: ScanCode): boolean {
  moveTo(scan, scan.at + 1);
  while (scan.lost === null && scan.at < scan.source.length) {
    const char = scan.source[scan.at] ?? '';
    if (scan.source.startsWith('/>', scan.at)) {
      moveTo(scan, scan.at + 2);
      return false;
    }
    if (char === '>') {
      moveTo(scan, scan.at + 1);
      return true;
    }
    if (char === '{') scanBraces(scan, scanCode);
    else if (char === '"' || char === "'") {
      const end = scan.source.indexOf(char, scan.at + 1);
      if (end < 0) break;
      push(scan, 'text', end + 1);
    } else moveTo(scan, scan.at + 1);
  }
  lose(scan, 'a tag never ends');
  return false;
}

function scanChildren(scan: Scan, scanCode: ScanCode): void {
  while (scan.lost === null && scan.at < scan.source.length) {
    if (scan.source.startsWith('</', scan.at)) {
      const end = scan.source.indexOf('>', scan.at);
      if (end < 0) break;
      moveTo(scan, end + 1);
      return;
    }
    const char = scan.source[scan.at];
    if (char === '<') scanElement(scan, scanCode);
    else if (char === '{') scanBraces(scan, scanCode);
    else {
      const next = /[<{]/g;
      next.lastIndex = scan.at;
      push(scan, 'text', next.exec(scan.source)?.index ?? scan.source.length);
    }
  }
  lose(scan, 'an element never ends');
}

function scanBraces(scan: Scan, scanCode: ScanCode): void {
  push(scan, 'punct', scan.at + 1);
  scan.value = false;
  scanCode(scan, '}');
  if (scan.lost === null) push(scan, 'punct', scan.at + 1);
}
