"""An interactive shell without its terminal: statements, commands, completion, and what comes of them.

splitting    text in pieces -> whole statements
statements   a statement -> what it asks for
commands     the words that are the shell's own, each with its help
catalog      tables, columns and procedures of the server
completion   what can stand where the cursor is
recording    what passed, for `\\hex` and `\\save`
outcomes     what can come of a statement
interrupts   Ctrl-C while an answer is awaited
listings     what the catalog tells, for people
session      runs statements, and gives what came of them
"""
