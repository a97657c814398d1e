import { expect, it } from 'vitest'
import { crc32 } from './crc32'

it('is the one of zlib, over UTF-8', () => {
  expect(crc32('')).toBe(0)
  expect(crc32('123456789')).toBe(0xcbf43926) // the check value that every description of it gives
  expect(crc32('在吗 👋')).toBe(1045277381)
})
