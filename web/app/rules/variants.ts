import type { Product, Variant } from '@shared/types'

/** What was chosen of each option, null where nothing is yet. */
export type Choice = (string | null)[]

/** Stock below this is said. */
export const FEW = 5

export interface Chip {
  value: string
  chosen: boolean
  /** No variant in stock has this value together with what else is chosen. */
  impossible: boolean
}

/** The choice to start with: the wanted variant, or every option that leaves no choice. */
export function firstChoice(product: Product, wanted?: string | null): Choice {
  const variant = product.variants.find((each) => each.id === wanted) ?? onlyOne(product)
  if (variant) return [...variant.options]
  return product.options.map((_, place) => {
    const values = valuesOf(product, place)
    return values.length === 1 ? (values[0] ?? null) : null
  })
}

/** The chips of one option, in the shop's order. */
export function chipsOf(product: Product, choice: Choice, place: number): Chip[] {
  return valuesOf(product, place).map((value) => ({
    value,
    chosen: choice[place] === value,
    impossible: !product.variants.some(
      (variant) => variant.available > 0 && fits(variant, withValue(choice, place, value)),
    ),
  }))
}

/** Choosing a value again takes it back. */
export function choose(choice: Choice, place: number, value: string): Choice {
  return withValue(choice, place, choice[place] === value ? null : value)
}

/** The variant that is meant once every option is chosen. */
export function chosenVariant(product: Product, choice: Choice): Variant | null {
  if (product.options.length === 0) return product.variants[0] ?? null
  if (choice.some((value) => value === null)) return null
  return product.variants.find((variant) => fits(variant, choice)) ?? null
}

/** The names of the options that still have to be chosen. */
export function missing(product: Product, choice: Choice): string[] {
  return product.options.filter((_, place) => choice[place] == null)
}

/** A single variant called "Default Title" is how shops say that there is nothing to choose. */
export function hasChoice(product: Product): boolean {
  return product.variants.length > 1
}

export function quantityWithin(quantity: number, variant: Variant | null): number {
  return Math.max(1, Math.min(quantity, variant?.available || 1))
}

function valuesOf(product: Product, place: number): string[] {
  const values = product.variants.map((variant) => variant.options[place])
  return [...new Set(values.filter((value) => value !== undefined))]
}

function onlyOne(product: Product): Variant | undefined {
  return product.variants.length === 1 ? product.variants[0] : undefined
}

function fits(variant: Variant, choice: Choice): boolean {
  return choice.every((value, place) => value === null || variant.options[place] === value)
}

function withValue(choice: Choice, place: number, value: string | null): Choice {
  return choice.map((old, each) => (each === place ? value : old))
}
