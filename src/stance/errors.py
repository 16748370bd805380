"""Errors a user can mend. The command line prints one as a single line and exits with code 2."""

from __future__ import annotations


class StanceError(Exception):
    """Something in the input or the settings is wrong; the message says what, where and how to mend it, in one line."""

    def __str__(self) -> str:
        """The message; what names and values bring along that would break the line or steer a terminal is spelt out."""
        return "".join(c if c.isprintable() else repr(c)[1:-1] for c in super().__str__())


class InputError(StanceError):
    """A file or a text cannot be read as what it should be."""


class DataError(StanceError):
    """A labelled record breaks the data set's schema or codebook."""


class ModelError(StanceError):
    """A model folder is missing, damaged or made for other axes."""


class Interrupted(Exception):  # noqa: N818 -- no error: the user asked for it
    """The user ended a run; what it had done is kept, and the message says how to go on."""
