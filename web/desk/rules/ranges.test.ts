import { describe, expect, it } from 'vitest'
import { rangeBetween, rangeOf } from './ranges'

const NOON = new Date(2026, 2, 10, 12)

describe('a span', () => {
  it('begins at a local midnight', () => {
    expect(rangeOf('today', NOON).from).toBe(new Date(2026, 2, 10).getTime())
    expect(rangeOf('week', NOON).from).toBe(new Date(2026, 2, 4).getTime())
    expect(rangeOf('month', NOON).from).toBe(new Date(2026, 1, 9).getTime())
  })

  it('may be everything', () => {
    expect(rangeOf('all', NOON)).toEqual({ from: null, to: null })
  })
})

describe('two dates', () => {
  it('include the whole last day', () => {
    const range = rangeBetween('2026-03-01', '2026-03-01')
    expect(range?.from).toBe(new Date(2026, 2, 1).getTime())
    expect(range?.to).toBe(new Date(2026, 2, 2).getTime() - 1)
  })

  it('are refused when they are no dates or the wrong way round', () => {
    expect(rangeBetween('2026-02-30', '2026-03-02')).toBeNull()
    expect(rangeBetween('yesterday', '2026-03-02')).toBeNull()
    expect(rangeBetween('2026-03-02', '2026-03-01')).toBeNull()
  })
})
