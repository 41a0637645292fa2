/** The gate definition of the virtual repository. Its commands are names; the virtual machine knows what they would do. */
import type { GatePolicy } from '@gatehouse/orchestrator/testing';
import { COVERAGE } from './gates.ts';
import type { Prng } from './prng.ts';

const agent = { kind: 'command', run: 'agent', timeoutMs: 600_000, env: [] } as const;
const AGENTS: GatePolicy['agents'] = {
  analyst: agent,
  architect: agent,
  developer: agent,
  reviewer: agent,
  tester: agent,
  deployer: agent,
};

const POLICY: GatePolicy = {
  test: { command: 'test', timeoutMs: 900_000, minTests: 1, flaky: 'pass', env: [] },
  rules: [],
  coverage: COVERAGE,
  ciCommand: null,
  ciCoversTest: false,
  depSeverity: 'high',
  allow: [],
  entries: { gitlinks: 'warn', largeFiles: 'warn', largeBytes: 10 * 1024 * 1024 },
  markers: [],
  agents: AGENTS,
  budget: {},
  isolation: { test: null, agents: null, deploy: null, network: true, variables: [] },
  deploy: { staging: '', production: '', freshness: '' },
  source: 'operator',
  digest: 'policy',
  warnings: [],
};

/**
 * What is known of the code besides the merge check's own run. `lint`: the ci command runs no tests, and an agent that says
 * they passed may lie. `declared`: it runs them all, and the operator says so. `remembers`: greens are kept by their tree.
 */
export interface Testing {
  readonly ci: 'tests' | 'lint' | 'declared';
  readonly remembers: boolean;
}

/** Of its own generator: half of all worlds are what they were before there was any of it. */
export function drawTesting(prng: Prng): Testing {
  if (prng.below(2) === 0) return { ci: 'tests', remembers: false };
  return { ci: prng.pick(['tests', 'lint', 'lint', 'declared', 'declared'] as const), remembers: prng.below(2) === 0 };
}

export const policyOf = ({ ci }: Testing): GatePolicy => ({ ...POLICY, ciCoversTest: ci === 'declared' });
