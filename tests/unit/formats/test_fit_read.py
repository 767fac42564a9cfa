"""Files of the kind `fit:`: what they give, and what is said of those that cannot be, word for word."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pumpleak.base.errors import FormatError, ModelError, NameUnknown, PumpleakError, UnitError
from pumpleak.enzyme.scheme import Scheme
from pumpleak.fitting.problem import Problem
from pumpleak.formats.catalog import entries
from pumpleak.formats.fit_read import fits, problem_in

TABLE = """\
V [mV],pump current at outside.K = 1 mM [pA/pF],current at outside.K = 5 mM [pA/pF],error at outside.K = 5 mM [pA/pF]
-80,0.24,0.57,0.01
0,0.48,0.85,0.02
"""
STUDY = """\
pumpleak: 1
fit: mine
model: post-albers-23
data:
  currents:
    table: mine.csv
    scale: curve
    error: 2 %
    at: physiological
    temperature: 300 K
  half: {observe: half-activation, of: outside.K, value: 1450 uM, error: 0.05 mM, at: physiological}
  slow: {table: slow-charge-sodium, scale: curve, offset: curve, error: 0.05}
parameters:
  K_K_out: [0.005 mM, 5 mM]
  to_E1_ATP: {low: 10 1/s, high: 1000 1/s, start: 50 1/s, prior: {centre: 90 1/s, factor: 3}}
  change_to_E2P.activation: {low: 20 kJ/mol, high: 120 kJ/mol, scale: linear, prior: {centre: 80 kJ/mol, width: 10 kJ/mol}}
tied: {to_E1: 0.02*to_E1_ATP}
noise: given
level: 0.95
"""


def read(folder: Path, old: str = "", new: str = "", table: str = TABLE, study: str = STUDY) -> Problem:
    assert old in study
    (folder / "mine.csv").write_text(table, encoding="utf-8")
    (folder / "mine.yaml").write_text(study.replace(old, new, 1) if old else study, encoding="utf-8")
    return problem_in(folder / "mine.yaml")


def test_a_study_becomes_a_problem(tmp_path: Path) -> None:
    problem = read(tmp_path)
    currents, half, slow = problem.data
    assert (currents.observe, currents.scale, currents.swept) == ("current", "curve", "membrane.V")
    assert currents.base == "physiological"
    np.testing.assert_allclose(currents.points, [0.24, 0.48, 0.57, 0.85])
    np.testing.assert_allclose(currents.sigma, 0.02 * 0.85)
    np.testing.assert_allclose(np.asarray(currents.conditions["outside.K"]), [1.0, 1.0, 5.0, 5.0])
    assert currents.conditions["temperature"] == 300.0
    assert (half.points[0], half.sigma[0], half.unit) == pytest.approx((1.45, 0.05, "mM"))
    assert (slow.observe, slow.holding, slow.between, slow.conditions["temperature"]) == ("charge", 0.0, (28.0, np.inf), 298.15)
    assert len(slow.groups("curve")) == 4
    first, second, third = problem.unknowns
    assert (first.low, first.high, first.logarithmic) == (0.005, 5.0, True)
    assert (second.start, second.low) == pytest.approx((0.05, 0.01))  # 1/ms inside
    assert second.prior is not None
    assert second.prior.residual(0.27) == pytest.approx(1.0)
    assert (third.logarithmic, third.start, third.high) == (False, 80e3, 120e3)
    assert (problem.noise, problem.level, problem.values({"to_E1_ATP": 0.05})["to_E1"]) == ("given", 0.95, 0.001)


def test_errors_stand_in_a_column_of_their_own(tmp_path: Path) -> None:
    table = "V [mV],current [pA/pF],current error [pA/pF]\n-80,0.57,0.01\n0,0.85,0.02\n"
    currents = read(tmp_path, "    error: 2 %\n", table=table).data[0]
    np.testing.assert_allclose(currents.sigma, [0.01, 0.02])


def test_rows_may_have_conditions_of_their_own(tmp_path: Path) -> None:
    table = ("membrane.V [mV],outside.K [uM],curve,turnover [1/s],turnover error [1/s]\n"
             "0,1000,a,30,1\n-40,5000,b,40,2\n0,5000,b,,2\n")
    currents = read(tmp_path, "    error: 2 %\n", table=table).data[0]
    assert (currents.curve, currents.swept, currents.observe) == (("a", "b"), "membrane.V", "turnover")
    np.testing.assert_allclose(np.asarray(currents.conditions["outside.K"]), [1.0, 5.0])
    np.testing.assert_allclose(currents.sigma, [1.0, 2.0])


def test_every_fit_of_the_catalogue_reads() -> None:
    assert fits()
    for name, path in fits().items():
        problem = problem_in(name)
        assert problem.name == name == path.stem
        assert isinstance(problem.model, Scheme)
        assert problem.model.name in {each.name for each in entries("pumps")}


@pytest.mark.parametrize(("old", "new", "error", "place", "message"), [
    ("noise: given", "noise: gven", FormatError, "18:8", "'gven' is not one of 'given' or 'estimated'"),
    ("noise: given", "nose: given", FormatError, "18:1", "unknown key 'nose'; did you mean 'noise' or 'notes'?"),
    ("    scale: curve", "    scales: curve", FormatError, "7:5", "unknown key 'scales'; did you mean 'scale'?"),
    ("model: post-albers-23", "model: chapman-1938", NameUnknown, "3:8",
     "unknown scheme or cell 'chapman-1938'; did you mean 'chapman-1983'?"),
    ("K_K_out: [", "K_K_ot: [", NameUnknown, "14:3",
     "post-albers-23: it has no constant 'K_K_ot'; did you mean 'K_K_out', 'on_K_out' or 'K_Na_out'?"),
    ("[0.005 mM, 5 mM]", "[0.005 1/s, 5 mM]", UnitError, "14:12",
     "K_K_out: '0.005 1/s' is a rate [1/ms]; expected a concentration [mM]"),
    ("[0.005 mM, 5 mM]", "[0.005 mM]", FormatError, "14:12", "a list of 1 values; give the lower and the higher bound"),
    ("[0.005 mM, 5 mM]", "[5 mM, 0.005 mM]", ModelError, "14:12",
     "K_K_out: bounds from 5 to 0.005 mM leave no room; give a lower and a higher finite number"),
    ("[0.005 mM, 5 mM]", "{low: -5 mM, high: 5 mM, scale: linear}", ModelError, "14:18",
     "fit: K_K_out is -5 mM; it must be zero or positive"),
    ("start: 50 1/s", "start: 5 1/s", ModelError, "15:14",
     "to_E1_ATP: it starts at 0.005 1/ms, outside its bounds from 0.01 to 1 1/ms; widen them, or give another start"),
    ("factor: 3}", "factor: 3, width: 3 1/s}", FormatError, "15:66",
     "a prior has a 'width' (normal) or a 'factor' (log-normal); here is both"),
    ("0.02*to_E1_ATP", "0.02*to_E1_AT", NameUnknown, "17:8",
     "post-albers-23: it has no constant 'to_E1_AT'; did you mean 'to_E1_ATP', 'to_E1' or 'to_E1P'?"),
    ("tied: {to_E1:", "tied: {to_E2:", NameUnknown, "17:8",
     "post-albers-23: it has no constant 'to_E2' (it is derived from detailed balance); did you mean 'to_E2P', 'to_E1' or "
     "'to_E1P'?"),
    ("    table: mine.csv", "    table: mine.csv\n    value: 3 1/s", FormatError, "6:5",
     "data are a 'table' or one 'value'; here is table 'mine.csv' and value '3 1/s'"),
    ("table: mine.csv", "table: my.csv", FormatError, "", "my.csv: cannot be read: No such file or directory"),
    ("table: slow-charge-sodium", "table: slow-charge", NameUnknown, "12:17",
     "unknown measured table 'slow-charge'; did you mean 'slow-charge-sodium'?"),
    ("    scale: curve", "    scale: 0.02", None, "", ""),
    ("    scale: curve\n", "    scale: 'no'\n", UnitError, "6:5",
     "currents: current is in 1/s, but the data are in pA/pF; give data in 1/s, or let their scale be free: `scale: table` or "
     "`scale: curve`"),
    ("    error: 2 %", "    error: 2 mV", UnitError, "8:12",
     "error: '2 mV' is a voltage [mV]; expected a voltage rate [pA/pF]"),
    ("temperature: 300 K", "temperature: 300 mM", UnitError, "10:18",
     "temperature: '300 mM' is a concentration [mM]; expected a temperature [K]"),
    ("of: outside.K, value", "of: outside.Rb, value", None, "", ""),
    ("fit: mine", "study: mine", FormatError, "1:1",
     "the file is a study; a fit is needed here: it begins with 'pumpleak: 1' and 'fit:'"),
])
def test_a_wrong_study_is_refused_where_it_is_wrong(tmp_path: Path, old: str, new: str, error: type[PumpleakError] | None,
                                                    place: str, message: str) -> None:
    if error is None:  # found when the data meet the scheme, not before
        read(tmp_path, old, new)
        return
    with pytest.raises(error) as refused:
        read(tmp_path, old, new)
    told = str(refused.value)
    assert told.endswith(message), told
    if place:
        assert told == f"{tmp_path / 'mine.yaml'}:{place}: {message}"


def test_a_cell_needs_a_study_of_its_own(tmp_path: Path) -> None:
    study = ("pumpleak: 1\nfit: mine\nmodel: generic-cell\ndata:\n  sodium: {table: mine.csv, experiment: pump-block}\n"
             "parameters: {leak_K.permeability: [1e-9 cm/s, 1e-5 cm/s]}\n")
    table = "time [min],inside.Na [mM]\n1,12\n20,30\n"
    problem = read(tmp_path, table=table, study=study)
    assert (problem.data[0].observe, problem.data[0].unit) == ("inside.Na", "mM")
    np.testing.assert_allclose(np.asarray(problem.data[0].conditions["time"]), [6e4, 1.2e6])
    with pytest.raises(ModelError, match=r":5:\d+: sodium: a cell is fitted to time courses, but no `experiment` is named"):
        read(tmp_path, ", experiment: pump-block", "", table, study)
    with pytest.raises(ModelError, match=r":5:\d+: sodium: the study 'kay-pump-off' runs 'kay-2017', but 'generic-cell' is "):
        read(tmp_path, "pump-block", "kay-pump-off", table, study)
    with pytest.raises(NameUnknown, match=r":6:14: unknown parameter 'leak_K\.permeabilit'; did you mean 'leak_K\.perm"):
        read(tmp_path, "leak_K.permeability", "leak_K.permeabilit", table, study)


