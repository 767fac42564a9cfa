"""What stands in a file of the kind `fit:`: a model, data, the constants that may change."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic import model_validator as check

from pumpleak.fitting.data import Free
from pumpleak.fitting.problem import Loss, Noise
from pumpleak.formats.parts import File, Formula, Given, Part, Title, wrong


class FitData(Part):
    """One set of data: a table of the catalogue or a CSV file, or one value under given conditions."""

    table: str = ""
    value: Given | None = None
    observe: str = ""
    error: Given | None = None
    scale: Free | float | None = None
    offset: Free = "no"
    weight: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 1.0
    at: str = ""
    conditions: dict[str, Given] = Field(default_factory=dict)
    temperature: Given | None = None
    holding: Given | None = None
    between: list[Given] | None = None
    of: str = ""
    span: list[Given] | None = None
    experiment: str = ""
    source: str = ""

    @check(mode="after")
    def _a_table_or_a_value(self) -> FitData:
        if bool(self.table) == (self.value is not None):
            given = f"table {self.table!r} and value {self.value!r}" if self.table else "neither"
            raise wrong(f"data are a 'table' or one 'value'; here is {given}")
        for name, pair in (("between", self.between), ("span", self.span)):
            if pair is not None and len(pair) != 2:
                raise wrong(f"{name} has {len(pair)} values; give the lower and the higher one")
        return self


class FitPrior(Part):
    """What is known of a constant: its centre and a width in its unit, or a factor for one that is log-normal."""

    centre: Given
    width: Given | None = None
    factor: Annotated[float, Field(gt=1, allow_inf_nan=False)] | None = None

    @check(mode="after")
    def _one_width(self) -> FitPrior:
        if (self.width is None) == (self.factor is None):
            given = "both" if self.width is not None else "neither"
            raise wrong(f"a prior has a 'width' (normal) or a 'factor' (log-normal); here is {given}")
        return self


class FitParameter(Part):
    """A constant that is fitted: [low, high], or with a start, a scale and a prior."""

    low: Given
    high: Given
    start: Given | None = None
    scale: Literal["log", "linear"] | None = None
    prior: FitPrior | None = None

    @check(mode="before")
    @classmethod
    def _bounds_alone(cls, data: Any) -> Any:
        if isinstance(data, list):
            if len(data) != 2:
                raise wrong(f"a list of {len(data)} values; give the lower and the higher bound")
            return {"low": data[0], "high": data[1]}
        return data


class FitFile(File):
    """A model fitted to data."""

    fit: Title
    model: str
    set_: dict[str, Given] = Field(default_factory=dict, alias="set")
    data: dict[Title, FitData]
    parameters: dict[str, FitParameter]
    tied: dict[str, Formula] = Field(default_factory=dict)
    noise: Noise = "estimated"
    loss: Loss = "linear"
    level: Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)] = 0.9
