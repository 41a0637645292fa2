/** How the names of a report become text where it says that it is not written in UTF-8. */
import { TextDecoder } from 'node:util';

/** Says less than UTF-8 does, or what the bytes that were read so far disprove. */
const NOT_ASKED = /^(?:utf|unicode|ucs|us-ascii$|ascii$)/i;

/** Null where its bytes are read as UTF-8: that is what they say, or nobody knows the name. */
export function decoderOf(encoding: string): TextDecoder | null {
  if (NOT_ASKED.test(encoding)) return null;
  try {
    return new TextDecoder(encoding);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_ENCODING_NOT_SUPPORTED') return null;
    throw error;
  }
}
