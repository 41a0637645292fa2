/** The gate definition of the virtual repository. Its commands are names; the virtual machine knows what they would do. */
import type { GatePolicy } from '@gatehouse/orchestrator/testing';
import { COVERAGE } from './gates.ts';

const agent = { kind: 'command', run: 'agent', timeoutMs: 600_000, env: [] } as const;
const AGENTS: GatePolicy['agents'] = {
  analyst: agent,
  architect: agent,
  developer: agent,
  reviewer: agent,
  tester: agent,
  deployer: agent,
};

export const POLICY: GatePolicy = {
  test: { command: 'test', timeoutMs: 900_000, minTests: 1, flaky: 'pass', env: [] },
  rules: [],
  coverage: COVERAGE,
  ciCommand: null,
  ciCoversTest: false,
  depSeverity: 'high',
  allow: [],
  markers: [],
  agents: AGENTS,
  budget: {},
  isolation: { test: null, agents: null, deploy: null, network: true, variables: [] },
  deploy: { staging: '', production: '', freshness: '' },
  source: 'operator',
  digest: 'policy',
  warnings: [],
};
