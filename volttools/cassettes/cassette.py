"""What is in a cassette: reading, adding to it, writing it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from volttools.capture.reader import open as open_capture
from volttools.capture.side_files import IN_FILE, directory_of
from volttools.cassettes.interaction import Interaction
from volttools.cassettes.layout import head_line, interaction_line, laid_out, login_line
from volttools.errors import CaptureError, UsageError
from volttools.protocol.events import Damage, Event, Exchange, Login

BeforeRecord = Callable[[Interaction], Interaction | None]
"""Called with what is about to be recorded: it gives that, something else in its place, or None to drop it."""

MOST_BYTES_INSIDE: Final = 16 * 1024
"""A response whose text is longer stands in a file of its own."""

_DIGEST_CHARACTERS = 12


class Cassette:
    """Interactions, in the order of the calls.

    path        where it stands, or will
    is_new      whether there was no file
    login       the first log-in of what it was read from: it names the server's build
    is_changed  whether something was added since it was read or written
    """

    def __init__(
        self,
        path: str | Path | None = None,
        *,
        before_record: BeforeRecord | Iterable[BeforeRecord] = (),
    ) -> None:
        self.path = None if path is None else Path(path)
        self.login: Login | None = None
        self.is_new = True
        self.is_changed = False
        self._before = [before_record] if callable(before_record) else list(before_record)
        self._interactions: list[Interaction] = []
        self._read = 0  # so many of them were read

    def __iter__(self) -> Iterator[Interaction]:
        return iter(self._interactions)

    def __len__(self) -> int:
        return len(self._interactions)

    def __repr__(self) -> str:
        return f"<cassette {self.path}: {len(self):,} interactions>"

    @property
    def added(self) -> int:
        """How many of them were added since it was read or cleared."""
        return len(self._interactions) - self._read

    def events(self) -> Iterator[Event]:
        """The same as events of a capture."""
        if self.login is not None:
            yield self.login
        for number, interaction in enumerate(self._interactions, 1):
            exchange = interaction.exchange(number)
            for frame in exchange.frames:
                frame.number = number
            yield exchange

    # ------------------------------------------------------------- changing

    def add(self, what: Exchange | Interaction) -> Interaction | None:
        """Record a call and its answer, as far as the hooks let it. Gives what was recorded; None for what was
        dropped, and for an exchange that isn't whole or can't be read."""
        found = Interaction.of(what) if isinstance(what, Exchange) else what
        for hook in self._before:
            if found is None:
                return None
            found = hook(found)
            if found is not None and not isinstance(found, Interaction):
                raise UsageError(
                    f"a before_record hook gave {type(found).__name__}; it gives an Interaction or None"
                )
        if found is not None:
            self._interactions.insert(self._place_of(found), found)
            self.is_changed = True
        return found

    def _place_of(self, added: Interaction) -> int:
        """Where it belongs by the time of the call, among those that were added: answers may come in another
        order, and a review should not show that."""
        place = len(self._interactions)
        while place > self._read and added.time_ns is not None:
            before = self._interactions[place - 1].time_ns
            if before is None or before <= added.time_ns:
                break
            place -= 1
        return place

    def add_events(self, events: Iterable[Event], wants: Callable[[Event], bool] | None = None) -> None:
        """Record what a capture holds, or what is wanted of it, in the order of the calls; no hook is asked."""
        found: list[tuple[int, Interaction]] = []
        for event in events:
            if isinstance(event, Login) and self.login is None and event.response is not None:
                self.login = event
            if not isinstance(event, Exchange) or event.request_frame is None:
                continue
            if wants is None or wants(event):
                interaction = Interaction.of(event)
                if interaction is not None:
                    found.append((event.request_frame.number, interaction))
        self._interactions += [interaction for _, interaction in sorted(found, key=lambda each: each[0])]
        self._read = len(self._interactions)
        self.is_changed = True

    def clear(self) -> None:
        """Drop all interactions."""
        self._interactions.clear()
        self._read = 0

    # -------------------------------------------------------------- writing

    def save(self, path: str | Path | None = None) -> Path:
        """Write it; by default where it stands. The file is replaced as a whole.

        Raises UsageError if no path is known, CaptureError if the file can't be written.
        """
        target = Path(path) if path is not None else self.path
        if target is None:
            raise UsageError("the cassette has no path: give one to save()")
        if target.exists() and not _is_text(target):
            raise UsageError(
                f"{target} is a capture of another format: give another name, such as calls.cassette"
            )
        directory = directory_of(target)
        side: dict[str, bytes] = {}
        texts = [laid_out(head_line())]
        login = None if self.login is None else login_line(self.login)
        if login is not None:
            texts.append(laid_out(login))
        for number, interaction in enumerate(self._interactions, 1):
            texts.append(_laid_out_beside(interaction_line(interaction.exchange(number)), side))
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _write_side_files(directory, side)
            _replace(target, "".join(texts).encode())
            _remove_others(directory, side)
        except OSError as error:
            raise CaptureError(
                f"the cassette can't be written: {error.strerror}", file=str(target)
            ) from error
        self.path, self.is_changed, self.is_new = target, False, False
        return target


def load(
    path: str | Path,
    *,
    before_record: BeforeRecord | Iterable[BeforeRecord] = (),
    must_exist: bool = False,
    **how: Any,
) -> Cassette:
    """Read a cassette, or any capture as one; `how` as for `volttools.open`.

    A file that isn't there gives an empty one, unless it must exist: CaptureError. So does a file that is
    damaged; what is wrong is said with its line.
    """
    cassette = Cassette(path, before_record=before_record)
    if not Path(path).exists() and not must_exist:
        return cassette
    cassette.is_new = False
    with open_capture(path, **how) as capture:
        cassette.add_events(_undamaged(capture.events(), path))
    cassette.is_changed = False
    return cassette


def _undamaged(events: Iterable[Event], path: str | Path) -> Iterator[Event]:
    """The events; CaptureError for damage of a text, which somebody can mend."""
    for event in events:
        if isinstance(event, Damage) and _is_text(Path(path)):
            raise CaptureError(event.message, file=str(path))
        yield event


def _laid_out_beside(line: dict[str, Any], side: dict[str, bytes]) -> str:
    text = laid_out(line)
    if len(text) <= MOST_BYTES_INSIDE:
        return text
    response = laid_out(line["response"]).encode()
    if len(response) <= MOST_BYTES_INSIDE:
        return text  # it is the parameters that are long
    name = re.sub(r"[^A-Za-z0-9_]", "", line["procedure"] or "") or "response"
    name = f"{name[:40]}-{hashlib.sha256(response).hexdigest()[:_DIGEST_CHARACTERS]}.json"
    side[name] = response
    return laid_out({**line, "response": {IN_FILE: name}})


def _write_side_files(directory: Path, side: dict[str, bytes]) -> None:
    if side:
        directory.mkdir(exist_ok=True)
    for name, data in side.items():
        path = directory / name
        if not path.exists() or path.read_bytes() != data:
            _replace(path, data)


def _remove_others(directory: Path, side: dict[str, bytes]) -> None:
    """Remove side files that the cassette names no more; nothing that looks else."""
    if not directory.is_dir():
        return
    for path in directory.iterdir():
        if path.name not in side and _SIDE_NAME.fullmatch(path.name):
            path.unlink()
    with contextlib.suppress(OSError):  # something else is in it
        if not side:
            directory.rmdir()


_SIDE_NAME = re.compile(r"[A-Za-z0-9_]{1,40}-[0-9a-f]{12}\.json")


def _replace(path: Path, data: bytes) -> None:
    """Write a file as a whole: who reads it meanwhile has the old one or the new one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(handle, "wb") as file:
            file.write(data)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _is_text(path: Path) -> bool:
    """Whether a file holds JSON lines, or nothing."""
    from volttools.capture.jsonlines_file import looks_like_json_lines

    try:
        with path.open("rb") as file:
            first = file.read(64)
    except OSError:
        return False
    return not first.strip() or looks_like_json_lines(first)
