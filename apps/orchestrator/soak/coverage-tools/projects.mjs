// One small project per coverage tool: a function that is half covered, one that never runs, and odd shapes. `own` prints what the tool itself
// says, as COVERED/TOTAL.
import { ODD_CPP, ODD_GO, ODD_JAVA } from './odd-compiled.mjs';
import { ODD_JS, ODD_PHP, ODD_PY, ODD_PY_TEST, ODD_RUBY } from './odd-shapes.mjs';

const JS = `exports.price = function price(count) {
  let sum = 0;
  for (let at = 0; at < count; at += 1) {
    sum += at % 2 === 1 ? 3 : 5;
  }
  if (sum > 100) {
    return 100;
  }
  return sum;
};

exports.never = function never() {
  const left = 1;
  return left;
};
`;
const RUN = `const { price } = require('../src/price.js');
if (price(3) !== 13) throw new Error('price');
module.exports = require('../src/odd.js').run();
`;
const MANIFEST = (test) => `${JSON.stringify({ name: 'app', version: '1.0.0', scripts: { test } }, null, 2)}\n`;
const SUMMARY = `node -p 'const { lines } = require("./own/coverage-summary.json").total; lines.covered + "/" + lines.total'`;

const PY = `def price(count):
    total = 0
    for at in range(count):
        total += 3 if at % 2 else 5
    if total > 100:
        return 100
    return total


def never():
    left = 1
    return left
`;
const PY_TOTALS = `import json; t = json.load(open("own.json"))["totals"]; print(str(t["covered_lines"]) + "/" + str(t["num_statements"]))`;
const GO = `package app

func Price(count int) int {
	sum := 0
	for at := 0; at < count; at++ {
		if at%2 == 1 {
			sum += 3
		} else {
			sum += 5
		}
	}
	if sum > 100 {
		return 100
	}
	return sum
}

func Never() int {
	left := 1
	return left
}
`;
const RUST = `pub fn price(count: i32) -> i32 {
    let mut sum = 0;
    for at in 0..count {
        sum += if at % 2 == 1 { 3 } else { 5 };
    }
    if sum > 100 {
        return 100;
    }
    sum
}

pub fn never() -> i32 {
    1
}

#[cfg(test)]
mod tests {
    #[test]
    fn prices() {
        assert_eq!(super::price(3), 13);
    }
}
`;
const JAVA = `package app;

public class Price {
  public static int price(int count) {
    int sum = 0;
    for (int at = 0; at < count; at++) {
      sum += at % 2 == 1 ? 3 : 5;
    }
    if (sum > 100) {
      return 100;
    }
    return sum;
  }

  public static int never() {
    int left = 1;
    return left;
  }
}
`;
const JAVA_TEST = `package app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import org.junit.jupiter.api.Test;

class PriceTest {
  @Test
  void prices() {
    assertEquals(13, Price.price(3));
    Odd.multi(1, 2);
    Odd.multi(3, 3);
    new Odd.Point(new Odd().field, Odd.Kind.B.n());
  }
}
`;
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>app</groupId><artifactId>app</artifactId><version>1</version>
<properties><maven.compiler.source>17</maven.compiler.source><maven.compiler.target>17</maven.compiler.target><project.build.sourceEncoding>UTF-8</project.build.sourceEncoding></properties>
<dependencies><dependency><groupId>org.junit.jupiter</groupId><artifactId>junit-jupiter</artifactId><version>5.10.2</version><scope>test</scope></dependency></dependencies>
<build><plugins><plugin><artifactId>maven-surefire-plugin</artifactId><version>3.2.5</version></plugin></plugins></build></project>
`;
const LINE_COUNTER = String.raw`perl -0777 -ne 'while (/<counter type="LINE" missed="(\d+)" covered="(\d+)"\/>/g) { ($m, $c) = ($1, $2) } print $c . "/" . ($m + $c) . "\n"' target/site/jacoco/jacoco.xml`;

const PHP_FILES = {
  'src/Odd.php': ODD_PHP,
  'tests/OddTest.php':
    "<?php\nrequire_once __DIR__ . '/../src/Odd.php';\nfinal class OddTest extends PHPUnit\\Framework\\TestCase {\n  public function testOdd(): void { $this->assertIsInt((new App\\Odd(1))->y()); }\n}\n",
  'phpunit.xml':
    '<?xml version="1.0"?><phpunit><testsuites><testsuite name="a"><directory>tests</directory></testsuite></testsuites><coverage processUncoveredFiles="true"><include><directory suffix=".php">src</directory></include></coverage></phpunit>\n',
};
const PHP_OWN = `XDEBUG_MODE=coverage phpunit --coverage-text | perl -ne 'print "$1/$2\\n" if /^  Lines: .*\\(\\s*(\\d+)\\/\\s*(\\d+)\\)/' | head -1`;

/** preset, or a name → the project, the tool it needs, command and report where there is no preset, its own number, and why that may be another one. */
export const PROJECTS = {
  jest: {
    needs: 'js',
    files: {
      'package.json': MANIFEST('jest'),
      'src/price.js': JS,
      'src/odd.js': ODD_JS,
      'test/price.test.js': "test('price', () => require('./run.js'));\n",
      'test/run.js': RUN,
      'jest.config.js': "module.exports = { collectCoverageFrom: ['src/**'] };\n",
    },
    own: `npx --no-install jest --coverage --coverageReporters=json-summary --coverageDirectory=own >&2; ${SUMMARY}`,
  },
  vitest: {
    needs: 'js',
    files: {
      'package.json': MANIFEST('vitest run'),
      'src/price.js': JS,
      'src/odd.js': ODD_JS,
      'test/price.test.js': "import done from '../test/run.js';\ntest('price', () => done);\n",
      'test/run.js': RUN,
      'vitest.config.mjs': "export default { test: { globals: true, coverage: { include: ['src/**'] } } };\n",
    },
    own: `npx --no-install vitest run --coverage.enabled --coverage.reporter=json-summary --coverage.reportsDirectory=own >&2; ${SUMMARY}`,
  },
  c8: {
    needs: 'js',
    files: {
      'package.json': MANIFEST('node test/run.js'),
      'src/price.js': JS,
      'src/odd.js': ODD_JS,
      'test/run.js': RUN,
    },
    own: `npx --no-install c8 --reporter=json-summary --reports-dir=own npm test >&2; ${SUMMARY}`,
  },
  nyc: {
    needs: 'js',
    files: {
      'package.json': MANIFEST('node test/run.js'),
      'src/price.js': JS,
      'src/odd.js': ODD_JS,
      'test/run.js': RUN,
    },
    own: `npx --no-install nyc --reporter=json-summary --report-dir=own npm test >&2; ${SUMMARY}`,
  },
  'node:test': {
    needs: 'node',
    files: {
      'package.json': MANIFEST('node --test'),
      'src/price.js': JS,
      'src/odd.js': ODD_JS,
      'test/price.test.js': `const { test } = require('node:test');\ntest('price', () => {\n  ${RUN.replaceAll('\n', '\n  ').trim().replace('module.exports =', 'return')}\n});\n`,
    },
    own: `node --test --experimental-test-coverage --test-reporter=lcov | awk -F: '/^LF/{t+=$2} /^LH/{c+=$2} END{print c "/" t}'`,
  },
  'pytest-cov': {
    needs: 'python',
    files: {
      'price.py': PY,
      'odd.py': ODD_PY,
      'test_odd.py': ODD_PY_TEST,
      'test_price.py': 'from price import price\n\n\ndef test_price():\n    assert price(3) == 13\n',
    },
    own: `"$PYTHON" -m pytest -q --cov --cov-report=json:own.json >&2; "$PYTHON" -c '${PY_TOTALS}'`,
  },
  'coverage.py': {
    needs: 'python',
    files: {
      'price.py': PY,
      'odd.py': ODD_PY,
      'test_odd.py': ODD_PY_TEST,
      'test_price.py': 'from price import price\n\n\ndef test_price():\n    assert price(3) == 13\n',
    },
    own: `"$PYTHON" -m coverage run --source=. -m pytest -q >&2; "$PYTHON" -m coverage json -o own.json >&2; "$PYTHON" -c '${PY_TOTALS}'`,
  },
  'go test': {
    needs: 'go',
    files: {
      'go.mod': 'module example.org/app\n\ngo 1.21\n',
      'price.go': GO,
      'odd.go': ODD_GO,
      'odd_test.go':
        'package app\n\nimport "testing"\n\nfunc TestOdd(t *testing.T) {\n\tMulti(2, 2)\n\tMulti(0, 0)\n\tOne()\n\tEmpty()\n}\n',
      'price_test.go':
        'package app\n\nimport "testing"\n\nfunc TestPrice(t *testing.T) {\n\tif Price(3) != 13 {\n\t\tt.Fatal("price")\n\t}\n}\n',
    },
    own: `go test -coverprofile=own.out ./... >&2; awk 'NR > 1 { t += $2; if ($3 > 0) c += $2 } END { print c "/" t }' own.out`,
    why: 'go tool cover counts statements, we count the lines of the blocks',
  },
  'cargo llvm-cov': {
    needs: 'cargo-llvm-cov',
    files: { 'Cargo.toml': '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n', 'src/lib.rs': RUST },
    own: `cargo llvm-cov --workspace --json --summary-only --output-path own.json >&2; node -p 'const { lines } = require("./own.json").data[0].totals; lines.covered + "/" + lines.count'`,
  },
  jacoco: {
    needs: 'mvn',
    files: {
      'pom.xml': POM,
      'src/main/java/app/Price.java': JAVA,
      'src/main/java/app/Odd.java': ODD_JAVA,
      'src/test/java/app/PriceTest.java': JAVA_TEST,
    },
    own: LINE_COUNTER,
  },
  // These have no preset.
  phpunit: {
    needs: 'phpunit',
    command: 'XDEBUG_MODE=coverage phpunit --coverage-clover clover.xml',
    report: 'clover.xml',
    files: PHP_FILES,
    own: PHP_OWN,
  },
  'phpunit cobertura': {
    needs: 'phpunit',
    command: 'XDEBUG_MODE=coverage phpunit --coverage-cobertura cobertura.xml',
    report: 'cobertura.xml',
    files: PHP_FILES,
    own: PHP_OWN,
  },
  ...Object.fromEntries(
    ['cobertura', 'clover', 'lcov', 'json', 'sonarqube'].map((format) => [
      `gcovr ${format}`,
      {
        needs: 'gcovr',
        command: `g++ --coverage -O0 -o odd src/odd.cpp && ./odd && gcovr --${format} report`,
        report: 'report',
        files: { 'src/odd.cpp': ODD_CPP },
        own: `g++ --coverage -O0 -o odd src/odd.cpp && ./odd && gcovr --json-summary own.json >&2; node -p 'const s = require("./own.json"); s.line_covered + "/" + s.line_total'`,
      },
    ]),
  ),
  simplecov: {
    needs: 'simplecov',
    command: 'ruby test/run.rb',
    report: 'coverage/.resultset.json',
    files: {
      'src/odd.rb': ODD_RUBY,
      'test/run.rb':
        "require 'simplecov'\nSimpleCov.command_name 'run'\nSimpleCov.start\nrequire_relative '../src/odd'\nOdd.multi(1)\nOdd.multi(7)\n",
    },
    own: `ruby test/run.rb | sed -n 's/.* \\([0-9]*\\) .* \\([0-9]*\\) .*covered.*/\\1\\/\\2/p'`,
  },
};
