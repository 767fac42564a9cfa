"""The rules of design/architecture.md and CONTRIBUTING.md that a machine can check, read from the source by ast."""

import ast
import io
import statistics
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "pumpleak"
FILES = sorted(PACKAGE.rglob("*.py"))

# Which folders each folder may import from; the arrows of design/architecture.md written out.
ARROWS: dict[str, set[str]] = {
    "base": set(),
    "system": {"base"},
    "enzyme": {"base", "system"},
    "cell": {"base", "system", "enzyme"},
    "solve": {"base"},
    "compile": {"base", "system", "solve"},
    "lab": {"base", "system", "compile", "solve"},
    "fitting": {"base", "system", "enzyme", "lab"},
    "formats": {"base", "system", "enzyme", "cell", "compile", "lab", "fitting"},
    "app": {"base", "system", "enzyme", "cell", "compile", "solve", "lab", "fitting", "formats"},
    "units": {"base"},
    "__main__": {"app"},
    "__init__": {"base", "system", "enzyme", "cell", "compile", "solve", "lab", "fitting", "formats", "app"},
}
LONGEST_FILE = 400
MEDIAN_FILE = 200
LONGEST_FUNCTION = 50
# "file: function" -> why it may be longer than LONGEST_FUNCTION.
LONG_FUNCTIONS: dict[str, str] = {}
# Modules that need each other, imported lazily on one side -> why that is right.
CIRCLES = {
    frozenset({"pumpleak.system.expression", "pumpleak.system.functions"}):
        "a derivative is looked up in the table of functions, and the table's derivatives are expressions",
}
ERRORS = {"PumpleakError", "UnitError", "NameUnknown", "ModelError", "SolveError", "LedgerError", "FormatError"}
# They run text, keep objects as code, or turn text into mathematics by running it.
BANNED = {"eval", "exec", "__import__", "lambdify", "sympify", "pickle", "dill", "marshal", "shelve", "object_"}
# Not on Windows, or not safe beside threads.
ONE_PLATFORM = {"fcntl", "termios", "pwd", "grp", "resource", "fork", "forkpty"}

Function = ast.FunctionDef | ast.AsyncFunctionDef
Node = TypeVar("Node", bound=ast.AST)


def name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def folder(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(text(path), str(path))


def nodes(path: Path, kind: type[Node]) -> Iterator[Node]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, kind))


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, Function))


@cache
def code_lines(path: Path) -> frozenset[int]:
    """Numbers of the lines that hold code: no blank lines, comments or docstrings."""
    layout = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text(path)).readline):
        if token.type not in layout:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(tree(path)):
        string = docstring(node)
        if string is not None:
            lines.difference_update(range(string.lineno, (string.end_lineno or string.lineno) + 1))
    return frozenset(lines)


def docstring(node: ast.AST) -> ast.Expr | None:
    if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or not node.body:
        return None
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return first
    return None


def is_module(dotted: str) -> bool:
    return PACKAGE.joinpath(*dotted.split(".")[1:]).with_suffix(".py").exists()


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted module of every import of ours, those inside functions and for type checking included."""
    for plain in nodes(path, ast.Import):
        yield from ((plain.lineno, alias.name) for alias in plain.names if alias.name.split(".")[0] == "pumpleak")
    for node in nodes(path, ast.ImportFrom):
        module = node.module or ""
        if module.split(".")[0] == "pumpleak":
            inner = [f"{module}.{alias.name}" for alias in node.names]
            yield from {(node.lineno, target if is_module(target) else module) for target in inner}


def test_there_is_a_package_to_check() -> None:
    assert {folder(path) for path in FILES} == set(ARROWS)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_imports_follow_the_arrows(path: Path) -> None:
    allowed = ARROWS[folder(path)] | ({folder(path)} if path.parent != PACKAGE else set())
    wrong = [f"line {line}: {target}" for line, target in imports(path) if target.split(".")[1] not in allowed]
    assert wrong == [], f"{folder(path)} may import from {sorted(allowed)}"


@pytest.mark.parametrize("path", FILES, ids=name)
def test_imports_are_absolute_and_never_of_the_top_package(path: Path) -> None:
    plain = [(node, alias) for node in nodes(path, ast.Import) for alias in node.names]
    wrong = [
        f"line {node.lineno}: import {alias.name}"
        for node, alias in plain
        if alias.name == "pumpleak" or (alias.name.startswith("pumpleak.") and not alias.asname)
    ]
    wrong += [
        f"line {node.lineno}: from {'.' * node.level}{node.module or ''} import ..."
        for node in nodes(path, ast.ImportFrom)
        if node.level > 0 or node.module == "pumpleak" or any(alias.name == "*" for alias in node.names)
    ]
    assert wrong == []


def test_modules_do_not_import_each_other_in_a_circle() -> None:
    modules = {".".join(("pumpleak", *path.relative_to(PACKAGE).with_suffix("").parts)): path for path in FILES}
    graph = {module: {target for _, target in imports(path)} & modules.keys() for module, path in modules.items()}
    for pair in CIRCLES:
        first, second = sorted(pair)
        assert second in graph[first], f"{first} no longer needs {second}: take the pair out of CIRCLES"
        graph[first] -= {second}
    while ends := {module for module in graph if not graph[module] or module not in set().union(*graph.values())}:
        graph = {module: targets - ends for module, targets in graph.items() if module not in ends}
    assert graph == {}


@pytest.mark.parametrize("path", [path for path in FILES if path.match("pumpleak/*/__init__.py")], ids=name)
def test_init_files_hold_only_a_docstring(path: Path) -> None:
    assert [docstring(tree(path))] == tree(path).body


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = {"util", "utils", "helper", "helpers", "misc", "common", "tools"}
    assert [name(path) for path in FILES if drawers & {*path.parts, path.stem}] == []


@pytest.mark.parametrize("path", FILES, ids=name)
def test_files_are_short(path: Path) -> None:
    assert len(code_lines(path)) < LONGEST_FILE


def test_half_of_the_files_are_much_shorter() -> None:
    assert statistics.median(len(code_lines(path)) for path in FILES) < MEDIAN_FILE


@pytest.mark.parametrize("path", FILES, ids=name)
def test_functions_are_short(path: Path) -> None:
    long = {}
    for function in functions(path):
        body = range(function.body[0].lineno, (function.end_lineno or 0) + 1)
        length = len(code_lines(path).intersection(body))
        if length >= LONGEST_FUNCTION and f"{name(path)}: {function.name}" not in LONG_FUNCTIONS:
            long[function.name] = length
    assert long == {}


def test_the_exceptions_for_long_functions_are_needed() -> None:
    known = {f"{name(path)}: {function.name}" for path in FILES for function in functions(path)}
    assert set(LONG_FUNCTIONS) <= known


@pytest.mark.parametrize("path", FILES, ids=name)
def test_nothing_read_can_be_run(path: Path) -> None:
    tokens = tokenize.generate_tokens(io.StringIO(text(path)).readline)
    wrong = [
        f"line {token.start[0]}: {token.string}"
        for token in tokens
        if token.type == tokenize.NAME and token.string in BANNED | ONE_PLATFORM
    ]
    for call in nodes(path, ast.Call):
        cast = isinstance(call.func, ast.Attribute) and call.func.attr == "astype"
        wrong += [f"line {call.lineno}: astype(object)" for value in call.args if cast and is_object(value)]
        for word in call.keywords:
            if (word.arg == "dtype" and is_object(word.value)) or word.arg == "allow_pickle":
                wrong.append(f"line {call.lineno}: {word.arg}={ast.unparse(word.value)}")
    assert wrong == []


def is_object(node: ast.expr) -> bool:
    return (isinstance(node, ast.Name) and node.id == "object") or (
        isinstance(node, ast.Constant) and node.value in ("object", "O")
    )


@pytest.mark.parametrize("path", [path for path in FILES if folder(path) != "app"], ids=name)
def test_the_library_never_prints(path: Path) -> None:
    wrong = [f"line {node.lineno}: print" for node in nodes(path, ast.Name) if node.id == "print"]
    wrong += [
        f"line {node.lineno}: {ast.unparse(node)}"
        for node in nodes(path, ast.Attribute)
        if ast.unparse(node) in ("sys.stdout", "sys.stderr")
    ]
    assert wrong == []


@pytest.mark.parametrize("path", FILES, ids=name)
def test_text_is_opened_as_utf8(path: Path) -> None:
    wrong = []
    for call in nodes(path, ast.Call):
        called = ast.unparse(call.func).split(".")[-1]
        opened = isinstance(call.func, ast.Name) and called == "open" and not opens_bytes(call)
        encoded = any(word.arg == "encoding" for word in call.keywords)
        if (opened or called in ("read_text", "write_text")) and not encoded:
            wrong.append(f"line {call.lineno}: {called} without encoding")
    assert wrong == []


def opens_bytes(call: ast.Call) -> bool:
    modes = [*call.args[1:2], *(word.value for word in call.keywords if word.arg == "mode")]
    return any(isinstance(mode, ast.Constant) and "b" in str(mode.value) for mode in modes)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_module_says_what_it_holds(path: Path) -> None:
    assert (ast.get_docstring(tree(path)) or "").strip()


@pytest.mark.parametrize("path", FILES, ids=name)
def test_everything_public_says_what_it_is(path: Path) -> None:
    assert list(undocumented(tree(path).body, "")) == []


def undocumented(body: list[ast.stmt], prefix: str) -> Iterator[str]:
    for node in body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        if docstring(node) is None and not repeats_another(node):
            yield f"line {node.lineno}: {prefix}{node.name}"
        if isinstance(node, ast.ClassDef):
            yield from undocumented(node.body, f"{node.name}.")


def repeats_another(node: ast.ClassDef | Function) -> bool:
    """Whether a definition only adds a signature or a setter to one that is documented."""
    return any(ast.unparse(mark).split(".")[-1] in ("overload", "override", "setter") for mark in node.decorator_list)


def test_errors_hold_the_value_that_was_given() -> None:
    raised, bare = 0, []
    for path in FILES:
        for node in nodes(path, ast.Raise):
            error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if error is None or ast.unparse(error).split(".")[-1] not in ERRORS:
                continue
            raised += 1
            message = node.exc.args[:1] if isinstance(node.exc, ast.Call) else []
            if not any(map(holds_a_value, message)):
                bare.append(f"{name(path)}:{node.lineno}")
    assert raised > 0
    assert len(bare) <= 0.05 * raised, f"{len(bare)} of {raised} raises say what is wrong without the value: {bare}"


def holds_a_value(message: ast.expr) -> bool:
    """Whether a message is more than fixed text: a formatted value, or made elsewhere from one."""
    return any(isinstance(node, ast.FormattedValue | ast.Name | ast.Call) for node in ast.walk(message))
