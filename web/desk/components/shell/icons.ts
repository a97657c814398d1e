/** The desk's own line icons: 24 × 24, one stroke of 1.6, drawn for 20 px. */
export const ICONS = {
  inbox: 'M4 5h16v10h-9l-5 4v-4H4z M8 9h8 M8 12h5',
  orders: 'M6 3h12v18l-3-2-3 2-3-2-3 2z M9 8h6 M9 12h6',
  products: 'M4 8l8-4 8 4v8l-8 4-8-4z M4 8l8 4 8-4 M12 12v8',
  insight: 'M4 20V4 M4 20h16 M8 16v-4 M12 16V8 M16 16v-6',
  money: 'M3 7h18v11H3z M12 15a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z M6 10v5 M18 10v5',
  settings: 'M5 7h8 M17 7h2 M5 12h2 M11 12h8 M5 17h6 M15 17h4 M15 5v4 M9 10v4 M13 15v4',
  health: 'M3 12h4l2-6 4 12 2-6h6',
  books: 'M5 4h14v16H5z M9 4v16 M12 9h4 M12 13h4',
  globe: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z M3 12h18 M12 3c5 5 5 13 0 18 M12 3c-5 5-5 13 0 18',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14z M16 16l5 5',
  send: 'M4 12l16-8-6 16-3-7z',
  plus: 'M12 5v14 M5 12h14',
  close: 'M6 6l12 12 M18 6L6 18',
  back: 'M14 5l-7 7 7 7',
  down: 'M6 9l6 6 6-6',
  open: 'M9 5l7 7-7 7',
  check: 'M5 12l5 5 9-10',
  twice: 'M2 12l5 5 8-9 M12 16l1 1 9-9',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z M12 7v5l3 2',
  alert: 'M12 4l9 16H3z M12 10v4 M12 17v.500',
  retry: 'M19 12a7 7 0 1 1-2-5 M17 3v4h-4',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z M4 20c1-4 4-6 8-6s7 2 8 6',
  truck:
    'M2 6h11v10H2z M13 9h5l3 3v4h-8 M7 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4z M17 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4z',
  picture: 'M4 5h16v14H4z M4 16l5-5 4 4 3-3 4 4 M15 9.500v.500',
  upload: 'M12 16V4 M7 9l5-5 5 5 M4 20h16',
  trash: 'M5 7h14 M9 7V4h6v3 M7 7l1 13h8l1-13',
  slash: 'M15 4L9 20',
  keyboard: 'M3 7h18v10H3z M7 11h.500 M11 11h.500 M15 11h.500 M8 14h8',
} as const

export type IconName = keyof typeof ICONS
