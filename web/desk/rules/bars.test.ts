import { expect, it } from 'vitest'
import { barOptions } from './bars'

const palette = {
  ink: '#000',
  ink2: '#333',
  line: '#eee',
  paper: '#fff',
  jade: '#080',
  amber: '#a60',
  font: 'x',
}
const names = { seen: 'saw', asked: 'asked', paid: 'paid' }

it('draws the first cause on top', () => {
  const bars = [
    { name: 'chat', counts: [9, 8, 7, 6, 5, 4] },
    { name: 'search', counts: [3, 2, 1, 0, 0, 0] },
  ]
  const options = barOptions(bars, names, palette) as {
    yAxis: { data: string[] }[]
    series: { name: string; data: number[] }[]
  }
  expect(options.yAxis[0]?.data).toEqual(['search', 'chat'])
  expect(options.series.map(({ name, data }) => [name, data])).toEqual([
    ['saw', [3, 9]],
    ['asked', [1, 7]],
    ['paid', [0, 5]],
  ])
})
