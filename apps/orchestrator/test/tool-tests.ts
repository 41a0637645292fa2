/** Tests that need a program of this machine: skipped in words where it is missing, failed where every tool is demanded. */
import { spawnSync } from 'node:child_process';
import { describe } from '@jest/globals';

/** `describe`, or a visible skip that names what is missing. */
export function describeWith(tool: string): (title: string, body: () => void) => void {
  const isDemanded = process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1';
  const found = spawnSync('/bin/sh', ['-c', 'PATH=$PATH:/usr/sbin command -v "$1"', 'sh', tool]).status === 0;
  return found || isDemanded ? describe : (title, body) => describe.skip(`${title} [skipped: no ${tool} here]`, body);
}
