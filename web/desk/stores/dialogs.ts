import type { Order } from '@shared/types'
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

/** The dialogs about orders: opened from the table, the chat and beside it, shown in one place. */
export const useOrderDialogs = defineStore('orderDialogs', () => {
  const shipping = shallowRef<Order[]>([])
  const refunding = shallowRef<Order | null>(null)

  function ship(orders: Order[]): void {
    shipping.value = orders
  }

  function refund(order: Order): void {
    refunding.value = order
  }

  return { shipping, refunding, ship, refund }
})
