"""Sources and their short form."""

import pytest

from pumpleak.base.errors import ModelError
from pumpleak.base.sources import Source


def test_short_form() -> None:
    assert Source("pan-2018", "Pan et al. 2018").cite() == "pan-2018"
    assert Source("pan-2018", "Pan et al. 2018", "Table 2", "310 K").cite() == "pan-2018, Table 2 (310 K)"
    assert Source("leak", "chosen so that V rests at -70 mV", kind="ours").cite() == "leak (ours)"
    remembered = Source("hille-2001", "Hille 2001", "p. 4", "20 degC", "memory")
    assert remembered.cite() == "hille-2001, p. 4 (20 degC; from memory)"


def test_what_is_not_a_source_is_refused() -> None:
    with pytest.raises(ModelError, match="source key '', text 'Pan': both are needed"):
        Source("", "Pan")
    with pytest.raises(ModelError, match="source 'pan': unknown kind 'litrature'; did you mean 'literature'\\?"):
        Source("pan", "Pan", kind="litrature")  # type: ignore[arg-type]
