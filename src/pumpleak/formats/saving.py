"""Saving: a scheme, a rate law, a cell, a system or an experiment as the text of a file that `load` reads back."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from pumpleak.base.errors import FormatError
from pumpleak.base.names import shown
from pumpleak.cell.cell import Cell
from pumpleak.enzyme.rate_law import RateLaw
from pumpleak.enzyme.scheme import Scheme
from pumpleak.formats.cell_written import cell_written
from pumpleak.formats.light import LightModel
from pumpleak.formats.outputs import Folder
from pumpleak.formats.rate_law import rate_law_written
from pumpleak.formats.runnable import model_in
from pumpleak.formats.scheme import scheme_written
from pumpleak.formats.shelves import MODELS, find, names
from pumpleak.formats.study_written import study_written
from pumpleak.formats.system_written import system_written
from pumpleak.formats.writing import yaml_text
from pumpleak.lab.experiment import Experiment
from pumpleak.system.system import System

Thing: TypeAlias = Scheme | RateLaw | Cell | System | LightModel | Experiment


def text_of(thing: Thing, name: str = "study") -> str:
    """Return a scheme, a rate law, a cell, a system or an experiment as YAML; `name` is what an experiment is called.

    Raises FormatError for what a file cannot say, such as an experiment on a cell that stands in no file.
    """
    if isinstance(thing, Scheme):
        return yaml_text(scheme_written(thing))
    if isinstance(thing, RateLaw):
        return yaml_text(rate_law_written(thing))
    if isinstance(thing, Cell):
        return yaml_text(cell_written(thing))
    if isinstance(thing, System):
        return yaml_text(system_written(thing))
    if isinstance(thing, LightModel):
        return text_of(thing.model)
    if isinstance(thing, Experiment):
        model = thing.model
        if isinstance(model, LightModel):
            path = str(model.path.resolve()) if model.is_file else model.name
            return yaml_text(study_written(name, path, thing, model.overrides))
        if isinstance(model, Cell | System) and model.name in names(*MODELS) and model_in(find(model.name, *MODELS)) == model:
            return yaml_text(study_written(name, model.name, thing, {}))
        message = f"{name}: its model {shown(getattr(model, 'name', model))} is not as the catalogue has it"
        raise FormatError(f"{message}; save(cell, 'cell.yaml') keeps it, and a study file can say 'model: cell.yaml'")
    raise FormatError(f"{shown(thing)} cannot be saved; a scheme, a rate law, a cell, a system or an experiment can")


def save(thing: Thing, path: Path | str) -> Path:
    """Write a scheme, a rate law, a cell, a system or an experiment to a YAML file that `load` reads back.

    An experiment is named after the file. Raises FormatError for what a file cannot say and for a path that cannot be
    written to.
    """
    target = Path(path)
    return Folder(target.parent).text(target.name, text_of(thing, target.stem))
