// What tools count differently from each other, and sometimes from themselves: statements over several lines, pragmas, generators, decorators,
// async functions, closures, methods on one line. Each is run in part.

export const ODD_PY = `"""Odd shapes."""
import asyncio
import contextlib
import functools
from typing import (
    TYPE_CHECKING,
    Any,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


def decorated(
    fn,
):
    @functools.wraps(
        fn,
    )
    def inner(*args):
        return fn(
            *args,
        )

    return inner


@decorated
@functools.lru_cache(
    maxsize=None,
)
def cached(
    a: int,
    b: int = 3,
) -> int:
    """Over several lines."""
    return (
        a
        + b
    )


class Shape:
    x: int = 1
    y: Any

    @property
    def size(self):
        return self.x

    def hidden(self):  # pragma: no cover
        if self.x:
            return 1
        return 2

    def half(self, n):
        match n:
            case 1 | 2:
                return 'a'
            case [a, b]:
                return (a,
                        b)
            case _:
                return [
                    i
                    for i in range(n)
                    if i % 2
                ]


def numbers(n):
    for i in range(n):
        try:
            yield i
        finally:
            n -= 1
    else:
        yield -1


async def stacks():
    async with contextlib.AsyncExitStack() as one, \\
            contextlib.AsyncExitStack() as two:
        yield one
        yield two


async def count():
    total = 0
    async for _ in stacks():
        total += 1
    return total


def text():
    s = f"""
    {1 +
     2}
    """
    t = '''a
b'''; u = 1
    if s: return t
    else: return u


def stub(): ...


twice = lambda a: (
    a
    + a
)

with contextlib.suppress(ValueError):
    raise ValueError(
        'x'
    )
`;
export const ODD_PY_TEST = `import asyncio

import odd


def test_odd():
    assert odd.cached(1) == 4
    assert odd.Shape().size == 1
    assert odd.Shape().half(3) == [1]
    assert list(odd.numbers(2)) == [0, 1, -1]
    assert asyncio.run(odd.count()) == 2
    assert odd.text() == 'a\\nb'
`;

export const ODD_JS = `'use strict';
const one = 1, two = 2; let three; var four = () => { return 4; };
/* istanbul ignore next */
function ignored(a) {
  return a;
}
/* c8 ignore start */
function ignoredToo(a) {
  return a;
}
/* c8 ignore stop */
exports.multi = function multi(a, b = () => 3) {
  const obj = {
    a,
    get x() { return 1; },
    async *numbers() {
      yield 1;
      yield* [2, 3];
    },
    [\`k\${a}\`]: a ? 1
      : 2,
  };
  if (a) return obj; else return b
    ?.();
};
class Shape {
  #size = 1;
  static first = (() => 3)();
  static {
    this.second = 1;
  }
  get size() { return this.#size; }
  never() {
    label: for (;;) { break label; }
  }
}
exports.run = async function () {
  const found = [];
  for await (const x of exports.multi(1).numbers()) found.push(x);
  switch (found.length) {
    case 1:
      found.push(0);
      break;
    case 3: {
      found.push(9);
    }
    default:
      found.push(new Shape().size);
  }
  try {
    throw new Error(\`several
lines\`);
  } catch {
    found.push(1);
  } finally { found.push(2); }
  return found
    .map((x) => x + 1)
    .filter((x) => {
      return x > 1;
    });
};
;
`;

export const ODD_PHP = `<?php
namespace App;

abstract class Base {
    public int $p = 2;
    abstract public function y(): int;
    public function x(): int { return $this->p; }
}
final class Odd extends Base {
    public function __construct(
        private int $a,
        private ?int $b = null,
    ) {
    }
    public function y(): int
    {
        $f = fn(int $x): int =>
            $x + 1;
        $r = match (true) {
            $this->a > 3 => 1,
            $this->a === 2,
            $this->a === 1 => $f(1),
            default => 9,
        };
        switch ($r) {
            case 1:
                $r++;
                break;
            default:
                $r--;
        }
        foreach ($this->numbers() as $k => $v) $r += $v;
        // @codeCoverageIgnoreStart
        if ($r === 999) {
            return 1;
        }
        // @codeCoverageIgnoreEnd
        return $r
            ?: 3;
    }
    private function numbers(): \\Generator
    {
        yield 1;
        yield from [
            2,
            3,
        ];
    }
    /** @codeCoverageIgnore */
    public function ignored() { return 1; }
    public function never() { return [1,
        2]; }
}
function helper($x) { return $x; }
`;

export const ODD_RUBY = `module Odd
  LIST = [
    1,
    2
  ].freeze
  def self.multi(a,
                 b = 3)
    x = case a
        when 1, 2 then b
        when ->(n) { n > 5 }
          9
        else
          0
        end
    y = <<~TEXT
      a #{x}
      b
    TEXT
    [1, 2].map do |i|
      i + 1
    end.select { |i| i > 1 }
    begin
      raise 'x' if a == 1
    rescue StandardError => e
      x += e.message.size
    ensure
      x += 1
    end
    return x unless y.nil?
    never
  end
  class << self
    attr_reader :z
    def never = 1
    private def p; 2; end
  end
end
`;
