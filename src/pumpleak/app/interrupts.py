"""Ctrl-C while something is written: held until that is whole."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def held_interrupts(answer: Callable[[], None]) -> Iterator[None]:
    """Let nothing interrupt what is done within; a Ctrl-C meanwhile is answered at once and raised at the end.

    Outside the main thread, where Python hears no signals, nothing changes; nor where Ctrl-C is ignored or not Python's.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    pressed: list[int] = []

    def hold(number: int, frame: FrameType | None) -> None:
        pressed.append(number)
        if len(pressed) == 1:
            answer()

    signal.signal(signal.SIGINT, hold)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt
