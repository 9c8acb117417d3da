"""How the cost grows: the same work at sizes that are decades apart.

`make bench-growth` measures it, and keeps what it found in docs/growth.json; of that `make docs` draws the plots
of docs/performance.md and writes the table below them.
"""
