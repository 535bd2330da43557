"""The scripts of the components fit together: a browser refuses a whole module for one name that is not there."""

import re
from pathlib import Path

import pytest

COMPONENTS = Path(__file__).resolve().parents[2] / "studio" / "ui" / "components"
MODULES = sorted(COMPONENTS.rglob("*.js"))
_IMPORT = re.compile(r"^import \{([^}]*)\} from \"([^\"]+)\";", re.MULTILINE)
_EXPORT = re.compile(r"^export (?:default )?(?:async )?(?:function\*?|const|let|class) (\w+)", re.MULTILINE)


def test_there_are_modules() -> None:
    assert len(MODULES) > 10


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(COMPONENTS)))
def test_a_module_gives_every_name_that_others_ask_it_for(module: Path) -> None:
    text = module.read_text("utf-8")
    for names, place in _IMPORT.findall(text):
        asked = {name.split(" as ")[0].strip() for name in names.split(",") if name.strip()}
        given = set(_EXPORT.findall((module.parent / place).read_text("utf-8")))
        assert asked <= given, f"{module.name} asks {place} for {sorted(asked - given)}"


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(COMPONENTS)))
def test_a_module_imports_by_name_so_that_this_can_be_checked(module: Path) -> None:
    lines = [line for line in module.read_text("utf-8").splitlines() if line.startswith("import ")]
    odd = [line for line in lines if not line.startswith("import {")]
    assert odd == []
