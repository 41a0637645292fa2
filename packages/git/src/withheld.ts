/**
 * What proves a call never stands in its answer: a server may quote a header back, and ssh names the key that it cannot read.
 */
import type { RemoteOptions } from './outcome.ts';

const SHOWN = '***';
/** Anything shorter would blank ordinary words. */
const LEAST = 4;

/** Every form in which the proof of a call may come back, longest first. */
export function secretsOf({ authorization, ssh }: RemoteOptions): readonly string[] {
  const value = authorization ?? '';
  const payload = value.slice(value.indexOf(' ') + 1);
  const plain = /^basic /i.test(value) ? Buffer.from(payload, 'base64').toString('utf8') : '';
  const password = plain.slice(plain.indexOf(':') + 1);
  const forms = [value, payload, plain, password, ssh?.keyFile ?? ''].flatMap((form) => [
    form,
    encodeURIComponent(form.toWellFormed()),
  ]);
  return [...new Set(forms)].filter((form) => form.length >= LEAST).sort((a, b) => b.length - a.length);
}

/** The text without them; a beginning of one at its very end goes, too, because the text may have been cut there. */
export function withhold(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) clean = clean.replaceAll(secret, SHOWN);
  for (const secret of secrets)
    for (let length = secret.length - 1; length >= LEAST; length -= 1)
      if (clean.endsWith(secret.slice(0, length))) return `${clean.slice(0, -length)}${SHOWN}`;
  return clean;
}
