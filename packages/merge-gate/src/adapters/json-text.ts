import { types } from 'node:util';

/** The value of a JSON text, or undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    if (types.isNativeError(thrown) && thrown.name === 'SyntaxError') return undefined;
    throw thrown;
  }
}
