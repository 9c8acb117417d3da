"""A client of a mock server, with nothing of the environment: that is about real servers."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping

from volttools.client import Client, ConnectionSettings, connect
from volttools.client.settings import PROFILES
from volttools.errors import UsageError
from volttools.mock import MockServer


def connected(server: MockServer, users: Mapping[str, str] | None = None) -> Client:
    """A client that is logged in as the first of the users, and trusts the server if it speaks TLS."""
    user, password = next(iter(users.items())) if users else (None, None)
    settings = ConnectionSettings.of(
        server.address, environment={PROFILES: os.devnull}, user=user, password=password
    )
    try:
        context = ssl.create_default_context(cadata=server.ca_pem.decode())
    except UsageError:  # it speaks no TLS, or has a certificate of somebody else's
        context = None
    return connect(settings, ssl_context=context)
