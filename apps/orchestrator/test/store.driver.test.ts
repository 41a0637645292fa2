/** How a statement's answer becomes a row. */
import { afterEach, expect, test } from '@jest/globals';
import { repos } from '../src/schema/index.ts';
import { cellsNamed, columnsOf, insertInto, tableShape } from '../src/store/sql/row-shape.ts';
import { type Connection, connect } from '../src/store/sqlite/connection.ts';
import { drive, sqliteDriver } from '../src/store/sqlite/driver.ts';
import { migrate } from '../src/store/sqlite/migrate.ts';

const opened: Connection[] = [];
const driver = () => {
  const connection = connect(':memory:');
  opened.push(connection);
  migrate(connection);
  return sqliteDriver(connection);
};
afterEach(() => {
  for (const { sqlite } of opened.splice(0)) sqlite.close();
});

const REPO = tableShape(repos);
const COUNTED = cellsNamed<{ repos: number; jobs: number }>('repos', 'jobs');

test.each([
  ['SELECT 1 AS repos', 'repos'],
  ['SELECT 1 AS jobs, 2 AS repos', 'jobs,repos'],
  ['SELECT 1 AS repos, 2 AS jobs, 3 AS tasks', 'repos,jobs,tasks'],
  ['SELECT count(*) AS repos, count(*) FROM jobs', 'repos,count(*)'],
])('%s is refused where repos and jobs are to be answered', (text, answered) => {
  const { row, rows } = driver();
  expect(() => row(COUNTED, text)).toThrow(`it answers ${answered}: ${text}`);
  expect(() => rows(COUNTED, text)).toThrow(`it answers ${answered}: ${text}`);
});

test('a row has the names of the port, behind an alias as well, and booleans and null as they are', () => {
  const { change, row, rows } = driver();
  const given = { id: 'r', url: 'u', forge: 'local', main: 'main', profile: 'full', paused: true, createdAt: 5 };
  drive(change(REPO, insertInto(REPO, Object.keys(given)))(given));
  const whole = drive(row(REPO, `SELECT ${REPO.list} FROM repos`)({}));
  expect(whole).toMatchObject({ ...given, frozenReason: null });
  expect(drive(rows(REPO, `SELECT ${columnsOf(REPO, 'x')} FROM repos x`)({}))).toEqual([whole]);
});
