"""Models of the Hugging Face Hub, fetched where a network is: safetensors and configuration, nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from huggingface_hub import HfApi, hf_hub_download
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError

from studio.engines.folder import INDEX
from studio.errors import InputError, NotReady

_ENDINGS = (".json", ".txt", ".model", ".safetensors")


def fetch_model(name: str, folder: Path, told: Callable[[int, int], None]) -> None:
    """Fetch the pipeline `name` ("owner/name") into `folder`; what is there already is not fetched again.

    told: is given the bytes that are there and those in all after each file, and may raise to stop.
    Raises InputError for a name that is not there or is no pipeline, NotReady without a way to the Hub.
    """
    try:
        index = json.loads(Path(hf_hub_download(name, INDEX, local_dir=folder)).read_text(encoding="utf-8"))
        parts = {part for part, entry in index.items() if isinstance(entry, list) and not part.startswith("_")}
        listed = HfApi().model_info(name, files_metadata=True).siblings or []
        sizes = {file.rfilename: file.size or 0 for file in listed}
        wanted = _wanted(sorted(sizes), parts)
        total, done = sum(sizes[file] for file in wanted), 0
        for file in wanted:
            told(done, total)
            hf_hub_download(name, file, local_dir=folder)
            done += sizes[file]
        told(done, total)
    except RepositoryNotFoundError as error:
        raise InputError(f"The Hub has no model {name}, or it is not open to everyone.") from error
    except LocalEntryNotFoundError as error:
        raise NotReady(
            f"The Hub cannot be reached from this machine, so {name} cannot be fetched. Give a folder instead."
        ) from error
    except HfHubHTTPError as error:
        raise NotReady(f"The Hub did not give out {name}: {error}") from error
    except OSError as error:
        raise NotReady(
            f"{name} could not be fetched from the Hub ({error}). Without a way to the Hub, give a folder instead."
        ) from error


def _wanted(files: list[str], parts: set[str]) -> list[str]:
    """The files of the pipeline's parts; the smaller variant "fp16" only where a part has no other."""
    inside = [file for file in files if file.count("/") == 1 and file.split("/")[0] in parts]
    kept = [file for file in inside if file.endswith(_ENDINGS)]
    plain = {file.split("/")[0] for file in kept if file.endswith(".safetensors") and _is_plain(file)}
    return [file for file in kept if _is_plain(file) or ("fp16" in file and file.split("/")[0] not in plain)]


def _is_plain(file: str) -> bool:
    """Whether a file of weights is the common one: variants are named model.fp16.safetensors, model.non_ema...."""
    stem = file.split("/")[1].removesuffix(".index.json").removesuffix(".safetensors")
    return not file.endswith((".safetensors", ".index.json")) or "." not in stem
