import { describe, expect, it } from 'vitest'
import { fractionDigits, moneyParts, moneyText, parseAmount } from './money'

describe('moneyParts', () => {
  it('sets the sign apart from the figure', () => {
    expect(moneyParts(128050, 'CNY', 'zh-CN')).toEqual({
      minus: '',
      sign: '¥',
      figure: '1,280.50',
      signFirst: true,
    })
  })

  it('writes the sign where the language does', () => {
    expect(moneyParts(1250, 'EUR', 'de').signFirst).toBe(false)
  })

  it('has a true minus for what goes out', () => {
    expect(moneyParts(-5, 'CNY', 'en')).toMatchObject({ minus: '−', figure: '0.05' })
  })

  it('is exact where a float is not', () => {
    expect(moneyParts(Number.MAX_SAFE_INTEGER, 'CNY', 'en').figure).toBe('90,071,992,547,409.91')
  })

  it('follows the currency’s own fraction', () => {
    expect(moneyText(500, 'JPY', 'en')).toBe('¥500')
    expect(moneyParts(12345, 'KWD', 'en').figure).toBe('12.345')
  })
})

it('knows the digits of a currency', () => {
  expect(['CNY', 'JPY', 'KWD'].map(fractionDigits)).toEqual([2, 0, 3])
})

describe('parseAmount', () => {
  it.each([
    ['12.5', 1250],
    ['0.01', 1],
    [' 1,280.50 ', 128050],
    ['7', 700],
    ['7.', 700],
  ])('reads %j', (typed, minor) => {
    expect(parseAmount(typed, 'CNY')).toBe(minor)
  })

  it.each(['', '-1', '1.234', 'abc', '1e3', '٣', '😀', '99999999999999999', '.'])(
    'refuses %j',
    (typed) => {
      expect(parseAmount(typed, 'CNY')).toBeNull()
    },
  )

  it('gives back every amount that it shows', () => {
    for (const minor of [0, 1, 99, 100, 12345, 999999999]) {
      expect(parseAmount(moneyParts(minor, 'CNY', 'en').figure, 'CNY')).toBe(minor)
    }
  })
})
