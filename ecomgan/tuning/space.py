"""What a search may choose: for each option a range, or the values to choose from."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, cast

from optuna import Trial

from ecomgan.errors import ConfigError
from ecomgan.training.config import TrainConfig, read_config_file

Value = bool | int | float | str


@dataclass(frozen=True)
class Range:
    """Numbers from low to high, both included. log: as likely in each decade. step: between them; None: any."""

    low: float
    high: float
    log: bool = False
    step: float | None = None

    def draw(self, trial: Trial, name: str) -> Value:
        """A value for the trial: whole where the bounds are."""
        if isinstance(self.low, int) and isinstance(self.high, int):
            return trial.suggest_int(name, self.low, self.high, step=int(self.step or 1), log=self.log)
        return trial.suggest_float(name, self.low, self.high, step=self.step, log=self.log)


@dataclass(frozen=True)
class Choice:
    """One of some values."""

    choices: tuple[Value, ...]

    def draw(self, trial: Trial, name: str) -> Value:
        """A value for the trial."""
        return cast(Value, trial.suggest_categorical(name, self.choices))


Space = Mapping[str, Range | Choice]
"""Option -> what it may be."""


def read_space(path: Path) -> Space:
    """The space in a .toml or .json file: a table an option, with `low` and `high` (and `log`, `step`) or `choices`.

    Raises ConfigError for unknown options, and for tables that say something else.
    """
    tables = read_config_file(path)
    if not tables:
        raise ConfigError(f"{path} names no option; a table each was expected, such as [lr_generator]")
    known = {f.name: f.default for f in fields(TrainConfig)}
    return {name: _read(name, table, known) for name, table in tables.items()}


def described(space: Space) -> dict[str, dict[str, Any]]:
    """The space as JSON holds it."""
    return {
        name: {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(part).items()}
        for name, part in space.items()
    }


def _read(name: str, table: Any, known: Mapping[str, Any]) -> Range | Choice:
    if name not in known:
        raise ConfigError(f"unknown option {name!r} in the space; known are {', '.join(sorted(known))}")
    if isinstance(known[name], tuple):
        raise ConfigError(f"{name} is a list, which cannot be searched; single values can")
    try:
        part = Choice(tuple(table["choices"])) if "choices" in table else Range(**table)
        left = set(table) - {"choices"} if isinstance(part, Choice) else set()
    except (TypeError, KeyError) as error:
        raise ConfigError(
            f"the space of {name} is {table!r}; low and high (and log, step), or choices, were expected"
        ) from error
    if left or (isinstance(part, Choice) and not part.choices):
        raise ConfigError(f"the space of {name} is {table!r}; choices alone, at least one, were expected")
    values = part.choices if isinstance(part, Choice) else (part.low, part.high)
    kind = type(known[name])
    wrong = [v for v in values if type(v) is not kind and not (kind is float and type(v) is int)]
    if wrong:
        raise ConfigError(f"the space of {name} holds {wrong[0]!r}; {kind.__name__} was expected")
    if isinstance(part, Range):
        _check_range(name, part)
    if isinstance(part, Range) and kind is float:
        return Range(float(part.low), float(part.high), part.log, part.step)
    return part


def _check_range(name: str, part: Range) -> None:
    """Raise ConfigError for what Optuna could not draw from, before anything is trained."""
    if not (part.low < part.high and math.isfinite(part.low) and math.isfinite(part.high)):
        raise ConfigError(f"the space of {name} goes from {part.low} to {part.high}; low below high was expected")
    if type(part.log) is not bool or (part.log and (part.low <= 0 or part.step is not None)):
        raise ConfigError(
            f"the space of {name} has log = {part.log!r}, low {part.low} and step {part.step}; true or false was "
            "expected, and with true a low above 0 and no step"
        )
    whole = isinstance(part.low, int) and isinstance(part.high, int)
    kinds = (int,) if whole else (int, float)
    if part.step is not None and (type(part.step) not in kinds or not 0 < part.step <= part.high - part.low):
        raise ConfigError(
            f"the space of {name} has step {part.step!r}; a {'whole ' if whole else ''}number above 0, at most "
            f"{part.high - part.low}, was expected"
        )
