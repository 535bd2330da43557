"""The whole web server as `app.py` puts it together: Streamlit and our routes on one port."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# In a process of its own: Streamlit allows one server in a process.
_VISIT = """
import os, sys
from starlette.testclient import TestClient
from app import app
with TestClient(app, follow_redirects=False) as client:
    for path in sys.argv[1:]:
        answer = client.get(path)
        print(path, answer.status_code, answer.headers.get("x-frame-options"), len(answer.text) > 0)
"""


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """path -> what the server answers to it, on a home that does not exist yet."""
    home = tmp_path_factory.mktemp("server") / "home"
    paths = ["/", "/review", "/api/v1/health", "/signin", "/_stcore/health", "/_stcore/metrics", "/_stcore/agent/mcp"]
    done = subprocess.run(
        [sys.executable, "-c", _VISIT, *paths],
        cwd=ROOT,
        env={"PATH": "", "ECOMGAN_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines() if line.startswith("/")]
    return {line[0]: line[1:] for line in lines}


@pytest.mark.parametrize("path", ["/", "/review", "/api/v1/health", "/signin", "/_stcore/health"])
def test_pages_routes_and_probes_answer_on_one_port(visited: dict[str, list[str]], path: str) -> None:
    assert visited[path] == ["200", "SAMEORIGIN", "True"]


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/agent/mcp"])
def test_what_streamlit_would_tell_anyone_is_hidden(visited: dict[str, list[str]], path: str) -> None:
    assert visited[path][0] == "404"
