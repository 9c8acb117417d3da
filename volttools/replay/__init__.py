"""Makes the calls of a capture again, on another server: what it was asked, when, and in which order.

plan         the calls of a capture, in the order they were sent
schedule     when each is to be sent, on which connection, and after which answers
safety       which calls write, and which are held back
values       values that the server made: found, and replaced by those of the new server
journal      what was sent, for the replay that goes on with one that was cut
connections  those to the target, which come back when they are lost
driver       sends, waits, measures
report       what came of it
"""
