"""The result tables of a captured message as columns; numpy and pyarrow are imported when one is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from volttools.errors import DecodeError, UsageError

if TYPE_CHECKING:
    import pyarrow

    from volttools.protocol.events import Connection, Frame


def frame_to_arrow(frame: Frame | None, connection: Connection, name: str, table: int) -> pyarrow.Table:
    """A table of the response in a frame, counted from 0. `name` is what errors call the message.

    Raises UsageError if there is no such table, DecodeError if it can't be read.
    """
    from volttools.codec.columns import table_at

    if frame is None:
        raise UsageError(f"{name} has no response, so it has no table")
    try:
        missing = frame.what_is_missing("response")
        if missing is not None:
            raise DecodeError(missing)
        return table_at(frame.body, table)
    except DecodeError as error:
        raise error.with_place(file=frame.file, connection=connection.number, frame=frame.number) from None
    except UsageError as error:
        raise UsageError(f"{name}: {error.message}") from None


def to_pandas(table: pyarrow.Table) -> Any:
    """A DataFrame of Arrow's own types; UsageError without pandas."""
    from volttools.codec.columns import arrow_to_pandas

    return arrow_to_pandas(table)
