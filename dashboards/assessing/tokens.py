"""Unguessable names of questionnaires: who has one may read and change what it names."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets

_BYTES = 32
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # no dot and no slash: never a way out of a folder


def new_token() -> str:
    """A token that nobody can guess."""
    return secrets.token_urlsafe(_BYTES)


def is_token(text: str) -> bool:
    """Whether a text has the form of a token, and so may be part of a file's name."""
    return _TOKEN.fullmatch(text) is not None


def derived_token(token: str, content: str) -> str:
    """The token of what was sent with a form: the same form and content give the same one."""
    digest = hashlib.sha256(f"{token}\n{content}".encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def short_code(token: str) -> str:
    """Eight hexadecimal digits that tell a form from others, and do not give its token away."""
    return hashlib.sha256(f"short {token}".encode()).hexdigest()[:8]


def seed_of(token: str) -> int:
    """The seed of a form's order of questions."""
    return int(short_code(token), 16)
