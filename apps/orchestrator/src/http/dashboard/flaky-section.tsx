/** The board's list of flaky tests. Names come from branches: they are cut, and what could steer a page is made visible. */
import { visibleStart } from '../../platform/visible-text.ts';
import { type FlakyRow, quarantineText } from '../flaky-view.ts';
import { SHOWN_FLAKY } from '../read-flaky.ts';

const NAME_CHARS = 120;

export function FlakySection({ tests }: { readonly tests: readonly FlakyRow[] }) {
  if (tests.length === 0) return null;
  return (
    <section>
      <h2>Flaky tests</h2>
      <p>
        Red and green on one tree: the code was the same. Up to {SHOWN_FLAKY} of each repository, the last seen first;{' '}
        <code>gatehouse flaky</code> lists them all.
      </p>
      <table>
        <thead>
          <tr>
            <th>test</th>
            <th>repository</th>
            <th>red / green</th>
            <th>last seen</th>
            <th>quarantine</th>
          </tr>
        </thead>
        <tbody>
          {tests.map((test) => (
            <tr>
              <td>{visibleStart(test.name, NAME_CHARS)}</td>
              <td>{test.repo}</td>
              <td>{test.trees === 0 ? 'not proven' : `${test.reds} / ${test.greens}`}</td>
              <td>{test.last_seen ?? ''}</td>
              <td>{quarantineText(test.quarantine)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
