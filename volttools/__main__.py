"""The command `volttools`, and `python -m volttools`, which is the same."""

from __future__ import annotations

import os
import signal


def main() -> None:
    """Import the command line, which takes longer than some commands, and run it.

    Ctrl-C ends it from the first moment on, without a word and with the status that it has later as well.
    """
    is_default = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # nohup and shells ignore it
    if is_default:  # an exception would come out of whatever is being imported
        signal.signal(signal.SIGINT, lambda number, frame: os._exit(130))
    from volttools.cli import main as run

    try:
        if is_default:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        run()
    except KeyboardInterrupt:
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
