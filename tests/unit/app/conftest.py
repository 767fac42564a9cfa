"""Commands called as the shell calls them, and one tour for all tests that look at it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pumpleak.app.commands import commands
from pumpleak.app.tour import Tour, take_tour

Call = Callable[..., Result]


@pytest.fixture
def call() -> Call:
    """Run a command line; only SystemExit may end it."""

    def run(*arguments: str | Path) -> Result:
        done = CliRunner().invoke(commands, [str(each) for each in arguments])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    return run


@pytest.fixture(scope="session")
def tour() -> Tour:
    """The tour, taken once."""
    return take_tour()
