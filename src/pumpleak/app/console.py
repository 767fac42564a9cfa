"""What all commands share: common options, what goes to which stream, progress, and the exit codes."""

from __future__ import annotations

import errno
import functools
import json
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec

import click

from pumpleak.base.errors import FormatError, LedgerError, PumpleakError, SolveError
from pumpleak.formats.scalars import finite

P = ParamSpec("P")

DONE, FAILED, BAD_INPUT, BREACH = 0, 1, 2, 3
"""Exit codes: done; the solve failed or was interrupted; bad input; ledger breach, or a failed verdict with --strict."""

BAR = 30  # characters
REDRAWN = 0.1  # s between two drawings of the bar: faster is not seen
MOMENT = 1.0  # s: work that is over sooner is not announced
LINE_EVERY = 0.1  # share of the work between two plain lines, where nobody watches a bar move


@dataclass
class Console:
    """How one command talks: results to stdout, everything else to stderr."""

    json: bool = False
    quiet: bool = False
    seed: int | None = None
    verbose: int = 0
    live: bool = field(default_factory=lambda: sys.stderr.isatty())

    def result(self, text: str, plain: Mapping[str, Any] | None = None) -> None:
        """Write the answer of a command: its text, or with --json what stands for it as one JSON object."""
        if self.json and plain is not None:
            click.echo(json.dumps(finite(plain), indent=2, allow_nan=False))
        elif not self.json:
            click.echo(text)

    def say(self, text: str) -> None:
        """Write a remark, unless quiet."""
        if not self.quiet:
            click.echo(text, err=True)

    @contextmanager
    def progress(self, what: str) -> Iterator[Callable[[float], None]]:
        """Show how far a long work is: a bar on a terminal, plain lines elsewhere, nothing when quiet.

        Gives a function to call with the share that is done, 0 to 1.
        """
        if self.quiet:
            yield lambda done: None
            return
        shown = _Bar(what) if self.live else _Lines(what)
        try:
            yield shown.at
        finally:
            shown.close()

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Say what is being done, if it takes longer than a moment."""
        later = threading.Timer(MOMENT, self.say, [f"{what} ..."])
        later.daemon = True
        later.start()
        try:
            yield
        finally:
            later.cancel()


class _Bar:
    """A bar that is drawn over itself; work that is over at once shows none."""

    def __init__(self, what: str) -> None:
        self.what, self.drawn, self.began = what, 0.0, time.monotonic()

    def at(self, done: float) -> None:
        now = time.monotonic()
        if now - max(self.drawn, self.began) < REDRAWN:
            return
        self.drawn = now
        full = int(BAR * done)
        click.echo(f"\r{self.what} [{'#' * full}{'.' * (BAR - full)}] {done:4.0%}", err=True, nl=False)

    def close(self) -> None:
        if self.drawn:
            click.echo("\r" + " " * (len(self.what) + BAR + 10) + "\r", err=True, nl=False)


class _Lines:
    """A line for every tenth of the work, if it takes longer than a moment."""

    def __init__(self, what: str) -> None:
        self.what, self.next, self.began = what, LINE_EVERY, time.monotonic()

    def at(self, done: float) -> None:
        if done < self.next or time.monotonic() - self.began < MOMENT:
            return
        self.next = (int(done / LINE_EVERY) + 1) * LINE_EVERY
        click.echo(f"{self.what}: {done:.0%}", err=True)

    def close(self) -> None:
        """Nothing is left on the screen."""


def options(function: Callable[Concatenate[Console, P], None]) -> Callable[..., None]:
    """Add --json, -q, -v and --seed to a command, give it a Console, and turn errors into messages and exit codes."""

    @click.option("--json", "as_json", is_flag=True, help="Write the answer as JSON.")
    @click.option("-q", "--quiet", is_flag=True, help="No remarks and no progress.")
    @click.option("-v", "--verbose", count=True, help="Log what is done and show all notes; -vv in detail.")
    @click.option("--seed", type=int, default=None, help="Seed of random numbers; written beside results.")
    @functools.wraps(function)
    def command(as_json: bool, quiet: bool, verbose: int, seed: int | None, *args: P.args, **kwargs: P.kwargs) -> None:
        with _logged(verbose, quiet), answers():
            function(Console(as_json, quiet, seed, verbose), *args, **kwargs)

    return command


@contextmanager
def answers() -> Iterator[None]:
    """Turn every error that is not a bug into one message on stderr and the exit code that belongs to it."""
    try:
        yield
    except PumpleakError as error:
        click.echo(f"pumpleak: {error}", err=True)
        raise SystemExit(exit_code(error)) from None
    except KeyboardInterrupt:
        click.echo("pumpleak: interrupted", err=True)
        raise SystemExit(FAILED) from None
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise  # the reader of a pipe has gone: click ends quietly
        click.echo(f"pumpleak: {error.filename or 'the output cannot be written'}: {error.strerror or error}", err=True)
        raise SystemExit(BAD_INPUT) from None


def exit_code(error: PumpleakError) -> int:
    """The exit code for an error."""
    if isinstance(error, LedgerError):
        return BREACH
    return FAILED if isinstance(error, SolveError) else BAD_INPUT


def pairs(given: tuple[str, ...], option: str = "--set") -> dict[str, str]:
    """Read `name=value` options.

    Raises FormatError for one without a name or a value, and for a name given twice.
    """
    values: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        name, value = name.strip(), value.strip()
        if not (name and equals and value):
            raise FormatError(f'{option} {text!r}: expected name=value, for example {option} outside.K="8 mM"')
        if name in values:
            raise FormatError(f"{option} {text!r}: {name} was already set to {values[name]!r}; give it once")
        values[name] = value
    return values


@contextmanager
def _logged(verbose: int, quiet: bool) -> Iterator[None]:
    """Send the package's log to stderr while a command runs."""
    log, handler = logging.getLogger("pumpleak"), logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    before = log.level
    log.setLevel(logging.ERROR if quiet else (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)])
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(before)
