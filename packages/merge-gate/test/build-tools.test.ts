import { judged } from './judged-branches.ts';

const lock = (at: string): string =>
  `{\n  "packages": {\n    "node_modules/jest": {\n      "resolved": "${at}"\n    }\n  }\n}\n`;
const NPM = 'https://registry.npmjs.org/jest';
judged(
  'a lockfile',
  {
    'package-lock.json': lock(`${NPM}/-/jest-30.0.0.tgz`),
    'pnpm-lock.yaml': 'packages:\n  a@1:\n    resolution: {integrity: x}\n',
    'Cargo.lock': 'source = "registry+https://github.com/rust-lang/crates.io-index"\n',
  },
  {
    commands: ['npm test'],
    rows: [
      ['with a newer version', { 'package-lock.json': lock(`${NPM}/-/jest-30.1.0.tgz`) }, [], []],
      [
        'with a new host',
        { 'package-lock.json': lock('https://example.org/jest.tgz') },
        [],
        ['package-lock.json where packages come from'],
      ],
      [
        'with a file',
        { 'package-lock.json': lock('file:jest.tgz') },
        [],
        ['package-lock.json where packages come from'],
      ],
      [
        'with an escape in a key',
        { 'package-lock.json': lock(NPM).replace('resolved', 'res\\u006flved') },
        [],
        ['package-lock.json where packages come from'],
      ],
      [
        'of pnpm with an archive',
        { 'pnpm-lock.yaml': 'packages:\n  a@1:\n    resolution: {tarball: https://example.org/a.tgz}\n' },
        [],
        ['pnpm-lock.yaml where packages come from'],
      ],
      [
        'of cargo with a repository',
        { 'Cargo.lock': 'source = "git+https://example.org/x#1"\n' },
        [],
        ['Cargo.lock where packages come from'],
      ],
      ['of more than 1 MiB', { 'package-lock.json': lock(`${NPM}/2.tgz`) + ' '.repeat(1_100_000) }, [], []],
    ],
  },
);

judged(
  'a branch that changes how other tools run',
  {
    'Cargo.toml': '[package]\nname = "x"\n[dependencies]\na = "1"\n',
    Makefile: 'test:\n\tcargo test && ./gradlew test\n',
    'gradle/wrapper/gradle-wrapper.properties':
      'distributionUrl=https\\://services.gradle.org/distributions/gradle-8.1-bin.zip\n',
    'pom.xml': '<project>\n<version>1</version>\n</project>\n',
    'go.mod': 'module x\nrequire a v1.0.0\n',
  },
  {
    commands: ['cargo test', './gradlew test', 'mvn test', 'go test ./...'],
    rows: [
      [
        'a runner of cargo',
        { '.cargo/config.toml': '[target.x86_64-unknown-linux-gnu]\nrunner = "true"\n' },
        ['.cargo/config.toml how cargo builds and runs'],
        [],
      ],
      [
        'an alias of cargo',
        { '.cargo/config': '[alias]\nt = "version"\n' },
        ['.cargo/config how cargo builds and runs'],
        [],
      ],
      [
        'a wrapper of rustc behind a comment that ends in CR',
        { '.cargo/config.toml': '[build]\n# x\r[term]\nrustc-wrapper="x"\n' },
        ['.cargo/config.toml how cargo builds and runs'],
        [],
      ],
      ['colours of cargo', { '.cargo/config.toml': '[term]\ncolor = "always"\n' }, [], []],
      [
        'a toolchain of the branch',
        { 'rust-toolchain.toml': '[toolchain]\npath = "./t"\n' },
        ['rust-toolchain.toml which cargo runs'],
        [],
      ],
      [
        'another toolchain',
        { 'rust-toolchain.toml': '[toolchain]\nchannel = "1.80"\n' },
        [],
        ['rust-toolchain.toml which cargo runs'],
      ],
      [
        'a test without a harness',
        { 'Cargo.toml': '[package]\nname = "x"\n[dependencies]\na = "1"\n[[test]]\nname = "t"\nharness = false\n' },
        [],
        ['Cargo.toml its test settings'],
      ],
      ['a crate', { 'Cargo.toml': '[package]\nname = "x"\n[dependencies]\na = "2"\n' }, [], []],
      ['a build script', { 'build.rs': '' }, [], ['build.rs']],
      [
        'the jar of gradle',
        { 'gradle/wrapper/gradle-wrapper.jar': Buffer.from([0, 1]) },
        ['gradle/wrapper/gradle-wrapper.jar is run as the build tool'],
        [],
      ],
      [
        'another gradle',
        {
          'gradle/wrapper/gradle-wrapper.properties':
            'distributionUrl=https\\://services.gradle.org/distributions/gradle-8.2-bin.zip\n',
        },
        [],
        ['gradle/wrapper/gradle-wrapper.properties which build tool runs'],
      ],
      [
        'a gradle from elsewhere',
        { 'gradle/wrapper/gradle-wrapper.properties': 'distributionUrl=https\\://example.org/gradle-8.1-bin.zip\n' },
        ['gradle/wrapper/gradle-wrapper.properties which build tool runs'],
        [],
      ],
      [
        'extensions of maven',
        { '.mvn/extensions.xml': '' },
        ['.mvn/extensions.xml decides how the build tool runs'],
        [],
      ],
      [
        'switches of maven',
        { '.mvn/maven.config': '-DskipTests' },
        ['.mvn/maven.config decides how the build tool runs'],
        [],
      ],
      [
        'a pom that skips tests',
        { 'pom.xml': '<project>\n<version>1</version>\n<skipTests>true</skipTests>\n</project>\n' },
        [],
        ['pom.xml its test settings'],
      ],
      ['a pom of another version', { 'pom.xml': '<project>\n<version>2</version>\n</project>\n' }, [], []],
      [
        'a replaced module of Go',
        { 'go.mod': 'module x\nrequire a v1.0.0\nreplace a => ./a\n' },
        [],
        ['go.mod its replacements'],
      ],
      ['a module of Go', { 'go.mod': 'module x\nrequire a v1.1.0\n' }, [], []],
      ['workspaces of Go', { 'go.work': '' }, [], ['go.work']],
      [
        'settings of bazel, make, ruby, php and node',
        { '.bazelrc': '', Makefile: '', '.rspec': '', 'phpunit.xml': '', Rakefile: '', '.env': '' },
        [],
        ['.bazelrc', '.env', '.rspec', 'Makefile', 'Rakefile', 'phpunit.xml'],
      ],
      ['what bazelisk runs first', { 'tools/bazel': '' }, [], ['tools/bazel is run as the build tool']],
      ['an example of an environment', { '.env.example': '' }, [], []],
    ],
  },
);
