"""Compiled objects of the tests go to a folder of their own, shared by the workers of one run."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

# the same examples on every machine and at every hour: `make slow` searches further
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A fresh cache, never the user's."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cache"
    folder.mkdir(mode=0o700, exist_ok=True)
    before = os.environ.get("PUMPLEAK_CACHE")
    os.environ["PUMPLEAK_CACHE"] = str(folder)
    yield
    if before is None:
        del os.environ["PUMPLEAK_CACHE"]
    else:
        os.environ["PUMPLEAK_CACHE"] = before
