"""Ctrl-C, pressed for real: nothing that was computed is lost, and nothing but a message is seen."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from pumpleak.app.cli import interrupted
from pumpleak.app.interrupts import held_interrupts

# A child of a shell in the background ignores Ctrl-C; ours must hear it whoever started the tests.
HEARD = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
PULSES = """pumpleak: 1
study: pulses
model: generic-cell
protocol:
  - repeat: 100000
    steps:
      - pulse: 10 ms
        with: {stimulus.injected: 1 pA}
        after: 1 s
samples: 2
record: [membrane.V]
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C reaches a whole console there, the tests included")


def started(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", HEARD + code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            encoding="utf-8", start_new_session=True)


def command(*arguments: str | Path, before: str = "") -> str:
    return f"import sys\nsys.argv = ['pumpleak', *{[str(each) for each in arguments]!r}]\n{before}\n" \
           "from pumpleak.app.cli import main\nmain()\n"


def until(process: subprocess.Popen[str], word: str) -> str:
    """What a process says up to a word."""
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if word in line:
            return said
    raise AssertionError(said)


def test_a_run_that_is_interrupted_says_so_at_once_and_keeps_what_it_has(tmp_path: Path) -> None:
    (tmp_path / "pulses.yaml").write_text(PULSES, encoding="utf-8")
    # slow books: whoever waits for them in silence presses again
    slow = ("import time\nimport pumpleak.lab.run as module\nimport pumpleak.lab.result as result\n"
            "module.FIRST_BUDGET = module.MOST_BUDGET = 50\nbooks = result.ledger_of\n"
            "def slowly(record):\n    time.sleep(1.0)\n    print('books', file=sys.stderr, flush=True)\n"
            "    return books(record)\n"
            "result.ledger_of = slowly")
    with started(command("run", tmp_path / "pulses.yaml", "--out", tmp_path / "out", before=slow)) as process:
        said = until(process, "running")
        process.send_signal(signal.SIGINT)
        said += until(process, "writing what there is")
        assert "books" not in said
        process.send_signal(signal.SIGINT)  # while the books are made
        _, rest = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Traceback" not in said + rest
    assert "stopped at" in rest
    assert {each.name for each in (tmp_path / "out").iterdir()} == {"summary.json", "study.yaml", "result.csv"}
    assert json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["status"] == "interrupted"


@pytest.mark.parametrize("wait", [0.0, 0.05, 0.15, 0.25, 0.4])
def test_no_moment_of_a_start_gives_a_traceback(wait: float) -> None:
    """From our own first line on: before that it is Python that starts."""
    ready = ("def heard(event, details):\n    if event == 'import' and details[0] == 'pumpleak.app.commands':\n"
             "        print('ready', file=sys.stderr, flush=True)\nsys.addaudithook(heard)")
    with started(command("pump", "pan-2018-4", before=ready)) as process:
        until(process, "ready")
        time.sleep(wait)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) in ((1, "pumpleak: interrupted\n"), (0, ""))


def test_a_ctrl_c_within_the_making_of_a_class_is_one() -> None:
    """Up to Python 3.11 what __set_name__ raises comes wrapped; which class is made when Ctrl-C comes is chance."""

    class Slow:
        def __set_name__(self, owner: type, name: str) -> None:
            raise KeyboardInterrupt

    with pytest.raises((KeyboardInterrupt, RuntimeError)) as caught:
        type("Made", (), {"part": Slow()})
    assert interrupted(caught.value)
    assert not interrupted(RuntimeError("another"))


def test_an_interruption_waits_for_what_is_written() -> None:
    answered: list[str] = []
    before = signal.getsignal(signal.SIGINT)

    def write() -> None:
        with held_interrupts(lambda: answered.append("held")):
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
            answered.append("whole")

    with pytest.raises(KeyboardInterrupt):
        write()
    assert (answered, signal.getsignal(signal.SIGINT)) == (["held", "whole"], before)


def test_another_thread_hears_no_signals_and_writes_all_the_same() -> None:
    done: list[bool] = []

    def write() -> None:
        with held_interrupts(lambda: None):
            done.append(True)

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    assert done == [True]
