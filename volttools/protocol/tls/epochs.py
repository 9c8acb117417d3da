"""The keys that one side of a connection uses, one after another: its epochs.

    TLS 1.2   plain, application
    TLS 1.3   plain, early (a client's 0-RTT data), handshake, application; at each KeyUpdate the
              application's secret is replaced by the next

Records are numbered in each epoch, from 0; the number is part of what is authenticated. So
behind a hole the number is searched, over as many as the missing bytes can have been, in
this epoch and in those that may have begun in the hole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from volttools.formats.tls import MAX_RECORD_BYTES, TLS_1_2, TLS_1_3, TLS_HEADER_BYTES
from volttools.formats.tls_handshake import FINISHED_1_2_BYTES, KEY_UPDATE_BYTES
from volttools.protocol.tls.keys import RecordKeys, explicit_nonce, keys_1_3, next_secret
from volttools.protocol.tls.records import TlsRecord

MAX_SEARCHED: Final = 2**16
"""So many numbers of records are tried behind one hole."""


TRIALS_EARNED: Final = 4
"""So many more may be tried for every record that is opened: time stays linear in the capture."""


class Epoch(IntEnum):
    """Which keys a side uses."""

    PLAIN = 0
    EARLY = 1
    HANDSHAKE = 2
    APPLICATION = 3


@dataclass(slots=True)
class Allowance:
    """What all connections of a capture together may cost.

    trials       decryptions that may fail while the number of a record is searched; 20 us each
    trial_bytes  and the bytes that they go over
    held_bytes   bytes that may wait for a key
    """

    trials: int = 2**17
    trial_bytes: int = 2**30
    held_bytes: int = 2**25

    def earn(self, length: int) -> None:
        """Note a record that was opened: a long capture may have more holes than a short one."""
        self.trials += TRIALS_EARNED
        self.trial_bytes += TRIALS_EARNED * length


@dataclass(slots=True)
class Opened:
    """What was found in a record.

    skipped   how many records were passed over to find it: of its epoch, and a KeyUpdate before them
    handshake bytes of content in these that are known to be of the handshake
    is_first  whether no content of its epoch came before it
    """

    content_type: int
    content: bytes
    skipped: int
    handshake: int
    is_first: bool


@dataclass(slots=True)
class _Stage:
    """The keys of an epoch; of an application's of TLS 1.3 also the secret, for the next ones."""

    epoch: Epoch
    keys: RecordKeys
    secret: bytes | None


class SideKeys:
    """The keys of one side, and the number of its next record.

    epoch     as of the last record
    sequence  of the next record
    opened    how many records were decrypted, in all epochs
    lost      records since the last one that was decrypted: known to have been, and bytes of
              which that is not known
    """

    __slots__ = (
        "_allowance",
        "_last_explicit",
        "_stages",
        "epoch",
        "lost_bytes",
        "lost_records",
        "opened",
        "sequence",
    )

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._stages: dict[Epoch, _Stage] = {}
        self.epoch = Epoch.PLAIN
        self.sequence = 0
        self.opened = 0
        self.lost_records = 0
        self.lost_bytes = 0
        self._last_explicit: tuple[int, int] | None = None  # of the last record: number, nonce

    def add(self, epoch: Epoch, keys: RecordKeys, secret: bytes | None = None) -> None:
        """Have the keys of an epoch."""
        self._stages[epoch] = _Stage(epoch, keys, secret)

    def has(self, epoch: Epoch) -> bool:
        """Whether there are keys for an epoch."""
        return epoch in self._stages

    @property
    def overhead(self) -> int:
        """How many bytes longer than its content a record is now."""
        stage = self._stages.get(self.epoch) or next(iter(self._stages.values()), None)
        return TLS_HEADER_BYTES if stage is None else stage.keys.overhead

    def begin(self, epoch: Epoch) -> None:
        """Go on to an epoch: its first record is the next."""
        self.epoch = epoch
        self.sequence = 0
        self.lost_records = self.lost_bytes = 0
        self._last_explicit = None

    def renew(self) -> None:
        """Go on to the keys of a handshake of TLS 1.2, the first or another one."""
        if self.epoch is Epoch.APPLICATION:
            self._stages.clear()
        self.begin(Epoch.APPLICATION)

    @property
    def has_lost(self) -> bool:
        """Whether records before the next one can't be read."""
        return bool(self.lost_records or self.lost_bytes)

    @property
    def is_ready(self) -> bool:
        """Whether there are keys for this epoch or a later one."""
        return any(epoch >= self.epoch for epoch in self._stages)

    def update(self) -> None:
        """Go on to the keys behind a KeyUpdate."""
        following = self._following()
        if following is not None:
            self._stages[Epoch.APPLICATION] = following
            self.begin(Epoch.APPLICATION)

    def lose(self, records: int | None, length: int) -> None:
        """Note records that can't be read: so many, or so many bytes."""
        if records is None:
            self.lost_bytes += length
        else:
            self.lost_records += records

    def resume(self) -> None:
        """Note that nothing was lost after all: the next record was found without keys."""
        self.lost_records = self.lost_bytes = 0

    def open(self, record: TlsRecord, lost_bytes: int = 0) -> Opened | None:
        """The content of a record; None if it is none of this side's next.

        lost_bytes  that lie before it, besides those that were told by `lose`
        """
        for stage, first, numbers in self._candidates(record, self.lost_bytes + lost_bytes):
            for tried, number in enumerate(numbers):
                if tried and not self._may_try(record):
                    return None
                found = stage.keys.content_of(record.header, record.body, number)
                if found is not None:
                    is_1_2 = stage.keys.version == TLS_1_2
                    is_first = number <= (1 if is_1_2 else 0)  # in 1.2, record 0 ends the handshake
                    skipped = number - first
                    handshake = FINISHED_1_2_BYTES if is_1_2 and number > first == 0 else 0
                    if stage.epoch is self.epoch and stage is not self._stages[stage.epoch]:
                        # The KeyUpdate was lost, and content may have been before it.
                        skipped, handshake, is_first = skipped + 1, KEY_UPDATE_BYTES, False
                    self._note(stage, number, record)
                    return Opened(*found, skipped, handshake, is_first)
        return None

    def _may_try(self, record: TlsRecord) -> bool:
        allowance = self._allowance
        allowance.trials -= 1
        allowance.trial_bytes -= len(record.body)
        return allowance.trials > 0 and allowance.trial_bytes > 0

    def _note(self, stage: _Stage, number: int, record: TlsRecord) -> None:
        self.epoch = stage.epoch
        self._stages[stage.epoch] = stage
        self.sequence = number + 1
        self.opened += 1
        self._allowance.earn(len(record.body))
        self.lost_records = self.lost_bytes = 0
        explicit = explicit_nonce(stage.keys, record.body)
        self._last_explicit = None if explicit is None else (number, explicit)

    def _candidates(self, record: TlsRecord, lost_bytes: int) -> Iterator[tuple[_Stage, int, Iterator[int]]]:
        """The keys that a record may be under: with the first number, and those to try."""
        current = self._stages.get(self.epoch)
        least = self.lost_records
        most = least
        if lost_bytes:
            least += -(-lost_bytes // (TLS_HEADER_BYTES + MAX_RECORD_BYTES))
            most = max(least, min(most + lost_bytes // self.overhead, least + MAX_SEARCHED))
        if current is not None:
            first = self.sequence
            yield current, first, self._numbers(current, record, first + least, first + most)
        for epoch in Epoch:
            if epoch > self.epoch and epoch in self._stages:
                yield self._stages[epoch], 0, iter(range(most + 1))
        following = self._following()
        if following is not None:
            yield following, 0, iter(range(most + 1))

    def _numbers(self, stage: _Stage, record: TlsRecord, first: int, last: int) -> Iterator[int]:
        """The numbers from first to last, the likeliest before the others."""
        likely = first
        if self._last_explicit is not None and last > first:
            number, nonce = self._last_explicit
            likely = number + (explicit_nonce(stage.keys, record.body) or 0) - nonce
            if first < likely <= last:
                yield likely
        for number in range(first, last + 1):
            if number != likely or number == first:
                yield number

    def _following(self) -> _Stage | None:
        """The keys behind the next KeyUpdate."""
        stage = self._stages.get(Epoch.APPLICATION)
        if stage is None or stage.secret is None or stage.keys.version != TLS_1_3:
            return None
        secret = next_secret(stage.keys.suite, stage.secret)
        return _Stage(Epoch.APPLICATION, keys_1_3(stage.keys.suite, secret), secret)
