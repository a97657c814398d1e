import type { EChartsCoreOption, EChartsType } from 'echarts/core'
import { onBeforeUnmount, onMounted, type Ref, watch } from 'vue'
import type { Palette } from '../rules/bars'

/** A chart in the box, drawn again when its data, the theme or its size change. */
export function useChart(
  box: Ref<HTMLElement | undefined>,
  options: (palette: Palette) => EChartsCoreOption,
  clicked: (at: number) => void,
): void {
  let chart: EChartsType | null = null
  let gone = false
  const draw = () => chart?.setOption(options(paletteNow()), { notMerge: true })
  const sized = new ResizeObserver(() => chart?.resize())
  const themed = new MutationObserver(draw)
  const dark = window.matchMedia('(prefers-color-scheme: dark)')

  onMounted(async () => {
    const { init } = await import('./echarts')
    if (gone || !box.value) return
    chart = init(box.value, null, { renderer: 'svg' })
    chart.on('click', (event) => clicked(event.dataIndex))
    draw()
    sized.observe(box.value)
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
    dark.addEventListener('change', draw)
  })
  watch(() => JSON.stringify(options(paletteNow())), draw, { flush: 'post' })
  onBeforeUnmount(() => {
    gone = true
    sized.disconnect()
    themed.disconnect()
    dark.removeEventListener('change', draw)
    chart?.dispose()
  })
}

function paletteNow(): Palette {
  const style = getComputedStyle(document.documentElement)
  const token = (name: string) => style.getPropertyValue(name).trim()
  return {
    ink: token('--ink'),
    ink2: token('--ink-2'),
    line: token('--line'),
    paper: token('--paper-2'),
    jade: token('--jade'),
    amber: token('--amber'),
    font: token('--font'),
  }
}
