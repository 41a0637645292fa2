/** Takes down every SQL statement that a body makes through the driver, and carries the very same ones out again without it. */

const WAYS = ['run', 'get', 'all'];

/**
 * Statements that connections opened by `open` prepare are taken down from then on; others are left alone. `since` answers
 * what was made since it was last asked, in order.
 */
export function recording(driver, open) {
  const made = [];
  const { prepare } = driver.prototype;
  driver.prototype.prepare = function prepareAndTell(text) {
    const statement = prepare.call(this, text);
    const told = { text, isRaw: false, isPlucked: false };
    for (const way of WAYS) {
      const carryOut = statement[way].bind(statement);
      statement[way] = (...args) => {
        made.push({ told, way, args: args.map(copied) });
        return carryOut(...args);
      };
    }
    for (const [turn, flag] of [
      ['raw', 'isRaw'],
      ['pluck', 'isPlucked'],
    ]) {
      const carryOut = statement[turn].bind(statement);
      statement[turn] = (on = true) => {
        told[flag] = on;
        carryOut(on);
        return statement;
      };
    }
    return statement;
  };
  try {
    const opened = open();
    return { opened, since: () => made.splice(0) };
  } finally {
    driver.prototype.prepare = prepare;
  }
}

const copied = (argument) =>
  Array.isArray(argument)
    ? [...argument]
    : typeof argument === 'object' && argument !== null
      ? { ...argument }
      : argument;

/** Prepared on `sqlite` at once; the answer carries all of them out. */
export function again(sqlite, made) {
  const prepared = new Map();
  const steps = made.map(({ told, way, args }) => {
    if (!prepared.has(told)) {
      const statement = sqlite.prepare(told.text);
      if (told.isPlucked) statement.pluck();
      else if (told.isRaw) statement.raw();
      prepared.set(told, statement);
    }
    return { statement: prepared.get(told), way, args };
  });
  return () => {
    for (const { statement, way, args } of steps) statement[way](...args);
  };
}
