import { Refusal } from '@shared/api'
import type { Page } from '@shared/types'
import { expect, it } from 'vitest'
import { usePaged } from './paged'

const page = (items: number[], next: string | null = null): Page<number> => ({ items, next })

it('joins the pages and knows when there are no more', async () => {
  const list = usePaged(async (cursor) => (cursor ? page([3]) : page([1, 2], 'after 2')))
  await list.load()
  expect([list.items.value, list.more.value]).toEqual([[1, 2], true])
  await list.loadMore()
  expect([list.items.value, list.more.value]).toEqual([[1, 2, 3], false])
})

it('drops the answer to a question that a later one has overtaken', async () => {
  const answers: ((page: Page<number>) => void)[] = []
  const list = usePaged<number>(() => new Promise((answer) => answers.push(answer)))
  const first = list.load()
  const second = list.load()
  answers[1]?.(page([2]))
  answers[0]?.(page([1]))
  await Promise.all([first, second])
  expect(list.items.value).toEqual([2])
})

it('keeps what is shown when the next page is refused', async () => {
  let asked = 0
  const list = usePaged(async () => {
    if (asked++) throw new Refusal('unreachable', 'no way')
    return page([1], 'more')
  })
  await list.load()
  await list.loadMore()
  expect(list.items.value).toEqual([1])
  expect(list.refusal.value?.code).toBe('unreachable')
  expect(list.busy.value).toBe(false)
})
