/** Signatures of webhooks: an HMAC over the very bytes that arrived, compared in constant time. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Whether one of the secrets made this signature (hex, `sha256=` in front or not). Every secret is tried, whichever fits. */
export function isSignedByOneOf(secrets: readonly string[], body: Uint8Array, signature: string): boolean {
  const given = Buffer.from(signature.replace(/^sha256=/, ''), 'hex');
  let isSigned = false;
  for (const secret of secrets) {
    const made = createHmac('sha256', secret).update(body).digest();
    const isEqual = given.length === made.length && timingSafeEqual(given, made);
    isSigned = isEqual || isSigned;
  }
  return isSigned;
}
