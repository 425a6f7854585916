"""Checks a training in NumPy against its torch twin, step by step from the same start.

Knows a training by what its steps leave in the parameters: network and optimiser are people's.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from equiv.compare import show
from equiv.entry import EquivError
from equiv.execute import as_numpy, as_tensor, steady
from equiv.own.call import name_of
from equiv.own.result import NotEquivalent
from equiv.own.sides import PREFIX, Side, error, is_pair, told
from equiv.own.trained import LIMIT, Gap, Training

Array = NDArray[Any]

PERTURBED: Final = 4
"""How many times the NumPy side is run from a start that is moved by one eps."""

SECOND: Final = range(PERTURBED + 1, PERTURBED + 21)
"""The runs that are made as well before the sides are said to part.

At a kink one run takes the other branch first, and it may be torch's: with the first runs alone
4 of 600 right pairs under a wild learning rate were said to part, with all of them none.
"""

EPS: Final = {name: float(np.finfo(name).eps) for name in ("float32", "float64")}
"""The dtypes that a training can run in."""

TINY: Final = float(np.finfo(np.float32).smallest_normal)
"""What is explained at least: smaller values tell nothing."""

Key = tuple[str, str]
"""What is compared (loss, parameter or gradient), and the name of the tensor."""

Change = Callable[[Array], Array]
"""Rearranges an array from one side's layout to the other's."""

Names = Mapping[str, str | tuple[str, Change]]
"""From a name in ``params`` to the other side's name, or to that and what rearranges it."""


def check_training(
    numpy_side: Side,
    torch_side: Side,
    params: Mapping[str, Any],
    batches: Iterable[Any],
    *,
    names: Names | None = None,
    dtype: str = "float32",
    seed: int = 0,
) -> Training:
    """Train both sides from the same start, and find the first step where they part.

    A side is a function. It is called with a dict of the starting parameters, arrays on NumPy's
    side and ``torch.nn.Parameter`` on torch's, and returns its step: a function of the arrays of
    a batch that does one optimiser step and returns the loss, or the loss and a dict of
    gradients. The dict is read after every step, so a step moves its arrays in place or puts
    others in their place. :func:`train_function`, :func:`train_layers` and :func:`train_module`
    make sides of what is at hand. NumPy's is started six times or more, each time afresh.

    ``params`` are arrays by NumPy's names, or tensors (a ``state_dict``) by torch's; ``names``
    gives the other side's where they differ, with the function that rearranges an array from
    one layout to the other where these differ: ``{"W1": ("fc1.weight", np.transpose)}``.

    Losses and parameters are held against what rounding explains: the largest difference so far
    between the NumPy side and itself, run from parameters and batches that are moved by one eps,
    and run in the other of float32 and float64 (in eps of ``dtype``); or one eps of the largest
    magnitude. The sides part where they differ by more than 16 times that. Once 16 times that is
    as large as the values, nothing can be told, and the result says from which step on. Gradients
    that both sides give are held likewise, whatever the optimiser makes of them: a side that
    clips its gradients in place is to be held against one that returns clipped ones.

    *Shapes*: a batch is an array or a tuple of arrays; integers stay integers. *Raises*:
    EquivError for names and shapes that do not fit, no batches, a first loss that is not finite,
    and a side that raises, leaves its dtype or returns something else.

    >>> import torch
    >>> from equiv import train_function, train_module
    >>> from numpy_layers.optim import SGD
    >>> def network(params, x, y):
    ...     error = x @ params["w"] - y
    ...     return np.mean(error**2), {"w": x.T @ error * 2 / len(y)}
    >>> numpy_side = train_function(network, lambda params: SGD(params, lr=0.1))
    >>> net = torch.nn.Linear(3, 1, bias=False)
    >>> loss = torch.nn.functional.mse_loss
    >>> torch_side = train_module(net, loss, lambda params: torch.optim.SGD(params, lr=0.1))
    >>> rng = np.random.default_rng(0)
    >>> batches = [(rng.normal(size=(8, 3)), rng.normal(size=(8, 1))) for _ in range(20)]
    >>> names = {"weight": ("w", np.transpose)}
    >>> check_training(numpy_side, torch_side, net.state_dict(), batches, names=names)
    <Training: network and Linear agree in 20 steps of training in float32>
    """
    plan = _plan(params, batches, names or {}, dtype, seed)
    with steady(), np.errstate(all="ignore"):  # what overflows shows in the numbers
        return _compared(plan, numpy_side, torch_side)


def assert_equivalent_training(
    numpy_side: Side,
    torch_side: Side,
    params: Mapping[str, Any],
    batches: Iterable[Any],
    **options: Any,
) -> Training:
    """Check a training, and raise NotEquivalent, an AssertionError, where the sides part.

    The arguments are those of :func:`check_training`; what was found is returned else.
    """
    found = check_training(numpy_side, torch_side, params, batches, **options)
    if not found:
        raise NotEquivalent(cast(Any, found))
    return found


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """What every run starts from and is fed."""

    params: Mapping[str, Array]
    batches: Sequence[tuple[Array, ...]]
    owner: str
    """The side whose names and layout ``params`` have."""
    names: Mapping[str, tuple[str, Change]]
    """The other side's name of each, and what rearranges it."""
    dtype: str
    seed: int


def _plan(
    params: Mapping[str, Any], batches: Iterable[Any], names: Names, dtype: str, seed: int
) -> _Plan:
    """Read what was given, and refuse what cannot be trained."""
    if dtype not in EPS:
        raise error(f"dtype is {dtype!r}, expected {' or '.join(EPS)}")
    if not isinstance(params, Mapping) or not params:
        raise error(f"params is {show(params)}, expected arrays or tensors by name")
    owner = "torch" if any(hasattr(p, "detach") for p in params.values()) else "numpy"
    arrays = {name: np.asarray(as_numpy(p)) for name, p in params.items()}
    if owner == "torch":  # a state_dict may hold counters
        arrays = {name: a for name, a in arrays.items() if a.dtype.kind == "f"}
    for name, a in arrays.items():
        if a.dtype.kind != "f" or not np.isfinite(a).all() or name == "loss":
            raise error(f"params has {name}, {show(a)}, expected finite floats, none named loss")
    if surplus := sorted(names.keys() - arrays.keys()):
        raise error(f"names has {', '.join(surplus)}, params only {', '.join(arrays)}")
    given = {n: names.get(n, n) for n in arrays}
    both = {n: (x, np.asarray) if isinstance(x, str) else x for n, x in given.items()}
    for name, found in both.items():
        if not (isinstance(found, tuple) and len(found) == 2 and callable(found[1])):
            raise error(
                f"names has {show(found)} for {name}, expected a name, or it and a function"
            )
    others = [other for other, _ in both.values()]
    if twice := sorted({other for other in others if others.count(other) > 1}):
        raise error(f"names leads to {', '.join(twice)} twice, expected every name once")
    read = tuple(_batch(k, batch, dtype) for k, batch in enumerate(batches, 1))
    if not read:
        raise error("there are no batches, expected one at least")
    start = {n: a.astype(dtype) for n, a in arrays.items()}
    return _Plan(params=start, batches=read, owner=owner, names=both, dtype=dtype, seed=seed)


def _batch(k: int, batch: Any, dtype: str) -> tuple[Array, ...]:
    """Return the arrays of a batch, floats in the working dtype."""
    several = batch if isinstance(batch, tuple | list) else (batch,)
    arrays = [np.asarray(as_numpy(x)) for x in several]
    for x in arrays:
        if x.dtype.kind not in "biuf":
            raise error(f"batch {k} holds {show(x)}, expected arrays of numbers")
    return tuple(x.astype(dtype) if x.dtype.kind == "f" else x for x in arrays)


def _compared(plan: _Plan, numpy_side: Side, torch_side: Side) -> Training:
    """Make every step on all runs at once, and hold the sides against each other."""
    ours, theirs = _Run(plan, "numpy", numpy_side), _Run(plan, "torch", torch_side)
    notes: list[str] = []
    sides = (ours.steps(), theirs.steps(), _other(plan, numpy_side, notes))
    near = [_Run(plan, "numpy", numpy_side, moved=i).steps() for i in range(1, PERTURBED + 1)]
    gauges: dict[Key, _Gauge] = {}
    losses: list[list[float]] = []
    first: dict[str, Any] = {}
    for k in range(1, len(plan.batches) + 1):
        a, b, other = map(next, sides)
        losses.append([float(side["loss", "loss"]) for side in (a, b)])
        if k == 1 and not np.isfinite(losses).all():
            both = "{} on numpy's side and {} on torch's".format(*losses[0])
            raise error(f"the loss at step 1 is {both}, expected finite numbers")
        for key in (key for key in a if key in b):
            gauges.setdefault(key, _Gauge(key, EPS[plan.dtype])).hold(k, a[key], b[key], other)
        _widen(gauges, [next(run) for run in near])
        if first:
            continue
        found = _parting(k, gauges, (ours, theirs))
        if found and len(near) == PERTURBED:
            more = [_Run(plan, "numpy", numpy_side, moved=i).steps() for i in SECOND]
            _widen(gauges, [next(itertools.islice(run, k - 1, None)) for run in more])
            found = _parting(k, gauges, (ours, theirs))
            near += [] if found else more
        first = found
    told = {name: gauge for (kind, name), gauge in gauges.items() if kind != "gradient"}
    numpy, torch = name_of(numpy_side, "numpy_side"), name_of(torch_side, "torch_side")
    return Training(
        numpy=numpy,
        torch=torch if torch != numpy else f"torch_{torch}",
        dtype=plan.dtype,
        numpy_loss=np.array(losses)[:, 0],
        torch_loss=np.array(losses)[:, 1],
        ratios={name: np.array(gauge.ratios) for name, gauge in told.items()},
        blind={name: gauge.blind for name, gauge in told.items() if gauge.blind},
        note="".join(notes),
        **first,
    )


def _widen(gauges: Mapping[Key, _Gauge], moved: Sequence[Mapping[Key, Array]]) -> None:
    """Hold the gauges of this step against other runs of the NumPy side."""
    for key, gauge in gauges.items():
        gauge.widen([run[key] for run in moved if key in run])


def _other(plan: _Plan, start: Side, notes: list[str]) -> Iterator[dict[Key, Array]]:
    """Train in the other precision for as long as the side can, and note why it cannot."""
    try:
        yield from _Run(plan, "numpy", start, other=True).steps()
    except EquivError as raised:
        notes.append(str(raised).removeprefix(PREFIX))
    while True:
        yield {}


def _parting(k: int, gauges: Mapping[Key, _Gauge], runs: tuple[_Run, _Run]) -> dict[str, Any]:
    """Return what a Training says of a step on which something parts."""
    found = {key: gauge for key, gauge in gauges.items() if gauge.step == k and gauge.parts}
    parted = [key for key in found if key[0] != "gradient"] or list(found)
    if not parted:
        return {}
    kind, name = max(parted, key=lambda key: (key[0] == "loss", found[key].ratios[-1]))
    beside = gauges.get(("gradient", name))
    still = [run.side for run in runs if kind == "parameter" and run.still(name)]
    return {
        "parted": found[kind, name].gap(),
        "gradient": beside.gap() if beside and beside.step == k else None,
        "also": tuple(other for _, other in parted if other != name),
        "unmoved": still[0] if len(still) == 1 else "",
    }


class _Run:
    """One training of one side, from its own copies."""

    def __init__(
        self, plan: _Plan, side: str, start: Side, *, other: bool = False, moved: int = 0
    ) -> None:
        import torch

        self.plan, self.side = plan, side
        self.dtype = next(d for d in EPS if (d == plan.dtype) != other)
        self.rng = np.random.default_rng((plan.seed, moved)) if moved else None
        note = f", run in {self.dtype}" if other else ", run from a moved start" if moved else ""
        self.place = f"{side}'s side{note}"
        self.views: dict[str, tuple[str, Change]] = {}
        self.first: dict[str, Array] = {}
        self.params: dict[str, Any] = {}
        for name, (partner, change) in plan.names.items():
            array = self._lent(plan.params[name])
            turned = np.array(self._called(f"rearranging {name}", change, array), order="C")
            mine = side == plan.owner
            self.first[name] = turned.copy()
            self.views[name] = (name, change) if mine else (partner, np.asarray)
            value = array if mine else turned
            held = torch.nn.Parameter(as_tensor(value)) if side == "torch" else value
            self.params[self.views[name][0]] = held
        self.step = self._called("at its start", start, self.params)
        if not callable(self.step):
            raise self._refused("at its start", self.step, "its step, a function of a batch")

    def steps(self) -> Iterator[dict[Key, Array]]:
        """Train, and yield loss, parameters and gradients after every step."""
        import torch

        for k, batch in enumerate(self.plan.batches, 1):
            np.random.seed(self.plan.seed + k)  # what draws numbers draws the same in every run
            torch.default_generator.manual_seed(self.plan.seed + k)
            lent = [self._lent(x, still=x == np.rint(x)) for x in batch]
            given = lent if self.side == "numpy" else [as_tensor(x) for x in lent]
            yield self._read(f"at step {k}", self._called(f"at step {k}", self.step, *given))

    def still(self, name: str) -> bool:
        """Say whether a parameter is where it started."""
        own, change = self.views[name]
        return np.array_equal(change(self._array("", self.params[own])), self.first[name])

    def _read(self, when: str, returned: Any) -> dict[Key, Array]:
        """Return the loss, the parameters after a step and their gradients."""
        leaves = {n: p.grad for n, p in self.params.items() if getattr(p, "is_leaf", False)}
        loss, grads = returned if is_pair(returned) else (returned, leaves)
        value = self._array(when, loss)
        if value.shape or value.dtype.kind not in "fiu" or not isinstance(grads, Mapping):
            raise self._refused(when, returned, "the loss, a number, or loss and gradients by name")
        given = {n: g for n, g in grads.items() if g is not None}
        if missing := [own for own, _ in self.views.values() if own not in self.params]:
            raise error(f"{self.place} has lost {', '.join(missing)} {when}, expected it to stay")
        return {
            ("loss", "loss"): value,
            **self._arrays(when, "parameter", self.params),
            **self._arrays(when, "gradient", given),
        }

    def _arrays(self, when: str, kind: str, held: Mapping[str, Any]) -> dict[Key, Array]:
        """Return arrays by their names in ``params``, in the layout that is compared."""
        place, own = f"{self.place} has", [own for own, _ in self.views.values()]
        if surplus := [str(name) for name in held if name not in own]:
            expected = f"expected none but {', '.join(own)}"
            raise error(f"{place} the {kind} {', '.join(surplus)} {when}, {expected}")
        found = {}
        for name, (mine, change) in self.views.items():
            if mine not in held:
                continue
            array = self._array(when, held[mine])
            if kind == "parameter" and array.dtype != self.dtype:
                raise error(f"{place} {mine} in {array.dtype} {when}, expected {self.dtype}")
            turned = np.asarray(self._called(f"rearranging {name}", change, array))
            if turned.shape != (shape := self.first[name].shape):
                raise error(f"{place} the {kind} {mine} {turned.shape} {when}, expected {shape}")
            found[kind, name] = turned
        return found

    def _lent(self, x: Array, still: Any = False) -> Array:
        """Copy an array; a moved run's floats by one eps, but not whole numbers in batches."""
        if x.dtype.kind != "f":
            return x.copy()
        if self.rng is not None:
            sign = self.rng.choice([-1.0, 1.0], x.shape)
            x = np.where(still, x, x * (1 + EPS[self.plan.dtype] * sign))
        return np.array(x, self.dtype, order="C")

    def _array(self, when: str, value: Any) -> Array:
        return np.asarray(self._called(when, as_numpy, value))

    def _called(self, when: str, function: Callable[..., Any], *args: Any) -> Any:
        try:
            return function(*args)
        except EquivError:
            raise
        except Exception as raised:
            raise error(f"{self.place} raised {show(raised)} {when}") from raised

    def _refused(self, when: str, value: Any, expected: str) -> EquivError:
        return error(f"{self.place} returned {told(value)} {when}, expected {expected}")


class _Gauge:
    """What rounding explains of one tensor as it grows, and by how much the sides are apart."""

    def __init__(self, key: Key, eps: float) -> None:
        self.key, self.eps = key, eps
        self.step = self.blind = 0
        self.scale = self.moves = 0.0
        self.ratios: list[float] = []

    def hold(self, k: int, a: Array, b: Array, other: Mapping[Key, Array]) -> None:
        """Take both sides' values after a step, and the NumPy side's in the other precision."""
        self.step, self.a, self.b, self.apart = k, a, b, _apart(a, b)
        self.scale = max(self.scale, float(np.abs(_finite(a)).max(initial=0)))
        # float32 overflows long before float64, which says nothing of rounding
        precision = _finite(_apart(a, other.get(self.key, a))) * (self.eps / EPS["float32"])
        self.moves = max(self.moves, float(precision.max(initial=0)))
        self.ratios.append(0.0)

    def widen(self, moved: Sequence[Array]) -> None:
        """Take the values after this step of runs that were moved, and judge it."""
        gaps = [float(_apart(self.a, x).max(initial=0)) for x in moved]
        self.moves = max([self.moves, *gaps])
        if not self.blind and self.moves and LIMIT * self.moves >= self.scale:
            self.blind = self.step
        self.explained = max(self.eps * self.scale, self.moves, TINY)
        ratio = float(self.apart.max(initial=0)) / self.explained
        self.ratios[-1] = np.nan if self.blind else ratio

    @property
    def parts(self) -> bool:
        """Say whether the sides part on it after this step."""
        return self.ratios[-1] > LIMIT

    def gap(self) -> Gap:
        """Tell by how much they are apart after this step."""
        index = np.unravel_index(self.apart.argmax(), self.apart.shape) if self.apart.ndim else ()
        return Gap(
            step=self.step,
            kind=self.key[0],
            tensor=self.key[1],
            index=tuple(int(i) for i in index),
            numpy=str(self.a[index]),
            torch=str(self.b[index]),
            difference=float(self.apart[index]),
            explained=self.explained,
        )


def _apart(a: Array, b: Array) -> Array:
    """Return by how much each element is apart: infinitely where one alone is a number."""
    x, y = a.astype(np.float64), b.astype(np.float64)
    gap = np.abs(x - y)
    if np.isfinite(gap).all():
        return np.asarray(gap)
    alike = (x == y) | (np.isnan(x) & np.isnan(y))
    return np.where(alike, 0, np.where(np.isnan(gap), np.inf, gap))


def _finite(x: Array) -> Array:
    return np.where(np.isfinite(x), x, 0)
