import type { Sample } from '@shared/types'
import type { EChartsCoreOption } from 'echarts/core'
import type { Palette } from './bars'
import type { Chart } from './health'

const LONG_MS = 24 * 3_600_000
const RECENT_MS = 15 * 60_000
const PARTS = 4

export interface Wording {
  /** A line's name. */
  name: (figure: string) => string
  /** A value with its unit, short enough for an axis. */
  value: (value: number) => string
  /** A moment, as the axis and the tip name it. */
  clock: (at: number) => string
}

/** One chart over time: a window of fixed length that ends with the newest sample. */
export function lineOptions(
  chart: Chart,
  samples: readonly Sample[],
  long: boolean,
  wording: Wording,
  palette: Palette,
): EChartsCoreOption {
  const colors = [palette.jade, palette.amber, palette.ink2]
  const end = samples.at(-1)?.at ?? 0
  const span = long ? LONG_MS : RECENT_MS
  return {
    animation: false,
    textStyle: { fontFamily: palette.font, color: palette.ink },
    legend: legend(chart, samples, wording, palette),
    grid: {
      left: 4,
      right: 12,
      top: chart.figures.length > 1 ? 30 : 10,
      bottom: 0,
      outerBoundsMode: 'same',
    },
    tooltip: tooltip(wording, palette),
    xAxis: timeAxis(end - span, end, wording, palette),
    yAxis: {
      type: 'value',
      min: 0,
      splitNumber: PARTS - 1,
      axisLabel: { color: palette.ink2, fontSize: 12, formatter: wording.value },
      splitLine: { lineStyle: { color: palette.line } },
    },
    series: chart.figures.map((figure, nth) => ({
      name: wording.name(figure),
      type: chart.bars ? 'bar' : 'line',
      data: samples.map((sample) => [sample.at, sample[figure]]),
      showSymbol: false,
      lineStyle: { width: 1.6 },
      itemStyle: { color: chart.bars ? palette.amber : colors[nth] },
      emphasis: { disabled: true },
    })),
  }
}

/** Each line's name, with its newest value. */
function legend(
  chart: Chart,
  samples: readonly Sample[],
  wording: Wording,
  palette: Palette,
): object {
  const newest = samples.at(-1)
  const values = chart.figures.map((figure) => [
    wording.name(figure),
    newest ? `${wording.name(figure)}  ${wording.value(newest[figure])}` : wording.name(figure),
  ])
  const said: Record<string, string> = Object.fromEntries(values)
  return {
    show: chart.figures.length > 1,
    left: 0,
    top: 0,
    itemWidth: 14,
    itemHeight: 8,
    icon: 'roundRect',
    textStyle: { color: palette.ink2, fontSize: 12 },
    formatter: (name: string) => said[name] ?? name,
  }
}

function tooltip(wording: Wording, palette: Palette): object {
  return {
    trigger: 'axis',
    confine: true,
    valueFormatter: wording.value,
    backgroundColor: palette.paper,
    borderColor: palette.line,
    textStyle: { color: palette.ink, fontSize: 12 },
    axisPointer: { lineStyle: { color: palette.ink2 }, label: { show: false } },
  }
}

function timeAxis(from: number, to: number, wording: Wording, palette: Palette): object {
  return {
    type: 'time',
    min: from,
    max: to,
    splitNumber: PARTS,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: palette.line } },
    axisLabel: { color: palette.ink2, fontSize: 12, hideOverlap: true, formatter: wording.clock },
    splitLine: { show: false },
  }
}
