"""Exceptions serialised in a response: internal to the server today, sent by old ones.

Source: SerializableException.java and its subclasses of the 11.4 server; VoltException in
the official Python client 16.1. No recording holds one.
"""

from __future__ import annotations

from construct import Bytes, GreedyBytes, Int8sb, Int32sb, Int64sb, this

from volttools.formats.notation import Blob, Record, Sized, Text, field, present_if, record

EXCEPTION_TYPES = {
    0: "None",
    1: "EEException",
    2: "SQLException",
    3: "ConstraintFailureException",
    4: "InterruptException",
    5: "TransactionRestartException",
    6: "TransactionTerminationException",
    7: "SpecifiedException",
    8: "GenericSerializableException",
    9: "MispartitionedException",
    10: "ReplicatedTableException",
    11: "DrTableNotFoundException",
    12: "InvalidMessage",
}

CONSTRAINT_TYPES = {
    0: "FOREIGN_KEY",
    1: "MAIN",
    2: "UNIQUE",
    3: "CHECK",
    4: "PRIMARY_KEY",
    5: "NOT_NULL",
    6: "PARTITIONING",
    7: "LIMIT",
    8: "NUMERIC",
}


@record
class ServerException(Record):
    """An exception of the server, behind its length; a length of 0 is no exception."""

    type: int = field(Int8sb, "see EXCEPTION_TYPES")
    message: str | None = field(present_if(this.type != 0, Text), "not for type 0", default=None)
    error_code: int | None = field(present_if(this.type == 1, Int32sb), "EEException", default=None)
    sql_state: bytes | None = field(
        present_if((this.type == 2) | (this.type == 3), Bytes(5)),
        "SQLException, ConstraintFailureException",
        default=None,
    )
    constraint_type: int | None = field(
        present_if(this.type == 3, Int32sb), "see CONSTRAINT_TYPES", default=None
    )
    table_name: str | None = field(
        present_if(this.type == 3, Text), "ConstraintFailureException", default=None
    )
    tuples: bytes | None = field(
        present_if(this.type == 3, Blob),
        "ConstraintFailureException: the rows, a VoltTable with its length",
        default=None,
    )
    transaction_id: int | None = field(
        present_if((this.type == 5) | (this.type == 6), Int64sb), "restart and termination", default=None
    )
    misrouted: int | None = field(
        present_if(this.type == 5, Int8sb), "TransactionRestartException", default=None
    )
    status: int | None = field(present_if(this.type == 7, Int8sb), "SpecifiedException", default=None)
    status_string: str | None = field(present_if(this.type == 7, Text), "SpecifiedException", default=None)
    dr_hash: int | None = field(
        present_if(this.type == 11, Int64sb), "DrTableNotFoundException", default=None
    )
    remote_unique_id: int | None = field(
        present_if(this.type == 11, Int64sb), "DrTableNotFoundException", default=None
    )
    catalog_version: int | None = field(
        present_if(this.type == 11, Int32sb), "DrTableNotFoundException", default=None
    )
    trailing: bytes = field(GreedyBytes, "what newer types may add", default=b"")

    @property
    def type_name(self) -> str:
        """Such as "SQLException"."""
        return EXCEPTION_TYPES.get(self.type, f"exception {self.type}")


SERVER_EXCEPTION = Sized(Int32sb, ServerException.declaration, null=0)
