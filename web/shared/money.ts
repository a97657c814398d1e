/** Money as the server sends it: minor units and an ISO 4217 code. Figures here are never floats. */

export interface MoneyParts {
  /** "−" for what goes out, else "". */
  minus: string
  /** The currency's sign, "¥". */
  sign: string
  /** Digits with their separators, "1,280.50". */
  figure: string
  /** Whether this language writes the sign before the figure. */
  signFirst: boolean
}

const GROUPING = new Set(['integer', 'group', 'decimal', 'fraction'])

/** How many digits the currency has after the point: 2 for CNY, 0 for JPY, 3 for KWD. */
export function fractionDigits(currency: string): number {
  return formatter(currency, 'en').resolvedOptions().maximumFractionDigits ?? 2
}

/** The sign and the figure apart, so that the sign can be set smaller. */
export function moneyParts(minor: number, currency: string, locale: string): MoneyParts {
  const decimal = toDecimal(Math.abs(minor), fractionDigits(currency))
  const parts = formatter(currency, locale).formatToParts(decimal)
  const places = parts.map((part) => part.type)
  return {
    minus: minor < 0 ? '−' : '',
    sign: parts.find((part) => part.type === 'currency')?.value ?? currency,
    figure: parts
      .filter((part) => GROUPING.has(part.type))
      .map((part) => part.value)
      .join(''),
    signFirst: places.indexOf('currency') < places.indexOf('integer'),
  }
}

/** One string, for labels and titles. */
export function moneyText(minor: number, currency: string, locale: string): string {
  const { minus, sign, figure, signFirst } = moneyParts(minor, currency, locale)
  return minus + (signFirst ? sign + figure : `${figure} ${sign}`)
}

/** What a person typed, in minor units; null for anything that is not a plain positive amount of this currency. */
export function parseAmount(typed: string, currency: string): number | null {
  const match = /^(\d+)(?:\.(\d*))?$/.exec(typed.trim().replaceAll(/[,，\s]/g, ''))
  const digits = fractionDigits(currency)
  if (!match || (match[2] ?? '').length > digits) return null
  const minor = Number((match[1] ?? '') + (match[2] ?? '').padEnd(digits, '0'))
  return Number.isSafeInteger(minor) ? minor : null
}

function toDecimal(minor: number, digits: number): Intl.StringNumericLiteral {
  const figures = String(minor).padStart(digits + 1, '0')
  const point = figures.length - digits
  const fraction = digits ? `.${figures.slice(point)}` : ''
  return `${figures.slice(0, point)}${fraction}` as Intl.StringNumericLiteral
}

const formatters = new Map<string, Intl.NumberFormat>()

function formatter(currency: string, locale: string): Intl.NumberFormat {
  const key = `${locale} ${currency}`
  const known = formatters.get(key)
  if (known) return known
  const made = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
  })
  formatters.set(key, made)
  return made
}
