/** A chart over time. Drawn by uPlot on a canvas, so its newest values are also given as text. */
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { latestOf, type Columns } from '../overview/chartData.js';

export interface ChartProps {
  readonly title: string;
  readonly about: string;
  readonly lines: readonly string[];
  readonly columns: Columns;
  readonly format: (value: number) => string;
  /** Each line is drawn with the area below it; the lines stand upon each other. */
  readonly isStacked?: boolean;
}

const HEIGHT = 190;
const FEW = 20;

export function Chart({ title, about, lines, columns, format, isStacked = false }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>();
  const isDark = useDarkness();
  const drawn = useRef({ columns, format });
  drawn.current = { columns, format };
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const options = optionsOf({ element, lines, isStacked, format: (value) => drawn.current.format(value) });
    const made = new uPlot(options, drawn.current.columns, element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [isDark, isStacked, lines]);
  useEffect(() => plot.current?.setData(columns), [columns]);
  const isEmpty = columns.slice(1).every((column) => column.every((value) => value === null));
  const latest = latestOf(columns).map((value) => (value === null ? '–' : format(value)));
  const words = lines.map((line, index) => `${line} ${latest[index]}`).join(', ');
  return (
    <figure class="card chart">
      <figcaption>
        <h3>{title}</h3>
        <p>{about}</p>
      </figcaption>
      <div ref={place} role="img" aria-label={`${title}, newest: ${words}`} />
      {isEmpty && <p class="empty">Nothing in this time.</p>}
    </figure>
  );
}

interface Drawing {
  readonly element: HTMLElement;
  readonly lines: readonly string[];
  readonly isStacked: boolean;
  readonly format: (value: number) => string;
}

function optionsOf({ element, lines, isStacked, format }: Drawing): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--soft'),
    font: '11px system-ui, sans-serif',
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  const series = lines.map((label, index): uPlot.Series => {
    const stroke = colour(`--series-${index + 1}`);
    return {
      label,
      stroke,
      width: 1.6,
      // Few points are drawn as such, so that one alone is seen.
      points: { show: (plot) => (plot.data[0]?.length ?? 0) < FEW, size: 4 },
      value: (_plot, value: number | null) => (value === null ? '–' : format(value)),
      ...(isStacked ? { fill: `${stroke}40` } : {}),
    };
  });
  return {
    width: element.clientWidth,
    height: HEIGHT,
    cursor: { y: false, points: { size: 6 } },
    legend: { live: true },
    scales: { x: { time: true }, y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.08 : 1] } },
    axes: [
      { ...axis, space: 70, values: '{HH}:{mm}' },
      { ...axis, size: 58, values: (_plot, splits) => splits.map((value) => format(value)) },
    ],
    // The highest area first, so that the lower ones are drawn over it.
    series: [{ value: '{HH}:{mm}:{ss}' }, ...series],
    ...(isStacked
      ? { bands: lines.slice(1).map((_line, index) => ({ series: [index + 2, index + 1] as never })) }
      : {}),
  };
}

function useDarkness(): boolean {
  const [isDark, setDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const look = () => setDark(query.matches);
    query.addEventListener('change', look);
    return () => query.removeEventListener('change', look);
  }, []);
  return isDark;
}
