/** Text of a dependency file, fit for a report. */
import { sanitizeText } from '../sanitize-text.ts';

/** As `sanitizeText`, and no address shows the credentials in it. */
export const shownText = (text: string): string => sanitizeText(text.replace(/\/\/[^/@\s]*@/g, '//…@'));
