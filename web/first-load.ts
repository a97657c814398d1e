// Weighs the JavaScript that the members' app loads before it shows anything, and fails over the limit.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const LIMIT_KB = 250 // a phone on a slow network: about a second
const STATIC = new URL('../src/dealings/edge/web/static/app/', import.meta.url)

interface Chunk {
  file: string
  isEntry?: boolean
  imports?: string[]
}

const manifest: Record<string, Chunk> = JSON.parse(read('.vite/manifest.json').toString())
const entry = Object.keys(manifest).find((name) => manifest[name]?.isEntry)
if (!entry) throw new Error('The build has no entry')
const kilobytes =
  [...reached(entry)].reduce((sum, file) => sum + gzipSync(read(file)).length, 0) / 1000
console.log(`First load of the app: ${kilobytes.toFixed(0)} KB of JavaScript, limit ${LIMIT_KB}`)
if (kilobytes > LIMIT_KB) process.exit(1)

function read(path: string): Buffer {
  return readFileSync(new URL(path, STATIC))
}

function reached(name: string, seen = new Set<string>()): Set<string> {
  const chunk = manifest[name]
  if (!chunk || seen.has(chunk.file)) return seen
  seen.add(chunk.file)
  for (const next of chunk.imports ?? []) reached(next, seen)
  return seen
}
