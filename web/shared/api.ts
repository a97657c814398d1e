/** Requests to /api/v1: the session cookie, one Idempotency-Key per intent, refusals as `Refusal`. */
import { uuid7 } from './uuid7'

export type Params = Record<string, string | number | boolean | null | undefined>

interface Details {
  status?: number
  params?: Record<string, unknown> | null
  fields?: Record<string, string> | null
  retryAfterSeconds?: number | null
}

/** What the server, or the way to it, refused. `code` is stable; texts are looked up as `errors.<code>`. */
export class Refusal extends Error {
  readonly code: string
  readonly status: number
  readonly params: Record<string, unknown>
  readonly fields: Record<string, string>
  readonly retryAfterSeconds: number | null

  constructor(code: string, message: string, details: Details = {}) {
    super(message)
    this.name = 'Refusal'
    this.code = code
    this.status = details.status ?? 0
    this.params = details.params ?? {}
    this.fields = details.fields ?? {}
    this.retryAfterSeconds = details.retryAfterSeconds ?? null
  }

  /** True when nothing is known to be wrong with the request itself, so the same one may go again. */
  get passing(): boolean {
    return this.status === 0 || this.status >= 500 || this.status === 429
  }
}

export interface Ask {
  path?: Record<string, string | number>
  query?: Params
  body?: unknown
  /** One per intent of the person; the same one when the intent is tried again. */
  key?: string
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export type Requester = <T>(method: Method, path: string, ask?: Ask) => Promise<T>

export interface Options {
  base?: string
  fetch?: typeof fetch
  /** Called when the server no longer knows the session. */
  onSignedOut?: () => void
  timeoutMs?: number
}

const TIMEOUT_MS = 20_000
/** What the server says when it does not know the session (any more). */
export const NOT_SIGNED_IN = 'identity.not_signed_in'

/** A function that asks the server and gives the decoded answer, or throws `Refusal`. */
export function createRequester(options: Options = {}): Requester {
  const base = options.base ?? '/api/v1'
  return async <T>(method: Method, path: string, ask: Ask = {}): Promise<T> => {
    const url = base + filled(path, ask.path) + queried(ask.query)
    const response = await reached(url, method, ask, options)
    if (response.ok) return decoded<T>(response)
    const refusal = await refused(response)
    if (refusal.code === NOT_SIGNED_IN) options.onSignedOut?.()
    throw refusal
  }
}

async function reached(url: string, method: Method, ask: Ask, options: Options): Promise<Response> {
  const send = options.fetch ?? fetch
  const init = initFor(method, ask)
  try {
    return await send(url, {
      ...init,
      signal: AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS),
    })
  } catch {
    throw new Refusal('unreachable', "The server can't be reached.")
  }
}

function initFor(method: Method, ask: Ask): RequestInit {
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (method !== 'GET') headers['Idempotency-Key'] = ask.key ?? uuid7()
  const form = ask.body instanceof FormData
  if (ask.body !== undefined && !form) headers['Content-Type'] = 'application/json'
  const body = ask.body === undefined || form ? (ask.body as FormData) : JSON.stringify(ask.body)
  return { method, headers, body, credentials: 'same-origin' }
}

async function decoded<T>(response: Response): Promise<T> {
  if (response.status === 204) return undefined as T
  const text = await response.text()
  return (text ? JSON.parse(text) : undefined) as T
}

async function refused(response: Response): Promise<Refusal> {
  const said = await response.json().catch(() => ({}))
  const code = typeof said.code === 'string' ? said.code : `http.${response.status}`
  return new Refusal(code, said.message ?? response.statusText, {
    status: response.status,
    params: said.params,
    fields: said.fields,
    retryAfterSeconds: said.retry_after_seconds,
  })
}

function filled(path: string, values: Record<string, string | number> = {}): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])))
}

function queried(query: Params = {}): string {
  const pairs = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') pairs.set(name, String(value))
  }
  const text = pairs.toString()
  return text ? `?${text}` : ''
}
