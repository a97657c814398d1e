import { fractionDigits, parseAmount } from '@shared/money'
import type { Product, ProductInput, ProductState, Variant, VariantInput } from '@shared/types'
import { plainAmount } from './figures'
import { crossed, type OptionDraft, optionsOf, type VariantRow } from './variants'

/** A product as it stands in the editor: figures are text until they are saved. */
export interface ProductForm {
  title: string
  html: string
  vendor: string
  type: string
  tags: string[]
  state: ProductState
  options: OptionDraft[]
  rows: VariantRow[]
}

export function emptyForm(): ProductForm {
  const blank = { title: '', html: '', vendor: '', type: '', tags: [] as string[] }
  return { ...blank, state: 'active', options: [], rows: crossed([], []) }
}

export function formOf(product: Product): ProductForm {
  const { title, html, vendor, type, state } = product
  const rows = product.variants.map(rowOf)
  const options = optionsOf(product.options, rows)
  return { title, html, vendor, type, state, tags: [...product.tags], options, rows }
}

function rowOf(variant: Variant): VariantRow {
  const digits = fractionDigits(variant.price.currency)
  const { id, sku, options, price, compare_at, on_hand } = variant
  return {
    id,
    sku,
    options: [...options],
    price: plainAmount(price.amount, digits),
    compareAt: compare_at ? plainAmount(compare_at.amount, digits) : '',
    onHand: on_hand ?? 0,
  }
}

export type Fault = 'title' | 'options' | 'price' | 'compareAt' | 'onHand'

/** Everything that keeps the form from being saved; rows are counted from 0. */
export function faultsOf(form: ProductForm, currency: string): { fault: Fault; row?: number }[] {
  const faults: { fault: Fault; row?: number }[] = []
  if (!form.title.trim()) faults.push({ fault: 'title' })
  if (form.options.some((option) => !option.name.trim() || !option.values.length)) {
    faults.push({ fault: 'options' })
  }
  form.rows.forEach((row, at) => {
    for (const fault of rowFaults(row, currency)) faults.push({ fault, row: at })
  })
  return faults
}

function rowFaults(row: VariantRow, currency: string): Fault[] {
  const faults: Fault[] = []
  if (parseAmount(row.price, currency) === null) faults.push('price')
  if (row.compareAt.trim() && parseAmount(row.compareAt, currency) === null)
    faults.push('compareAt')
  if (!Number.isInteger(row.onHand) || row.onHand < 0) faults.push('onHand')
  return faults
}

/** The form as the server takes it; only for a form without faults. */
export function inputOf(form: ProductForm, currency: string): ProductInput {
  const { html, tags, state } = form
  return {
    title: form.title.trim(),
    html,
    vendor: form.vendor.trim(),
    type: form.type.trim(),
    tags,
    state,
    options: form.options.map((option) => option.name.trim()),
    variants: form.rows.map((row) => variantOf(row, currency)),
  }
}

function variantOf(row: VariantRow, currency: string): VariantInput {
  const price = parseAmount(row.price, currency)
  if (price === null) throw new Error('A form with faults is not saved')
  const known = row.id ? { id: row.id } : {}
  const compare_at = row.compareAt.trim() ? parseAmount(row.compareAt, currency) : null
  return {
    ...known,
    sku: row.sku.trim(),
    options: row.options,
    price,
    compare_at,
    on_hand: row.onHand,
  }
}
