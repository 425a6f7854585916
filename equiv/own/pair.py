"""Checks one NumPy function against its torch port, on people's own arrays or on drawn ones.

Knows how a pair is called and under which conditions; the facts are measured elsewhere.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import numpy as np

from equiv.compare import leaves, show
from equiv.entry import EQUAL, RUNGS, EquivError, Input, slug
from equiv.execute import steady
from equiv.inputs import LITERAL_LIMIT, laid_out, make, own_probe, spell, suits
from equiv.measure import Cell, Measured, measure_on
from equiv.own import shrink
from equiv.own.call import Call, name_of, preamble, spell_call
from equiv.own.result import Check, Condition, NotEquivalent
from equiv.probes import PROBES
from equiv.repro import script

AS_GIVEN: Final = "as given"
"""The condition of arrays that were handed over."""

STANDARD: Final = (
    "float32", "float64", "length one", "ties", "all equal", "signed zeros", "huge", "offset",
    "nan", "inf", "empty", "transposed", "strided", "reversed", "square", "many",
)  # fmt: skip
"""The probes that a port of floating-point code should stand."""

PRINTED: Final = 512
"""Inputs up to this size are printed in a script."""

MANY: Final = 2**12
"""Inputs above this size are not multiplied for the probe of many elements."""

PROBE_SETS: Final[Mapping[str, tuple[str, ...]]] = {
    "none": (),
    "standard": STANDARD,
    "full": tuple(PROBES),
}
"""The sets of probes that have a name."""

Expect = Mapping[str, tuple[str | tuple[str, ...], str]]
"""From a condition to the rung, or rungs, on which the sides part there, and why."""


def check(
    numpy_fn: Callable[..., Any],
    torch_fn: Callable[..., Any],
    *args: object,
    kwargs: Mapping[str, object] | None = None,
    torch_kwargs: Mapping[str, object] | None = None,
    grad: bool = False,
    probes: str | Iterable[str] | None = None,
    expect: Expect | None = None,
    equal: str | tuple[str, ...] = "exactly",
    seed: int = 0,
    examples: int = 300,
) -> Check:
    """Run a NumPy function and its torch port on the same inputs, and say whether they agree.

    Each argument is an array, a kind (``equiv.real(32, 100)``), a tuple, list, named tuple or
    dict of these, or anything else, which both sides are given as it is. torch gets tensors for
    the arrays; a ``torch.nn.Module`` is a port like any function, and is copied, not changed.
    ``kwargs`` are keyword arguments of both sides, ``torch_kwargs`` those of torch's where they
    differ.

    Drawn inputs run under the ``standard`` probes (NaN, ties, empty, other layouts, ...), given
    arrays as they are, unless ``probes`` names others: ``none``, ``standard``, ``full``, or probes
    by name, separated by commas. ``grad`` compares autograd's gradients by each input with
    differences of the NumPy side. ``expect`` declares differences, such as
    ``{"int32": ("dtype", "The port keeps float32.")}``; one that no longer shows fails. ``equal``
    is for results that are not unique: one of ``up to sign``, ``up to phase``, ``up to order``.

    Where the sides part, hypothesis (``pip install equiv[shrink]``) looks for the smallest inputs
    that show it, with at most ``examples`` draws.

    *Shapes, dtypes*: as the functions take them. *Raises*: EquivError where a function cannot be
    called so, where NumPy's raises on the first inputs, where a result is no array, number, tuple,
    list or dict of them, or where torch's is on another device. *Source*: the ladder and its
    tolerance are those of equiv's own table.

    >>> import torch
    >>> from equiv import check, real
    >>> check(np.std, torch.std, real(5), probes="none")
    <Check: std and torch_std part on value (float64), in 1 of 1 condition>
    >>> print(check(np.tanh, torch.tanh, real(3, 4)).agrees)
    True
    """
    call = spell_call(numpy_fn, args, kwargs or {}, torch_kwargs)
    pair = _Pair(numpy_fn, torch_fn, call, grad=grad, equal=equal, seed=seed)
    asked = _asked(probes, call)
    expected = expected_in(expect or {}, [pair.first, *asked])
    conditions = []
    with steady():
        for probe in dict.fromkeys((pair.first, *asked)):
            if probe != pair.first and not pair.suits(probe):
                continue
            measured = pair.measure(probe, pair.values(probe))
            if probe == pair.first:
                pair.accept(measured)
            shows, why = expected.get(probe, ((), ""))
            conditions.append(Condition(name=probe, measured=measured, expected=shows, why=why))
        found = Check(numpy=pair.numpy, torch=pair.torch, conditions=tuple(conditions))
        return found if found.agrees else pair.told(found, examples)


def assert_equivalent(
    numpy_fn: Callable[..., Any], torch_fn: Callable[..., Any], *args: object, **options: Any
) -> Check:
    """Check a pair, and raise NotEquivalent, an AssertionError, where the sides do not agree.

    The arguments are those of :func:`check`; what was found is returned where they agree.
    """
    found = check(numpy_fn, torch_fn, *args, **options)
    if not found:
        raise NotEquivalent(found)
    return found


class _Pair:
    """A NumPy function, its port, and how they are called."""

    def __init__(
        self,
        numpy_fn: Callable[..., Any],
        torch_fn: Callable[..., Any],
        call: Call,
        *,
        grad: bool,
        equal: str | tuple[str, ...],
        seed: int,
    ) -> None:
        words = (equal,) if isinstance(equal, str) else equal
        usable = [word for word in EQUAL if word.startswith(("exactly", "up to"))]
        for word in words:
            if word not in usable:
                raise EquivError(f"equal={word!r} is not one of {', '.join(usable)}")
        self.numpy = name_of(numpy_fn, "numpy_fn")
        self.torch = name_of(torch_fn, "torch_fn")
        if self.torch == self.numpy:
            self.torch = f"torch_{self.torch}"
        self.functions = {self.numpy: numpy_fn, self.torch: torch_fn}
        self.call, self.grad, self.equal, self.seed = call, grad, equal, seed
        given = any(isinstance(x, np.ndarray) for x in call.inputs.values())
        self.first = AS_GIVEN if given else own_probe(call.inputs)
        self.kinds = {n: _kind(x) for n, x in call.inputs.items()}

    def suits(self, probe: str) -> bool:
        """Say whether a probe makes sense for these inputs."""
        sizes = [np.prod(x.shape) for x in self.kinds.values() if isinstance(x, Input)]
        return suits(probe, self.kinds) and not (probe == "many" and max(sizes) > MANY)

    def values(self, probe: str) -> dict[str, Any]:
        """Return the inputs under a condition."""
        if probe == AS_GIVEN:
            drawn = {n: x for n, x in self.call.inputs.items() if isinstance(x, Input)}
            codes = spell(drawn, "", self.seed)
            return {n: make(codes[n]) if n in codes else x for n, x in self.call.inputs.items()}
        codes = spell(
            {n: x for n, x in self.kinds.items() if isinstance(x, Input)}, probe, self.seed
        )
        return {n: make(codes[n]) if n in codes else x for n, x in self.kinds.items()}

    def measure(self, probe: str, values: Mapping[str, Any]) -> Measured:
        """Run both sides on values, and compare all there is to compare."""
        return measure_on(self._cell(probe), values, self.seed)

    def _cell(self, probe: str) -> Cell:
        wrapped = {
            self.numpy: _checked(self.functions[self.numpy], self.numpy, _check_numpy),
            self.torch: _checked(self.functions[self.torch], self.torch, _check_torch),
        }
        own = probe in (AS_GIVEN, self.first)
        return Cell(
            id=f"{self.numpy}@{slug(probe)}",
            sort="own",
            area="own",
            owner=self.numpy,
            case="own",
            probe=probe,
            numpy=f"{self.numpy}({self.call.arguments})",
            torch=f"{self.torch}({self.call.torch_arguments})",
            code={},
            equal=self.equal,
            gradient=("every" if own else PROBES[probe].gradient) if self.grad else "",
            scope={**wrapped, **self.call.types},
        )

    def accept(self, measured: Measured) -> None:
        """Raise EquivError where NumPy's function does not take the first inputs."""
        if measured.raised[0]:
            given = ", ".join(f"{n} {_told(x)}" for n, x in self.values(self.first).items())
            raise EquivError(
                f"check({self.numpy}): it raised {measured.numpy} on the first inputs, {given}; "
                "give arrays or kinds that it takes"
            )

    def told(self, found: Check, examples: int) -> Check:
        """Return what was found with the smallest inputs that show it, as a script."""
        failed = next((c for c in found.failed if c.unexpected), None)
        if failed is None:
            return found
        rung, probe = failed.unexpected[0], failed.name
        kinds = self.call.inputs if probe == AS_GIVEN else self.kinds

        def fails(values: Mapping[str, Any]) -> bool:
            parts = self.measure(probe, values).parts
            return bool(parts) and rung in {part.rung for part in parts}

        values, note = self.values(probe), ""
        if shrink.available():
            named = "" if probe in (AS_GIVEN, self.first) else probe
            smallest = shrink.smallest(kinds, named, fails, examples=examples, seed=self.seed)
            values = smallest or values
        else:
            note = "pip install 'equiv[shrink]' to see the smallest inputs that show it"
        if any(isinstance(x, np.ndarray) and x.size > PRINTED for x in values.values()):
            note = "; ".join(filter(None, (note, "the inputs are too large to print: .inputs")))
            return dataclasses.replace(found, note=note, inputs=values)
        measured = self.measure(probe, values)
        code = {name: _code(x) for name, x in values.items()}
        shown = dataclasses.replace(measured, cell=dataclasses.replace(measured.cell, code=code))
        repro = script(shown, self.seed, preamble=preamble(self.functions))
        return dataclasses.replace(found, repro=repro, note=note, inputs=values)


def _code(value: Any) -> str:
    """Spell a value as code that makes it again: by its numbers, or by its bytes where many."""
    if not isinstance(value, np.ndarray):
        return repr(value)
    if value.size <= LITERAL_LIMIT:
        return laid_out(value)
    held = f"bytes.fromhex({value.tobytes().hex()!r})"
    return f"np.frombuffer({held}, {value.dtype.name!r}).reshape({value.shape})"


def _kind(value: object) -> object:
    """Return the kind of an array that was given, so that it can be put under probes."""
    if not isinstance(value, np.ndarray):
        return value
    dtype = value.dtype.name
    match value.dtype.kind:
        case "f":
            return Input(kind="real", shape=value.shape, dtype=dtype)
        case "c":
            return Input(kind="complex", shape=value.shape, dtype=dtype)
        case "b":
            return Input(kind="boolean", shape=value.shape, dtype=dtype)
        case "i" | "u" if value.size:
            low, high = int(value.min()), int(value.max()) + 1
            return Input(kind="integers", shape=value.shape, dtype=dtype, low=low, high=high)
    return value


def _asked(probes: str | Iterable[str] | None, call: Call) -> tuple[str, ...]:
    """Return the probes that were asked for."""
    if probes is None:
        given = any(isinstance(x, np.ndarray) for x in call.inputs.values())
        return () if given else STANDARD
    words = [w.strip() for w in probes.split(",")] if isinstance(probes, str) else list(probes)
    found: list[str] = []
    for word in words:
        if word not in PROBE_SETS and word not in PROBES:
            known = ", ".join((*PROBE_SETS, *PROBES))
            raise EquivError(f"probes: {word!r} is not a probe; there are {known}")
        found += PROBE_SETS.get(word, (word,))
    return tuple(dict.fromkeys(found))


def expected_in(expect: Expect, conditions: list[str]) -> dict[str, tuple[tuple[str, ...], str]]:
    """Read the differences that are declared."""
    found = {}
    for name, said in expect.items():
        if name not in conditions:
            raise EquivError(
                f"expect: {name!r} is none of the conditions of this check: {', '.join(conditions)}"
            )
        if isinstance(said, str) or len(said) != 2 or not said[1]:
            raise EquivError(
                f"expect[{name!r}] is {said!r}, expected the rung and why: ('dtype', 'It is so.')"
            )
        shows = (said[0],) if isinstance(said[0], str) else tuple(said[0])
        for rung in shows:
            if rung not in RUNGS:
                raise EquivError(f"expect[{name!r}]: {rung!r} is not a rung: {', '.join(RUNGS)}")
        found[name] = (shows, said[1])
    return found


def _checked(
    function: Callable[..., Any], name: str, look: Callable[[str, Any], None]
) -> Callable[..., Any]:
    """Wrap a function so that what cannot be compared is refused.

    An object with a state, such as a module with running statistics, is copied for each call.
    """
    keeps_state = hasattr(function, "state_dict")

    def call(*args: Any, **kwargs: Any) -> Any:
        result = (copy.deepcopy(function) if keeps_state else function)(*args, **kwargs)
        for where, leaf in leaves(result):
            look(f"{name} returned{f' at {where}' if where else ''}", leaf)
        return result

    return call


PLAIN: Final = (np.ndarray, np.generic, np.dtype, bool, int, float, complex, str, type(None))
"""What a result may consist of, besides tuples, lists and dicts."""


def _check_numpy(place: str, leaf: Any) -> None:
    if not isinstance(leaf, PLAIN):
        raise EquivError(f"{place} a {type(leaf).__name__}, expected NumPy arrays or numbers")
    if isinstance(leaf, np.ndarray) and leaf.dtype.kind not in "biufc":
        raise EquivError(f"{place} an array of {leaf.dtype}, expected numbers or booleans")


def _check_torch(place: str, leaf: Any) -> None:
    import torch

    if isinstance(leaf, np.ndarray | np.generic):
        raise EquivError(f"{place} a NumPy array, expected tensors")
    if isinstance(leaf, torch.Tensor) and leaf.device.type != "cpu":
        raise EquivError(f"{place} a tensor on {leaf.device}, expected cpu; return it with .cpu()")
    if not isinstance(leaf, (torch.Tensor, torch.dtype, *PLAIN)):
        raise EquivError(f"{place} a {type(leaf).__name__}, expected tensors or numbers")


def _told(value: Any) -> str:
    if not isinstance(value, np.ndarray):
        return show(value)
    return f"{value.dtype} {value.shape}"
