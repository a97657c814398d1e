import { describe, expect, it } from 'vitest'
import { createApi } from './endpoints'

function answering(status: number, body: unknown) {
  const asked: Request[] = []
  let signedOut = 0
  const api = createApi({
    base: 'http://here',
    fetch: async (request) => {
      asked.push(request as Request)
      return new Response(status === 204 ? null : JSON.stringify(body), {
        status,
        headers: { 'Content-Type': 'application/json' },
      })
    },
    onSignedOut: () => signedOut++,
  })
  return { api, asked, endings: () => signedOut }
}

describe('asking', () => {
  it('carries the key of the intent, and one of its own without', async () => {
    const { api, asked } = answering(200, {})
    await api.orders.pay('o1', 'key-1')
    await api.orders.cancel('o1')
    expect(asked[0]?.headers.get('Idempotency-Key')).toBe('key-1')
    expect(asked[1]?.headers.get('Idempotency-Key')).toMatch(/^[0-9a-f-]{36}$/)
    expect(asked[0]?.url).toBe('http://here/api/v1/orders/o1/pay')
  })

  it('reads without a key, and leaves out what was not asked for', async () => {
    const { api, asked } = answering(200, { items: [], next: null })
    await api.shops.list({ cursor: null, limit: 5 })
    expect(asked[0]?.url).toBe('http://here/api/v1/shops?limit=5')
    expect(asked[0]?.headers.has('Idempotency-Key')).toBe(false)
  })

  it('sends files as forms', async () => {
    const { api, asked } = answering(200, {})
    await api.me.setAvatar(new Blob(['x']))
    expect(asked[0]?.headers.get('Content-Type')).toMatch(/^multipart\/form-data/)
  })
})

describe('refusals', () => {
  it('keep the code, the params and the fields', async () => {
    const { api } = answering(409, {
      code: 'catalogue.out_of_stock',
      message: 'Not enough in stock.',
      params: { left: 2 },
      fields: { quantity: 'catalogue.out_of_stock' },
      retry_after_seconds: null,
    })
    await expect(api.cart.put('v', { quantity: 3, via: 'direct' })).rejects.toMatchObject({
      code: 'catalogue.out_of_stock',
      status: 409,
      params: { left: 2 },
      fields: { quantity: 'catalogue.out_of_stock' },
      passing: false,
    })
  })

  it('say when the session is over', async () => {
    const { api, endings } = answering(401, { code: 'identity.not_signed_in', message: '' })
    await expect(api.me.get()).rejects.toMatchObject({ status: 401 })
    expect(endings()).toBe(1)
  })

  it('do not end the session for a wrong password', async () => {
    const { api, endings } = answering(401, { code: 'identity.wrong_credentials', message: '' })
    await expect(api.me.changePassword({ old: 'a', new: 'b' })).rejects.toBeDefined()
    expect(endings()).toBe(0)
  })

  it('of a server that only speaks HTML still have a code', async () => {
    const api = createApi({
      base: 'http://here',
      fetch: async () => new Response('<p>', { status: 502 }),
    })
    await expect(api.me.get()).rejects.toMatchObject({ code: 'http_502', passing: true })
  })

  it('of the network may go again', async () => {
    const api = createApi({
      base: 'http://here',
      fetch: async () => {
        throw new TypeError('Failed to fetch')
      },
    })
    await expect(api.me.get()).rejects.toMatchObject({ code: 'unreachable', passing: true })
  })

  it('of an answer that broke off may go again', async () => {
    const half = new ReadableStream({
      start(stream) {
        stream.enqueue(new TextEncoder().encode('{"items": ['))
        stream.error(new TypeError('Failed to fetch'))
      },
    })
    const api = createApi({ base: 'http://here', fetch: async () => new Response(half) })
    await expect(api.me.get()).rejects.toMatchObject({ code: 'unreachable', passing: true })
  })
})
