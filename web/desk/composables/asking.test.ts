import { Refusal } from '@shared/api'
import { expect, it } from 'vitest'
import { useAsking } from './asking'

it('does not start twice: a double press asks once', async () => {
  let asked = 0
  let finish = () => {}
  const asking = useAsking(() => {
    asked++
    return new Promise<void>((done) => {
      finish = done
    })
  })
  const first = asking.run()
  expect(await asking.run()).toBe(false)
  finish()
  expect(await first).toBe(true)
  expect(asked).toBe(1)
})

it('keeps the refusal until the next try', async () => {
  let refuse = true
  const asking = useAsking(async () => {
    if (refuse) throw new Refusal('overloaded', 'busy', { status: 429 })
  })
  expect(await asking.run()).toBe(false)
  expect(asking.refusal.value?.code).toBe('overloaded')
  refuse = false
  expect(await asking.run()).toBe(true)
  expect(asking.refusal.value).toBeNull()
})

it('lets a bug through instead of dressing it as a refusal', async () => {
  const asking = useAsking(async () => {
    throw new TypeError('a bug')
  })
  await expect(asking.run()).rejects.toThrow('a bug')
  expect(asking.busy.value).toBe(false)
})
