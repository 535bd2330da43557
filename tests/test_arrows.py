"""The arrows of the house that import-linter cannot draw: pages and `app.py` are scripts, not packages."""

from __future__ import annotations

import ast
import enum
import subprocess
import sys
from pathlib import Path

import pytest

import db.tables

ROOT = Path(__file__).resolve().parent.parent
IN_THE_WORKER = {
    "studio.models.comparing",
    "studio.engines.live",
    "studio.making.finished",
    "studio.making.generation",
    "studio.making.made_with",
    "studio.making.reproducing",
    "studio.models.sampling",
    "studio.scoring.job",
    "studio.training.child",
    "studio.training.records",
    "studio.trust.calibration_job",
    "studio.trust.fitting",
    "studio.work.worker",
}
OUTERMOST = {"studio.__main__", "studio.serve"}
LIGHT = (
    "ecomgan.text.",
    "ecomgan.errors.",
    "ecomgan.finishing.parse_steps",
    "ecomgan.finishing.CannotReframe",
    "ecomgan.finishing.effective.",
    "ecomgan.finishing.reframe.",
    "ecomgan.metrics.border_whiteness.",
    "ecomgan.metrics.product.",
    "ecomgan.metrics.SCORERS",
    "ecomgan.metrics.keys_of",
    "ecomgan.metrics.product.",
    "ecomgan.metrics.fill.",
    "ecomgan.metrics.centring.",
    "ecomgan.metrics.border_whiteness.",
    "ecomgan.metrics.likeness.",
    "ecomgan.metrics.look.",
    "ecomgan.data.decode.",
    "ecomgan.data.splits.",
    "ecomgan.training.presets.",
    "ecomgan.encoder.open_portable",
    "ecomgan.encoder.packing.",
)
"""Words, errors, the check of finishing steps when they are ordered, what scores mean, what a photo looks like, how
small catalogues are split and taught, and the encoder without torch."""


def _imports(file: Path) -> set[str]:
    """`a.b.name` for each name of `from a.b import name`, `a.b` for `import a.b`; those for type checkers left out."""
    found: set[str] = set()
    nodes: list[ast.AST] = [ast.parse(file.read_text())]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{name.name}" for name in node.names}
        nodes.extend(ast.iter_child_nodes(node))
    return found


def _module(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts)


PAGES = sorted((ROOT / "pages").glob("*.py"))
USE_CASES = [
    file
    for file in sorted((ROOT / "studio").rglob("*.py"))
    if not _module(file).startswith(("studio.ui.", "studio.api.")) and _module(file) not in OUTERMOST
]


def test_there_are_pages_and_use_cases() -> None:
    assert len(PAGES) >= 7
    assert len(USE_CASES) > 20


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_a_page_draws_and_calls_use_cases_and_nothing_else(file: Path) -> None:
    for name in sorted(_imports(file)):
        package = name.split(".")[0]
        if package == "db":
            assert name.startswith("db.tables."), f"{name}: pages hold no query"
            kind = getattr(db.tables, name.rsplit(".", 1)[1])
            assert issubclass(kind, enum.Enum), f"{name}: of the tables, pages know only the enumerations"
        else:
            assert package in {"streamlit", "studio", *sys.stdlib_module_names}, f"{name} belongs into studio/"
            assert not any(name.startswith(module) for module in IN_THE_WORKER), f"{name} works inside the worker"


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_a_page_begins_with_its_guard(file: Path) -> None:
    body = ast.parse(file.read_text()).body
    first = next(
        node
        for node in body
        if not isinstance(node, ast.Import | ast.ImportFrom)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    )
    assert "guard.page(Role." in ast.unparse(first), "the first line of a page asks who is here"


@pytest.mark.parametrize("file", USE_CASES, ids=_module)
def test_a_use_case_knows_neither_pages_nor_routes(file: Path) -> None:
    for name in _imports(file):
        assert not name.startswith(("studio.ui", "studio.api", "streamlit", "fastapi", "starlette")), name


@pytest.mark.parametrize("file", USE_CASES, ids=_module)
def test_outside_the_worker_only_the_light_part_of_the_library_is_used(file: Path) -> None:
    if _module(file).startswith(tuple(IN_THE_WORKER)):
        return
    for name in _imports(file):
        if name.startswith("ecomgan"):
            assert name.startswith(LIGHT), f"{name} may load torch; use it in {sorted(IN_THE_WORKER)}"


_SERVER = """
import importlib, pkgutil, sys
import app, studio.api, studio.ui
for module in {modules!r}:
    importlib.import_module(module)
for package in (studio.api, studio.ui):
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if found.name != "studio.ui.router":  # the script of the pages; what it imports is in the list
            importlib.import_module(found.name)
for module in app.PRELOADED:
    importlib.import_module(module)
print(sorted(name for name in ("torch", "diffusers", "transformers", "sklearn") if name in sys.modules))
"""


def test_the_web_server_never_loads_torch() -> None:
    """A rerun of a page costs 9 ms of CPU without torch in the process and 218 ms with it."""
    names = set().union(*map(_imports, [*PAGES, ROOT / "studio" / "ui" / "router.py"]))
    modules = sorted({name.rsplit(".", 1)[0] if "." in name else name for name in names} - {"__future__"})
    script = _SERVER.format(modules=modules)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
