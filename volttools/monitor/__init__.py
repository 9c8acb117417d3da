"""Live statistics of a server: what `volttools top` shows.

`Asker` asks a server, `Differences` makes rates of two answers, `screen_lines` shows them.
"""
