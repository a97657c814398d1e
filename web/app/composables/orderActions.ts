import { moneyText } from '@shared/money'
import type { Order } from '@shared/types'
import { showConfirmDialog, showToast } from 'vant'
import 'vant/es/dialog/style'
import 'vant/es/toast/style'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { api } from '../api'
import { useLive } from '../stores/live'
import { useIntent } from './intent'
import { useSheets } from './sheets'

/** What a buyer may do with an order; each says what will happen before it does. */
export function useOrderActions() {
  const { t, locale } = useI18n()
  const live = useLive()
  const sheets = useSheets()
  const confirming = useIntent(async (key: string, order: Order) => {
    live.verbs().learnOrders([await api.orders.confirm(order.id, key)])
    showToast(t('orders.confirmed', { shop: order.shop.name }))
  })
  const cancelling = useIntent(async (key: string, order: Order) => {
    live.verbs().learnOrders([await api.orders.cancel(order.id, key)])
    showToast(t('orders.cancelled'))
  })
  const refunding = useIntent(async (key: string, order: Order, reason: string) => {
    live.verbs().learnOrders([await api.orders.refund(order.id, reason, key)])
    showToast(t('orders.refundDone'))
  })

  function amount(order: Order): string {
    return moneyText(order.total.amount, order.total.currency, locale.value)
  }

  async function agreed(what: 'confirm' | 'cancel' | 'refund', order: Order): Promise<boolean> {
    const words = { amount: amount(order), shop: order.shop.name }
    try {
      await showConfirmDialog({
        title: t(`orders.${what}Title`),
        message: t(`orders.${what}Text`, words),
        confirmButtonText: t(`orders.${what}`),
        cancelButtonText: t('common.notNow'),
      })
      return true
    } catch {
      return false
    }
  }

  async function confirm(order: Order): Promise<void> {
    if (await agreed('confirm', order)) await confirming.run(order)
  }

  async function cancel(order: Order): Promise<void> {
    if (await agreed('cancel', order)) await cancelling.run(order)
  }

  async function refund(order: Order): Promise<void> {
    if (await agreed('refund', order)) await refunding.run(order, t('orders.refundReason'))
  }

  function pay(order: Order): void {
    void sheets.open('pay', order.id)
  }

  const busy = computed(() => [confirming, cancelling, refunding].some((each) => each.busy.value))
  const refusal = computed(
    () => confirming.refusal.value ?? cancelling.refusal.value ?? refunding.refusal.value,
  )
  return { pay, confirm, cancel, refund, busy, refusal }
}
