/** Every runner whose output is read, by the name that a verdict says. */
import { ava } from './ava.ts';
import { karma, playwright } from './browser-runners.ts';
import { cargo } from './cargo.ts';
import type { Runner } from './counts.ts';
import { dotnet } from './dotnet.ts';
import { goJson } from './go-json.ts';
import { goTest } from './go-test.ts';
import { jest } from './jest.ts';
import { gradle, junitConsole, surefire } from './jvm-runners.ts';
import { mocha } from './mocha.ts';
import { mochaStream } from './mocha-stream.ts';
import { bats, ctest, nextest } from './native-runners.ts';
import { nodeSpec } from './node-spec.ts';
import { jasmine, minitest, phpunit, rspec } from './numbered-recap.ts';
import { prove } from './prove.ts';
import { pytest } from './pytest.ts';
import { tap } from './tap.ts';
import { unittest } from './unittest.ts';
import { uvu } from './uvu.ts';
import { vitest } from './vitest.ts';

export const RUNNERS: { readonly [name: string]: Runner } = {
  tap,
  prove,
  'node:test': nodeSpec,
  jest,
  vitest,
  mocha,
  'mocha -R json-stream': mochaStream,
  ava,
  uvu,
  jasmine,
  karma,
  playwright,
  pytest,
  unittest,
  'go test': goTest,
  'go test -json': goJson,
  'cargo test': cargo,
  nextest,
  surefire,
  gradle,
  'junit console': junitConsole,
  'dotnet test': dotnet,
  phpunit,
  rspec,
  minitest,
  ctest,
  bats,
};
