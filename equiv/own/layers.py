"""Checks a NumPy layer that nobody here wrote, forward and backward, against its torch twin.

Knows the conditions and what is to be declared; the sides are driven and compared elsewhere.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from equiv.compare import show
from equiv.entry import EquivError, Input, slug
from equiv.execute import steady
from equiv.inputs import make, spell
from equiv.measure import Cell, Measured
from equiv.own.conditions import conditions, other
from equiv.own.functions import FunctionStyle
from equiv.own.objects import ObjectStyle
from equiv.own.pair import Expect, expected_in
from equiv.own.param import Param, listed, spelled
from equiv.own.parting import IN_BACKWARD, measure_layer
from equiv.own.passes import Pair, Run, attempt
from equiv.own.result import Check, Condition, NotEquivalent
from equiv.own.style import Declared, Style
from equiv.own.twin import Twin

Array = NDArray[Any]
Arrays = dict[str, Array]

DTYPES: Final = ("float64", "float32", "float16")


def check_layer(
    layer: Any,
    twin: Any,
    *inputs: object,
    params: Mapping[str, Param | str | None] | None = None,
    forward: str = "forward",
    backward: str | None = "backward",
    returns: Iterable[str] | Mapping[str, str] | None = None,
    mode: str | tuple[str, str] | None = None,
    zero_grad: str = "",
    batch_axis: int | None = 0,
    dtypes: Iterable[str] = ("float64", "float32"),
    expect: Expect | None = None,
    seed: int = 0,
) -> Check:
    """Run a NumPy layer and its torch twin, and say whether they agree, gradients included.

    ``layer`` is an object, of which each run gets a deep copy; a class or function that makes one
    without arguments, called for each run; or the pair ``(forward, backward)`` of the functional
    style, ``out, cache = forward(x, w, b)`` and ``dx, dw, db = backward(dout, cache)``. ``twin`` is
    a ``torch.nn.Module``, copied too; what makes one; or a function of tensors, given the inputs by
    position and the parameters by keyword. Where inputs or results are ordered or laid out
    otherwise, a function or a subclass of two lines puts that right. ``inputs`` are arrays or kinds
    (``equiv.real(5, 4)``) for ``forward``'s arguments; in the functional style the parameters too.

    ``params`` maps every parameter of the twin, and those of its buffers that the layer keeps, to
    a :class:`Param`: where NumPy's side keeps it and its gradient, and how torch's array is made.
    A name alone is where it is kept; None says that the layer has none: it is zero in the twin.
    All are drawn at random: arrays that are given for parameters, or are in the object, say but
    their shapes.

    ``forward``, ``backward`` and ``zero_grad``, for layers that add gradients up, are the names of
    methods. Without a backward (None) only outputs are compared; one that takes no cotangent, a
    loss's, has a cotangent of one. ``returns`` names what backward returns, in order and by NumPy's
    names: by default ``forward``'s arguments of floats. A dict is read by its keys, or by a mapping
    of them to names. ``mode`` is how the layer is told to train or to evaluate: two methods, or an
    attribute (in the functional style an argument) that is True in training. It is found where it
    is ``train`` and ``eval``, or ``training``; ``""`` leaves both sides as they are.

    The conditions: each of ``dtypes``, the first of which is that of all others; ``second call``,
    after a forward and backward on other data; ``two forwards``, then the backward of the second,
    or both where each has its cache; ``eval``, where both sides have a mode; ``batch of one`` along
    ``batch_axis``; ``transposed``, in memory; ``large``, every other row of inputs of both signs a
    thousand times as large. In each, outputs, buffers and gradients are compared, for a random
    cotangent and mostly for a one-hot one, and no argument may be written to. Drawn inputs stay
    away from kinks at zero, where the choice of a subgradient is no ordinary error; arrays that
    hold one part there on gradient. ``expect`` declares differences, as for ``check``.

    *Raises*: EquivError where a name, a shape or a number of gradients does not fit what was
    declared, and where a side raises on the first inputs.

    >>> import numpy as np, torch
    >>> from equiv import real
    >>> def forward(x, w):
    ...     return x @ w, (x, w)
    >>> def backward(dy, cache):
    ...     x, w = cache
    ...     return dy @ w.T, x.T @ dy
    >>> linear = torch.nn.Linear(4, 3, bias=False)
    >>> weight = Param("w", to_torch=np.transpose)
    >>> check_layer((forward, backward), linear, real(5, 4), real(4, 3), params={"weight": weight})
    <Check: forward and torch.nn.Linear agree in 7 conditions>
    """
    said = Declared(
        params={
            name: Param(kept) if isinstance(kept, str) else kept
            for name, kept in (params or {}).items()
            if kept is not None
        },
        forward=forward,
        backward=backward,
        returns=returns,
        mode=mode,
        zero_grad=zero_grad,
    )
    style: Style = (FunctionStyle if isinstance(layer, tuple) else ObjectStyle)(layer, said)
    with steady():
        theirs = Twin(twin, style.place)
        theirs.check_names(params or {})
        bench = _Bench(style, theirs, said, inputs, seed)
        runs = bench.runs(bench.dtypes(dtypes), batch_axis)
        expected = expected_in(expect or {}, [run.name for run in runs])
        found = []
        for run in runs:
            measured = measure_layer(bench.pair, bench.cell(run), run, bench.params)
            if run is runs[0]:
                bench.accept(run, measured)
            shows, why = expected.get(run.name, ((), ""))
            found.append(Condition(name=run.name, measured=measured, expected=shows, why=why))
    checked = Check(numpy=style.name, torch=theirs.name, conditions=tuple(found))
    parted = next((run for run, c in zip(runs, found, strict=True) if not c.holds), None)
    if parted is None:
        return checked
    given = bench.pair.given(parted, bench.params)
    return dataclasses.replace(
        checked,
        inputs={**given.calls[-1], **given.params},
        note="the inputs and parameters that show it are in .inputs",
    )


def assert_equivalent_layer(layer: Any, twin: Any, *inputs: object, **options: Any) -> Check:
    """Check a layer, and raise NotEquivalent, an AssertionError, where the sides do not agree.

    The arguments are those of :func:`check_layer`; what was found is returned where they agree.
    """
    found = check_layer(layer, twin, *inputs, **options)
    if not found:
        raise NotEquivalent(found)
    return found


class _Bench:
    """A layer, its twin, and what they are run on."""

    def __init__(
        self, style: Style, twin: Twin, said: Declared, args: tuple[object, ...], seed: int
    ) -> None:
        self.style, self.twin, self.mode, self.seed = style, twin, said.mode, seed
        for i, value in enumerate(args):
            if not isinstance(value, np.ndarray | Input):
                raise EquivError(
                    f"{style.place}: input {i} is {show(value)}, expected an array or a kind, "
                    "such as equiv.real(5, 4)"
                )
        if not args:
            raise EquivError(f"{style.place}: no inputs, expected one at least: equiv.real(5, 4)")
        self.inputs, drawn = style.declare(args)
        buffers = {v for n, p in said.params.items() if n in twin.buffers for v in p.values}
        kinds = {n: _positive(x) if n in buffers else x for n, x in drawn.items()}
        codes = spell(kinds, "", seed)
        self.params: Arrays = {name: make(code) for name, code in codes.items()}
        for name, param in said.params.items():
            own = [self.params[v] for v in param.values]
            made = attempt(partial(param.shape, own))
            of = ", ".join(f"{v} {x.shape}" for v, x in zip(param.values, own, strict=True))
            if made.error:
                raise EquivError(
                    f"{style.place}: params[{name!r}]: to_torch raised {show(made.error)}, of {of}"
                )
            twin.check_shape(name, made.value, of)
        self.pair = self._paired(said, args)

    def _paired(self, said: Declared, args: tuple[object, ...]) -> Pair:
        """Settle what backward returns, and by what both sides are differentiated."""
        place, values = self.style.place, self.values(0)
        floats = [n for n, x in values.items() if x.dtype.kind == "f"]
        own = [n for n in self.style.order if n in floats or n in self.params]
        renamed = dict(said.returns) if isinstance(said.returns, Mapping) else {}
        asked = own if said.returns is None else list(renamed.values() or said.returns)
        returned = tuple(map(spelled, asked))
        known = [*floats, *self.params]
        unknown = [name for name in returned if name not in known]
        if unknown:
            raise EquivError(
                f"{place}: returns: there is no {listed(unknown)} to differentiate by; there are "
                f"{listed(known)}"
            )
        trained = {n: p for n, p in said.params.items() if n not in self.twin.buffers}
        for name, param in trained.items() if said.backward else ():
            lost = [v for v in param.values if v not in returned and v not in param.grads]
            if lost:
                raise EquivError(
                    f"{place}: params[{name!r}]: no gradient of {listed(lost)}; say where it is "
                    "kept, Param(value, grad), or name it in returns="
                )
        return Pair(
            style=self.style,
            twin=self.twin,
            params=said.params,
            returned=returned,
            renamed=renamed,
            wrt_inputs=tuple(n for n in floats if n in returned) if said.backward else (),
            wrt_params=tuple(trained) if said.backward else (),
            differentiates=said.backward is not None,
            seed=self.seed,
        )

    def dtypes(self, asked: Iterable[str]) -> list[str]:
        """Return the dtypes to run in."""
        found = list(asked)
        wrong = [dtype for dtype in found if dtype not in DTYPES]
        if wrong or not found:
            raise EquivError(f"dtypes: {listed(wrong)} is not one of {', '.join(DTYPES)}")
        return found

    def values(self, number: int) -> Arrays:
        """Return the inputs of the call in question, or other ones like them."""
        drawn = {n: x for n, x in self.inputs.items() if isinstance(x, Input)}
        codes = spell(drawn, "", self.seed + number)
        found = {}
        for name, x in self.inputs.items():
            given = make(codes[name]) if name in codes else np.asarray(x)
            found[name] = given if name in codes or not number else other(given)
        return found

    def runs(self, dtypes: list[str], batch_axis: int | None) -> list[Run]:
        """Return the conditions to run under."""
        both = self.style.has_mode and self.twin.has_mode
        if self.mode and not both:
            raise EquivError(f"{self.style.place}: mode={self.mode!r}: {self.twin.name} has none")
        found = conditions(
            self.values(0),
            self.values(1),
            dtypes=dtypes,
            batch_axis=batch_axis,
            has_mode=both,
            keeps_caches=self.style.keeps_caches,
            differentiates=self.pair.differentiates,
        )
        return list(found)

    def cell(self, run: Run) -> Cell:
        """Return the cell of a condition."""
        name = self.style.name
        return Cell(
            id=f"{name}@{slug(run.name)}",
            sort="own",
            area="own",
            owner=name,
            case="own",
            probe=run.name,
            numpy=name,
            torch=self.twin.name,
            code={},
        )

    def accept(self, run: Run, measured: Measured) -> None:
        """Raise EquivError where a side raised on the first inputs."""
        if not any(measured.raised):
            return
        given = self.pair.given(run, self.params)
        who, said = f"the twin {self.twin.name}", measured.torch
        if measured.raised[0]:
            _, backward, said = measured.numpy.rpartition(IN_BACKWARD)
            who = "its backward" if backward else "its forward"
        on = ", ".join(f"{n} {x.dtype} {x.shape}" for n, x in given.calls[0].items())
        raise EquivError(f"{self.style.place}: {who} raised {said} on the first inputs, {on}")


def _positive(value: Input) -> Input:
    """Draw a buffer above zero: it may be a variance."""
    return dataclasses.replace(value, kind="positive")
