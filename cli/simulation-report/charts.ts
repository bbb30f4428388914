/** Plots of a simulation as SVG text: what is measured with its interval beside what is expected, and the heat map. */
import { CustomChart, HeatmapChart, ScatterChart } from 'echarts/charts';
import { GridComponent, TitleComponent, VisualMapComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { LegacyGridContainLabel } from 'echarts/features';
import { SVGRenderer } from 'echarts/renderers';

use([
  CustomChart,
  HeatmapChart,
  ScatterChart,
  GridComponent,
  TitleComponent,
  VisualMapComponent,
  LegacyGridContainLabel,
  SVGRenderer,
]);

function draw(width: number, height: number, option: EChartsCoreOption): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily: 'system-ui, sans-serif' }, ...option });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

export interface Mark {
  name: string;
  value: number | null;
  interval: { lower: number; upper: number } | null;
  /** Null where the sources expect nothing. */
  expected: number | null;
}

type Api = { value(i: number): number; coord(at: [number, number]): [number, number] };

/** A row a variant: the estimate as a dot with its interval, the expected value as a diamond. */
export function intervalPlot(title: string, marks: readonly Mark[]): string {
  const dots = marks.flatMap(({ value }, i) => (value === null ? [] : [[value, i]]));
  const diamonds = marks.flatMap(({ expected }, i) => (expected === null ? [] : [[expected, i]]));
  return draw(440, 80 + 24 * marks.length, {
    title: { text: title, left: 8, top: 4, textStyle: { fontSize: 13 } },
    grid: { left: 24, right: 20, top: 34, bottom: 8, containLabel: true },
    xAxis: { type: 'value', scale: true, splitNumber: 4 },
    yAxis: { type: 'category', data: marks.map(({ name }) => name), inverse: true },
    series: [
      {
        type: 'custom',
        data: marks.flatMap(({ interval }, i) => (interval ? [[i, interval.lower, interval.upper]] : [])),
        encode: { x: [1, 2], y: 0 },
        renderItem: (_: unknown, api: Api) => {
          const [x1, y1] = api.coord([api.value(1), api.value(0)]);
          const [x2] = api.coord([api.value(2), api.value(0)]);
          return { type: 'line', shape: { x1, y1, x2, y2: y1 }, style: { stroke: '#2f6db3', lineWidth: 2 } };
        },
      },
      { type: 'scatter', symbolSize: 9, itemStyle: { color: '#2f6db3' }, data: dots },
      { type: 'scatter', symbol: 'diamond', symbolSize: 10, itemStyle: { color: '#d9822b' }, data: diamonds },
    ],
  });
}

/** `cells`: [column, row, value in [0, 1]]; a pair that never met has none. */
export function heatMap(
  title: string,
  columns: readonly string[],
  rows: readonly string[],
  cells: readonly (readonly [number, number, number])[],
): string {
  const most = Math.max(0.1, ...cells.map(([, , value]) => value));
  return draw(120 + 22 * columns.length, 260 + 22 * rows.length, {
    title: { text: title, left: 8, top: 4, textStyle: { fontSize: 13 } },
    grid: { left: 8, right: 16, top: 34, bottom: 64, containLabel: true },
    xAxis: { type: 'category', data: [...columns], axisLabel: { interval: 0, rotate: 70, fontSize: 10 } },
    yAxis: { type: 'category', data: [...rows], inverse: true, axisLabel: { interval: 0 } },
    visualMap: {
      min: 0,
      max: Math.ceil(most * 10) / 10,
      orient: 'horizontal',
      left: 'center',
      bottom: 8,
      itemHeight: 160,
      precision: 2,
      inRange: { color: ['#f4f7fb', '#9dc0e4', '#2f6db3', '#123a66'] },
    },
    series: [
      { type: 'heatmap', data: cells.map((cell) => [...cell]), itemStyle: { borderColor: '#fff', borderWidth: 1 } },
    ],
  });
}
