import { parseAmount } from '@shared/money'
import { expect, it } from 'vitest'
import { plainAmount, wholeNumber } from './figures'

it('writes an amount as it is typed', () => {
  expect(plainAmount(12800, 2)).toBe('128')
  expect(plainAmount(12850, 2)).toBe('128.50')
  expect(plainAmount(5, 2)).toBe('0.05')
  expect(plainAmount(500, 0)).toBe('500')
})

it('writes what can be read back', () => {
  for (const minor of [0, 1, 99, 100, 123456]) {
    expect(parseAmount(plainAmount(minor, 2), 'CNY')).toBe(minor)
  }
})

it('takes whole pieces only', () => {
  expect(wholeNumber(' 1,200 ')).toBe(1200)
  expect(wholeNumber('-1')).toBeNull()
  expect(wholeNumber('1.5')).toBeNull()
  expect(wholeNumber('')).toBeNull()
  expect(wholeNumber('９')).toBeNull()
  expect(wholeNumber('99999999999')).toBeNull()
})
