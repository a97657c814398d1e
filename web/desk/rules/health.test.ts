import type { Health, Sample, Vital } from '@shared/types'
import { describe, expect, it } from 'vitest'
import {
  bytesText,
  byWeight,
  CHARTS,
  type Kept,
  keepUp,
  newest,
  SECONDS_KEPT,
  troubles,
} from './health'

const at = (time: number) => ({ at: time }) as Sample

function told(node: string, seconds: number[], others: Record<string, number> = {}): Health {
  const nodes = Object.entries(others).map(([name, time]) => ({ node: name, sample: at(time) }))
  return { node, nodes, series: { seconds: seconds.map(at), minutes: [] } } as unknown as Health
}

const times = (kept: ReadonlyMap<string, Kept>, node: string) =>
  kept.get(node)?.seconds.map((sample) => sample.at)

describe('samples of nodes', () => {
  it('grow by what is new, each moment once', () => {
    const first = keepUp(new Map(), told('a', [1, 2, 3]))
    const second = keepUp(first, told('a', [3, 4]))
    expect(times(second, 'a')).toEqual([1, 2, 3, 4])
    expect(newest(second, 'a')).toBe(4)
    expect(newest(second, 'b')).toBe(0)
  })

  it('are kept for every node, whoever answers', () => {
    const first = keepUp(new Map(), told('a', [1, 2], { a: 2, b: 7 }))
    const second = keepUp(first, told('b', [6, 7, 8], { a: 3, b: 8 }))
    expect(times(second, 'a')).toEqual([1, 2, 3])
    expect(times(second, 'b')).toEqual([7, 8])
  })

  it('are forgotten with their node', () => {
    const first = keepUp(new Map(), told('a', [1], { a: 1, b: 1 }))
    expect([...keepUp(first, told('a', [2], { a: 2 })).keys()]).toEqual(['a'])
  })

  it('are bounded', () => {
    const many = Array.from({ length: SECONDS_KEPT + 5 }, (_, second) => second + 1)
    expect(times(keepUp(new Map(), told('a', many)), 'a')).toHaveLength(SECONDS_KEPT)
  })
})

describe('states', () => {
  const vitals = [
    { code: 'store', verdict: 'fine' },
    { code: 'bus', verdict: 'unknown' },
    { code: 'disk', verdict: 'look' },
    { code: 'lanes', verdict: 'wrong' },
  ] as Vital[]

  it('come with what needs somebody first', () => {
    expect(byWeight(vitals).map((vital) => vital.code)).toEqual(['lanes', 'disk', 'store', 'bus'])
  })

  it('are counted where they need somebody', () => {
    expect(troubles(vitals)).toBe(2)
  })
})

it('draws no figure twice', () => {
  const figures = CHARTS.flatMap((chart) => chart.figures)
  expect(new Set(figures).size).toBe(figures.length)
})

it('says bytes in the unit that fits', () => {
  expect(
    [0, 1023, 1536, 90_000_000, 3 * 1024 ** 4].map((bytes) => bytesText(bytes, String)),
  ).toEqual(['0 B', '1023 B', '1.5 KiB', '85.8 MiB', '3 TiB'])
})
