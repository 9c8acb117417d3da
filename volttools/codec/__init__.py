"""From declarations to running code: fast parse and build, and the tree of fields.

parse(Response, body)      bytes -> value; DecodeError with place and field path
build(response)            value -> bytes; EncodeError with field path
spans(Response, body)      bytes -> tree of fields with byte ranges and values
"""

from volttools.codec.checks import quick_check
from volttools.codec.codec import attempt, build, builder, parse, parser
from volttools.codec.fused import fused_reader
from volttools.codec.heads import (
    NumberError,
    fields_reader,
    head_reader,
    head_remainder,
    head_writer,
    number_writer,
)
from volttools.codec.invocations import invocation_encoder
from volttools.codec.scans import head_scanner
from volttools.codec.spans import Span, spans

__all__ = [
    "NumberError",
    "Span",
    "attempt",
    "build",
    "builder",
    "fields_reader",
    "fused_reader",
    "head_reader",
    "head_remainder",
    "head_scanner",
    "head_writer",
    "invocation_encoder",
    "number_writer",
    "parse",
    "parser",
    "quick_check",
    "spans",
]
