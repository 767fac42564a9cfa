"""What the models of all file kinds are made of, and how pydantic's findings become one located message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar

import numpy as np
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ValidationError,
)
from pydantic import model_validator as check
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError

from pumpleak.base.errors import FormatError, ModelError, NameUnknown, UnitError
from pumpleak.base.names import did_you_mean, shown
from pumpleak.base.sources import Kind, Source
from pumpleak.base.units import internal, internal_unit, quantity
from pumpleak.formats.document import Document, Fields
from pumpleak.formats.scalars import Plain
from pumpleak.system.grammar import LENGTH_LIMIT

M = TypeVar("M", bound=BaseModel)

# A part of a dotted name, so that it can stand in an expression.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
# The name of a file without its ending: no folder, nothing that a shell or a web page would read differently.
_TITLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# As long as an expression may be that is read; what is written is not cut before.
LONGEST_FORMULA = LENGTH_LIMIT
_EXPECTED = {
    "string_type": "a text",
    "float_type": "a number",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "list_type": "a list",
    "tuple_type": "a list",
}


def wrong(message: str) -> PydanticCustomError:
    """Return the error that a validator raises; the message is passed on as it is."""
    return PydanticCustomError("pumpleak", "{message}", {"message": message})


def _name(given: str) -> str:
    if not _NAME.fullmatch(given):
        raise wrong(f"{shown(given)} is not a name; letters, digits and '_' are, beginning with a letter")
    return given


def _title(given: str) -> str:
    if not _TITLE.fullmatch(given):
        raise wrong(f"{shown(given)} is not a name; letters, digits, '-', '.' and '_' are, at most 64")
    return given


def _number_or_text(given: object) -> object:
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise wrong(f"expected a quantity such as '5 mM', not {_described(given)}")
    return given


def _as_text(given: object) -> object:
    return repr(given) if isinstance(given, int | float) and not isinstance(given, bool) else given


Name = Annotated[str, AfterValidator(_name)]
"""A part of a dotted name."""
Title = Annotated[str, AfterValidator(_title)]
"""The name of a scheme, cell or study."""
Given = Annotated[str | float, BeforeValidator(_number_or_text)]
"""A quantity as it stands in the file: text with a unit, or a bare number."""
Formula = Annotated[str, BeforeValidator(_as_text)]
"""An expression in the units that pumpleak computes in; a number alone is one too."""


class Part(BaseModel):
    """A mapping of a file: only the keys it declares, each of its own type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @check(mode="before")
    @classmethod
    def _only_known_keys(cls, data: Any) -> Any:
        if isinstance(data, dict):
            known = [each.alias or name for name, each in cls.model_fields.items()]
            for key in data:
                if key not in known:
                    message = f"unknown key {shown(key)}{did_you_mean(key, known)}"
                    raise PydanticCustomError("unknown_key", "{message}", {"message": message, "key": key})
        return data


class Value(Part):
    """A quantity, alone (`120 mM`) or with where it comes from (`{value: 120 mM, source: kay-2017, note: ...}`)."""

    value: Given
    source: str = ""
    note: str = ""

    @check(mode="before")
    @classmethod
    def _alone(cls, data: Any) -> Any:
        return data if isinstance(data, dict) else {"value": data}

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return either_alone(handler.resolve_ref_schema(handler(core)))


def either_alone(schema: JsonSchemaValue) -> JsonSchemaValue:
    """Return the JSON Schema of a quantity that may stand alone or in a mapping."""
    return {"anyOf": [{"type": "string"}, {"type": "number"}, schema]}


class SourceEntry(Part):
    """Where numbers come from: the reference, the place in it, the conditions under which they hold."""

    text: str
    where: str = ""
    condition: str = ""
    kind: Kind = "literature"


class File(Part):
    """What every file begins with."""

    pumpleak: int
    title: str = ""
    summary: str = ""
    sources: dict[Title, SourceEntry] = Field(default_factory=dict)
    notes: list[str] = Field(default_factory=list)


def sources_of(document: Document, file: File) -> tuple[Source, ...]:
    """Return the sources that a file declares; raises ModelError with line and column for an empty one."""
    found = []
    for key, entry in file.sources.items():
        with document.at("sources", key):
            found.append(Source(key, entry.text, entry.where, entry.condition, entry.kind))
    return tuple(found)


def sources_written(sources: Iterable[Source]) -> dict[str, Plain]:
    """Return sources as a file declares them, by key."""
    written: dict[str, Plain] = {}
    for each in sources:
        fields: dict[str, Plain] = {"text": each.text, "where": each.where, "condition": each.condition}
        kind: dict[str, Plain] = {} if each.kind == "literature" else {"kind": each.kind}
        written[each.key] = {**{name: value for name, value in fields.items() if value}, **kind}
    return written


def cited(document: Document, key: str) -> str:
    """Return the key of a source, none for an empty one; raises NameUnknown for one that the file does not declare."""
    root = document.root
    sources = root.entries.get("sources") if isinstance(root, Fields) else None
    declared = sources.entries if isinstance(sources, Fields) else {}
    if key and key not in declared:
        raise NameUnknown(f"the source {shown(key)} is not declared under 'sources'{did_you_mean(key, declared)}")
    return key


def read_value(given: str | float, name: str) -> tuple[float, str]:
    """Return a quantity of any dimension in its internal unit, and that unit; a UnitError begins with `name`."""
    try:
        measured = internal_unit(quantity(given).unit)
    except UnitError as error:
        raise UnitError(f"{name}: {error}") from None
    return internal(given, measured, name), measured.name


@contextmanager
def computable(document: Document) -> Iterator[None]:
    """Let numbers overflow without warning, and turn what cannot be computed at all into a ModelError.

    Constructors compute with what the file says: an exponent of 1e300 or a temperature of 1e-300 K is no crash.
    """
    try:
        with np.errstate(all="ignore"):
            yield
    except (ArithmeticError, ValueError) as error:
        reason = f"the numbers of this model cannot be computed with ({type(error).__name__}: {error})"
        raise ModelError(str(document.error(reason))) from None


def validated(document: Document, model: type[M]) -> M:
    """Return the content of a file as its model; raises FormatError about the first finding in the file."""
    try:
        return model.model_validate(document.plain)
    except ValidationError as error:
        found = [_located(document, each, model) for each in error.errors(include_url=False)]
    raise min(found, key=lambda each: (each.line or 0, each.column or 0))


def _located(document: Document, finding: ErrorDetails, model: type[BaseModel]) -> FormatError:
    path, kind, context = finding["loc"], finding["type"], finding.get("ctx", {})
    if kind == "unknown_key":
        return document.error(context["message"], (*path, context["key"]), key=True)
    if kind == "missing":
        return document.error(f"the key {shown(path[-1])} is missing{_choices(model, path)}", path[:-1])
    if kind == "union_tag_not_found":
        return document.error(f"the key {context['discriminator']} is missing", path)
    on_key = bool(path) and path[-1] == "[key]"
    return document.error(_message(finding), path, key=on_key)


def _choices(model: type[BaseModel], path: tuple[int | str, ...]) -> str:
    """The words that a missing key of some kind of entry can hold, where they are few."""
    for entry in model.model_json_schema().get("$defs", {}).values():
        properties = entry.get("properties", {})
        words = properties.get(path[-1], {}).get("enum")
        if words and properties.get("kind", {}).get("const") in path:
            return f"; it is {' or '.join(words)}, for example {path[-1]}: {words[0]}"
    return ""


def _message(finding: ErrorDetails) -> str:
    kind, given, context = finding["type"], finding["input"], finding.get("ctx", {})
    if kind == "pumpleak":
        return str(context["message"])
    if kind == "string_type" and isinstance(given, dict):
        return "expected a text, not a mapping; a text that holds ': ' is written in quotes"
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]}, not {_described(given)}"
    if kind == "union_tag_invalid":
        tag, known = context["tag"], re.findall(r"'([^']*)'", context["expected_tags"])
        return f"unknown {context['discriminator'].strip(chr(39))} {shown(tag)}{did_you_mean(tag, known)}"
    if kind == "too_long":
        return f"too many entries; the most is {context['max_length']}"
    if kind == "greater_than_equal":
        return f"{_described(given)} is too small; the least is {context['ge']}"
    if kind == "less_than_equal":
        return f"{_described(given)} is too large; the most is {context['le']}"
    if kind == "literal_error":
        return f"{_described(given)} is not one of {context['expected']}"
    return f"{finding['msg']}, not {_described(given)}"


def _described(given: object) -> str:
    """Return a value as messages show it; a collection by its kind."""
    if isinstance(given, dict):
        return "a mapping"
    if isinstance(given, list):
        return "a list"
    return "nothing" if given is None else shown(given)
