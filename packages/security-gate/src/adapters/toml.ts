/** TOML from outside as plain data. */
import { parse, TomlError } from 'smol-toml';

export type TomlAnswer =
  | { readonly kind: 'table'; readonly table: { readonly [key: string]: unknown } }
  | { readonly kind: 'malformed'; readonly reason: string };

/** A TOML document. Duplicate keys and more than 40 levels are refused. */
export function readToml(text: string): TomlAnswer {
  try {
    return { kind: 'table', table: parse(text, { maxDepth: 40 }) };
  } catch (error) {
    if (error instanceof TomlError) return { kind: 'malformed', reason: `not TOML: ${firstLine(error.message)}` };
    if (error instanceof RangeError) return { kind: 'malformed', reason: 'TOML nested too deeply' };
    throw error;
  }
}

const firstLine = (message: string): string => message.split('\n', 1)[0] ?? '';
