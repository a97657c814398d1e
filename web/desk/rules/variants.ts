/** The grid of variants in the product editor: one row for each combination of option values. */

export interface VariantRow {
  id: string | null
  sku: string
  options: string[]
  price: string
  compareAt: string
  onHand: number
}

export interface OptionDraft {
  name: string
  values: string[]
}

/** Shopify's limit, which the importer keeps as well. */
export const MAX_OPTIONS = 3
export const MAX_VARIANTS = 100

export function combinations(options: readonly OptionDraft[]): string[][] {
  return used(options).reduce<string[][]>(
    (rows, option) => rows.flatMap((row) => option.values.map((value) => [...row, value])),
    [[]],
  )
}

/** The rows that the options ask for; one that was there keeps its id, price and stock. */
export function crossed(
  options: readonly OptionDraft[],
  rows: readonly VariantRow[],
): VariantRow[] {
  const model = rows[0]
  return combinations(options).map((values) => found(rows, values) ?? fresh(values, model))
}

/** Option names and the values in use, read back from rows. */
export function optionsOf(names: readonly string[], rows: readonly VariantRow[]): OptionDraft[] {
  return names.map((name, at) => ({
    name,
    values: [...new Set(rows.map((row) => row.options[at] ?? ''))].filter(Boolean),
  }))
}

function used(options: readonly OptionDraft[]): OptionDraft[] {
  return options.filter((option) => option.name.trim() && option.values.length > 0)
}

function found(rows: readonly VariantRow[], values: readonly string[]): VariantRow | undefined {
  const same = rows.find((row) => key(row.options) === key(values))
  return same && { ...same, options: [...values] }
}

function fresh(options: string[], model: VariantRow | undefined): VariantRow {
  const price = model?.price ?? ''
  return { id: null, sku: '', options, price, compareAt: model?.compareAt ?? '', onHand: 0 }
}

function key(values: readonly string[]): string {
  return JSON.stringify(values)
}
