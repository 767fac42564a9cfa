"""The published JSON Schema, and the keys of our files."""

import json

import pytest

from pumpleak.base.errors import NameUnknown
from pumpleak.formats.models import FILES, schema


@pytest.mark.parametrize("kind", FILES)
def test_a_schema_is_published_for_every_kind(kind: str) -> None:
    found = json.loads(json.dumps(schema(kind)))
    assert found["required"][:2] == ["pumpleak", kind]
    assert found["additionalProperties"] is False


def test_every_mapping_of_a_schema_is_described_and_closed() -> None:
    for kind in FILES:
        for name, part in schema(kind)["$defs"].items():
            parts = part.get("anyOf", [part])
            described = parts[-1]
            assert described.get("additionalProperties") is False, name
            assert described.get("description"), name


def test_a_quantity_may_stand_alone_or_in_a_mapping() -> None:
    value = schema("cell")["$defs"]["Value"]
    assert [each.get("type") for each in value["anyOf"]] == ["string", "number", "object"]


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(NameUnknown, match="unknown kind of file 'cells'; did you mean 'cell'"):
        schema("cells")
