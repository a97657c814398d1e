import type { Address } from '@shared/types'

export const NO_ADDRESS: Address = { name: '', phone: '', text: '' }

export function isComplete(address: Address): boolean {
  return [address.name, address.phone, address.text].every((part) => part.trim() !== '')
}

export function isSame(a: Address, b: Address | null): boolean {
  return !!b && a.name === b.name && a.phone === b.phone && a.text === b.text
}
