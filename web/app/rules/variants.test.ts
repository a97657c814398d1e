import type { Product, Variant } from '@shared/types'
import { describe, expect, it } from 'vitest'
import {
  chipsOf,
  choose,
  chosenVariant,
  firstChoice,
  hasChoice,
  missing,
  quantityWithin,
} from './variants'

function variant(id: string, options: string[], available: number): Variant {
  const price = { amount: 100, currency: 'CNY' }
  return { id, sku: id, options, price, compare_at: null, on_hand: null, available, picture: null }
}

function tea(...variants: Variant[]): Product {
  const options = variants[0]?.options.map((_, place) => ['Grade', 'Weight'][place] ?? '') ?? []
  return { options, variants } as Product
}

const LONGJING = tea(
  variant('a', ['first', '50 g'], 3),
  variant('b', ['first', '100 g'], 0),
  variant('c', ['second', '50 g'], 9),
  variant('d', ['second', '250 g'], 1),
)

const states = (choice: (string | null)[], place: number) =>
  Object.fromEntries(chipsOf(LONGJING, choice, place).map((chip) => [chip.value, !chip.impossible]))

describe('chips', () => {
  it('keep the order of the shop and name each value once', () => {
    const values = chipsOf(LONGJING, [null, null], 1).map((chip) => chip.value)
    expect(values).toEqual(['50 g', '100 g', '250 g'])
  })

  it('are struck when no variant in stock has them at all', () => {
    expect(states([null, null], 1)).toEqual({ '50 g': true, '100 g': false, '250 g': true })
  })

  it('are struck when they do not go with what else is chosen', () => {
    expect(states(['first', null], 1)).toEqual({ '50 g': true, '100 g': false, '250 g': false })
    expect(states([null, '250 g'], 0)).toEqual({ first: false, second: true })
  })
})

describe('choosing', () => {
  it('needs a value of every option', () => {
    expect(missing(LONGJING, ['first', null])).toEqual(['Weight'])
    expect(chosenVariant(LONGJING, ['first', null])).toBeNull()
    expect(chosenVariant(LONGJING, ['second', '250 g'])?.id).toBe('d')
  })

  it('takes a value back when it is chosen again', () => {
    expect(choose(['first', null], 0, 'first')).toEqual([null, null])
    expect(choose(['first', null], 0, 'second')).toEqual(['second', null])
  })

  it('finds no variant for a combination that is not sold', () => {
    expect(chosenVariant(LONGJING, ['first', '250 g'])).toBeNull()
  })

  it('starts with what leaves no choice', () => {
    expect(firstChoice(LONGJING)).toEqual([null, null])
    expect(firstChoice(LONGJING, 'd')).toEqual(['second', '250 g'])
    const one = tea(variant('a', ['white'], 1))
    expect(firstChoice(one)).toEqual(['white'])
    expect(hasChoice(one)).toBe(false)
    const half = tea(variant('a', ['white', 'S'], 1), variant('b', ['white', 'M'], 1))
    expect(firstChoice(half)).toEqual(['white', null])
  })

  it('of a product without options is the one variant', () => {
    const plain = tea(variant('a', [], 4))
    expect(chosenVariant(plain, [])?.id).toBe('a')
  })
})

it('a quantity stays between one and what is there', () => {
  const few = variant('a', [], 3)
  expect(quantityWithin(5, few)).toBe(3)
  expect(quantityWithin(0, few)).toBe(1)
  expect(quantityWithin(5, variant('a', [], 0))).toBe(1)
  expect(quantityWithin(5, null)).toBe(1)
})
