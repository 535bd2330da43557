"""The scripts of the pages' components. They hold no data; anyone may read them."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from studio.ui.component_files import FOLDER, modules_address


class _Modules(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        if answer.status_code == 200:  # the address holds the hash of the content
            answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer


def modules() -> Mount:
    """The scripts under the address that the pages name."""
    return Mount(modules_address(), app=_Modules(directory=FOLDER))
