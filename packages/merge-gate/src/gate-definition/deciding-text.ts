/**
 * What of a settings file decides. Each reader takes out what is known to be harmless in a spelling that leaves no doubt
 * and keeps the rest as it stands: whatever it does not understand stays, and a difference there is a change.
 */

/** What one line, key or section means for a test run. */
export type Weight = 'harmless' | 'warn' | 'block';

/** What stays of a text that can block, and what stays of it that is at least told. */
export interface DecidingText {
  readonly block: string;
  readonly warn: string;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a sign that some reader takes for the end of a line hides what follows.
const HIDES = /[\u0000-\u0008\u000b-\u001f\u007f-\u00a0\u2028\u2029\ufeff]/;

const kept = (lines: readonly (readonly [string, Weight])[]): DecidingText => ({
  block: lines.flatMap(([line, level]) => (level === 'block' ? [line.trim()] : [])).join('\n'),
  warn: lines.flatMap(([line, level]) => (level === 'harmless' ? [] : [line.trim()])).join('\n'),
});

/** Reads line by line, ends of lines as the tool with the most of them sees them. */
export function byLine(text: string, levelOf: (line: string) => Weight): DecidingText {
  const lines = text.split(/\r\n|\r|\n/);
  return kept(
    lines.map((line) => {
      if (HIDES.test(line)) return [line, 'block'];
      return [line, /^\s*(?:[#;].*)?$/.test(line) ? 'harmless' : levelOf(line)];
    }),
  );
}

/** Reads YAML by its keys in the first column; a line below a key belongs to it. A key in another spelling blocks. */
export function byTopKey(text: string, levelOf: (key: string, line: string) => Weight): DecidingText {
  let key = '';
  return byLine(text, (line) => {
    const opened = /^([A-Za-z][A-Za-z0-9]*):(?:\s|$)/.exec(line);
    if (opened !== null) key = opened[1] ?? '';
    else if (!/^(?:\s|- )/.test(line)) key = '';
    return key === '' ? 'block' : levelOf(key, line);
  });
}

/**
 * Reads TOML and INI by their sections, `''` before the first and `?` below a head that is not understood. Any line that
 * opens a bracket counts as a head, so that a real one is never missed.
 */
export function bySection(text: string, levelOf: (section: string, line: string) => Weight): DecidingText {
  let section = '';
  const lines = text.replace(/\r\n/g, '\n').split('\n');
  return kept(
    lines.map((line) => {
      if (HIDES.test(line)) return [line, 'block'];
      if (/^\s*(?:[#;].*)?$/.test(line)) return [line, 'harmless'];
      if (/^\s*\[/.test(line)) {
        const head = /^\s*\[\[?([^[\]\\]+)\]\]?\s*(?:#.*)?$/.exec(line);
        section = head === null ? '?' : (head[1] ?? '').replace(/[\s"']/g, '');
      }
      return [line, levelOf(section, line)];
    }),
  );
}
