/** Plots as SVG text, drawn on the server: nothing in them runs or loads. */
import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { LegacyGridContainLabel } from 'echarts/features';
import { SVGRenderer } from 'echarts/renderers';
import type { Calibration } from '../calibration.ts';
import type { Estimate } from '../evaluate.ts';

use([
  BarChart,
  CustomChart,
  LineChart,
  ScatterChart,
  GridComponent,
  LegendComponent,
  TitleComponent,
  LegacyGridContainLabel,
  SVGRenderer,
]);

const COLOURS = [
  '#2f6db3',
  '#d9822b',
  '#3d9a50',
  '#b8403a',
  '#7a5aa6',
  '#8a6d5c',
  '#c968a8',
  '#6f7780',
  '#a8a12c',
  '#2aa3ad',
];
const FONT = 'system-ui, sans-serif';

function draw(width: number, height: number, option: EChartsCoreOption): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, color: COLOURS, textStyle: { fontFamily: FONT }, ...option });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

interface Bar {
  name: string;
  estimate: Estimate;
}

/** Horizontal bars with their intervals as whiskers. */
export function metricBars(title: string, bars: readonly Bar[]): string {
  const height = 70 + 26 * bars.length;
  return draw(440, height, {
    title: { text: title, left: 8, top: 4, textStyle: { fontSize: 13 } },
    grid: { left: 24, right: 20, top: 34, bottom: 8, containLabel: true },
    xAxis: { type: 'value', min: 0, splitNumber: 4 },
    yAxis: { type: 'category', data: bars.map(({ name }) => name), inverse: true },
    series: [
      {
        type: 'bar',
        barWidth: 14,
        data: bars.map(({ estimate }, i) => ({
          value: estimate.value,
          itemStyle: { color: COLOURS[i % COLOURS.length] },
        })),
      },
      whiskers(bars.map(({ estimate }, i) => [i, estimate.interval?.lower, estimate.interval?.upper])),
    ],
  });
}

/** [place on the category axis, lower, upper]; rows without an interval are left out. */
function whiskers(rows: readonly (readonly [number, number | undefined, number | undefined])[]) {
  type Api = { value(i: number): number; coord(at: [number, number]): [number, number] };
  return {
    type: 'custom',
    z: 3,
    data: rows.filter(([, lower]) => lower !== undefined),
    encode: { x: [1, 2], y: 0 },
    renderItem: (_: unknown, api: Api) => {
      const [x1, y] = api.coord([api.value(1), api.value(0)]);
      const [x2] = api.coord([api.value(2), api.value(0)]);
      const line = (x1: number, y1: number, x2: number, y2: number) => {
        return { type: 'line', shape: { x1, y1, x2, y2 }, style: { stroke: '#222', lineWidth: 1.3 } };
      };
      return {
        type: 'group',
        children: [line(x1, y, x2, y), line(x1, y - 4, x1, y + 4), line(x2, y - 4, x2, y + 4)],
      };
    },
  };
}

/** Observed share against predicted probability, a line a model; the diagonal is perfect. Larger dots: more cases. */
export function reliabilityDiagram(
  title: string,
  models: readonly { name: string; calibration: Calibration; colour: number }[],
): string {
  const reached = models.flatMap(({ calibration: { bins } }) => {
    return bins.filter(({ n }) => n > 0).flatMap(({ predicted, observed }) => [predicted, observed]);
  });
  const most = Math.min(1, Math.ceil(10 * Math.max(...reached, 0.1)) / 10);
  return draw(440, 400, {
    title: { text: title, left: 8, top: 4, textStyle: { fontSize: 13 } },
    legend: { bottom: 0, type: 'plain' },
    grid: { left: 24, right: 24, top: 40, bottom: 56, containLabel: true },
    xAxis: { type: 'value', min: 0, max: most, name: 'predicted', nameLocation: 'middle', nameGap: 24 },
    yAxis: { type: 'value', min: 0, max: most, name: 'observed', nameLocation: 'middle', nameGap: 36 },
    series: [
      {
        type: 'line',
        silent: true,
        symbol: 'none',
        lineStyle: { color: '#999', type: 'dashed', width: 1 },
        data: [
          [0, 0],
          [most, most],
        ],
      },
      ...models.map(({ name, calibration, colour }) => ({
        type: 'line',
        name,
        color: COLOURS[colour % COLOURS.length],
        symbol: 'circle',
        symbolSize: (point: number[]) => 4 + 14 * Math.sqrt(point[2]! / calibration.n),
        data: calibration.bins.filter(({ n }) => n > 0).map(({ predicted, observed, n }) => [predicted, observed, n]),
      })),
    ],
  });
}

/** Two properties of the models against each other, a labelled dot a model. */
export function scatter(
  title: string,
  [x, y]: readonly [string, string],
  points: readonly { name: string; x: number; y: number }[],
): string {
  return draw(440, 320, {
    title: { text: title, left: 8, top: 4, textStyle: { fontSize: 13 } },
    grid: { left: 24, right: 60, top: 44, bottom: 34, containLabel: true },
    xAxis: { type: 'value', name: x, nameLocation: 'middle', nameGap: 24, scale: true },
    yAxis: { type: 'value', name: y, nameLocation: 'middle', nameGap: 36, scale: true },
    series: [
      {
        type: 'scatter',
        symbolSize: 11,
        data: points.map((point, i) => ({
          value: [point.x, point.y],
          name: point.name,
          itemStyle: { color: COLOURS[i % COLOURS.length] },
        })),
        label: { show: true, position: 'right', formatter: '{b}', fontSize: 11 },
      },
    ],
  });
}

/** One metric by segment, grouped by segment, a bar a model. */
export function segmentBars(
  title: string,
  segments: readonly string[],
  models: readonly { name: string; values: readonly number[] }[],
): string {
  return draw(900, 300, {
    title: { text: title, left: 8, top: 4, textStyle: { fontSize: 13 } },
    legend: { bottom: 0 },
    grid: { left: 8, right: 16, top: 40, bottom: 34, containLabel: true },
    xAxis: { type: 'category', data: segments, axisLabel: { interval: 0 } },
    yAxis: { type: 'value', min: 0 },
    series: models.map(({ name, values }) => ({ type: 'bar', name, data: values })),
  });
}
