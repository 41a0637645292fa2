/** Charts as inline SVG: numbers that can be read without them stand beside them. No script draws, no style is inline. */
import type { CoverageLine, RepositoryContent } from './read-repository.ts';

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [480, 170, 40, 22, 10];
const percent = (ppm: number): string => `${(ppm / 10_000).toFixed(2)} %`;
const shareOf = ({ covered, total }: { readonly covered: number; readonly total: number }): number =>
  total === 0 ? 1_000_000 : (covered / total) * 1_000_000;

/** Coverage after each landing, the mark, and the band of loss below it that is tolerated. */
export function CoverageChart({ line: { history, record, epsilonPpm } }: { readonly line: CoverageLine }) {
  const points = history.map(shareOf);
  const mark = shareOf(record.mark);
  const last = points.at(-1) ?? mark;
  const [low, high] = rangeOf([...points, mark, mark - epsilonPpm]);
  const yOf = (ppm: number): number => TOP + ((high - ppm) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const xOf = (at: number): number =>
    points.length < 2 ? WIDTH / 2 : LEFT + (at / (points.length - 1)) * (WIDTH - LEFT - 8);
  const curve = points.map((ppm, at) => `${xOf(at).toFixed(1)},${yOf(ppm).toFixed(1)}`).join(' ');
  const words = `Coverage after each of the last ${points.length} landings: now ${percent(last)}, mark ${percent(mark)}, tolerated loss ${percent(epsilonPpm)}.`;
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={words}>
      <title>{words}</title>
      <rect
        class="band"
        x={LEFT}
        y={yOf(mark)}
        width={WIDTH - LEFT}
        height={Math.max(1, yOf(mark - epsilonPpm) - yOf(mark))}
      />
      <line class="mark" x1={LEFT} x2={WIDTH} y1={yOf(mark)} y2={yOf(mark)} />
      {[high, (high + low) / 2, low].map((ppm) => (
        <>
          <line class="axis" x1={LEFT} x2={WIDTH} y1={yOf(ppm)} y2={yOf(ppm)} />
          <text x={LEFT - 6} y={yOf(ppm) + 4} text-anchor="end">
            {(ppm / 10_000).toFixed(1)}
          </text>
        </>
      ))}
      <polyline class="curve" points={curve} />
      {points.map((ppm, at) => (
        <circle class="dot" cx={xOf(at)} cy={yOf(ppm)} r={points.length > 60 ? 1.5 : 3} />
      ))}
    </svg>
  );
}

/** A little more than what is drawn; at least one percentage point. */
function rangeOf(values: readonly number[]): readonly [low: number, high: number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = Math.max(5_000, (high - low) * 0.1);
  return [Math.max(0, low - margin), Math.min(1_000_000, high + margin)];
}

export const coverageWords = ({ record, epsilonPpm, history }: CoverageLine): string => {
  const last = history.at(-1);
  const now = last === undefined ? shareOf(record.last) : shareOf(last);
  return `now ${percent(now)}, mark ${percent(shareOf(record.mark))}, tolerated loss ${percent(epsilonPpm)}`;
};

/** Landings of each day. */
export function LandingsChart({ days }: Pick<RepositoryContent, 'days'>) {
  const most = Math.max(1, ...days.map(({ count }) => count));
  const step = WIDTH / days.length;
  const room = HEIGHT - TOP - BOTTOM - 12;
  const total = days.reduce((sum, { count }) => sum + count, 0);
  const words = `Landings per day, ${days.length} days: ${total} in all, at most ${most} on one day.`;
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={words}>
      <title>{words}</title>
      <line class="axis" x1="0" x2={WIDTH} y1={HEIGHT - BOTTOM} y2={HEIGHT - BOTTOM} />
      {days.map(({ day, count }, at) => {
        const height = (count / most) * room;
        return (
          <>
            <rect
              class="bar-of"
              x={at * step + step * 0.2}
              y={HEIGHT - BOTTOM - height}
              width={step * 0.6}
              height={height}
              rx="2"
            />
            <text x={at * step + step / 2} y={HEIGHT - 6} text-anchor="middle">
              {day.slice(8)}
            </text>
            {count === 0 ? null : (
              <text x={at * step + step / 2} y={HEIGHT - BOTTOM - height - 4} text-anchor="middle">
                {count}
              </text>
            )}
          </>
        );
      })}
    </svg>
  );
}
