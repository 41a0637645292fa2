// Public projects whose own suites are run, at the commit that was tried. `prepare` is run once in a work tree of it, by who calls the script, and
// what it makes is committed to a main of its own; `command` is what the gate runs. Each number that `passed` and `skipped` match is added up; a pattern
// without a group counts its matches. `skipsMore` are tests that see by themselves what a world lacks. Python is the system's, as another user gets into no home of root.
const PYTEST = 'PYTHONPATH=.deps:. /usr/bin/python3 -m pytest -q -o addopts= -p no:randomly';
const deps = (...names) =>
  `python3 -m pip install --quiet --disable-pip-version-check --target .deps ${names.join(' ')}`;
const OF_PYTEST = { passed: /(\d+) passed/g, skipped: /(\d+) skipped/g };

/** A server of its own on the loopback for `command`, as PostgreSQL allows no root: a test drops to another user, as people do. */
const withPostgres = (command) => `set -e
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
as() { if [ "$(id -u)" = 0 ]; then (cd "$dir" && setpriv --reuid=postgres --regid=postgres --clear-groups "$@"); else "$@"; fi; }
dir=$(mktemp -d /tmp/suite-XXXXXX)
[ "$(id -u)" != 0 ] || chown postgres "$dir"
port=$((15000 + $$ % 40000))
trap 'as "$bin/pg_ctl" -D "$dir/data" -m immediate stop > /dev/null; rm -rf "$dir"' EXIT
as "$bin/initdb" -D "$dir/data" -A trust -U tester -E UTF8 > /dev/null
as "$bin/pg_ctl" -D "$dir/data" -w -o "-p $port -k $dir -c listen_addresses=127.0.0.1 -c fsync=off" -l "$dir/log" start > /dev/null
${command}
`;

export const PROJECTS = {
  psycopg: {
    ...{ source: 'psycopg/psycopg', commit: 'c079c37c959a', does: 'Python, PostgreSQL on the loopback' },
    needs: ['/usr/bin/python3', 'initdb:/usr/lib/postgresql/*/bin', 'setpriv'],
    prepare: deps('./psycopg', 'pytest', 'anyio'),
    command: withPostgres(
      `${PYTEST} tests/test_connection.py tests/test_cursor.py tests/test_copy.py tests/test_transaction.py --test-dsn "host=127.0.0.1 port=$port user=tester dbname=postgres" -m 'not slow'`,
    ),
    ...OF_PYTEST,
  },
  redigo: {
    ...{ source: 'gomodule/redigo', commit: '57c8b99ccb90', does: 'Go, starts redis on the loopback' },
    needs: ['go', 'redis-server'],
    prepare: 'go mod vendor',
    command: 'go test -mod=vendor -count=1 -v ./redis/',
    passed: /^\s*--- PASS/gm,
    skipped: /^\s*--- SKIP/gm,
  },
  hiredis: {
    ...{ source: 'redis/hiredis', commit: '29ea2791c102', does: 'C and make, redis on the loopback and on a socket' },
    needs: ['make', 'cc', 'redis-server'],
    prepare: 'true',
    command: 'make -s check',
    passed: /PASSED/g,
    skipped: /SKIPPED/g,
  },
  cpython: {
    ...{ source: null, commit: 'of the system', does: 'chown, chgrp, setuid, setgroups, namespaces of users, tar' },
    needs: ['/usr/bin/python3', 'test_os.py:/usr/lib/python3*/test'],
    prepare: 'true',
    command:
      '/usr/bin/python3 -m unittest -q test.test_os test.test_posix test.test_shutil test.test_tarfile test.test_subprocess test.test_grp test.test_pwd',
    passed: /^Ran (\d+) tests/gm,
    skipped: /skipped=(\d+)/g,
    skipsMore: { root: { tests: 3, fewer: 0, why: '3 skip: root in its world writes no trusted.* attribute' } },
  },
  nix: {
    ...{
      source: 'nix-rust/nix',
      commit: 'fb799660ccde',
      does: 'Rust: ptrace, chown, setuid, mounts and namespaces of its own',
    },
    needs: ['cargo'],
    prepare:
      'cargo test --quiet --no-run --all-features --test test && mkdir bin && strip -o bin/test $(ls target/debug/deps/test-* | grep -v "\\.d$") && rm -rf target',
    // Without what this kernel or a machine without modules cannot do, and without queues of messages: those of one user's run stay
    // on the machine, and are closed to the next.
    command:
      './bin/test --test-threads 1 --skip test_epoll --skip test_recvm --skip test_timestamping --skip test_kmod --skip test_ofd --skip test_mq',
    passed: /(\d+) passed/g,
    skipped: /(\d+) ignored/g,
  },
  'python-ptrace': {
    ...{ source: 'vstinner/python-ptrace', commit: 'fea5e36440bc', does: 'Python, ptrace' },
    needs: ['/usr/bin/python3'],
    prepare: 'true',
    command: '/usr/bin/python3 runtests.py',
    passed: /^Ran (\d+) tests/gm,
    skipped: /skipped=(\d+)/g,
  },
  bubblewrap: {
    ...{ source: 'containers/bubblewrap', commit: '124c4cdf4321', does: 'C and meson, makes namespaces of its own' },
    needs: ['meson', 'ninja', 'cc'],
    prepare: 'true',
    command: 'meson setup build -Dselinux=disabled -Dman=disabled > setup.txt && meson test -C build',
    passed: /(\d+) subtests passed/g,
    skipped: / SKIP /g,
  },
  psutil: {
    ...{ source: 'giampaolo/psutil', commit: 'd77cf39abb5b', does: 'Python, looks at processes and the machine' },
    needs: ['/usr/bin/python3', 'cc'],
    prepare: `${deps('pytest', 'setuptools')} && PYTHONPATH=.deps /usr/bin/python3 setup.py -q build_ext -i && rm -rf build`,
    command: `${PYTEST} tests/test_process.py tests/test_system.py tests/test_connections.py --deselect tests/test_connections.py::TestSystemWideConnections::test_multi_sockets_procs`,
    ...OF_PYTEST,
    skipsMore: Object.fromEntries(
      ['root', 'other'].map((user) => [
        user,
        { tests: 1, fewer: 1, why: '1 skips: none of the few processes has more children than 0' },
      ]),
    ),
  },
  pexpect: {
    ...{ source: 'pexpect/pexpect', commit: 'fc8f062518b4', does: 'Python, terminals' },
    needs: ['/usr/bin/python3'],
    prepare: deps('pytest', 'ptyprocess'),
    command: `${PYTEST} tests/test_misc.py tests/test_run.py tests/test_winsize.py tests/test_isalive.py`,
    ...OF_PYTEST,
  },
  express: {
    ...{ source: 'expressjs/express', commit: 'a3714473feb3', does: 'Node, servers on the loopback' },
    needs: ['npm'],
    prepare: 'npm install --silent --ignore-scripts --no-audit --no-fund',
    command:
      'node node_modules/mocha/bin/mocha.js --require test/support/env --reporter dot --check-leaks test/ test/acceptance/',
    passed: /(\d+) passing/g,
    skipped: /(\d+) pending/g,
  },
};
