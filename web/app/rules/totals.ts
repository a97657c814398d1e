import type { Id, Money, ShopMention } from '@shared/types'

interface Priced {
  price: Money
  quantity: number
}

/** The sum of the lines in each currency, in the order in which the currencies come. */
export function totals(lines: readonly Priced[]): Money[] {
  const sums = new Map<string, number>()
  for (const { price, quantity } of lines) {
    sums.set(price.currency, (sums.get(price.currency) ?? 0) + price.amount * quantity)
  }
  return [...sums].map(([currency, amount]) => ({ amount, currency }))
}

/** The lines by shop, shops in the order in which they come. */
export function byShop<T extends { shop: ShopMention }>(
  lines: readonly T[],
): { shop: ShopMention; lines: T[] }[] {
  const groups = new Map<Id, { shop: ShopMention; lines: T[] }>()
  for (const line of lines) {
    const group = groups.get(line.shop.id) ?? { shop: line.shop, lines: [] }
    group.lines.push(line)
    groups.set(line.shop.id, group)
  }
  return [...groups.values()]
}

/** The values that tell a variant from its sisters; what shops call a product without options is nothing. */
export function optionText(options: readonly string[]): string {
  return options.filter((value) => value !== 'Default Title').join(' · ')
}
