"""The base every layer shares: named arrays, modes, loading and the checks of arguments."""

import inspect
from collections.abc import Mapping
from typing import Any, Self, TypeAlias, TypeGuard

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]


class Draws:
    """Draw what layers take at random in training, from NumPy's global state.

    A layer asks its `draws` once for each array, in the order in which torch draws; another
    object with these methods there makes the layer's randomness an input.
    """

    def keep(self, p: float, shape: tuple[int, ...]) -> Array:
        """Return booleans, each False with probability p."""
        return np.random.random_sample(shape) >= p

    def slopes(self, lower: float, upper: float, x: Array) -> Array:
        """Return a slope between lower and upper for every element of x."""
        return np.random.uniform(lower, upper, x.shape)


class Layer:
    """Hold a layer's parameters, their gradients, its buffers and its mode.

    `params`, `grads` and `buffers` map torch's state_dict names to arrays; parameters start as
    float32, as torch's, and are used in the input's dtype. A constructor keeps each argument in
    an attribute of its name. `forward` returns an array, or arrays in tuples where torch does;
    `backward` takes a cotangent for each float array of them, flattened, None meaning zeros. It
    is a function of the last `forward`, which keeps its arguments, its result and the parameters
    by reference, not by copy: change none of them in place between the two.

    *Dtypes*: float16, float32, float64; results have the dtype of the input. *Raises*:
    ValueError that names the layer.
    """

    def __init__(self) -> None:
        self._params: dict[str, Array] = {}
        self._grads: dict[str, Array] = {}
        self._buffers: dict[str, Array] = {}
        self.training = True
        self.draws = Draws()

    @property
    def params(self) -> dict[str, Array]:
        """The parameters by torch's names."""
        return self._params

    @property
    def grads(self) -> dict[str, Array]:
        """Their gradients by the same names, as the last backward left them."""
        return self._grads

    @property
    def buffers(self) -> dict[str, Array]:
        """What is kept and not trained, by torch's names."""
        return self._buffers

    def __repr__(self) -> str:
        """Spell the constructor's call, options at their defaults left out."""
        told = []
        for name, given in inspect.signature(type(self).__init__).parameters.items():
            value = getattr(self, name, given.default)
            if given.default is given.empty and name != "self":
                told.append(repr(value))
            elif name != "self" and value is not given.default and value != given.default:
                told.append(f"{name}={value!r}")
        return f"{type(self).__name__}({', '.join(told)})"

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Return the output for the inputs and keep what `backward` needs of them."""
        raise NotImplementedError(f"{self!r} has no forward")

    def backward(self, *args: Any, **kwargs: Any) -> Any:
        """Return dx for the last forward's dy, a tuple for several inputs; overwrite `grads`."""
        raise NotImplementedError(f"{self!r} has no backward")

    def train(self) -> Self:
        """Switch to training mode."""
        self.training = True
        return self

    def eval(self) -> Self:
        """Switch to evaluation mode."""
        self.training = False
        return self

    def load_state(self, state: Mapping[str, Array]) -> None:
        """Replace all parameters and buffers by copies in the dtypes given, or none of them."""
        own = self.params | self.buffers
        if state.keys() != own.keys():
            missing = sorted(own.keys() - state.keys())
            surplus = sorted(state.keys() - own.keys())
            raise ValueError(f"{self!r}: state has missing names {missing}, surplus {surplus}")
        given = {name: np.array(np.asarray(value)) for name, value in state.items()}
        for name, value in given.items():
            shape, dtype = own[name].shape, own[name].dtype
            if value.shape != shape:
                raise ValueError(f"{self!r}: {name} has shape {value.shape}, expected {shape}")
            if value.dtype.kind != dtype.kind:
                raise ValueError(f"{self!r}: {name} is {value.dtype}, expected the kind of {dtype}")
        self._replace(given)

    def _replace(self, state: Mapping[str, Array]) -> None:
        """Put these arrays in the place of all parameters and buffers."""
        self.params.update({name: state[name] for name in self.params})
        self.buffers.update({name: state[name] for name in self.buffers})

    def _param(self, name: str, dtype: np.dtype[Any]) -> Array:
        """Return a parameter or buffer in the dtype of the input."""
        own = self.params if name in self.params else self.buffers
        return own[name].astype(dtype, copy=False)

    def _uniform(self, bound: float, *shape: int) -> Array:
        """Draw a parameter's first values from NumPy's global state, up to the bound."""
        return np.random.uniform(-bound, bound, shape).astype(np.float32)

    def _floats(self, name: str, value: Array) -> Array:
        """Return the argument as an array of a dtype that layers take."""
        array = np.asarray(value)
        if array.dtype not in (np.float16, np.float32, np.float64):
            expected = "float16, float32 or float64"
            raise ValueError(f"{self!r}: {name} is {array.dtype}, expected {expected}")
        return array

    def _kept(self, name: str) -> Array:
        """Return what the last forward kept under this name."""
        if not hasattr(self, name):
            raise ValueError(f"{type(self).__name__}: backward called before forward")
        kept: Array = getattr(self, name)
        return kept

    def _cotangent(self, dy: Array | None, output: Array) -> Array:
        """Return the cotangent in the output's dtype, its shape being the output's."""
        if dy is None:
            return np.zeros_like(output)
        array = self._floats("cotangent", dy)
        if array.shape != output.shape:
            found = f"cotangent has shape {array.shape}"
            raise ValueError(f"{self!r}: {found}, expected {output.shape}")
        return array.astype(output.dtype, copy=False)


class Composite(Layer):
    """Hold layers by name, and show their arrays under dotted names, as torch's state_dict does.

    `children` keep the arrays; modes, draws and states are handed on to them.
    """

    def __init__(self, children: Mapping[str, Layer]) -> None:
        self.children: dict[str, Layer] = {}  # none yet to hand a mode on to: they keep theirs
        self.training = True
        self.draws = Draws()
        self.children = dict(children)

    def __setattr__(self, name: str, value: Any) -> None:
        """Hand `training` and `draws` on to the children."""
        super().__setattr__(name, value)
        if name in ("training", "draws"):
            for child in self.children.values():
                setattr(child, name, value)

    @property
    def params(self) -> dict[str, Array]:
        """The children's parameters, in a dict of their own."""
        return self._dotted("params")

    @property
    def grads(self) -> dict[str, Array]:
        """The gradients that the children's last backward left."""
        return self._dotted("grads")

    @property
    def buffers(self) -> dict[str, Array]:
        """The children's buffers."""
        return self._dotted("buffers")

    def _dotted(self, kind: str) -> dict[str, Array]:
        return {
            f"{place}.{name}": array
            for place, child in self.children.items()
            for name, array in getattr(child, kind).items()
        }

    def _replace(self, state: Mapping[str, Array]) -> None:
        """Hand each child its own arrays."""
        for place, child in self.children.items():
            own = (*child.params, *child.buffers)
            child._replace({name: state[f"{place}.{name}"] for name in own})


def is_whole(value: object, least: int | None = None) -> TypeGuard[int]:
    """Say whether this is an integer, Python's or NumPy's, from the least on; no bool is one."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        return False
    return least is None or bool(value >= least)
