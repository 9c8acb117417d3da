"""What an error tells, for tests of errors."""

from volttools.filters.errors import FilterError


def message(expression: str, column: int, reason: str) -> str:
    """What a person sees: the reason, the expression, and a sign below the column."""
    return f"column {column}: {reason}\n  {expression}\n  {' ' * (column - 1)}^"


def is_told(error: FilterError, expression: str) -> bool:
    """Whether an error has a place in the expression, and shows it."""
    is_inside = 1 <= error.column <= len(expression) + 1
    return is_inside and error.expression == expression and str(error).endswith("^")
