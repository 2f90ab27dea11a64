/** Overview: how much goes through, how long it takes, and where everything that was accepted is. */
import { useMemo, useState } from 'preact/hooks';
import { queryOf, request } from '../api/request.js';
import type { Series } from '../api/types.js';
import { formatMs, formatPerSecond } from '../format/numbers.js';
import { Chart } from '../parts/Chart.js';
import { ProblemNote } from '../parts/ProblemNote.js';
import { useReading } from '../parts/useReading.js';
import { BooksStrip } from './BooksStrip.js';
import { PERCENTILES, percentileColumns, PHASES, phaseColumns, volumeColumns, VOLUMES } from './chartData.js';
import { Steering } from './Steering.js';
import { Tiles } from './Tiles.js';
import { Workers } from './Workers.js';

const RANGES = [
  [15, '15 min'],
  [60, '1 h'],
  [360, '6 h'],
  [1_440, '24 h'],
] as const;
const READ_EVERY_MS = 5_000;

export function OverviewView() {
  const [minutes, setMinutes] = useState(15);
  return (
    <div class="view" data-view="overview">
      <div class="head">
        <h1>Overview</h1>
        <Steering />
      </div>
      <Tiles />
      <BooksStrip />
      <div class="head">
        <h2>Over time</h2>
        <div class="choice" role="group" aria-label="How far back">
          {RANGES.map(([range, label]) => (
            <button key={range} type="button" aria-pressed={range === minutes} onClick={() => setMinutes(range)}>
              {label}
            </button>
          ))}
        </div>
      </div>
      <Charts minutes={minutes} />
      <Workers />
    </div>
  );
}

function Charts({ minutes }: { readonly minutes: number }) {
  const path = `api/series${queryOf({ minutes })}`;
  const { value, fault } = useReading(path, (signal) => request<Series>(path, { signal }), READ_EVERY_MS);
  return (
    <>
      {fault && !value && <ProblemNote fault={fault} />}
      {value && <ChartGrid series={value} />}
      {!value && !fault && <div class="charts waiting" aria-hidden="true" />}
    </>
  );
}

function ChartGrid({ series }: { readonly series: Series }) {
  const columns = useMemo(
    () => ({
      volume: volumeColumns(series),
      endToEnd: percentileColumns(series, 'endToEnd'),
      response: percentileColumns(series, 'response'),
      phases: phaseColumns(series),
    }),
    [series],
  );
  return (
    <div class="charts">
      <Chart
        title="Volume"
        about="Postbacks and attempts per second"
        lines={VOLUMES}
        columns={columns.volume}
        format={formatPerSecond}
      />
      <Chart
        title="End to end"
        about="From acceptance to delivery"
        lines={PERCENTILES}
        columns={columns.endToEnd}
        format={formatMs}
      />
      <Chart
        title="Response time"
        about="Of the destinations, per attempt"
        lines={PERCENTILES}
        columns={columns.response}
        format={formatMs}
      />
      <Chart
        title="Where the time goes"
        about="Means, one upon the other, from acceptance to the whole answer"
        lines={PHASES}
        columns={columns.phases}
        format={formatMs}
        isStacked
      />
    </div>
  );
}
