"""Objects kept on disk between runs, so that a model is compiled once per machine.

A file is magic, format number, key, length, sha256 and body; all of it is verified before anything reads the body,
since a damaged object can end the process. Files are written aside and renamed, so that readers and writers at the same
moment see whole files only. A folder that cannot be used costs a recompilation and one line in the log, never a run.
"""

from __future__ import annotations

import logging
import os
import stat
import struct
import sys
import tempfile
from functools import cache
from hashlib import sha256
from pathlib import Path

FOLDER_VARIABLE = "PUMPLEAK_CACHE"
SIZE_MOST = 256 * 2**20   # bytes: some thousands of objects; beyond it the least recently used go
KEEP_SHARE = 0.75         # how much of it is left after that, so that it does not happen at every write

_MAGIC, _FORMAT, _SUFFIX = b"PUMPOBJ\0", 1, ".bin"
_HEADER = struct.Struct("<8sI32sQ32s")

log = logging.getLogger("pumpleak.compile.cache")


def default_folder() -> Path:
    """PUMPLEAK_CACHE, or the place where the operating system keeps what a user's programs can rebuild."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or _home() / "AppData" / "Local") / "pumpleak" / "cache"
    if sys.platform == "darwin":
        return _home() / "Library" / "Caches" / "pumpleak"
    return Path(os.environ.get("XDG_CACHE_HOME") or _home() / ".cache") / "pumpleak"


def _home() -> Path:
    """The user's folder; where there is none (a container's bare user id), a name nobody can write to."""
    try:
        return Path.home()
    except RuntimeError:
        return Path(os.devnull)


class Store:
    """Bytes by kind and key, in one folder that belongs to the user."""

    def __init__(self, folder: Path, size_most: int = SIZE_MOST) -> None:
        self.folder, self.size_most = folder, size_most
        self._silent = False

    def get(self, kind: str, key: str) -> bytes | None:
        """What was kept under this key; None when there is nothing, or nothing that can be trusted."""
        path = self._path(kind, key)
        try:
            if not self._is_ours():
                return None
            data = path.read_bytes()
        except OSError:
            return None
        body = _opened(data, _digest(kind, key))
        if body is None:
            self._say(f"{path.name} is damaged or of another version; it is made again")
            return None
        try:
            os.utime(path)
        except OSError:
            log.debug("the time of %s could not be set", path.name)
        return body

    def put(self, kind: str, key: str, body: bytes) -> None:
        """Keep bytes under a key; a folder that cannot be written to is reported once and left alone."""
        header = _HEADER.pack(_MAGIC, _FORMAT, _digest(kind, key), len(body), sha256(body).digest())
        aside: Path | None = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not self._is_ours():
                self._say(f"the cache folder {self.folder} is another user's or open to others; nothing is kept")
                return
            handle, name = tempfile.mkstemp(dir=self.folder, prefix="aside-")
            aside = Path(name)
            with os.fdopen(handle, "wb") as file:
                file.write(header + body)
            os.replace(aside, self._path(kind, key))
            aside = None
            self._trim()
        except OSError as error:
            self._say(f"the cache folder {self.folder} cannot be written to ({error}); compiling in memory")
        finally:
            if aside is not None:
                aside.unlink(missing_ok=True)

    def clear(self) -> int:
        """Remove everything that is kept; returns how many files went."""
        files = self._files()
        for path in files:
            path.unlink(missing_ok=True)
        return len(files)

    def _path(self, kind: str, key: str) -> Path:
        return self.folder / f"{_digest(kind, key).hex()}{_SUFFIX}"

    def _files(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return [path for path in self.folder.iterdir() if path.suffix == _SUFFIX or path.name.startswith("aside-")]

    def _is_ours(self) -> bool:
        """Whether the folder is a real one, belongs to this user and only this user can write in it.

        Where the system has no such notion (Windows), the user's own folder is trusted.
        """
        status = self.folder.lstat()
        if not stat.S_ISDIR(status.st_mode):
            return False
        if not hasattr(os, "getuid"):
            return True
        return status.st_uid == os.getuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)

    def _trim(self) -> None:
        sizes = {}
        for path in self._files():
            try:
                status = path.stat()
            except FileNotFoundError:  # another process removed it
                continue
            sizes[path] = (status.st_mtime_ns, status.st_size)
        total = sum(size for _, size in sizes.values())
        if total <= self.size_most:
            return
        for path in sorted(sizes, key=lambda entry: sizes[entry]):
            path.unlink(missing_ok=True)
            total -= sizes[path][1]
            if total <= self.size_most * KEEP_SHARE:
                return

    def _say(self, message: str) -> None:
        if not self._silent:
            self._silent = True
            log.warning("%s", message)


def _digest(kind: str, key: str) -> bytes:
    return sha256(f"{kind}\0{key}".encode()).digest()


def _opened(data: bytes, digest: bytes) -> bytes | None:
    if len(data) < _HEADER.size:
        return None
    magic, number, key, length, checksum = _HEADER.unpack_from(data)
    body = data[_HEADER.size:]
    good = magic == _MAGIC and number == _FORMAT and key == digest and len(body) == length
    return body if good and sha256(body).digest() == checksum else None


@cache
def _store_of(folder: Path) -> Store:
    return Store(folder)


def default_store() -> Store:
    """The user's cache, one for the process and folder."""
    return _store_of(default_folder())
