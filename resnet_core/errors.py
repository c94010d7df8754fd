"""The errors that a user can cause. Each message says what was given and what is allowed."""

from collections.abc import Iterable


class ResNetCoreError(ValueError):
    """Base of every error that `resnet_core` raises on purpose; its message is one clear sentence."""


class ImageError(ResNetCoreError):
    """The given picture cannot be used."""


class WeightsError(ResNetCoreError):
    """The given weights cannot be found, read or fitted to the network."""


class ClusterError(ResNetCoreError):
    """The cluster cannot be reached, refuses, or is gone."""


def one_of(what: str, value: object, allowed: Iterable[object]) -> ResNetCoreError:
    """The error for a `value` outside a finite list: names the value and everything that is allowed."""
    names = ", ".join(repr(item) for item in allowed)
    return ResNetCoreError(f"{what} is {value!r}, but must be one of {names}.")
