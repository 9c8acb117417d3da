"""Text in pieces of any size becomes whole statements.

A statement ends with a `;` that is in no string, comment, `###` block or body of a procedure
(BEGIN ... END, with CASE ... END in it). A line that begins with a backslash, or with a word of the shell
such as `show`, ends with the line. Put together, the statements and the rest are the text.
"""

from __future__ import annotations

from volttools.sql import Token, tokens

LINE_WORDS = frozenset(("describe", "desc", "exit", "file", "help", "quit", "show"))
"""Words with which no SQL begins: a line of theirs needs no `;`."""

_BLOCK = "###"
_OPENING = {"'": "'", '"': '"', "/*": "*", _BLOCK: "#"}


class Splitter:
    """Takes text, gives statements.

    >>> splitter = Splitter()
    >>> splitter.feed("select ';' "), splitter.feed("from t; select")
    ([], ["select ';' from t;"])
    >>> splitter.rest
    ' select'
    """

    def __init__(self) -> None:
        self._text = ""
        self._begin()

    def _begin(self) -> None:
        self._position = 0  # up to here all tokens are known
        self._words: list[str] = []  # the first few
        self._last_word = ""
        self._depth = 0  # of BEGIN and CASE
        self._ends_with_line = False

    @property
    def rest(self) -> str:
        """What belongs to no statement yet."""
        return self._text

    @property
    def is_empty(self) -> bool:
        """Whether nothing but blanks and comments waits for its end."""
        return all(token.kind == "comment" or token.text.isspace() for token in tokens(self._text)) and (
            self.inside == ""
        )

    @property
    def inside(self) -> str:
        """What is open: a quote, "*" (a comment), "#" (a block), "-" (a statement); "" if nothing is."""
        open_token = self._text[self._position :]
        for start, sign in _OPENING.items():
            if open_token.startswith(start) and open_token.strip() and not _is_closed(open_token, start):
                return sign
        is_begun = bool(self._words or self._depth) or any(
            token.kind != "comment" and not token.text.isspace() for token in tokens(self._text)
        )
        return "-" if is_begun else ""

    def feed(self, text: str) -> list[str]:
        """Take some text; gives the statements that end in it."""
        self._text += text
        found = []
        while (end := self._end()) is not None:
            found.append(self._text[:end])
            self._text = self._text[end:]
            self._begin()
        return found

    def finish(self) -> list[str]:
        """No more text comes; gives what was left, if it is more than blanks and comments."""
        found = self.feed("\n") if self._text else []
        rest = self._text
        if not self.is_empty:
            found.append(rest)
        self._text = ""
        self._begin()
        return found

    def _end(self) -> int | None:
        """Where the first statement ends; None if it doesn't yet."""
        size = len(self._text)
        while self._position < size:
            start = self._position
            if self._text.startswith("#", start):
                if size - start < len(_BLOCK):
                    return None
                if self._text.startswith(_BLOCK, start):
                    close = self._text.find(_BLOCK, start + len(_BLOCK))
                    if close < 0:
                        return None
                    self._position = close + len(_BLOCK)
                    continue
            if not self._words and self._text[start] == "\\":
                line_end = self._text.find("\n", start)
                return None if line_end < 0 else line_end + 1
            token = next(tokens(self._text, start))
            if token.text[0].isspace():
                token = Token("other", token.text[0], start + 1)  # lines one by one
            if token.text == ";" and not self._depth:
                return token.end
            if token.text == "\n" and self._ends_with_line:
                return token.end
            if token.end == size and not token.text.isspace() and token.text != ";":
                return None  # it may go on
            self._position = token.end
            if token.kind == "name":
                self._word(token.text.upper())
            elif not (token.kind == "comment" or token.text.isspace()):
                self._symbol()
        return None

    def _word(self, word: str) -> None:
        if not self._words:
            self._ends_with_line = word.lower() in LINE_WORDS
        if len(self._words) < 5:
            self._words.append(word)
        if self._depth:
            self._depth += {"CASE": 1, "END": -1}.get(word, 0)
        elif word == "BEGIN" and self._last_word == "AS" and self._creates_procedure():
            self._depth = 1
        self._last_word = word

    def _symbol(self) -> None:
        """What is no word: whatever follows it begins no line of the shell's."""
        if not self._words:
            self._words.append("")
        self._last_word = ""

    def _creates_procedure(self) -> bool:
        return self._words[0] == "CREATE" and "PROCEDURE" in self._words


def _is_closed(text: str, start: str) -> bool:
    """Whether a text that begins with an opening sign has its closing one."""
    end = {"/*": "*/"}.get(start, start)
    token = text if start == _BLOCK else next(tokens(text)).text
    return len(token) >= len(start) + len(end) and (
        token.endswith(end) or (start == _BLOCK and end in text[3:])
    )


def without_leading_comments(statement: str) -> str:
    """A statement as it is sent: a server takes one that begins with a `--` line for nothing at all.

    >>> without_leading_comments("-- all of them\\n select * from t -- here;\\n ;")
    'select * from t -- here;'
    """
    start = 0
    for token in tokens(statement):
        if token.kind != "comment" and not token.text.isspace():
            break
        start = token.end
    return statement[start:].rstrip().removesuffix(";").rstrip()
