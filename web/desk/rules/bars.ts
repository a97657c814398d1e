import type { EChartsCoreOption } from 'echarts/core'

/** Colours of the tokens, as the chart needs them: by value. */
export interface Palette {
  ink: string
  ink2: string
  line: string
  paper: string
  jade: string
  amber: string
  font: string
}

export interface Bar {
  name: string
  /** People × products at each of the six steps. */
  counts: readonly number[]
}

export interface BarNames {
  seen: string
  asked: string
  paid: string
}

const SEEN = 0
const ASKED = 2
const PAID = 4

/** Per cause three bars in one: who saw is the ground, who asked lies on it, who paid is the core. */
export function barOptions(
  bars: readonly Bar[],
  names: BarNames,
  palette: Palette,
): EChartsCoreOption {
  const upwards = bars.toReversed() // ECharts counts from below
  const layer = (name: string, step: number, axis: number, width: number, color: string) => ({
    name,
    type: 'bar',
    yAxisIndex: axis,
    barWidth: width,
    data: upwards.map((bar) => bar.counts[step] ?? 0),
    itemStyle: { color, borderRadius: 3 },
    emphasis: { disabled: true },
    cursor: 'pointer',
  })
  return {
    animationDuration: 240,
    textStyle: { fontFamily: palette.font, color: palette.ink },
    legend: {
      left: 0,
      top: 0,
      itemWidth: 14,
      itemHeight: 8,
      textStyle: { color: palette.ink2, fontSize: 12 },
    },
    grid: { left: 0, right: 24, top: 32, bottom: 0, outerBoundsMode: 'same' },
    tooltip: tooltip(palette),
    xAxis: {
      type: 'value',
      minInterval: 1,
      axisLabel: { color: palette.ink2, fontSize: 12 },
      splitLine: { lineStyle: { color: palette.line } },
    },
    // Each layer has an axis of its own, which centres it.
    yAxis: [SEEN, ASKED, PAID].map((step) => ({ ...yAxis(upwards, palette), show: step === SEEN })),
    series: [
      layer(names.seen, SEEN, 0, 24, palette.line),
      layer(names.asked, ASKED, 1, 14, palette.amber),
      layer(names.paid, PAID, 2, 6, palette.jade),
    ],
  }
}

function tooltip(palette: Palette): object {
  return {
    trigger: 'axis',
    axisPointer: { type: 'shadow', shadowStyle: { opacity: 0.15 } },
    backgroundColor: palette.paper,
    borderColor: palette.line,
    textStyle: { color: palette.ink, fontSize: 12 },
  }
}

function yAxis(bars: readonly Bar[], palette: Palette): object {
  return {
    type: 'category',
    data: bars.map((bar) => bar.name),
    axisTick: { show: false },
    axisLine: { show: false },
    axisLabel: { color: palette.ink, fontSize: 14 },
  }
}
