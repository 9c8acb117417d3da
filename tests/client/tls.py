"""Contexts of TLS for tests of clients, with a CA of their own."""

import functools
import ssl

import trustme


@functools.cache
def contexts():
    """The server's context, and the client's."""
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return server, client
