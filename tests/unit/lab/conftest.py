"""Compiled objects of these tests go to a folder of their own."""

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    before = os.environ.get("PUMPLEAK_CACHE")
    os.environ["PUMPLEAK_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["PUMPLEAK_CACHE"]
    else:
        os.environ["PUMPLEAK_CACHE"] = before
