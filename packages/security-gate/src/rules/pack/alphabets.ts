/** Alphabets of tokens, as parts of a shape. */
export const ALNUM = '[A-Za-z0-9]';
export const HEX = '[0-9a-f]';
export const HEX_ANY = '[0-9A-Fa-f]';
export const LOWER = '[a-z0-9]';
export const UPPER = '[A-Z0-9]';
/** Of base64url, and of identifiers with dashes. */
export const URL_SAFE = '[\\w-]';
export const BASE64 = '[A-Za-z0-9+/]';
export const UUID: string = `${HEX_ANY}{8}-(?:${HEX_ANY}{4}-){3}${HEX_ANY}{12}`;
