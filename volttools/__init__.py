"""Debug and replay VoltDB's client wire protocol."""

__version__ = "0.1.0"
