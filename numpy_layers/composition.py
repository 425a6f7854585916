"""Layers made of layers: one after another, and one around which the input is carried."""

from collections.abc import Iterator, Mapping
from typing import Any, overload

from numpy_layers.layer import Array, Composite, Layer


class _Composition(Composite):
    """Hold layers, each of them once, in the modes that they come in."""

    def __init__(self, children: Mapping[str, Layer]) -> None:
        super().__init__(children)
        names: dict[int, str] = {}
        for name, layer in _walk(self.children):
            if not isinstance(layer, Layer):
                found = f"layer {name} is {layer!r}"
                raise ValueError(f"{type(self).__name__}: {found}, expected an object of a Layer")
            if id(layer) in names:
                found = f"layer {name} is layer {names[id(layer)]} again"
                expected = "a layer of its own, as each keeps one forward"
                raise ValueError(f"{type(self).__name__}: {found}, expected {expected}")
            names[id(layer)] = name


def _walk(children: Mapping[str, Layer], ahead: str = "") -> Iterator[tuple[str, Layer]]:
    """Yield layers and the layers in them, by their dotted names."""
    for name, layer in children.items():
        yield ahead + name, layer
        if isinstance(layer, Composite):
            yield from _walk(layer.children, f"{ahead}{name}.")


class Sequential(_Composition):
    """Feed what each layer returns to the next.

    y = f_n(... f_2(f_1(x))); dx = J_1^T (J_2^T (... J_n^T dy)), J_i the Jacobian of f_i

    `Sequential(f, g)` names its layers "0", "1", ...; `Sequential({"f": f, "g": g})` as told,
    the form that torch's has for an OrderedDict. Indices give a layer, slices a Sequential of
    the same layers. `load_state` takes torch's own `state_dict()`. A layer that returns several
    outputs, an LSTM, can only be the last; `backward` then takes a cotangent for each. What is
    made of no layers returns x.

    *Shapes*: those of the layers. *Raises*: ValueError for what is not a layer, a layer that
    stands at two places, names that are empty or hold a dot, and several outputs before the
    end. *Source*: torch.nn.Sequential.
    """

    @overload
    def __init__(self, *layers: Layer) -> None: ...

    @overload
    def __init__(self, layers: Mapping[str, Layer], /) -> None: ...

    def __init__(self, *layers: Any) -> None:
        self._named = len(layers) == 1 and isinstance(layers[0], Mapping)
        named = layers[0] if self._named else {str(i): f for i, f in enumerate(layers)}
        for name in named:
            if not isinstance(name, str) or not name or "." in name:
                expected = "a string that is not empty and has no dot"
                raise ValueError(f"Sequential: a layer is named {name!r}, expected {expected}")
        super().__init__(named)

    def __repr__(self) -> str:
        inside = [repr(f) for f in self]
        if self._named:
            told = [f"{n!r}: {f}" for n, f in zip(self.children, inside, strict=True)]
            return f"Sequential({{{', '.join(told)}}})"
        return f"Sequential({', '.join(inside)})"

    def __len__(self) -> int:
        return len(self.children)

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.children.values())

    @overload
    def __getitem__(self, index: int) -> Layer: ...

    @overload
    def __getitem__(self, index: slice) -> "Sequential": ...

    def __getitem__(self, index: int | slice) -> "Layer | Sequential":
        if not isinstance(index, slice):
            return list(self)[index]
        return Sequential(dict(list(self.children.items())[index]))

    def forward(self, x: Array) -> Any:
        """Return what the last layer returns."""
        last = len(self) - 1
        for i, (name, layer) in enumerate(self.children.items()):
            x = layer.forward(x)
            if isinstance(x, tuple) and i < last:
                found = f"layer {name}, {layer!r}, returns {len(x)} outputs"
                raise ValueError(f"Sequential: {found}, expected one of all but the last layer")
        self._output = x
        return x

    def backward(self, *dy: Array | None) -> Any:
        """Return dx, as the first layer does; every layer's grads are overwritten."""
        self._kept("_output")
        for layer in reversed(list(self)):
            dy = (layer.backward(*dy),)
        return dy[0]


class Residual(_Composition):
    """Add what a layer returns to what it was given.

    y = x + f(x); dx = dy + J^T dy, J the Jacobian of f

    *Shapes*: x, y, dy, dx those of the layer, all equal. *Raises*: ValueError for what is not a
    layer, and for a layer that returns several outputs or another shape. *Source*: He et al.,
    Deep Residual Learning; torch.nn has no such class: its state is that of the layer under
    "layer.".
    """

    def __init__(self, layer: Layer) -> None:
        super().__init__({"layer": layer})
        self.layer = layer

    def forward(self, x: Array) -> Array:
        """Return y."""
        x = self._floats("x", x)
        change = self.layer.forward(x)
        if isinstance(change, tuple):
            raise ValueError(f"{self!r}: layer returns {len(change)} outputs, expected one")
        if change.shape != x.shape:
            found = f"layer returns shape {change.shape}"
            raise ValueError(f"{self!r}: {found}, expected {x.shape}, that of x")
        y: Array = x + change
        self._output = y
        return y

    def backward(self, dy: Array) -> Array:
        """Return dx."""
        dy = self._cotangent(dy, self._kept("_output"))
        dx: Array = dy + self.layer.backward(dy)
        return dx
