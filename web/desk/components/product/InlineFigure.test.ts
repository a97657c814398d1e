import { Refusal } from '@shared/api'
import { flushPromises, mount } from '@vue/test-utils'
import { expect, it, vi } from 'vitest'
import { createI18n } from 'vue-i18n'
import en from '../../locales/en.json'
import { wholeNumber } from '../../rules/figures'
import InlineFigure from './InlineFigure.vue'

function shown(save: (figure: number) => Promise<void>) {
  const i18n = createI18n({ legacy: false, locale: 'en', messages: { en } })
  const props = { value: '4', read: wholeNumber, save, label: 'Stock of 50 g' }
  return mount(InlineFigure, { props, global: { plugins: [i18n] } })
}

async function typed(field: ReturnType<typeof shown>, text: string) {
  await field.get('button').trigger('click')
  await field.get('input').setValue(text)
  await field.get('input').trigger('keydown', { key: 'Enter' })
  await flushPromises()
}

it('saves what was typed', async () => {
  const save = vi.fn(async () => {})
  const field = shown(save)
  await typed(field, '12')
  expect(save).toHaveBeenCalledExactlyOnceWith(12)
  expect(field.find('input').exists()).toBe(false)
})

it('keeps what was typed when it is no figure, and does not send it', async () => {
  const save = vi.fn(async () => {})
  const field = shown(save)
  await typed(field, '-3')
  expect(save).not.toHaveBeenCalled()
  expect(field.get('input').element.value).toBe('-3')
  expect(field.get('[role="alert"]').text()).toBe(en.products.noFigure)
})

it('keeps what was typed when it is refused, and says why', async () => {
  const refusal = new Refusal('catalogue.stock_promised', 'x', {
    status: 409,
    params: { reserved: 2 },
  })
  const field = shown(async () => {
    throw refusal
  })
  await typed(field, '1')
  expect(field.get('input').element.value).toBe('1')
  expect(field.get('[role="alert"]').text()).toContain('2 pieces are reserved')
})

it('takes back on Escape', async () => {
  const save = vi.fn(async () => {})
  const field = shown(save)
  await field.get('button').trigger('click')
  await field.get('input').setValue('99')
  await field.get('input').trigger('keydown', { key: 'Escape' })
  expect(save).not.toHaveBeenCalled()
  expect(field.get('button').text()).toBe('4')
})
