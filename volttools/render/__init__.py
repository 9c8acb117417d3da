"""Exchanges for people and for programs: lines, details, trees of fields, hex, JSON lines.

A renderer takes a rich Console (or gives text) and never makes its own. All colours and
signs have names, in `styles`. No value reaches a terminal but through `values.visible`.
"""
