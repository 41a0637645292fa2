/**
 * Reads a shell command well enough to see which programs it starts: words, quotes and the signs between commands. What a
 * shell would only know at run time (variables, substitutions) stays as it is written.
 */

const BETWEEN = new Set([';', '&', '|', '(', ')', '\n', '`']);
const MAX_CHARS = 16_384;
const MAX_NESTING = 5;

/** The simple commands of a text, each as its words. Total; a text that is too long is read at its beginning. */
export function simpleCommands(text: string): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  let word: string | null = null;
  const endWord = (): void => {
    if (word !== null) commands.at(-1)?.push(word);
    word = null;
  };
  const source = text.slice(0, MAX_CHARS);
  for (let at = 0; at < source.length; at += 1) {
    const char = source[at] ?? '';
    if (char === "'" || char === '"') {
      const quoted = quotedAt(source, at);
      word = (word ?? '') + quoted.text;
      at = quoted.end;
    } else if (char === '\\') {
      at += 1;
      word = (word ?? '') + (source[at] === '\n' ? '' : (source[at] ?? ''));
    } else if (char === ' ' || char === '\t' || char === '\r') {
      endWord();
    } else if (BETWEEN.has(char)) {
      endWord();
      commands.push([]);
    } else {
      word = (word ?? '') + char;
    }
  }
  endWord();
  return commands.filter((command) => command.length > 0);
}

/** Every command of a text, with those inside a quoted word of several (`sh -c 'npm test'`) right behind it. Total. */
export function commandsIn(text: string, nesting: number = MAX_NESTING): readonly (readonly string[])[] {
  return simpleCommands(text).flatMap((words) => {
    const quoted = nesting > 0 ? words.filter((word) => /\s/.test(word)) : [];
    return [words, ...quoted.flatMap((word) => commandsIn(word, nesting - 1))];
  });
}

/** `end` is where the closing quote stands, or the end of the text. */
function quotedAt(source: string, start: number): { readonly text: string; readonly end: number } {
  const quote = source[start];
  let text = '';
  let at = start + 1;
  for (; at < source.length && source[at] !== quote; at += 1) {
    if (quote === '"' && source[at] === '\\' && at + 1 < source.length) at += 1;
    text += source[at] ?? '';
  }
  return { text, end: at };
}
