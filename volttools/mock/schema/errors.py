"""What is wrong with a schema."""

from __future__ import annotations


class DdlError(Exception):
    """DDL that can't be taken.

    problem    one sentence
    status     what a server answers an @AdHoc with; by default the problem, as it quotes it
    statement  number of the statement, from 1
    position   offset in the text; None: the statement as a whole
    """

    def __init__(self, problem: str, *, status: str | None = None, position: int | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.position = position
        self.statement = 1
        self._status = status

    @property
    def status(self) -> str:
        """The status string."""
        if self._status is not None:
            return self._status
        return f'[Ad Hoc DDL Input:{self.statement}]: DDL Error: "{self.problem}"'


def compiler_error(problem: str, *, position: int | None = None) -> DdlError:
    """One of VoltDB's own compiler, which looks at partitions, procedures and roles."""
    return DdlError(problem, status=f'[Ad Hoc DDL Input]: VoltDB DDL Error: "{problem}"', position=position)


def plain_error(problem: str, *, position: int | None = None) -> DdlError:
    """One that a server tells without anything in front of it."""
    return DdlError(problem, status=problem, position=position)
