/** The number that differs after every commit; how it is had is the engine's affair. */
import type { ChangeStore } from './port/index.ts';
import type { Driver, Operations } from './sql/driver.ts';
import { cellsNamed } from './sql/row-shape.ts';

export function changeStore({ dialect, row }: Driver): Operations<ChangeStore> {
  const number = row(cellsNamed<{ number: string }>('number'), dialect.changeNumber);
  return {
    *changeNumber() {
      return (yield* number({}))?.number ?? '';
    },
  };
}
