import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const css = readFileSync(`${import.meta.dirname}/tokens.css`, 'utf8')
const LIGHT = tokensOf(':root')
const DARK = tokensOf(':root[data-theme="dark"]')

// WCAG 2.2: 1.4.3 asks 4.5 of text, 1.4.11 asks 3 of what a control is recognised by.
const TEXT = 4.5
const CONTROL = 3

const GROUNDS = ['paper', 'paper-2', 'seal-tint', 'jade-tint', 'amber-tint']
const PAIRS: [text: string, ground: string, least: number][] = [
  ...['ink', 'ink-2'].flatMap((text) => GROUNDS.map((ground) => pair(text, ground))),
  ...['ink-3', 'seal', 'jade', 'amber'].flatMap((text) => [
    pair(text, 'paper'),
    pair(text, 'paper-2'),
  ]),
  ...['seal', 'jade', 'amber'].map((tone) => pair(tone, `${tone}-tint`)),
  ...['seal', 'jade', 'amber'].map((tone) => pair(`on-${tone}`, tone)),
  pair('on-seal', 'seal-press'),
  ['line-strong', 'paper', CONTROL],
  ['line-strong', 'paper-2', CONTROL],
]

it.each(PAIRS)('%s on %s reaches %d in the light', (text, ground, least) => {
  expect(contrast(LIGHT, text, ground)).toBeGreaterThanOrEqual(least)
})

it.each(PAIRS)('%s on %s reaches %d in the dark', (text, ground, least) => {
  expect(contrast(DARK, text, ground)).toBeGreaterThanOrEqual(least)
})

it('looks the same in the dark, whether the system or the member chose it', () => {
  expect(tokensOf(':root:not([data-theme="light"])')).toEqual(DARK)
})

it('has every colour in both', () => {
  expect([...DARK.keys()]).toEqual([...LIGHT.keys()])
})

function pair(text: string, ground: string): [string, string, number] {
  return [text, ground, TEXT]
}

/** The tokens in the first block with this selector. */
function tokensOf(selector: string): Map<string, string> {
  const start = css.indexOf(`${selector} {`)
  expect(start, selector).toBeGreaterThanOrEqual(0)
  const block = css.slice(start, css.indexOf('}', start))
  return new Map(
    [...block.matchAll(/--([\w-]+): ([^;]+);/g)].map(([, name = '', value = '']) => [name, value]),
  )
}

function contrast(theme: Map<string, string>, text: string, ground: string): number {
  const lights = [text, ground]
    .map((name) => luminance(theme.get(name) ?? ''))
    .sort((a, b) => b - a)
  const [lighter = 0, darker = 0] = lights
  return (lighter + 0.05) / (darker + 0.05)
}

/** WCAG's relative luminance of "#rrggbb". */
function luminance(colour: string): number {
  expect(colour).toMatch(/^#[0-9a-f]{6}$/)
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) =>
    linear(Number.parseInt(colour.slice(at, at + 2), 16) / 255),
  )
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function linear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
}
