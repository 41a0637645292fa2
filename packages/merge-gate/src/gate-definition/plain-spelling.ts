/** Which file a path names on a machine whose file system does not tell some spellings apart. */

/** Characters that the file system of a Mac passes over in a name. */
const PASSED_OVER = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;
const ODD = /[^\x20-\x7e]|:|[. ](?:\/|$)/;

/** The path as it would be typed; the case of letters stays. Streams, final dots and spaces are those of Windows. */
export const plainSpelling = (path: string): string =>
  ODD.test(path)
    ? path
        .replace(PASSED_OVER, '')
        .normalize('NFKC')
        .split('/')
        .map((part) => part.replace(/:.*$/s, '').replace(/[. ]+$/, ''))
        .join('/')
    : path;
