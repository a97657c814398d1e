import { describe, expect, it } from 'vitest'
import { combinations, crossed, optionsOf, type VariantRow } from './variants'

const size = { name: 'Size', values: ['S', 'M'] }
const colour = { name: 'Colour', values: ['red', 'green'] }
const row = (options: string[], onHand = 1): VariantRow => ({
  id: options.join('-'),
  sku: '',
  options,
  price: '10',
  compareAt: '',
  onHand,
})

describe('the grid of variants', () => {
  it('has one row for each combination, in the order of the options', () => {
    expect(combinations([size, colour])).toEqual([
      ['S', 'red'],
      ['S', 'green'],
      ['M', 'red'],
      ['M', 'green'],
    ])
  })

  it('has one row without options', () => {
    expect(combinations([])).toEqual([[]])
    expect(combinations([{ name: '', values: ['x'] }])).toEqual([[]])
  })

  it('keeps the rows that are still asked for and prices new ones like the first', () => {
    const rows = crossed([size], [row(['S'], 7)])
    expect(rows[0]).toEqual(row(['S'], 7))
    expect(rows[1]).toMatchObject({ id: null, options: ['M'], price: '10', onHand: 0 })
  })

  it('reads the options back', () => {
    expect(optionsOf(['Size'], [row(['S']), row(['M']), row(['S'])])).toEqual([size])
  })
})
