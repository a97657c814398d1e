import { Refusal } from '@shared/api'
import { expect, it } from 'vitest'
import { useIntent } from './intent'

const OFFLINE = new Refusal('unreachable', 'offline')
const REFUSED = new Refusal('wallet.insufficient_funds', 'no money', { status: 409 })

/** An intent whose tries are answered in turn; remembers the keys they carried. */
function paying(...answers: (Refusal | string)[]) {
  const keys: string[] = []
  const intent = useIntent(async (key: string) => {
    keys.push(key)
    const answer = answers.shift()
    if (answer instanceof Refusal) throw answer
    return answer
  })
  return { ...intent, keys }
}

it('a double tap is one request', async () => {
  const { run, keys } = paying('paid', 'paid again')
  const [first, second] = await Promise.all([run(), run()])
  expect(first).toBe('paid')
  expect(second).toBeUndefined()
  expect(keys).toHaveLength(1)
})

it('what got lost on the way goes again with the same key', async () => {
  const { run, keys, refusal } = paying(OFFLINE, 'paid')
  await run()
  expect(refusal.value).toBe(OFFLINE)
  expect(await run()).toBe('paid')
  expect(keys[1]).toBe(keys[0])
  expect(refusal.value).toBeNull()
})

it('what was refused, and what is done, is followed by another wish', async () => {
  const { run, keys } = paying(REFUSED, 'paid', 'paid for another')
  await run()
  await run()
  await run()
  expect(new Set(keys).size).toBe(3)
})

it('a bug is not taken for a refusal', async () => {
  const { run, busy } = useIntent(async () => {
    throw new TypeError('bug')
  })
  await expect(run()).rejects.toBeInstanceOf(TypeError)
  expect(busy.value).toBe(false)
})
