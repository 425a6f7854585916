"""What an entry can say: ops, cases, traps, differences, claims, layer pairs, input kinds.

Standard library only. Knows how an entry is spelled, not how it is run or judged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

RUNGS: Final = (
    "numpy raises",
    "torch raises",
    "numpy hangs",
    "torch hangs",
    "numpy crashes",
    "torch crashes",
    "structure",
    "shape",
    "dtype",
    "nan",
    "value",
    "sign of zero",
    "layout",
    "aliasing",
    "mutation",
    "gradient",
)
"""The rungs of the ladder on which two sides can part, in the order in which they are climbed."""

ABRUPT: Final = ("numpy hangs", "torch hangs", "numpy crashes", "torch crashes")
"""The rungs that only a process beside can see."""

EQUAL: Final = (
    "exactly",
    "up to sign",
    "up to phase",
    "up to order",
    "by reconstruction",
    "as a distribution",
)
"""What is compared where a result is not unique; ``exactly`` is meant within the tolerance."""


EVERY: Final = ("every probe",)
"""For a difference that shows whatever the inputs hold: a view, a layout, or no derivative."""

SIGNED: Final = ("int8", "int16", "int32", "int64")
UNSIGNED: Final = ("uint8", "uint16", "uint32", "uint64")
WIDE_UNSIGNED: Final = UNSIGNED[1:]
WHOLE: Final = ("bool", *SIGNED, *UNSIGNED)
EXTREMES: Final = ("int8 extremes", "int64 extremes", "uint8 extremes")
COMPLEX: Final = ("complex64", "complex128")
"""Probes that differences name together."""


class EquivError(Exception):
    """A mistake in what equiv was given: one sentence with place, expectation and finding."""


# --- inputs ---------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Input:
    """A declared input: what kind of values it holds, not which values."""

    kind: str
    shape: tuple[int, ...] = ()
    dtype: str = "float64"
    low: int = 0
    high: int = 0
    of: str = ""
    axis: int | None = None
    literal: object = None


@dataclass(frozen=True)
class PerRank:
    """One binding for each rank that a claim is run at."""

    options: tuple[object, ...]


def real(*shape: int, dtype: str = "float64") -> Input:
    """Declare normal draws of both signs, without ties, a tenth or more away from zero."""
    return Input(kind="real", shape=shape, dtype=dtype)


def positive(*shape: int, dtype: str = "float64") -> Input:
    """Declare values above zero, over several magnitudes."""
    return Input(kind="positive", shape=shape, dtype=dtype)


def unit(*shape: int, dtype: str = "float64") -> Input:
    """Declare values between 0 and 1, both excluded."""
    return Input(kind="unit", shape=shape, dtype=dtype)


def integers(low: int, high: int, shape: tuple[int, ...], *, dtype: str = "int64") -> Input:
    """Declare integers from ``low`` up to, not including, ``high``."""
    return Input(kind="integers", shape=shape, dtype=dtype, low=low, high=high)


def boolean(*shape: int) -> Input:
    """Declare booleans, both values present where there is room."""
    return Input(kind="boolean", shape=shape, dtype="bool")


def index_into(of: str, *shape: int, axis: int | None = None) -> Input:
    """Declare indices that are in bounds for input ``of`` along ``axis`` (None: flattened)."""
    return Input(kind="index", shape=shape, dtype="int64", of=of, axis=axis)


def distinct(*shape: int, dtype: str = "float64") -> Input:
    """Declare values of both signs that are all at least a half apart."""
    return Input(kind="distinct", shape=shape, dtype=dtype)


def ascending(size: int, dtype: str = "float64") -> Input:
    """Declare distinct values in rising order."""
    return Input(kind="ascending", shape=(size,), dtype=dtype)


def symmetric(size: int, dtype: str = "float64") -> Input:
    """Declare a symmetric matrix."""
    return Input(kind="symmetric", shape=(size, size), dtype=dtype)


def well_conditioned(*shape: int, dtype: str = "float64") -> Input:
    """Declare square matrices, not symmetric, that are far from singular."""
    return Input(kind="well_conditioned", shape=shape, dtype=dtype)


def complex_normal(*shape: int) -> Input:
    """Declare complex normal draws."""
    return Input(kind="complex", shape=shape, dtype="complex128")


def values(literal: object, dtype: str = "float64") -> Input:
    """Declare an array by its values: for inputs whose point is the values themselves."""
    return Input(kind="values", dtype=dtype, literal=literal)


def text(literal: str) -> Input:
    """Declare a string, handed to both sides as it is."""
    return Input(kind="text", dtype="", literal=literal)


def per_rank(*options: object) -> PerRank:
    """Bind one option for each rank a claim is run at: inputs, or literals that go with them."""
    return PerRank(options)


# --- ops ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Trap:
    """What people would write first; it must part on the rung ``shows``, or it is stale."""

    torch: str = field(kw_only=False)
    shows: str
    why: str
    under: str = ""
    """The probe under which it goes wrong, where the declared inputs do not show it."""


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """An override of the derived tolerance, relative to the largest magnitude, with its reason."""

    relative: float
    why: str


@dataclass(frozen=True, kw_only=True)
class Case:
    """One spelled use of an op: NumPy text and the port that gives NumPy's result."""

    id: str = field(kw_only=False)
    numpy: str
    torch: str
    inputs: Mapping[str, object] | None = None
    """Inputs of this case in place of the op's."""
    trap: Trap | None = None
    equal: str | tuple[str, ...] = "exactly"
    """From EQUAL: for every array of the result, or one for each."""
    reconstruct: str = ""
    """For ``by reconstruction``: a NumPy expression of ``r``, the result of either side."""
    layout: bool = False
    """Compare C-contiguity too: for ops whose point is the layout in memory."""
    files: bool = False
    """The case touches files: each side runs in a temporary folder of its own."""
    raises: str = ""
    """NumPy's exception class, where raising on both sides is what the case shows."""
    unprobed: Mapping[str, str] = field(default_factory=dict)
    """Each probe that the case is not put under, with the reason."""
    no_gradient: str = ""
    """Why no gradient is tried, where the result is real and yet has none to speak of."""
    tolerance: Tolerance | None = None


def is_code(instead: str) -> bool:
    """Say whether what to write instead is code, which is run; a sentence has a full stop."""
    return not instead.endswith(".")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Where an op's port parts from NumPy: under which probes, on which rung, why, what to do."""

    id: str = field(kw_only=False)
    cases: tuple[str, ...] = ()
    """The cases it is about; all of them where none is named."""
    probes: tuple[str, ...]
    shows: str | tuple[str, ...]
    """The rung, or rungs, on which it shows under each of the probes."""
    why: str
    instead: str
    """What to write: code in the names of a case, which is run, or a sentence with a full stop."""

    @property
    def port(self) -> str:
        """The code of ``instead``; empty where it is a sentence."""
        return self.instead if is_code(self.instead) else ""

    @property
    def rungs(self) -> tuple[str, ...]:
        """The rungs on which it shows."""
        return (self.shows,) if isinstance(self.shows, str) else self.shows


@dataclass(frozen=True, kw_only=True)
class Op:
    """One NumPy name with its cases; ``cases`` is empty, and ``instead`` given, if unported."""

    name: str = field(kw_only=False)
    summary: str
    inputs: Mapping[str, object] = field(default_factory=dict)
    cases: tuple[Case, ...] = ()
    parameters: Mapping[str, str | None]
    """Each parameter of NumPy's signature to torch's, to an expression, or None."""
    differences: tuple[Difference, ...] = ()
    instead: str = ""
    source: str


# --- the sheet ------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A pair of spellings that the sheet puts side by side, as the sheet writes them."""

    numpy: str
    torch: str
    op: str
    """The op, or op/case, whose port does hold."""
    bind: Mapping[str, object] = field(default_factory=dict)
    """Each name to an input, a literal or PerRank; ``arr/tensor`` names it on both sides."""
    completed: tuple[str, str] | None = None
    """What is run on each side, where the sheet's text is prose or a call without arguments."""
    denies: bool = False
    """The sheet says there is no counterpart: the claim holds when the candidate fails."""
    holds: bool = True
    shows: str | tuple[str, ...] = ()
    """The rungs on which it first parts, each as often as the inputs bring it up, once."""
    why: str = ""
    port: str | tuple[str, str] | None = None
    """What does hold, in the claim's own names: torch's text, or both; run on the same inputs.

    None leaves it to the plain case of ``op``; empty says that nothing does better.
    """
    equal: str = "exactly"
    layout: bool = False
    files: bool = False

    @property
    def ported(self) -> tuple[str, str] | None:
        """Both texts of the port, where the claim names one."""
        if not self.port:
            return None
        numpy = self.completed[0] if self.completed else self.numpy
        return (numpy, self.port) if isinstance(self.port, str) else self.port


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of the sheet's table, under the sheet's own name."""

    title: str = field(kw_only=False)
    summary: str
    claims: tuple[Claim, ...]


# --- layers ---------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class LayerCase:
    """One construction of a layer and its twin on declared inputs; what is left out is its pair's.

    The sides are constructed alike, from ``arguments``, or spelled each by itself.
    """

    id: str = field(kw_only=False)
    arguments: str = ""
    """The arguments of both constructors."""
    numpy: str = ""
    """The constructor call, with the layer's own module in scope."""
    twin: str = ""
    """A torch.nn constructor call; parameters are copied into it by their torch names."""
    torch: str = ""
    """Or an expression of the inputs, for layers without a class in torch.nn."""
    inputs: Mapping[str, object] = field(default_factory=dict)
    call: str = ""
    """The arguments of ``forward``, in the names of the inputs; all of them in order if empty."""
    wrt: tuple[str, ...] = ()
    """The inputs whose gradients ``backward`` returns, in its order."""
    backwards: tuple[str, ...] = ("backward",)
    """The methods that compute the gradient; all of them are compared."""
    batch_axis: int | None = -1
    """As the pair's, which -1 leaves it to."""
    kinks: bool = False
    """The inputs lie on kinks: both sides' derivatives are reported."""
    trap: Trap | None = None


@dataclass(frozen=True, kw_only=True)
class Repair:
    """Something wrong or silent in the sheet's layer, and what is true now."""

    was: str
    now: str


@dataclass(frozen=True, kw_only=True)
class LayerPair:
    """A NumPy layer and its torch twin, each construction that they are compared in."""

    name: str = field(kw_only=False)
    summary: str
    arguments: str = ""
    """The arguments of both constructors, in every case that does not give its own."""
    inputs: Mapping[str, object] = field(default_factory=dict)
    call: str = ""
    wrt: tuple[str, ...] = ()
    """The inputs whose gradients are compared; every float input if empty."""
    batch_axis: int | None = 0
    """The axis of the first input that is shortened for a batch of one and of none."""
    grid: tuple[str, ...] = ()
    """Options, each text a case of its own beside the arguments; an empty one is the plain case."""
    cases: tuple[LayerCase, ...] = ()
    differences: tuple[Difference, ...] = ()
    repairs: tuple[Repair, ...] = ()
    source: str

    @property
    def every(self) -> tuple[LayerCase, ...]:
        """All cases, those of the grid first, with nothing left out."""
        grid = (
            LayerCase(slug(o) or "plain", arguments=", ".join(filter(None, (self.arguments, o))))
            for o in self.grid
        )
        return tuple(map(self._whole, (*grid, *self.cases)))

    def _whole(self, case: LayerCase) -> LayerCase:
        layer = self.name.rpartition(".")[2]
        arguments = case.arguments or self.arguments
        inputs = case.inputs or self.inputs
        floats = [
            n for n, x in inputs.items() if isinstance(x, Input) and x.dtype.startswith("float")
        ]
        own = tuple(n for n in self.wrt if n in inputs) or tuple(floats)
        return replace(
            case,
            numpy=case.numpy or f"{layer}({arguments})",
            twin=case.twin or ("" if case.torch else f"torch.nn.{layer}({arguments})"),
            inputs=inputs,
            call=case.call or self.call or ", ".join(inputs),
            wrt=case.wrt or own,
            batch_axis=self.batch_axis if case.batch_axis == -1 else case.batch_axis,
        )


def slug(text: str) -> str:
    """Turn a name into a part of an id: lower case, words joined by hyphens.

    >>> slug("Linear Algebra - Norm")
    'linear-algebra-norm'
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
