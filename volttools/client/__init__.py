"""A client: how it is let in. TLS contexts from key stores, and log-in with Kerberos."""
