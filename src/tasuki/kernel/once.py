# SPDX-License-Identifier: Apache-2.0
"""一度だけの計算 — a property computed once an instance, without the lock that 3.11 puts around each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class once(Generic[T]):  # noqa: N801 - used as a decorator, like property
    """一度だけの計算 — stores the value beside the fields of the instance at the first reading.

    ``functools.cached_property`` takes a lock at every first reading until Python 3.12, which costs more
    than most of what the calculation keeps this way.

    >>> class Circle:
    ...     @once
    ...     def area(self) -> int: return len("measured")
    >>> Circle().area
    8
    """

    def __init__(self, function: Callable[[Any], T]) -> None:
        self.function = function
        self.name = function.__name__
        self.__doc__ = function.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        """The name under which the value is kept."""
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> once[T]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> once[T] | T:
        """The value, kept in the instance so that the next reading does not come here."""
        if instance is None:
            return self
        value = self.function(instance)
        instance.__dict__[self.name] = value
        return value
