import type { Product } from '@shared/types'
import { describe, expect, it } from 'vitest'
import { emptyForm, faultsOf, formOf, inputOf } from './productForm'

const cny = (amount: number) => ({ amount, currency: 'CNY' })
const shop = { id: 's', handle: 'tea', name: 'Tea' } as Product['shop']
const tea: Product = {
  id: 'p1',
  shop,
  handle: 'longjing',
  title: 'Longjing 2026',
  html: '<p>Green</p>',
  vendor: '',
  type: 'tea',
  tags: ['green'],
  pictures: [],
  options: ['Weight'],
  variants: [
    {
      id: 'v1',
      sku: 'L1',
      options: ['50 g'],
      price: cny(12850),
      compare_at: null,
      on_hand: 4,
      available: 3,
      picture: null,
    },
    {
      id: 'v2',
      sku: 'L2',
      options: ['100 g'],
      price: cny(24000),
      compare_at: cny(26000),
      on_hand: 0,
      available: 0,
      picture: null,
    },
  ],
  price: cny(12850),
  price_max: cny(24000),
  state: 'active',
  changed_at: 1,
}

describe('the product form', () => {
  it('gives back what it was made from', () => {
    const input = inputOf(formOf(tea), 'CNY')
    expect(input.options).toEqual(['Weight'])
    expect(input.variants).toEqual([
      { id: 'v1', sku: 'L1', options: ['50 g'], price: 12850, compare_at: null, on_hand: 4 },
      { id: 'v2', sku: 'L2', options: ['100 g'], price: 24000, compare_at: 26000, on_hand: 0 },
    ])
  })

  it('says which row has which fault', () => {
    const form = formOf(tea)
    Object.assign(form.rows[0] ?? {}, { price: '-3' })
    Object.assign(form.rows[1] ?? {}, { onHand: -1, compareAt: 'much' })
    expect(faultsOf(form, 'CNY')).toEqual([
      { fault: 'price', row: 0 },
      { fault: 'compareAt', row: 1 },
      { fault: 'onHand', row: 1 },
    ])
  })

  it('wants a title and a price from an empty one', () => {
    const faults = faultsOf(emptyForm(), 'CNY').map((each) => each.fault)
    expect(faults).toEqual(['title', 'price'])
  })

  it('wants every option to have a name and values', () => {
    const form = { ...formOf(tea), options: [{ name: 'Weight', values: [] }] }
    expect(faultsOf(form, 'CNY')).toEqual([{ fault: 'options' }])
  })
})
