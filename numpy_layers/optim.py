"""The optimisers that move parameters in place, step by step as torch.optim moves them."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np

from numpy_layers.layer import Array

State: TypeAlias = dict[str, Any]


@runtime_checkable
class HasParams(Protocol):
    """What an optimiser needs of a layer: parameters and gradients, by the same names."""

    @property
    def params(self) -> Mapping[str, Array]:
        """The parameters."""

    @property
    def grads(self) -> Mapping[str, Array]:
        """The gradients, as the last backward left them."""


Params: TypeAlias = Mapping[str, Array] | Iterable[HasParams]


class Optimizer:
    """Hold what optimisers share: the parameters, their state and a checked step.

    Takes a mapping from names to arrays, and gradients at every step; or an iterable of
    layers, whose `grads` every step reads. Parameters of layers are named by place and name,
    as in torch.nn.Sequential: "0.weight". Arrays are looked up at every step, not kept, so
    those that `load_state` put in place of others are the ones that move.

    A step updates all parameters in place, or none when a check fails. A parameter whose gradient
    is missing or None keeps its value and its state. `state` maps names to what torch calls
    the optimiser's state, in the parameter's dtype; `lr` may be assigned between steps. Where
    numbers leave the dtype's range the results are torch's, under NumPy's own warnings.

    *Shapes*: any, a gradient's its parameter's. *Dtypes*: float32 and float64 parameters (1e-8
    is 0 in float16); gradients of any float, used in the parameter's dtype. *Raises*: ValueError
    that names the optimiser.

    >>> optimizer = SGD({"w": np.array([1.0, 2.0])}, lr=0.5)
    >>> optimizer.step({"w": np.array([1.0, -1.0])})
    >>> optimizer.params["w"]
    array([0.5, 2.5])
    """

    def __init__(
        self,
        params: Params,
        *,
        lr: float,
        weight_decay: float,
        maximize: bool,
    ) -> None:
        self._source = params if isinstance(params, Mapping) else self._layers(params)
        self.lr = self._at_least_0("lr", lr)
        self.weight_decay = self._at_least_0("weight_decay", weight_decay)
        self.maximize = maximize
        self.state: dict[str, State] = {}
        self._check_params(self.params)

    def __repr__(self) -> str:
        options = {name: value for name, value in vars(self).items() if name != "state"}
        listed = (f"{name}={value}" for name, value in options.items() if name[0] != "_")
        return f"{type(self).__name__}({', '.join(listed)})"

    @property
    def params(self) -> dict[str, Array]:
        """The parameters as they are now; those of layers under "0.weight" and the like."""
        if isinstance(self._source, Mapping):
            return dict(self._source)
        return _numbered([layer.params for layer in self._source])

    def step(self, grads: Mapping[str, Array | None] | None = None) -> None:
        """Move the parameters by one step; take their gradients unless layers have them."""
        if isinstance(self._source, Mapping):
            if not isinstance(grads, Mapping):
                found = f"step got an object of type {type(grads).__name__}"
                raise self._error(f"{found}, expected a mapping from names to gradients")
        elif grads is not None:
            raise self._error("step got gradients, expected none, the layers having theirs")
        else:
            grads = _numbered([layer.grads for layer in self._source])
        for name, p, g in self._checked(grads):
            self._update(p, -g if self.maximize else g, self.state.setdefault(name, {}))

    def _update(self, p: Array, g: Array, state: State) -> None:
        """Move one parameter and its state in place; p, g and the arrays kept have one shape."""
        raise NotImplementedError(f"{self!r} has no update")

    def _decayed(self, p: Array, g: Array) -> Array:
        """Return the gradient with that of the penalty weight_decay / 2 p^2 added."""
        return g if self.weight_decay == 0 else g + self.weight_decay * p

    def _checked(self, grads: Mapping[str, Array | None]) -> list[tuple[str, Array, Array]]:
        """Return name, parameter and a copy of the gradient where there is one."""
        params = self.params
        if unknown := sorted(grads.keys() - params.keys()):
            raise self._error(f"gradients have names {unknown}, expected those of params only")
        self._check_params(params)
        steps = []
        for name, p in params.items():
            if (given := grads.get(name)) is None:
                continue
            g = np.asarray(given)
            if g.shape != p.shape:
                raise self._error(f"gradient of {name} has shape {g.shape}, expected {p.shape}")
            if g.dtype.kind != "f":
                raise self._error(f"gradient of {name} is {g.dtype}, expected a float")
            # A copy: the gradient of p^2 / 2 is p itself, which AdamW moves before it reads g.
            steps.append((name, p, g.astype(p.dtype)))
        return steps

    def _check_params(self, params: Mapping[str, Array]) -> None:
        """Check that every parameter can be moved, once, and fits its state."""
        if not params:
            raise self._error("params has no arrays, expected at least one")
        names: dict[int, str] = {}
        for name, p in params.items():
            if not isinstance(p, np.ndarray):
                raise self._error(f"{name} is of type {type(p).__name__}, expected an array")
            if p.dtype not in (np.float32, np.float64):
                raise self._error(f"{name} is {p.dtype}, expected float32 or float64")
            if not p.flags.writeable:
                raise self._error(f"{name} is read-only, expected an array to update in place")
            if names.setdefault(id(p), name) != name:
                raise self._error(f"{name} is the array of {names[id(p)]}, expected another")
            for key, kept in self.state.get(name, {}).items():
                if key != "step" and (kept.dtype, kept.shape) != (p.dtype, p.shape):
                    found = f"{name} is {p.dtype} of shape {p.shape}"
                    raise self._error(f"{found}, expected {kept.dtype} of {kept.shape} as {key}")

    def _layers(self, params: object) -> list[HasParams]:
        """Return the layers given, each of which has parameters and gradients."""
        if not isinstance(params, Iterable):
            found = f"params is of type {type(params).__name__}"
            raise self._error(f"{found}, expected a mapping of arrays or an iterable of layers")
        layers = list(params)
        for i, layer in enumerate(layers):
            if not isinstance(layer, HasParams):
                found = f"params holds an object of type {type(layer).__name__} at {i}"
                raise self._error(f"{found}, expected a layer with params and grads")
        return layers

    def _at_least_0(self, name: str, value: float) -> float:
        """Return the option as a Python float, which leaves float32 arrays float32."""
        if not value >= 0:  # so put, NaN is refused, too
            raise self._error(f"{name} is {value}, expected at least 0")
        return float(value)

    def _error(self, text: str) -> ValueError:
        """Return the error to raise, with its place."""
        return ValueError(f"{type(self).__name__}: {text}")


class SGD(Optimizer):
    """Follow the gradient, with momentum or without.

    g = dp + weight_decay p; b = g at first, then momentum b + (1 - dampening) g
    p -= lr d, where d is g without momentum, b with it, and g + momentum b with nesterov

    The first b is not damped; lr is outside b, in the paper inside. With maximize, -dp takes
    the place of dp, in all three optimisers.

    *State*: momentum_buffer, b, if there is momentum. *Raises*: ValueError when lr, momentum
    or weight_decay is negative and when nesterov has no momentum or has dampening; and as
    `Optimizer`. *Source*: torch.optim.SGD; Sutskever et al., On the importance of initialization
    and momentum in deep learning, 2013.

    >>> optimizer = SGD({"w": np.array(1.0)}, lr=0.1, momentum=0.9)
    >>> for _ in range(2):
    ...     optimizer.step({"w": np.array(1.0)})
    >>> print(f"{optimizer.params['w']:.2f}")  # 1 - 0.1 (1 + 1.9)
    0.71
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr=lr, weight_decay=weight_decay, maximize=maximize)
        self.momentum = self._at_least_0("momentum", momentum)
        self.dampening = float(dampening)
        self.nesterov = nesterov
        if nesterov and (self.momentum == 0 or self.dampening != 0):
            found = f"nesterov with momentum {momentum} and dampening {dampening}"
            raise self._error(f"{found}, expected a momentum above 0 and no dampening")

    def _update(self, p: Array, g: Array, state: State) -> None:
        g = self._decayed(p, g)
        if self.momentum != 0:
            if "momentum_buffer" not in state:
                state["momentum_buffer"] = np.array(g)
            else:
                state["momentum_buffer"] *= self.momentum
                state["momentum_buffer"] += (1 - self.dampening) * g
            b = state["momentum_buffer"]
            g = g + self.momentum * b if self.nesterov else b
        p -= float(self.lr) * g


class Adam(Optimizer):
    """Follow the mean gradient over the root of the mean squared gradient.

    g = dp + weight_decay p; m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2
    p -= lr m / (1 - b1^t) / (sqrt(u / (1 - b2^t)) + eps)

    b1 and b2 are the betas, t counts the parameter's steps from 1, m and v start at 0, and u is
    v or, with amsgrad, the largest v so far (uncorrected, and corrected for the current t).

    *State*: step, t; exp_avg, m; exp_avg_sq, v; max_exp_avg_sq with amsgrad. *Raises*: ValueError
    when lr, eps or weight_decay is negative and when a beta is outside [0, 1); and as
    `Optimizer`. *Source*: torch.optim.Adam; Kingma and Ba, arXiv 1412.6980; Reddi et al., On
    the Convergence of Adam and Beyond, 2018.

    >>> optimizer = Adam({"w": np.array([1.0, 1.0])}, lr=0.1)
    >>> optimizer.step({"w": np.array([3.0, -0.01])})
    >>> print(optimizer.params["w"].round(4))  # the first step is lr, whatever the gradient
    [0.9 1.1]
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr=lr, weight_decay=weight_decay, maximize=maximize)
        for i in (0, 1):
            if not 0 <= betas[i] < 1:
                raise self._error(f"betas[{i}] is {betas[i]}, expected at least 0 and below 1")
        self.betas = (float(betas[0]), float(betas[1]))
        self.eps = self._at_least_0("eps", eps)
        self.amsgrad = amsgrad

    def _update(self, p: Array, g: Array, state: State) -> None:
        beta1, beta2 = self.betas
        if not state:
            kept = ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")[: 3 if self.amsgrad else 2]
            state.update({"step": 0} | {key: np.zeros_like(p) for key in kept})
        state["step"] += 1
        g = self._decayed(p, g)
        m, v = state["exp_avg"], state["exp_avg_sq"]
        if 1 - beta1 < 0.5:  # torch's lerp, which starts from the nearer end
            m += (1 - beta1) * (g - m)
        else:
            m[...] = g - (g - m) * beta1
        v *= beta2
        v += (1 - beta2) * g * g  # from the left, as torch: g * g could overflow first
        u = v
        if self.amsgrad:
            u = np.maximum(state["max_exp_avg_sq"], v, out=state["max_exp_avg_sq"])
        step_size = float(self.lr) / (1 - beta1 ** state["step"])
        root = (1 - beta2 ** state["step"]) ** 0.5
        p += -step_size * m / (np.sqrt(u) / root + self.eps)


class AdamW(Adam):
    """Follow `Adam`, the weights decaying beside its step and not in its means.

    p *= 1 - lr weight_decay; then Adam with g = dp

    *State*, *Raises*: as `Adam`. *Source*: torch.optim.AdamW; Loshchilov and Hutter,
    arXiv 1711.05101 (whose decay is not multiplied by lr).

    >>> optimizer = AdamW({"w": np.array(1.0)}, lr=0.1, weight_decay=0.5)
    >>> optimizer.step({"w": np.array(0.0)})
    >>> optimizer.params["w"]
    array(0.95)
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize)

    def _decayed(self, p: Array, g: Array) -> Array:
        """Shrink the parameter and return the gradient as it is."""
        if self.weight_decay != 0:
            p *= 1 - float(self.lr) * self.weight_decay
        return g


def _numbered(mappings: list[Mapping[str, Array]]) -> dict[str, Array]:
    """Return all that the mappings hold, under the place of each and its own name."""
    return {
        f"{i}.{name}": array for i, arrays in enumerate(mappings) for name, array in arrays.items()
    }
