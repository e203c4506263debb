"""Random secrets as text, and what is stored of them."""

import hashlib
import secrets
from base64 import b32encode

SECRET = 32  # characters: 160 bits


def make(characters: int = SECRET) -> str:
    """Return random letters and digits of base32 in lower case; `characters` is a multiple of eight, 5 bits each."""
    return base32(secrets.token_bytes(characters * 5 // 8))


def hash_of(text: str) -> str:
    """Return what is stored of a secret, or of a text that holds one. With 160 random bits a slow hash adds nothing."""
    return hashlib.sha256(text.encode()).hexdigest()


def base32(content: bytes) -> str:
    """Return bytes in base32, in lower case and without padding."""
    return b32encode(content).decode().rstrip("=").lower()
