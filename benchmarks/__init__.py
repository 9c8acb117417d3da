"""Measured beside the peers, in one process, results checked equal: `make bench`."""
