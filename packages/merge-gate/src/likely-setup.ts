/**
 * From what a tool says for want of something to what a person would write into `test.setup`. A guess, and called one: it changes no
 * verdict. Each row is a tool's own line, and test/likely-setup.test.ts has it from the tool.
 */

interface Row {
  readonly says: RegExp;
  /** What is missing and what to do, by what the expression found and by the command that was run. */
  readonly words: (found: string, command: string) => string;
}

/** The first line that tells, and what to do about it. */
export interface LikelySetup {
  /** As the tool wrote it, without colours, cut to 300 characters. */
  readonly line: string;
  /** What is missing and what to write where, for a person. */
  readonly words: string;
}

const setup = (command: string): string => `\`test.setup: ${command}\``;

/** How the command's own package manager installs exactly what is locked. */
function install(command: string): string {
  if (/\bpnpm\b/.test(command)) return 'pnpm install --frozen-lockfile';
  if (/\byarn\b/.test(command)) return 'yarn install --immutable';
  return /\bbunx?\b/.test(command) ? 'bun install --frozen-lockfile' : 'npm ci';
}

const PYTHON = /^(?:pytest|tox|nox|uv|poetry|hatch|pdm|ruff|mypy|coverage)$/;
const FROM_NPM =
  /^(?:jest|vitest|mocha|ava|tap|tsc|tsx|ts-node|eslint|biome|prettier|next|vite|webpack|turbo|nx|c8|nyc|playwright|cypress)$/;
const SYSTEM = /^(?:node|npm|npx|python3?|go|cargo|mvn|gradle|java|ruby|php|dotnet|make|git)$/;

function forProgram(program: string, command: string): string {
  if (FROM_NPM.test(program)) return `the program ${program} is not installed: likely ${setup(install(command))}`;
  if (PYTHON.test(program)) return `the program ${program} is not installed: likely ${setup(`pip install ${program}`)}`;
  if (program.startsWith('vendor/bin/')) return `${program} is not there: likely ${setup('composer install')}`;
  if (program.startsWith('node_modules/')) return `${program} is not there: likely ${setup(install(command))}`;
  if (program === 'bundle') return `bundler is not installed: likely ${setup('gem install bundler && bundle install')}`;
  if (program.startsWith('./')) return `${program} is not in the repository, or is not what test.command should call`;
  const how = SYSTEM.test(program) ? 'install it on this machine' : 'install it, or let test.setup do so';
  return `the program ${program} is not on PATH: ${how}`;
}

const NEW_HOME = 'HOME is new for each run, so what lies in yours is not there';

const ROWS: readonly Row[] = [
  {
    says: /^(?:E {2,})?ModuleNotFoundError: No module named ['"]([\w.-]{1,80})['"]/m,
    words: (found) =>
      `the Python module ${found} is not installed (ModuleNotFoundError): likely ${setup('pip install -e .')}, or \`pip install -r requirements.txt\``,
  },
  {
    says: /^\S*python[\d.]*: No module named ([\w.-]{1,80})$/m,
    words: (found) => `this Python has no ${found}: likely ${setup(`pip install ${found}`)}`,
  },
  {
    says: /Cannot find (?:module|package) ['"](?:\/[^'"]*|\.[^'"]*)?\/((?:dist|build|lib|out)\/[^'"]{1,120})['"]/,
    words: (found, command) =>
      `the built file ${found} is not there: likely ${setup(`${install(command)} && npm run build`)}`,
  },
  {
    says: /Cannot find (?:module|package) ['"]((?:@[\w.-]+\/)?[\w-][\w./-]{0,100})['"]|Failed to resolve import "((?:@[\w.-]+\/)?\w[\w./-]{0,100})"/,
    words: (found, command) => `the package ${found} is not installed: likely ${setup(install(command))}`,
  },
  {
    says: /Local package\.json exists, but node_modules missing|Couldn't find the node_modules state file/,
    words: (_, command) => `node_modules is missing: likely ${setup(install(command))}`,
  },
  {
    says: /npx canceled due to missing packages and no YES option: \["([^"\n]{1,80})"\]/,
    words: (found, command) => `the package ${found} is not installed: likely ${setup(install(command))}`,
  },
  {
    says: /^npm (?:error|ERR!) Missing script: "([^"\n]{1,80})"/m,
    words: (found) => `package.json has no script ${found}: let test.command name one that it has`,
  },
  {
    says: /^(?:\/bin\/)?(?:ba|da|z)?sh: (?:line )?(?:\d+: )?([\w./+-]{1,120}): (?:command )?not found$/m,
    words: forProgram,
  },
  { says: /^make: ([\w./+-]{1,120}): No such file or directory$/m, words: forProgram },
  { says: /^(?:\/usr\/bin\/)?env: [‘']([\w./+-]{1,120})['’]: No such file or directory$/m, words: forProgram },
  {
    says: /^(?:\/bin\/)?(?:ba|da|z)?sh: (?:line )?(?:\d+: )?([\w./+-]{1,120}): Permission denied$/m,
    words: (found) => `${found} may not be run: \`git update-index --chmod=+x ${found}\`, or \`sh ${found}\``,
  },
  {
    says: /(?:directory prefix \S+ does not contain main module|go: cannot find main module|go\.mod file not found)/,
    words: () => 'there is no go.mod at the root: let test.command change into the module (`cd DIR && go test ./...`)',
  },
  {
    says: /(?:no required module provides package|cannot find module providing package) ([^\s:;]{1,120})/,
    words: (found) => `go.mod does not name ${found}: \`go mod tidy\` on main, or generate it in test.setup`,
  },
  {
    says: /(\S{1,120}): missing go\.sum entry/,
    words: () => 'go.sum is not complete: `go mod tidy` on main, and commit it',
  },
  {
    says: /^error: could not find `Cargo\.toml`/m,
    words: () => 'there is no Cargo.toml at the root: let test.command change into the crate, or pass --manifest-path',
  },
  {
    says: /^error: (?:no matching package named `([^`\n]{1,80})` found|failed to (?:get|download) `([^`\n]{1,80})`)/m,
    words: (found) => `the crate ${found} cannot be had: likely ${setup('cargo fetch')} without --offline; ${NEW_HOME}`,
  },
  {
    says: /there is no POM in this directory/,
    words: () => 'there is no pom.xml at the root: let test.command pass -f DIR/pom.xml',
  },
  {
    says: /JAVA_HOME (?:environment variable is not defined correctly|is set to an invalid directory|is not set)/,
    words: () => 'Java is not found by JAVA_HOME: name JAVA_HOME in test.env, or set it where the gate runs',
  },
  {
    says: /(?:the artifact|Could not find artifact) ([\w.:-]{1,120})/,
    words: (found) =>
      `Maven cannot have ${found}: likely ${setup('mvn -B dependency:go-offline')} without -o; ${NEW_HOME}`,
  },
  {
    says: /Could not resolve all (?:files|dependencies) for configuration/,
    words: () => `Gradle cannot have its dependencies: run without --offline; ${NEW_HOME} (test.cache keeps one)`,
  },
  {
    says: /^Task '(\w{1,60})' not found in root project/m,
    words: (found) => `this build has no task ${found}: let test.command name one that it has`,
  },
  {
    says: /Could not find (\S{1,80}) in (?:any of the sources|locally installed gems)|bundler: command not found: (\S{1,80})/,
    words: (found) => `the gem ${found} is not installed: likely ${setup('bundle install')}`,
  },
  {
    says: /cannot load such file -- (\w[\w./-]{0,80}) \(LoadError\)/,
    words: (found) => `Ruby finds no ${found}: likely ${setup('bundle install')}`,
  },
  {
    says: /Failed opening required '[^'\n]*(vendor\/autoload\.php)'/,
    words: (found) => `${found} is not there: likely ${setup('composer install')}`,
  },
  {
    says: /^make: \*\*\* No rule to make target [`']([^'\n]{1,80})'/m,
    words: (found) => `the Makefile has no target ${found}: let test.command name one that it has`,
  },
  {
    says: /error NETSDK1004: Assets file/,
    words: () => `.NET packages are not restored: likely ${setup('dotnet restore')}`,
  },
  {
    says: /\b(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE)\b|(CERTIFICATE_VERIFY_FAILED)/,
    words: (found) =>
      `a certificate is not trusted here (${found}): name the variable that holds your authority's in test.env (NODE_EXTRA_CA_CERTS, PIP_CERT, SSL_CERT_FILE)`,
  },
  {
    says: /(?:ECONNREFUSED|[Cc]onnection refused\D{0,40}) ?(?:localhost|127\.0\.0\.1|::1)?:(\d{2,5})\b/,
    words: (found) => `nothing listens on port ${found}: let test.setup start what the tests talk to`,
  },
];

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours of terminals begin with one.
const COLOURS = /\u001b\[[\d;]*m/g;
const LONGEST = 64 * 1024;

/** What the output of a failed command most likely lacks; null: no line of a tool tells. Pure, total, linear. */
export function likelySetup(output: unknown, command: unknown = ''): LikelySetup | null {
  if (typeof output !== 'string') return null;
  const text = output.slice(-LONGEST).replace(COLOURS, '').replaceAll('\r\n', '\n');
  for (const { says, words } of ROWS) {
    const found = says.exec(text);
    if (found === null) continue;
    const named = found[1] ?? found[2] ?? '';
    return { line: lineAt(text, found.index), words: words(named, typeof command === 'string' ? command : '') };
  }
  return null;
}

function lineAt(text: string, at: number): string {
  const from = text.lastIndexOf('\n', at) + 1;
  const to = text.indexOf('\n', Math.max(at, from));
  return text
    .slice(from, to === -1 ? undefined : to)
    .trim()
    .slice(0, 300);
}
