import { expect, it } from 'vitest'
import { uuid7 } from './uuid7'

it('is a version 7 UUID', () => {
  expect(uuid7()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

it('carries its time and sorts by it', () => {
  const at = 1_770_000_000_123
  expect(Number.parseInt(uuid7(at).replaceAll('-', '').slice(0, 12), 16)).toBe(at)
  expect(uuid7(at) < uuid7(at + 1)).toBe(true)
})

it('never repeats within a moment', () => {
  const many = new Set(Array.from({ length: 1_000 }, () => uuid7(5)))
  expect(many.size).toBe(1_000)
})
