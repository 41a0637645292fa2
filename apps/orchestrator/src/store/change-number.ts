/** The number that differs after every commit; how it is had is the engine's affair. */
import type { ChangeStore } from './port/index.ts';
import type { Driver, Operations } from './sql/driver.ts';
import { cellsNamed } from './sql/row-shape.ts';

export function changeStore({ dialect, row }: Driver): Operations<ChangeStore> {
  const numbers = dialect.changeNumbers.map(({ statement, cell }) => {
    const read = row(cellsNamed<Readonly<Record<string, unknown>>>(cell), statement);
    return { read, cell };
  });
  return {
    *changeNumber() {
      let all = '';
      for (const { read, cell } of numbers) all += `.${(yield* read({}))?.[cell]}`;
      return all;
    },
  };
}
