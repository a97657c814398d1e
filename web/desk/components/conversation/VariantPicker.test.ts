import type { Product, ProductSummary, Variant } from '@shared/types'
import { flushPromises, mount } from '@vue/test-utils'
import { expect, it, vi } from 'vitest'
import { createI18n } from 'vue-i18n'
import { api } from '../../api'
import en from '../../locales/en.json'
import VariantPicker from './VariantPicker.vue'

function variant(id: string, option: string, available: number): Variant {
  const price = { amount: 1250, currency: 'CNY' }
  return {
    id,
    sku: '',
    options: [option],
    price,
    compare_at: null,
    on_hand: null,
    available,
    picture: null,
  }
}

const [small, large] = [variant('v1', '50 g', 3), variant('v2', '250 g', 0)]
const tea = { id: 'p1', title: 'Longjing' } as ProductSummary

async function opened() {
  const get = vi.spyOn(api.products, 'get')
  get.mockResolvedValue({ ...tea, variants: [small, large] } as unknown as Product)
  const i18n = createI18n({ legacy: false, locale: 'en', messages: { en } })
  const global = { plugins: [i18n], stubs: { RefusalNote: true } }
  const shown = mount(VariantPicker, { props: { product: tea }, global })
  await flushPromises()
  expect(get).toHaveBeenCalledWith('p1')
  return shown
}

it('offers the whole product first, then each variant with what is left of it', async () => {
  const options = (await opened()).findAll('[role="option"]')
  expect(options.map((each) => each.text().includes(en.picker.whole))).toEqual([true, false, false])
  expect(options[1]?.text()).toContain('50 g')
  expect(options[2]?.text()).toContain(en.product.out)
})

it('is walked by keys, and stops at either end', async () => {
  const shown = await opened()
  const list = shown.get('[role="listbox"]')
  for (const key of ['ArrowUp', 'ArrowDown', 'ArrowDown', 'ArrowDown'])
    await list.trigger('keydown', { key })
  await list.trigger('keydown', { key: 'Enter' })
  await list.trigger('keydown', { key: 'ArrowLeft' })
  expect(shown.emitted('pick')).toEqual([[large]])
  expect(shown.emitted('back')).toHaveLength(1)
})

it('takes what is clicked', async () => {
  const shown = await opened()
  await shown.findAll('[role="option"]')[0]?.trigger('click')
  await shown.findAll('[role="option"]')[1]?.trigger('click')
  expect(shown.emitted('pick')).toEqual([[null], [small]])
})
