"""What was found of two trainings, and how it is told. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from equiv.own.result import SHOWN

Array = NDArray[Any]

LIMIT: Final = 16
"""How many times what rounding explains is allowed.

Measured: right pairs reach 4.5, and past 16 only where the second runs then explain it (none of 455
under wild learning rates parted); faults start at 83 (a learning rate off by a thousandth).
"""


@dataclass(frozen=True, kw_only=True)
class Gap:
    """By how much one tensor is apart after a step, at its worst element."""

    step: int
    kind: str
    """``loss``, ``parameter`` or ``gradient``."""
    tensor: str
    index: tuple[int, ...]
    numpy: str
    torch: str
    difference: float
    explained: float
    """What rounding explains of the difference."""

    @property
    def ratio(self) -> float:
        """The difference over what rounding explains."""
        return self.difference / self.explained

    def __str__(self) -> str:
        at = f" at [{', '.join(map(str, self.index))}]" if self.index else ""
        return f"numpy {self.numpy}, torch {self.torch}{at}"


@dataclass(frozen=True, kw_only=True, repr=False)
class Training:
    """What was found of two trainings: agreement, or the first step and tensor that part."""

    numpy: str
    torch: str
    """What the sides are called."""
    dtype: str
    numpy_loss: Array
    torch_loss: Array
    """The loss of every step."""
    ratios: Mapping[str, Array]
    """By tensor, the difference over what rounding explains at every step; NaN once blind."""
    blind: Mapping[str, int]
    """The step from which on nothing can be told of a tensor, where there is one."""
    parted: Gap | None = None
    """Where the sides part first."""
    gradient: Gap | None = None
    """That parameter's gradient at that step."""
    also: tuple[str, ...] = ()
    """What else parts at that step."""
    unmoved: str = ""
    """The side on which that parameter is still where it started, if it is one only."""
    note: str = ""
    """Why there was no run in the other precision, where there was none."""
    repro: str = ""

    @property
    def steps(self) -> int:
        """How many steps were made."""
        return len(self.numpy_loss)

    @property
    def told(self) -> int:
        """How many steps there are before nothing at all can be told."""
        whole = self.blind.keys() == self.ratios.keys()
        return max(self.blind.values()) - 1 if whole else self.steps

    @property
    def agrees(self) -> bool:
        """Say whether the sides agree as far as can be told, for one step at least."""
        return self.parted is None and self.told > 0

    def __bool__(self) -> bool:
        return self.agrees

    @property
    def step(self) -> int:
        """The first step on which the sides part, from 1 on; 0 where there is none."""
        return self.parted.step if self.parted else 0

    @property
    def tensor(self) -> str:
        """What parts there, ``loss`` or a parameter; empty where nothing does."""
        return self.parted.tensor if self.parted else ""

    @property
    def text(self) -> str:
        """All of it in words."""
        return "\n".join(self._lines())

    @property
    def record(self) -> dict[str, Any]:
        """What JSON can hold of it."""
        own = ("numpy", "torch", "dtype", "agrees", "steps", "told", "step", "tensor", "text")
        rung = {"rung": "value" if self.parted else "", "repro": self.repro, "note": self.note}
        return {name: getattr(self, name) for name in own} | rung

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Training: {self.text.splitlines()[0]}>"

    def _lines(self) -> Iterator[str]:
        both = f"{self.numpy} and {self.torch}"
        run = f"{self.steps} step{'s' * (self.steps != 1)} of training in {self.dtype}"
        if self.parted:
            of = "the gradient of " if self.parted.kind == "gradient" else ""
            yield f"{both} part on {of}{self.tensor} at step {self.step} of {run}"
            yield from self._parting(self.parted)
        elif not self.told:
            yield f"nothing can be told of {both} in {run}"
        elif self.told < self.steps:
            yield f"{both} agree in the first {self.told} of {run}; no more can be told"
        else:
            yield f"{both} agree in {run}"
        if self.agrees:
            yield from self._agreement()
        if self.blind and not self.parted:
            each = _listed([f"{name} from step {k} on" for name, k in self.blind.items()])
            yield f"  nothing can be told of {each}: rounding alone moves it by its own size"
        a, b = (f"from {x[0]:.6g} to {x[-1]:.6g}" for x in (self.numpy_loss, self.torch_loss))
        yield f"  loss: numpy's goes {a}, torch's {b}"
        if self.note:
            yield f"  not held against a run in the other precision: {self.note}"

    def _parting(self, gap: Gap) -> Iterator[str]:
        yield (
            f"  {gap.tensor}: {gap}; they are {gap.difference:.2g} apart, rounding explains "
            f"{gap.explained:.2g}, and {LIMIT} times that is allowed"
        )
        if self.unmoved:
            yield (
                f"  {self.unmoved}'s is where it started: a step is to leave what it made of the "
                "parameters in the dict that its side was called with"
            )
        elif gap.kind == "parameter":
            yield f"  its gradient {self._hint()}"
        elif gap.kind == "gradient":
            yield "  the optimiser hides it at this step: no parameter parts"
        if self.also:
            yield f"  at this step {_listed(self.also)} part{'s' * (len(self.also) == 1)} too"

    def _hint(self) -> str:
        if self.gradient is None:
            return "is not known on both sides"
        if self.gradient.ratio > LIMIT:
            return f"parts too, so look at the backward pass: {self.gradient}"
        return f"is the same, so look at the optimiser: {self.gradient}"

    def _agreement(self) -> Iterator[str]:
        largest = {name: np.nanmax([0.0, *r]) for name, r in self.ratios.items()}
        worst = max(largest, key=lambda name: largest[name])
        yield (
            f"  farthest apart is {worst}, by {largest[worst]:.2g} times what rounding explains; "
            f"{LIMIT} times is allowed"
        )


def _listed(names: Sequence[str]) -> str:
    """List names, the first of them where they are many."""
    rest = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")
