import { createApi } from '@shared/endpoints'
import { ref } from 'vue'

/** Counts how often the server said that the session is over; the app then asks to sign in again. */
export const signedOut = ref(0)

export const api = createApi({ onSignedOut: () => signedOut.value++ })
