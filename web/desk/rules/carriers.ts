/** Parcel services that shops here use; any other can be typed. */
export const CARRIERS = [
  { zh: '顺丰速运', en: 'SF Express' },
  { zh: '京东物流', en: 'JD Logistics' },
  { zh: '中通快递', en: 'ZTO Express' },
  { zh: '圆通速递', en: 'YTO Express' },
  { zh: '韵达快递', en: 'Yunda Express' },
  { zh: '申通快递', en: 'STO Express' },
  { zh: '极兔速递', en: 'J&T Express' },
  { zh: '中国邮政 EMS', en: 'China Post EMS' },
  { zh: 'DHL', en: 'DHL' },
  { zh: 'UPS', en: 'UPS' },
  { zh: 'FedEx', en: 'FedEx' },
] as const

const SAVED_AS = 'dealings.desk.carrier'

export function carrierUsedLast(): string {
  return localStorage.getItem(SAVED_AS) ?? ''
}

export function rememberCarrier(name: string): void {
  localStorage.setItem(SAVED_AS, name)
}
