"""Runs one side of one cell and says what came back; the door to torch.

Knows how to run a spelled side, not what its result should be.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import re
import tempfile
import types
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any, NamedTuple

import numpy as np

from equiv.entry import EquivError
from equiv.inputs import fresh

DRAWING = (
    "rand|normal|bernoulli|poisson|multinomial|exponential|uniform|geometric|cauchy|dropout"
    "|permut|shuffle|choice|recipes|distributions|binomial|gumbel|rrelu"
)
"""What is in the text of every side that draws random numbers."""


Warned = list[warnings.WarningMessage]


NOTHING: Mapping[str, Any] = types.MappingProxyType({})


class Ran(NamedTuple):
    """What one side did: its value, or the exception that it raised, and its inputs afterwards."""

    value: Any = None
    seen: Any = None
    """The value in NumPy's terms."""
    error: Exception | None = None
    inputs: Mapping[str, Any] = NOTHING
    """The arrays that it ran on, as it left them."""
    tracked: Mapping[str, Any] = NOTHING
    """The tensors that autograd can differentiate by."""
    warned: tuple[str, ...] = ()
    """The messages of the warnings on the way."""

    @property
    def raised(self) -> str:
        """Name the exception's class; empty where none was raised."""
        return type(self.error).__name__ if self.error else ""


@functools.cache
def compiled(side: str) -> tuple[types.CodeType | None, types.CodeType]:
    """Compile a side once: the statements before, if any, and the last expression.

    Raises SyntaxError where the text does not parse or does not end in an expression.
    """
    tree = ast.parse(side)
    before, last = tree.body[:-1], tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr):
        raise SyntaxError("the last statement is not an expression")
    statements = compile(ast.Module(before, []), "<side>", "exec") if before else None
    return statements, compile(ast.Expression(last.value), "<side>", "eval")


@functools.cache
def draws(side: str) -> bool:
    """Say whether a side may draw random numbers: only then its state is set, for 10 us."""
    return re.search(DRAWING, side) is not None


def run_numpy(
    side: str,
    inputs: Mapping[str, Any],
    *,
    seed: int | None = 0,
    files: bool = False,
    lent: Mapping[str, Any] | None = None,
    caught: Warned | None = None,
    scope: Mapping[str, Any] = NOTHING,
) -> Ran:
    """Run a NumPy side on its own copies of the inputs, or on those that are ``lent`` to it.

    An input named ``arr/tensor`` is ``arr`` here and ``tensor`` on torch's side. The random
    state goes on from where it is where ``seed`` is None. ``caught`` is where :func:`recorded`
    puts warnings, where it is entered already. ``scope`` holds other names that the text uses.
    """
    if caught is None:
        with recorded() as caught:
            return run_numpy(
                side, inputs, seed=seed, files=files, lent=lent, caught=caught, scope=scope
            )
    own = lent or {name: fresh(value) for name, value in inputs.items()}
    if seed is not None and draws(side):
        np.random.seed(seed)
    names = {name.partition("/")[0]: value for name, value in own.items()}
    entering("numpy")
    return _run(side, {"np": np, **scope, **names}, own, files, None, caught)


def run_torch(
    side: str,
    inputs: Mapping[str, Any],
    *,
    seed: int | None = 0,
    files: bool = False,
    requires_grad: tuple[str, ...] = (),
    lent: Mapping[str, Any] | None = None,
    caught: Warned | None = None,
    scope: Mapping[str, Any] = NOTHING,
) -> Ran:
    """Run a torch side on tensors over its own copies of the inputs.

    ``Ran.inputs`` holds the arrays under the tensors, so that writing through a tensor shows.
    """
    import torch

    if caught is None:  # torch warns of what NumPy holds read-only
        with recorded() as caught:
            return run_torch(
                side,
                inputs,
                seed=seed,
                files=files,
                requires_grad=requires_grad,
                lent=lent,
                caught=caught,
                scope=scope,
            )
    own = lent or {name: fresh(value, plain=True) for name, value in inputs.items()}
    tensors = {name: as_tensor(value) for name, value in own.items()}
    tracked = {name: tensors[name].requires_grad_() for name in requires_grad}
    for name, tensor in tracked.items():
        tensors[name] = tensor.clone()  # autograd refuses writing into a leaf
    if seed is not None and draws(side):
        torch.default_generator.manual_seed(seed)  # manual_seed asks every device, for 0.5 ms
    names = {name.rpartition("/")[2]: value for name, value in tensors.items()}
    entering("torch")
    ran = _run(side, {"torch": torch, **scope, **names}, own, files, as_numpy, caught)
    return ran._replace(tracked=tracked) if tracked else ran


def memory(value: Any) -> tuple[int, int] | None:
    """Return the addresses between which an array or a tensor keeps its elements."""
    import torch

    if isinstance(value, torch.Tensor):
        storage = value.untyped_storage()
        begun = storage.data_ptr()
        return begun, begun + storage.nbytes()
    if not isinstance(value, np.ndarray):
        return None
    if value.flags.c_contiguous:
        start: int = value.__array_interface__["data"][0]
        return start, start + value.nbytes
    return np.lib.array_utils.byte_bounds(value)


def as_tensor(value: Any) -> Any:
    """View an array as a tensor over the same memory; leave other values as they are."""
    import torch

    return torch.from_numpy(value) if isinstance(value, np.ndarray) else value


def as_numpy(value: Any) -> Any:
    """View what torch returned in NumPy's terms: tensors as arrays, dtypes and Sizes as NumPy's.

    Tensors of no dimension become 0-d arrays; the memory is shared wherever it can be. Raises
    what torch raises where NumPy cannot hold the value (bfloat16).
    """
    import torch

    if isinstance(value, torch.Tensor):
        return value.numpy(force=True)
    if isinstance(value, torch.dtype):
        return torch.empty(0, dtype=value).numpy().dtype
    if isinstance(value, tuple | list):
        return tuple(as_numpy(item) for item in value)
    if isinstance(value, dict):
        return {key: as_numpy(item) for key, item in value.items()}
    return value


def entering(side: str) -> None:
    """Tell who watches that a side is about to be entered: it may never return."""
    _watcher.get()(side)


@contextlib.contextmanager
def watched(watcher: Callable[[str], None]) -> Iterator[None]:
    """Have ``watcher`` called with ``numpy`` or ``torch`` before a side is entered."""
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


@contextlib.contextmanager
def steady() -> Iterator[None]:
    """Hold torch to one thread while cells run, and put back what was found.

    NumPy's and torch's global random states come back as they were.
    """
    import torch

    threads, numpy_state, torch_state = (
        torch.get_num_threads(),
        np.random.get_state(),
        torch.get_rng_state(),
    )
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        np.random.set_state(numpy_state)
        torch.set_rng_state(torch_state)


_watcher: ContextVar[Callable[[str], None]] = ContextVar("watcher", default=lambda side: None)


def _run(
    side: str,
    scope: dict[str, Any],
    arrays: Mapping[str, Any],
    files: bool,
    seen: Callable[[Any], Any] | None,
    caught: Warned,
) -> Ran:
    statements, last = compiled(side)
    before = len(caught)
    try:
        if files:
            with _scratch():
                value = _evaluate(statements, last, scope)
        else:
            value = _evaluate(statements, last, scope)
        warned = tuple(str(w.message) for w in caught[before:]) if len(caught) > before else ()
        return Ran(value, seen(value) if seen else value, None, arrays, NOTHING, warned)
    except EquivError:  # ours: what was handed over cannot be run
        raise
    except Exception as error:  # what a library raises is a result, not ours
        return Ran(error=error, inputs=arrays)


def _evaluate(before: types.CodeType | None, last: types.CodeType, scope: dict[str, Any]) -> Any:
    if before:
        exec(before, scope)
    return eval(last, scope)


@contextlib.contextmanager
def recorded() -> Iterator[Warned]:
    """Put every warning into a list, as often as it is raised."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught


def listen(caught: Warned) -> None:
    """Forget the warnings so far, and what a side did to the filters that record them."""
    caught.clear()
    if warnings.filters[0][0] != "always":
        warnings.simplefilter("always")


@contextlib.contextmanager
def _scratch() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        yield
