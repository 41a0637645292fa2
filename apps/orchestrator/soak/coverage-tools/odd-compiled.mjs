// The odd shapes of odd-shapes.mjs in languages that are compiled.

export const ODD_GO = `package app

import "errors"

type Box[A any] struct{ value A }

func (b *Box[A]) Get() A { return b.value }

func Multi(
	a int,
	b int,
) (int,
	error) {
	if a > 1 &&
		b > 1 {
		return a +
			b, nil
	}
	switch {
	case a == 0:
		defer func() {
			a = 1
		}()
	default:
		return 0, errors.New(
			"x")
	}
	one := func() int { return 1 }; _ = one
	for i := 0; i < 3; i++ {
		if i == 1 { continue }
	}
	return 0, nil
}

func Empty() {}
func One() int { return 1 }; func Two() int { return 2 }
`;

export const ODD_JAVA = `package app;

import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;

public class Odd {
  enum Kind { A, B { @Override int n() { return 2; } }; int n() { return 1; } }
  record Point(int x,
               int y) {
    Point {
      if (x < 0)
        throw new IllegalArgumentException(
            "x");
    }
    static int never() { return 1; }
  }
  int field = 3;
  { field = 4; }
  static int multi(int a,
                   int b) {
    int r = switch (a) {
      case 1, 2 -> b
          + 1;
      case 3 -> {
        int z = 3;
        yield z;
      }
      default -> 0;
    };
    try (AutoCloseable c = () -> { }) {
      r += List.of(1, 2, 3)
          .stream()
          .filter(x ->
              x > 1)
          .mapToInt(Integer::intValue)
          .sum();
    } catch (Exception e) {
      r = -1;
    } finally {
      r++;
    }
    Supplier<Integer> s = () -> 3; IntUnaryOperator t = x -> { return x; };
    synchronized (Odd.class) {
      r += t.applyAsInt(1);
    }
    return a > 1 && b > 1 ? r : s.get();
  }
}
class Second { static int x() { return 1; } }
interface Third { default int y() { return 2; } int Z = Integer.parseInt("3"); }
`;

export const ODD_CPP = `#include <stdexcept>
#include <string>
#define TWICE(x) \\
  ((x) + \\
   (x))
namespace {
int never(int a)
{
  return a;
}
struct S {
  int a = 1;
  S() : a{2} {}
  int get() const { return a; }
};
}
int multi(int a,
          int b) {
  if (a > 1 &&
      b > 1)
    return TWICE(
        a);
  auto f = [&](int x) {
    return x + b;
  };
  switch (a) {
    case 0: return f(1);
    case 1:
      b++;
      [[fallthrough]];
    default:
      break;
  }
  try {
    throw std::runtime_error(
        "x");
  } catch (const std::exception& e) {
    b += std::string(e.what()).size();
  }
  // GCOVR_EXCL_START
  if (b == 12345)
    return never(1);
  // GCOVR_EXCL_STOP
  return b;
}
int main(int argc, char**) {
  S s;
  int r = multi(2, 2) + multi(0, 1) + multi(1, 1) + s.get();
  return argc > 1 ? r : 0;
}
`;
