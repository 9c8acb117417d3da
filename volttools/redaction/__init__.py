"""Redaction of messages: values become keyed pseudonyms, log-in hashes zeros, by rules.

    redactor = Redactor(read_rules("rules.toml"), read_key("redact.key"))
    body = redactor.request(frame)

Whoever has frames can use it: what converts captures, records, or shows.
"""
