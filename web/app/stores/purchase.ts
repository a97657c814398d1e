import type { Address, Id, Money, Order, ShopMention, Via } from '@shared/types'
import { uuid7 } from '@shared/uuid7'
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import { NO_ADDRESS } from '../rules/addresses'

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
  /** The Idempotency-Key of placing it: one wish, however often the sheet is opened and closed. */
  key: string
  lines: PurchaseLine[]
  fromCart: boolean
}

/** What the checkout shows; made by "buy" or by the cart, and kept while the sheet makes way for another. */
export const usePurchase = defineStore('purchase', () => {
  const purchase = shallowRef<Purchase | null>(null)
  /** What has been placed of it; from then on only the payment is missing. */
  const orders = shallowRef<Order[]>([])
  const address = ref<Address>(NO_ADDRESS)
  const note = ref('')

  function begin(lines: PurchaseLine[], fromCart: boolean): void {
    purchase.value = { key: uuid7(), lines, fromCart }
    orders.value = []
    note.value = ''
  }

  /** The server refused it as it was; what is sent next is another wish. */
  function changeKey(): void {
    if (purchase.value) purchase.value = { ...purchase.value, key: uuid7() }
  }

  return { purchase, orders, address, note, begin, changeKey }
})
