"""The page: one file, without anything from elsewhere. What it shows is put in as text, never as HTML."""

from __future__ import annotations

import secrets
from pathlib import Path

from volttools.mock.control.requests import Reply

_FILE = Path(__file__).with_name("page.html")


def page_reply() -> Reply:
    """The page, whose script is the only one that a browser may run."""
    nonce = secrets.token_urlsafe(16)
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
    text = _FILE.read_text(encoding="utf-8").replace("NONCE", nonce)
    return Reply(text.encode(), "text/html; charset=utf-8", {"Content-Security-Policy": policy})
