"""Session tokens: 256 random bits for the client, their SHA-256 for the store.

A token has full entropy, so one plain hash is enough to make a stolen table useless.
"""

import secrets
from hashlib import sha256

TOKEN_BYTES = 32


def new_token() -> str:
    """A token that only the client ever holds."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(token: str) -> str:
    """What is stored and looked up in place of the token: 64 hexadecimal characters."""
    return sha256(token.encode()).hexdigest()
