import { expect, it } from 'vitest'
import { matching, readReplies } from './replies'

const hello = { title: 'Hello', text: 'How can I help?' }
const parcel = { title: 'Parcel', text: 'It leaves today.' }

it('reads back what was stored', () => {
  expect(readReplies(JSON.stringify([hello]))).toEqual([hello])
})

it('survives what it did not write', () => {
  expect(readReplies(null)).toBeNull()
  expect(readReplies('{"a"')).toBeNull()
  expect(readReplies('{"a":1}')).toBeNull()
  expect(readReplies('[1, null, {"title":"x"}]')).toEqual([])
})

it('finds by all the words, in any order', () => {
  expect(matching([hello, parcel], 'today parc')).toEqual([parcel])
  expect(matching([hello, parcel], '')).toEqual([hello, parcel])
  expect(matching([hello, parcel], 'nowhere')).toEqual([])
})
