import type { Sample } from '@shared/types'
import { expect, it } from 'vitest'
import type { Palette } from './bars'
import { CHARTS } from './health'
import { lineOptions } from './lines'

const palette = { jade: 'green', amber: 'amber', ink2: 'grey', line: 'line' } as Palette
const wording = { name: (figure: string) => `the ${figure}`, value: String, clock: String }
const samples = [
  { at: 1_000_000, messages: 3, deliveries: 9 },
  { at: 1_001_000, messages: 4, deliveries: 12 },
] as Sample[]
const traffic = CHARTS[0] as (typeof CHARTS)[number]

function drawn(long: boolean, some = samples) {
  return lineOptions(traffic, some, long, wording, palette) as {
    legend: { formatter: (name: string) => string }
    xAxis: { min: number; max: number }
    series: { name: string; data: number[][]; itemStyle: { color: string } }[]
  }
}

it('draws a line a figure, each in a colour of its own', () => {
  const { series } = drawn(false)
  expect(series.map((line) => line.name)).toEqual(['the messages', 'the deliveries'])
  expect(series[1]?.data).toEqual([
    [1_000_000, 9],
    [1_001_000, 12],
  ])
  expect(new Set(series.map((line) => line.itemStyle.color)).size).toBe(2)
})

it('names each line with its newest value', () => {
  expect(drawn(false).legend.formatter('the deliveries')).toBe('the deliveries  12')
})

it('shows a window that ends with the newest sample', () => {
  expect(drawn(false).xAxis).toMatchObject({ min: 1_001_000 - 900_000, max: 1_001_000 })
  expect(drawn(true).xAxis).toMatchObject({ min: 1_001_000 - 86_400_000 })
})

it('draws nothing where nothing is known yet', () => {
  expect(drawn(false, []).series.map((line) => line.data)).toEqual([[], []])
})
