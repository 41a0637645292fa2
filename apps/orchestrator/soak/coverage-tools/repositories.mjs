// Public repositories, what measures each, and what its tool says itself. `total` prints COVERED/TOTAL, `lines` prints PATH:LINE RAN for every
// line that can be covered; neither uses a reader of ours. `removes` are tests whose subject nothing else runs.
const PYTHON_LINES =
  'import json; files = json.load(open("own.json"))["files"]; [print(f"{path}:{line} {ran}") for path, file in files.items() for ran, name in ((1, "executed_lines"), (0, "missing_lines")) for line in file[name]]';
const PYTHON_TOTAL =
  'import json; t = json.load(open("own.json"))["totals"]; print(str(t["covered_lines"]) + "/" + str(t["num_statements"]))';
const VITEST =
  'npx --no-install vitest run --coverage.enabled --coverage.include="src/**" --coverage.reportsDirectory=coverage';
const VITEST_LINES = `const { readFileSync } = require("fs"); const seen = new Map(); for (const [path, { statementMap, s }] of Object.entries(JSON.parse(readFileSync("coverage/coverage-final.json", "utf8")))) for (const [id, { start }] of Object.entries(statementMap)) { const key = path.slice(process.cwd().length + 1) + ":" + start.line; seen.set(key, Math.max(seen.get(key) || 0, s[id] > 0 ? 1 : 0)); } for (const [key, ran] of seen) console.log(key, ran);`;
const JACOCO = 'org.jacoco:jacoco-maven-plugin:0.8.12';

export const REPOSITORIES = {
  tomli: {
    source: 'hukkin/tomli',
    needs: 'python',
    coverage: {
      command: 'PYTHONPATH=src "$PYTHON" -m pytest -q --cov=src --cov-report=xml:coverage.xml',
      report: 'coverage.xml',
    },
    own: 'PYTHONPATH=src "$PYTHON" -m pytest -q --cov=src --cov-report=json:own.json',
    total: `"$PYTHON" -c '${PYTHON_TOTAL}'`,
    lines: `"$PYTHON" -c '${PYTHON_LINES}'`,
    removes: ['tests/test_error.py'],
  },
  uuid: {
    source: 'google/uuid',
    needs: 'go',
    coverage: { preset: 'go test' },
    own: 'go test -coverprofile=own.out ./...',
    total: `awk 'NR > 1 { t += $2; if ($3 > 0) c += $2 } END { print c "/" t }' own.out`,
    why: 'go tool cover counts statements, we count the lines of the blocks',
    lines: String.raw`awk 'NR > 1 { split($1, a, ":"); split(a[2], r, /[.,]/); sub(/^github.com\/google\/uuid\//, "", a[1]); for (l = r[1]; l <= r[3]; l++) { k = a[1] ":" l; s[k] = 1; if ($3 > 0) h[k] = 1 } } END { for (k in s) print k, (k in h) ? 1 : 0 }' own.out`,
    removes: ['null_test.go'],
  },
  cookie: {
    source: 'jshttp/cookie',
    needs: 'js',
    coverage: { command: `${VITEST} --coverage.reporter=lcovonly`, report: 'coverage/lcov.info' },
    own: `${VITEST} --coverage.reporter=json --coverage.reporter=json-summary`,
    total: `node -p 'const { lines } = require("./coverage/coverage-summary.json").total; lines.covered + "/" + lines.total'`,
    lines: `node -e '${VITEST_LINES}'`,
    removes: ['src/stringify-cookie.spec.ts'],
  },
  'JSON-java': {
    source: 'stleary/JSON-java',
    needs: 'mvn',
    coverage: { preset: 'jacoco' },
    own: `mvn -B -q -ntp ${JACOCO}:prepare-agent test ${JACOCO}:report`,
    total: String.raw`perl -0777 -ne 'while (/<counter type="LINE" missed="(\d+)" covered="(\d+)"\/>/g) { ($m, $c) = ($1, $2) } print $c . "/" . ($m + $c) . "\n"' target/site/jacoco/jacoco.xml`,
    lines: String.raw`perl -0777 -ne 'while (/<package name="([^"]*)"|<sourcefile name="([^"]*)"|<line nr="(\d+)" mi="\d+" ci="(\d+)"/g) { if (defined $1) { $p = $1 } elsif (defined $2) { $f = $2 } else { print "src/main/java/$p/$f:$3 " . ($4 > 0 ? 1 : 0) . "\n" } }' target/site/jacoco/jacoco.xml`,
    removes: ['src/test/java/org/json/junit/HTTPTest.java'],
  },
};
