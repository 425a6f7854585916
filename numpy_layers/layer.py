"""The base every layer shares: named arrays, modes, loading and the checks of arguments."""

from collections.abc import Mapping
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]


class Layer:
    """Hold a layer's parameters, their gradients, its buffers and its mode.

    `params`, `grads` and `buffers` map torch's state_dict names to arrays. `backward` is a
    function of the last `forward`, which keeps its arguments, its result and the parameters by
    reference, not by copy: change none of them in place between the two.

    *Dtypes*: float16, float32, float64; results have the dtype of the input. *Raises*:
    ValueError that names the layer.
    """

    def __init__(self) -> None:
        self.params: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}
        self.buffers: dict[str, Array] = {}
        self.training = True

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

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
        given = {name: np.array(value) for name, value in state.items()}
        for name, value in given.items():
            shape, dtype = own[name].shape, own[name].dtype
            if value.shape != shape:
                raise ValueError(f"{self!r}: {name} has shape {value.shape}, expected {shape}")
            if value.dtype.kind != dtype.kind:
                raise ValueError(f"{self!r}: {name} is {value.dtype}, expected the kind of {dtype}")
        self.params.update({name: given[name] for name in self.params})
        self.buffers.update({name: given[name] for name in self.buffers})

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

    def _cotangent(self, dy: Array, output: Array) -> Array:
        """Return the cotangent in the output's dtype, its shape being the output's."""
        array = self._floats("cotangent", dy)
        if array.shape != output.shape:
            found = f"cotangent has shape {array.shape}"
            raise ValueError(f"{self!r}: {found}, expected {output.shape}")
        return array.astype(output.dtype, copy=False)
