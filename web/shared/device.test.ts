import { expect, it, vi } from 'vitest'
import { followDevice } from './device'

it('tells of the network and of who looks, until it is stopped', () => {
  const connection = { wake: vi.fn(), lostNetwork: vi.fn() }
  const stop = followDevice(connection)
  window.dispatchEvent(new Event('offline'))
  window.dispatchEvent(new Event('online'))
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('visible')
  document.dispatchEvent(new Event('visibilitychange'))
  stop()
  window.dispatchEvent(new Event('online'))
  expect([connection.lostNetwork.mock.calls.length, connection.wake.mock.calls.length]).toEqual([
    1, 2,
  ])
})
