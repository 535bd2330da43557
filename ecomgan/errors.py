"""The errors of the image library.

EcomGANError
├── ConfigError       a training option that does not exist or has an impossible value
├── ImageError        bytes that are no image, or one too large or too small to use
├── DataError         a data folder, table or prepared set that cannot be used
├── BackboneError     pretrained weights that are missing or not the expected ones
├── CheckpointError   a model or run folder that is damaged or of another kind
├── ConditionError    an attribute or value that the checkpoint was not taught
├── BriefError        a text that names nothing the checkpoint knows
├── RequestError      an argument of a call that is out of range
├── TrainingError     training that cannot go on
└── FinishingError    a finishing step or parameter that does not exist or has an impossible value

Each message says what was wrong, the value it got and what would be right.
"""


class EcomGANError(Exception):
    """Root of all errors that this library raises on purpose."""


class ConfigError(EcomGANError, ValueError):
    """A training option that does not exist or has an impossible value."""


class ImageError(EcomGANError, ValueError):
    """Bytes that are no image of a known format, or an image outside the size limits."""


class DataError(EcomGANError, ValueError):
    """A data folder, table or prepared set that cannot be used."""


class BackboneError(EcomGANError, RuntimeError):
    """Pretrained weights that are missing or not the expected ones."""


class CheckpointError(EcomGANError, RuntimeError):
    """A model or run folder that is incomplete, damaged or of another kind."""


class ConditionError(EcomGANError, ValueError):
    """An attribute or value that the checkpoint was not taught."""


class BriefError(EcomGANError, ValueError):
    """A text that names nothing the checkpoint knows; to be asked back, never guessed."""


class RequestError(EcomGANError, ValueError):
    """An argument of a call that is out of range or of another kind."""


class TrainingError(EcomGANError, RuntimeError):
    """Training that cannot go on."""


class FinishingError(EcomGANError, ValueError):
    """A finishing step or parameter that does not exist or has an impossible value."""
