/** A repository's flaky tests. Names come from branches: they are cut, and what could steer a page is made visible. */
import { visibleStart } from '../../platform/visible-text.ts';
import { type FlakyRow, quarantineText } from '../flaky-view.ts';
import { SHOWN_FLAKY } from '../read-flaky.ts';

const NAME_CHARS = 120;

export const FlakySection = ({ tests }: { readonly tests: readonly FlakyRow[] }) => (
  <section class="card wide" aria-labelledby="flaky">
    <h2 id="flaky">Flaky tests</h2>
    {tests.length === 0 ? (
      <p class="empty">No test was red and green on one tree.</p>
    ) : (
      <>
        <p class="empty">
          Red and green on one tree: the code was the same. Up to {SHOWN_FLAKY}, the last seen first;{' '}
          <code>gatehouse flaky</code> lists them all.
        </p>
        <section class="scroll" aria-label="Table of flaky tests" tabindex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">test</th>
                <th scope="col">red / green</th>
                <th scope="col">last seen</th>
                <th scope="col">quarantine</th>
              </tr>
            </thead>
            <tbody>
              {tests.map((test) => (
                <tr>
                  <td class="any">{visibleStart(test.name, NAME_CHARS)}</td>
                  <td>{test.trees === 0 ? 'not proven' : `${test.reds} / ${test.greens}`}</td>
                  <td>{test.last_seen ?? ''}</td>
                  <td>{quarantineText(test.quarantine)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </>
    )}
  </section>
);
