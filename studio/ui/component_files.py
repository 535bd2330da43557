"""The components of the pages that are written in HTML, CSS and JavaScript: their files stand in `components/`.

The scripts are modules that the browser fetches by itself, under an address that holds the hash of all of them: it
keeps them for ever, and a new version has a new address.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

FOLDER = Path(__file__).parent / "components"

_LOAD = """
const loaded = import(new URL("{address}", location.origin));
export default function (component) {{
  let leave, left = false;
  loaded.then((module) => {{
    if (!left) leave = module.default(component);
  }});
  return () => {{
    left = true;
    leave?.();
  }};
}}
"""


@cache
def modules_address() -> str:
    """Where the scripts are served: a path that changes with their content."""
    digest = hashlib.sha256()
    for path in sorted(FOLDER.rglob("*.js")):
        digest.update(path.read_bytes())
    return f"/modules/{digest.hexdigest()[:16]}"


def component(name: str) -> Any:
    """The mounting command of a component. Registering the same files again changes nothing."""
    return st.components.v2.component(f"ecomgan_{name}", **_sources(name), isolate_styles=True)


@cache
def _sources(name: str) -> dict[str, str]:
    folder = FOLDER / name
    return {
        "html": (folder / f"{name}.html").read_text("utf-8"),
        "css": "\n".join(path.read_text("utf-8") for path in (FOLDER / "base.css", folder / f"{name}.css")),
        "js": _LOAD.format(address=f"{modules_address()}/{name}/{name}.js"),
    }
