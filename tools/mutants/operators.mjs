/** Small ways to make a source wrong. What differs in types and layout only is no mutant: the compiled text must differ. */
import { transformSync } from 'esbuild';

/** Each: a name, what it looks for in code, and what stands there instead. */
const OPERATORS = [
  ['equality negated', / === /g, () => ' !== '],
  ['equality negated', / !== /g, () => ' === '],
  ['comparison shifted', / < /g, () => ' <= '],
  ['comparison shifted', / > /g, () => ' >= '],
  ['comparison shifted', / <= /g, () => ' < '],
  ['comparison shifted', / >= /g, () => ' > '],
  ['comparison turned', / < /g, () => ' >= '],
  ['comparison turned', / > /g, () => ' <= '],
  ['and for or', / && /g, () => ' || '],
  ['or for and', / \|\| /g, () => ' && '],
  ['sum turned', / \+ /g, () => ' - '],
  ['sum turned', / - /g, () => ' + '],
  ['boolean turned', /\b(true|false)\b/g, (word) => (word === 'true' ? 'false' : 'true')],
  ['number moved', /(?<![\w.'"])\d[\d_]*(?![\w.'"])/g, (word) => `(${word} + 1)`],
  ['kind replaced', /'[a-z][a-z0-9-]*'/g, () => "'another'"],
  ['negation left out', /!(?=[\w(])/g, () => ''],
  [
    'condition negated',
    /(?<=^\s*(?:else )?if \().+(?=\) (?:return|break|continue|throw|yield|await|\{|[\w.]+(?:\(| [+-]?=)))/gm,
    (words) => `!(${words})`,
  ],
  ['await left out', /\bawait /g, () => ''],
  ['call left out', /^\s*(?:await |yield\* )?[\w.?]+\(.*\);$/gm, () => ''],
  ['return without a value', /(?<=^\s*(?:if .*\) |else )?return )[^;\n]+(?=;$)/gm, () => 'undefined'],
  ['returns negated', /(?<=^\s*(?:if .*\) |else )?return )[^;\n]+(?=;$)/gm, (words) => `!(${words})`],
  ['spread left out', /\.\.\.\([^()\n]*\)(?=[,\s])/g, () => '...{}'],
  ['SQL: and for or', /\bAND\b/g, () => 'OR'],
  ['SQL: or for and', /\bOR\b/g, () => 'AND'],
  ['SQL: equality negated', / = (?=:|'|\w+\.)/g, () => ' <> '],
  ['SQL: null negated', /\bIS NULL\b/g, () => 'IS NOT NULL'],
  ['SQL: null negated', /\bIS NOT NULL\b/g, () => 'IS NULL'],
  ['SQL: order turned', /\bASC\b|(?<=ORDER BY [\w.]+)(?=\s|`|')/g, () => ' DESC'],
];

/** Every mutant of a source, by place: `{ operator, start, line, from, to, text }`, where `text` is the whole source. */
export function mutantsOf(source) {
  const compiled = compile(source);
  const seen = new Set([compiled]);
  const found = OPERATORS.flatMap(([operator, looks, by]) =>
    [...source.matchAll(looks)]
      .filter(({ index }) => isCode(source, index))
      .map((match) => ({ operator, match, to: by(match[0]) })),
  );
  return found
    .map(({ operator, match, to }) => ({
      operator,
      start: match.index,
      line: source.slice(0, match.index).split('\n').length + (match[0].match(/^\n*/)?.[0].length ?? 0),
      from: match[0].trim(),
      to: to.trim(),
      text: source.slice(0, match.index) + to + source.slice(match.index + match[0].length),
    }))
    .sort((one, other) => one.start - other.start)
    .filter(({ text }) => {
      const after = compile(text);
      const isNew = after !== null && !seen.has(after);
      if (isNew) seen.add(after);
      return isNew;
    });
}

/** Neither a comment nor an import. */
function isCode(source, index) {
  const line = source.slice(source.lastIndexOf('\n', index - 1) + 1, source.indexOf('\n', index));
  return !/^\s*(?:\/\/|\/?\*|import |export .* from )/.test(line);
}

/** Null: no program. */
function compile(text) {
  try {
    return transformSync(text, { loader: 'ts', minifyWhitespace: true, logLevel: 'silent' }).code;
  } catch {
    return null;
  }
}
