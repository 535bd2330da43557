"""The command line: `python -m studio [up|serve|worker|link|migrate|verify-log]`."""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from pydantic import ValidationError

from db.tables import LinkKind, Role
from studio.errors import StudioError
from studio.settings import Settings
from studio.work.lifeline import hold_lifeline

if TYPE_CHECKING:
    from studio.engines.additions import EngineWish


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m studio", description="EcomGAN Studio")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("up", help="migrate, then run web server and worker together (the default)")
    commands.add_parser("serve", help="run the web server alone")
    commands.add_parser("worker", help="run a worker alone")
    commands.add_parser("migrate", help="bring the database up to date")
    commands.add_parser("verify-log", help="tell whether a decision was changed, removed or cut off")
    link = commands.add_parser("link", help="print a fresh one-time sign-in link")
    link.add_argument("--user", required=True, metavar="NAME", help="whom it signs in")
    link.add_argument("--role", choices=[role.value for role in Role], help="adds NAME with this role when new")
    engine = commands.add_parser("add-engine", help="try out a diffusers pipeline here and add it as an engine")
    engine.add_argument("source", metavar="FOLDER", help="folder of the pipeline")
    engine.add_argument("--name", required=True, help="how editors find it")
    engine.add_argument("--steps", type=int, help="steps of an image; left out, the folder decides, as for all below")
    engine.add_argument("--guidance", type=float, help="how strictly images follow the words; 0 for few-step models")
    engine.add_argument("--height", type=int, help="pixels")
    engine.add_argument("--width", type=int, help="pixels")
    chosen = parser.parse_args(arguments)
    hold_lifeline()
    try:
        return _run(chosen, _settings())
    except (StudioError, RuntimeError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - this is a command line
        return 1


def _settings() -> Settings:
    try:
        settings = Settings()
    except ValidationError as error:
        faults = [
            "".join(f"ECOMGAN_{str(name).upper()}: " for name in fault["loc"][:1]) + fault["msg"]  # some are of no one
            for fault in error.errors()
        ]
        raise RuntimeError("\n".join(faults)) from error
    known = {f"ECOMGAN_{name.upper()}" for name in Settings.model_fields}
    for name in sorted(name for name in os.environ if name.startswith("ECOMGAN_") and name not in known):
        for close in difflib.get_close_matches(name, known, n=1, cutoff=0.8):
            print(f"{name} is no setting and changes nothing; did you mean {close}?", file=sys.stderr)  # noqa: T201
    return settings


def _run(chosen: argparse.Namespace, settings: Settings) -> int:
    # Each command loads only what it needs: the server must stay free of torch.
    match chosen.command:
        case "serve":
            from studio.serve import serve

            serve(settings)
        case "worker":
            from studio.work.worker import run_worker

            run_worker(settings)
        case "migrate":
            from studio.migrate import migrate

            migrate(settings)
        case "verify-log":
            return _verify_log(settings)
        case "link":
            print(_link(settings, chosen.user, chosen.role))  # noqa: T201
        case "add-engine":
            from studio.engines.command import add_engine_here

            add_engine_here(settings, _wish(chosen))
        case _:
            from studio.supervisor import up

            return up(settings)
    return 0


def _verify_log(settings: Settings) -> int:
    from studio.bootstrap import open_studio
    from studio.review.log_check import check_log

    with closing(open_studio(settings)) as studio:
        found = check_log(studio)
    print(found)  # noqa: T201
    return 1 if found.fault else 0


def _wish(chosen: argparse.Namespace) -> EngineWish:
    from studio.engines.additions import EngineWish

    return EngineWish(chosen.source, chosen.name, chosen.steps, chosen.guidance, chosen.height, chosen.width)


def _link(settings: Settings, name: str, role: str | None) -> str:
    from studio.access.accounts import create_link, link_path
    from studio.bootstrap import open_studio
    from studio.migrate import migrate

    migrate(settings)
    with closing(open_studio(settings)) as studio:
        token = create_link(studio, name, role=Role(role) if role else None)
    return f"{settings.resolved_public_url}{link_path(token, LinkKind.SIGN_IN)}"


if __name__ == "__main__":
    sys.exit(main())
