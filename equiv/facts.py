"""What is measured of a cell, in plain words and numbers: what rules and the judge look at.

Standard library only. Knows no op and no opinion.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Part:
    """One rung on which the sides part, where in the result, and what each side has there."""

    rung: str
    where: str = ""
    numpy: str
    torch: str
    dtypes: tuple[str, str] = ("", "")
    """The dtypes of this array on each side."""
    agrees: frozenset[str] = frozenset()
    """In which weaker senses the sides do agree: ``finite alike``, or for gradients ``masked``,
    where some results are not finite and were left out."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """One input as it was handed over: an array, or a Python value."""

    name: str
    dtype: str
    """The dtype of an array, the name of the type of anything else."""
    shape: tuple[int, ...] | None
    """None for what is no array."""
    holds: frozenset[str] = frozenset()
    """Of ``nan``, ``inf``, ``zero``, ``negative``."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that a rule may look at."""

    inputs: tuple[Given, ...]
    errors: tuple[str, str]
    """What each side raised, class and first line; empty where it did not."""
    parts: tuple[Part, ...]
    gradient: frozenset[str] = frozenset()
    """In which ways autograd parts from the derivative."""

    @property
    def arrays(self) -> tuple[Given, ...]:
        """The inputs that are arrays."""
        return tuple(x for x in self.inputs if x.shape is not None)

    @property
    def dtypes(self) -> frozenset[str]:
        """The dtypes of the arrays."""
        return frozenset(x.dtype for x in self.arrays)
