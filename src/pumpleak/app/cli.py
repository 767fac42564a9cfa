"""Where `pumpleak` starts: before anything that takes time is imported, so that Ctrl-C never meets a bare import."""

from __future__ import annotations

import os
import signal
import sys

INTERRUPTED = 1  # the exit code, as for any failure


def main() -> None:
    """Run the command line."""
    try:
        from pumpleak.app.commands import commands

        commands(prog_name="pumpleak")
    except (KeyboardInterrupt, RuntimeError) as error:
        if not interrupted(error):
            raise
        sys.stderr.write("pumpleak: interrupted\n")
        _leave()
    except SystemExit as end:
        if end.code == INTERRUPTED:
            _leave()
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is done: nothing is left to interrupt but Python's own end
        raise


def interrupted(error: BaseException) -> bool:
    """Whether it is a Ctrl-C; one that falls into the making of a class is, up to Python 3.11, the cause of another error."""
    return isinstance(error, KeyboardInterrupt) or isinstance(error.__cause__, KeyboardInterrupt)


def _leave() -> None:
    """End at once: where a signal once fell into an `exec` of text, Python would end itself by it, whatever was answered."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(INTERRUPTED)
