import type { Product } from '@shared/types'
import { computed, type Ref, ref, shallowRef, watch } from 'vue'
import {
  type Choice,
  chosenVariant,
  FEW,
  firstChoice,
  missing,
  quantityWithin,
} from '../rules/variants'

/** Which variant of a product is meant, and how many. */
export function useProductChoice(product: Ref<Product | null>) {
  const choice = shallowRef<Choice>([])
  const quantity = ref(1)
  watch(
    product,
    (it) => {
      if (it) choice.value = firstChoice(it)
    },
    { immediate: true },
  )

  const variant = computed(() => product.value && chosenVariant(product.value, choice.value))
  const toChoose = computed(() => (product.value ? missing(product.value, choice.value) : []))
  const available = computed(() => variant.value?.available ?? null)
  const soldOut = computed(() => {
    if (variant.value) return variant.value.available <= 0
    return !!product.value && product.value.variants.every((each) => each.available <= 0)
  })
  const most = computed(() => Math.max(1, available.value ?? 99))
  /** How many are left when that is few; else null. */
  const few = computed(() => {
    const left = available.value
    return left !== null && left > 0 && left < FEW ? left : null
  })
  watch(variant, (it) => {
    quantity.value = quantityWithin(quantity.value, it)
  })

  return { choice, quantity, variant, toChoose, soldOut, most, few }
}

export type ProductChoice = ReturnType<typeof useProductChoice>
