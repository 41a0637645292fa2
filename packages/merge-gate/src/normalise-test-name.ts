/** Takes out of a test's name what differs from run to run, so that two runs name the same test alike. */

const MAX_NAME_CHARS = 500;

/** In this order. No placeholder holds what a pattern looks for. */
const VOLATILE: readonly (readonly [RegExp, string])[] = [
  [/(?:\/private)?\/(?:tmp|var\/tmp|var\/folders|dev\/shm)\/[^\s'"`,;:()[\]<>]{1,500}/g, '<path>'],
  [/\b[A-Z]:\\(?:Users\\[^\\\s]{1,100}\\AppData\\Local\\Temp|Windows\\Temp)\\[^\s'"`,;()<>]{1,500}/gi, '<path>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<uuid>'],
  [/\b0x[0-9a-f]{6,16}\b/gi, '<address>'],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?Z|[+-]\d\d:?\d\d)?/g, '<time>'],
  [/\b\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\b/g, '<time>'],
  [/\b1\d{9}(?:\d{3})?(?:\.\d{1,9})?\b/g, '<time>'],
  [/((?:\blocalhost|\b\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]{2,39}\]):)\d{2,5}\b/gi, '$1<port>'],
  [/(\bport[ =:]{1,3})\d{5}\b/gi, '$1<port>'],
  [/(\bpid[ =:]{1,3})\d{1,10}\b/gi, '$1<pid>'],
  [/\(\d{1,9}(?:\.\d{1,9})? ?(?:ns|µs|us|ms|s|secs?|seconds|m|min)\)/g, '(<duration>)'],
];

/** A replacement can bring what follows into reach of the bound, and with it of a pattern; hardly ever twice. */
const MAX_ROUNDS = 5;

/** The name with placeholders; applying it twice changes nothing more. Linear, bounded to 500 characters. */
export function normaliseTestName(name: string): string {
  let text = name.slice(0, MAX_NAME_CHARS).trim();
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const before = text;
    for (const [pattern, place] of VOLATILE) text = text.replace(pattern, place);
    text = text.slice(0, MAX_NAME_CHARS).trim();
    if (text === before) break;
  }
  return text;
}
