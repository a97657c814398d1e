import type { Id, Money, ShopMention, Via } from '@shared/types'
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

/** One thing that is about to be bought. */
export interface PurchaseLine {
  variant: Id
  product: Id
  shop: ShopMention
  title: string
  options: string[]
  picture: string | null
  price: Money
  quantity: number
  via: Via
}

export interface Purchase {
  lines: PurchaseLine[]
  fromCart: boolean
}

/** What the checkout shows; made by "buy" or by the cart. */
export const usePurchase = defineStore('purchase', () => {
  const purchase = shallowRef<Purchase | null>(null)

  function begin(next: Purchase): void {
    purchase.value = next
  }

  return { purchase, begin }
})
