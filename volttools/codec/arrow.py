"""numpy and pyarrow, which only columns need; without them, the error that says what to install."""

from __future__ import annotations

from volttools.errors import UsageError

try:
    import numpy as np
    import pyarrow as pa
except ImportError as error:
    raise UsageError(
        f'columns need pyarrow and numpy ({error.name} is missing): pip install "volttools[arrow]"'
    ) from None

__all__ = ["np", "pa"]
