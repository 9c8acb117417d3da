"""Events as JSON lines and back.

lines             from events to lines; `message_members` has what a line says of a message
events            from lines to events; `messages` makes messages of what a line says
values            the JSON of each wire type, in both directions
members           objects that may have been written by hand
"""
