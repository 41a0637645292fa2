/** A scan that must succeed, and the rule that nothing it answers shows a secret. */
import { type Scanned, type ScanRequest, scanSecrets } from '@gatehouse/security-gate';
import { expect } from '@jest/globals';

export async function scanned(request: ScanRequest): Promise<Scanned> {
  const answer = await scanSecrets(request);
  if (answer.kind !== 'scanned') throw new Error(JSON.stringify(answer));
  return answer;
}

/** Neither the secret nor a telling part of it, plain or encoded, stands in the output. */
export function expectSilent(output: unknown, secret: string): void {
  const text = typeof output === 'string' ? output : JSON.stringify(output);
  for (const part of [secret, secret.slice(6, 18), secret.slice(-10)]) {
    expect(text).not.toContain(part);
    expect(text).not.toContain(Buffer.from(part).toString('hex'));
  }
}
