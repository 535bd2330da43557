"""What the records of options have in common: they refuse what they do not know, and values of another kind."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import Field, fields, replace
from typing import Any, ClassVar, Protocol, TypeVar, get_args, get_type_hints

from ecomgan.errors import ConfigError


class Record(Protocol):
    """Any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


Options = TypeVar("Options", bound=Record)


def check(name: str, value: object, wanted: str, holds: bool) -> None:
    """Raise ConfigError unless it holds what is wanted of an option."""
    if not holds:
        raise ConfigError(f"{name} is {value!r}; it must be {wanted}")


def check_finite(options: Record) -> None:
    """Raise ConfigError for numbers that are none, or have no end: no comparison below would tell them."""
    for field in fields(options):
        value = getattr(options, field.name)
        check(field.name, value, "a finite number", not isinstance(value, float) or math.isfinite(value))


def with_changes(options: Options, changes: Mapping[str, Any]) -> Options:
    """The same with some options changed; raises ConfigError for unknown ones and values of another kind."""
    known = {field.name: getattr(options, field.name) for field in fields(options)}
    hints = get_type_hints(type(options))
    cleaned = {}
    for name, value in changes.items():
        if name not in known:
            raise ConfigError(f"unknown option {name!r}; known are {', '.join(sorted(known))}")
        cleaned[name] = _as_kind_of(name, hints[name], known[name], value)
    return replace(options, **cleaned)


def resumed_with(options: Options, changes: Mapping[str, Any], fixed: Iterable[str]) -> Options:
    """As `with_changes`, for a run that has started: raises ConfigError where one of `fixed` would change."""
    changed = with_changes(options, changes)
    for name in fixed:
        was, asked = getattr(options, name), getattr(changed, name)
        if was != asked:
            raise ConfigError(
                f"{name} cannot change from {was!r} to {asked!r} in a run that has started; start a new run"
            )
    return changed


def _as_kind_of(name: str, hint: Any, default: Any, value: Any) -> Any:
    if isinstance(default, tuple) and isinstance(value, list | tuple):
        (kind, _) = get_args(hint)
        for part in value:
            if type(part) is not kind:
                raise ConfigError(f"{name} holds {part!r}; {kind.__name__} was expected in it")
        return tuple(value)
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not type(default):
        wanted = "a list" if isinstance(default, tuple) else type(default).__name__
        raise ConfigError(f"{name} is {value!r}; {wanted} was expected, such as {default!r}")
    return value
