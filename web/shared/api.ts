/** Requests to /api/v1: the session cookie, one Idempotency-Key per intent, refusals as `Refusal`. */
import createClient from 'openapi-fetch'
import type { paths } from './schema.d.ts'
import type { Told } from './types'
import { uuid7 } from './uuid7'

export type Client = ReturnType<typeof createTypedClient>
export type Teller = ReturnType<typeof answering>

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

export interface Options {
  base?: string
  fetch?: typeof fetch
  /** Called when the server no longer knows the session. */
  onSignedOut?: () => void
  timeoutMs?: number
}

const TIMEOUT_MS = 20_000
/** Files take as long as the network needs. */
const FILE_TIMEOUT_MS = 180_000
/** What the server says when it does not know the session (any more). */
export const NOT_SIGNED_IN = 'identity.not_signed_in'

/** The API's calls with the types of its own schema; every answer goes through `answering`. */
export function createTypedClient(options: Options) {
  const baseUrl = options.base ?? globalThis.location?.origin ?? ''
  const client = createClient<paths>({
    baseUrl,
    fetch: reaching(options),
    credentials: 'same-origin',
  })
  client.use({ onRequest: ({ request }) => withHeaders(request) })
  return client
}

/** The key of an intent, as a header; without one every call is an intent of its own. */
export function keyed(key: string | undefined): { headers?: Record<string, string> } {
  return key ? { headers: { 'Idempotency-Key': key } } : {}
}

function withHeaders(request: Request): Request {
  // What the person chose here, which may not be what the browser was set to.
  const language = globalThis.document?.documentElement.lang
  if (language) request.headers.set('Accept-Language', language)
  if (request.method !== 'GET' && !request.headers.has('Idempotency-Key')) {
    request.headers.set('Idempotency-Key', uuid7())
  }
  return request
}

function reaching(options: Options): (request: Request) => Promise<Response> {
  return async (request) => {
    const file = request.headers.get('Content-Type')?.startsWith('multipart/')
    const wait = options.timeoutMs ?? (file ? FILE_TIMEOUT_MS : TIMEOUT_MS)
    try {
      return await (options.fetch ?? fetch)(request, { signal: AbortSignal.timeout(wait) })
    } catch {
      throw new Refusal('unreachable', "The server can't be reached.")
    }
  }
}

/** The answer began and did not end: as good as none. */
function brokenOff(error: unknown): never {
  if (error instanceof Refusal) throw error
  throw new Refusal('unreachable', 'The connection broke before the answer was whole.')
}

interface Answer {
  data?: unknown
  error?: unknown
  response: Response
}

/** Gives what was answered, or throws the refusal. */
export function answering(options: Options) {
  return async <A extends Answer>(asked: Promise<A>): Promise<Told<NonNullable<A['data']>>> => {
    const { data, error, response } = await asked.catch(brokenOff)
    if (response.ok) return data as Told<NonNullable<A['data']>>
    const refusal = refusalOf(error, response)
    if (refusal.code === NOT_SIGNED_IN) options.onSignedOut?.()
    throw refusal
  }
}

interface Said {
  code?: string
  message?: string
  params?: Record<string, unknown>
  fields?: Record<string, string> | null
  retry_after_seconds?: number | null
}

function refusalOf(error: unknown, response: Response): Refusal {
  const said: Said = typeof error === 'object' && error !== null ? error : {}
  return new Refusal(said.code ?? `http_${response.status}`, said.message ?? response.statusText, {
    status: response.status,
    params: said.params,
    fields: said.fields,
    retryAfterSeconds: said.retry_after_seconds,
  })
}

/** A file as the form field that the server expects; the schema knows files only as strings. */
export function asForm(file: Blob) {
  const bodySerializer = () => {
    const form = new FormData()
    form.append('file', file)
    return form
  }
  return { body: { file: '', alt: '' }, bodySerializer }
}
