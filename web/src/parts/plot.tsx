// A plot to hover and zoom, and the same numbers as a table. Loaded only where one is shown.
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { Button } from "./controls";
import { momentWords } from "../numbers";
import { useUrlSearch } from "../url_search";

export interface Line {
  label: string;
  tone: string; // a CSS variable
  format: (value: number | null) => string;
  right?: boolean; // has the scale at the right
}
interface PlotProps {
  title: string;
  times_s: readonly number[];
  lines: readonly Line[];
  values: readonly (readonly (number | null)[])[];
  height?: number;
  stepped?: boolean;
  fromZero?: boolean;
  stacked?: boolean; // areas upon each other, the first line lowest
  // The name under which the URL keeps what was zoomed into.
  rangeKey: string;
}

interface Range {
  min: number;
  max: number;
}
function parseRange(text: string | undefined): Range | null {
  const parts = /^(\d+)-(\d+)$/.exec(text ?? "");
  return parts ? { min: Number(parts[1]), max: Number(parts[2]) } : null;
}

const colour = (tone: string) =>
  getComputedStyle(document.documentElement).getPropertyValue(tone).trim();

// A single moment stands in the middle of its day.
const HALF_DAY_S = 43_200;
const wholeDay: uPlot.Scale.Range = (plot, low, high) => {
  const [moment, ...more] = plot.data[0];
  if (moment === undefined || more.length > 0) return [low!, high!];
  return [moment - HALF_DAY_S, moment + HALF_DAY_S];
};
const fromZero: uPlot.Scale.Range = (_, __, high) => [0, Math.max(1, 1.1 * (high ?? 1))];
const two = (n: number) => String(n).padStart(2, "0");

// "14:05", with seconds where they tell ticks apart, and the day where a new one begins.
function tickWords(_: uPlot, ticks: number[], __: number, ___: number, step_s: number): string[] {
  return ticks.map((tick) => {
    const at = new Date(1000 * tick);
    const midnight = at.getHours() + at.getMinutes() + at.getSeconds() === 0;
    if (step_s >= 86_400 || midnight) {
      return at.toLocaleDateString("en", { day: "numeric", month: "short" });
    }
    const clock = `${two(at.getHours())}:${two(at.getMinutes())}`;
    return step_s < 60 ? `${clock}:${two(at.getSeconds())}` : clock;
  });
}

// Sums up to each line, so that the last is the whole; the table keeps the values as they are.
function drawn({ times_s, values, stacked }: PlotProps): uPlot.AlignedData {
  if (!stacked) return [times_s, ...values] as unknown as uPlot.AlignedData;
  const sums = times_s.map(() => 0);
  const stack = values.map((line) => line.map((value, i) => (sums[i]! += value ?? 0)));
  return [times_s, ...stack] as unknown as uPlot.AlignedData;
}

// Of a line alone, or of the lowest of a stack; between the others of a stack lie bands.
function fillOf(props: PlotProps, n: number): string | undefined {
  if (props.stacked) return n === 0 ? `${colour(props.lines[0]!.tone)}66` : undefined;
  return props.lines.length === 1 ? `${colour(props.lines[n]!.tone)}18` : undefined;
}

type Zoom = (range: Range | null) => void;

// A drag zooms in, a double click all the way out.
function zooming(zoom: Zoom): Pick<uPlot.Options, "cursor" | "hooks"> {
  return {
    cursor: {
      drag: { x: true, y: false },
      points: { size: 7 },
      y: false,
      bind: {
        dblclick: (_, __, plain) => (event) => {
          plain(event);
          zoom(null);
          return null;
        },
      },
    },
    hooks: {
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < 2) return;
          const [min, max] = [left, left + width].map((x) => Math.round(plot.posToVal(x, "x")));
          if (max! > min!) zoom({ min: min!, max: max! });
        },
      ],
    },
  };
}

function options(props: PlotProps, width: number, zoom: Zoom): uPlot.Options {
  const axis = {
    stroke: colour("--faint"),
    font: "11px Inter Variable, system-ui",
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height: props.height ?? 200,
    padding: [12, 8, 0, 0],
    ...zooming(zoom),
    legend: { live: true },
    scales: {
      x: { time: true, range: wholeDay },
      y: props.fromZero ? { range: fromZero } : {},
      right: { range: fromZero },
    },
    axes: [
      { ...axis, space: 90, values: tickWords },
      { ...axis, size: 56, values: (_, ticks) => ticks.map((t) => props.lines[0]!.format(t)) },
      ...props.lines
        .filter((line) => line.right)
        .map((line): uPlot.Axis => ({
          ...axis,
          scale: "right",
          side: 1,
          size: 48,
          grid: { show: false },
          values: (_, ticks) => ticks.map((t) => (Number.isInteger(t) ? line.format(t) : "")),
        })),
    ],
    series: [
      { label: "Time", value: (_, at) => (at == null ? "" : momentWords(1000 * at)) },
      ...props.lines.map((line, n): uPlot.Series => ({
        label: line.label,
        stroke: colour(line.tone),
        width: 1.5,
        scale: line.right ? "right" : "y",
        fill: fillOf(props, n),
        paths: props.stepped ? uPlot.paths.stepped!({ align: 1 }) : undefined,
        points: { show: props.times_s.length < 3, size: 6 },
        value: (_, value, __, i) =>
          line.format(props.stacked && i !== null ? (props.values[n]?.[i] ?? null) : value),
      })),
    ],
    bands: props.stacked
      ? props.lines.slice(1).map((line, n) => ({
          series: [n + 2, n + 1] as [number, number],
          fill: `${colour(line.tone)}66`,
        }))
      : undefined,
  };
}

export default function Plot(props: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const { search, change } = useUrlSearch();
  const table = search.table?.split(",").includes(props.rangeKey) ?? false;
  const range = search[props.rangeKey];
  const zoom = useRef<Zoom>(() => {});
  zoom.current = (to) => change({ [props.rangeKey]: to ? `${to.min}-${to.max}` : undefined });
  const data = drawn(props);
  const shape = `${props.lines.map((line) => line.label).join()}|${props.times_s.length < 3}`;

  useEffect(() => {
    const element = place.current;
    if (!element || table) return;
    const draw = () => {
      plot.current?.destroy();
      const made = options(props, element.clientWidth, (to) => zoom.current(to));
      plot.current = new uPlot(made, data, element);
      const zoomed = parseRange(range);
      if (zoomed) plot.current.setScale("x", zoomed);
    };
    draw();
    const resized = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: props.height ?? 200 }),
    );
    resized.observe(element);
    const themed = new MutationObserver(draw);
    themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      resized.disconnect();
      themed.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [shape, table]);
  useEffect(() => {
    const drawn = plot.current;
    if (!drawn) return;
    const zoomed = parseRange(range);
    drawn.setData(data, !zoomed);
    if (zoomed) drawn.setScale("x", zoomed);
  }, [props.times_s, props.values, range]);

  return (
    <figure className="relative px-3 pt-1 pb-3">
      {table ? <Numbers {...props} /> : <div ref={place} role="img" aria-label={props.title} />}
      <div className="absolute right-3 bottom-2.5 flex gap-1">
        {range && !table && (
          <Button quiet onClick={() => zoom.current(null)}>
            Show all
          </Button>
        )}
        <TableSwitch name={props.rangeKey} on={table} />
      </div>
    </figure>
  );
}

// Which plots are read as tables stands in the URL.
function TableSwitch({ name, on }: { name: string; on: boolean }) {
  const { search, change } = useUrlSearch();
  const others = (search.table ?? "").split(",").filter((other) => other && other !== name);
  const next = on ? others : [...others, name];
  return (
    <Button
      quiet
      aria-pressed={on}
      onClick={() => change({ table: next.length > 0 ? next.join() : undefined })}
    >
      {on ? "Show plot" : "Show as table"}
    </Button>
  );
}

function Numbers({ title, times_s, lines, values, height = 200 }: PlotProps) {
  const rows = times_s.map((_, i) => times_s.length - 1 - i).slice(0, 500);
  return (
    <div
      className="overflow-auto px-3"
      style={{ height: height + 32 }}
      tabIndex={0}
      role="region"
      aria-label={`${title}, as a table`}
    >
      <table className="w-full text-right text-xs">
        <thead className="sticky top-0 bg-panel text-faint">
          <tr>
            <th scope="col" className="py-1 text-left font-normal">
              Time
            </th>
            {lines.map((line) => (
              <th key={line.label} scope="col" className="font-normal">
                {line.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((i) => (
            <tr key={i} className="border-t border-line">
              <td className="py-1 text-left">{momentWords(1000 * times_s[i]!)}</td>
              {lines.map((line, n) => (
                <td key={line.label}>{line.format(values[n]![i] ?? null)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
