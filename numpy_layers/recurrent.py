"""Recurrent layers and their cells: Elman's network, the LSTM and the GRU.

How each of the three runs over time, and back, is written once, as `_Steps`. A layer is a stack
of such runs; a cell is one run of a single step.
"""

import math
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np

from numpy_layers.formulas import sigmoid
from numpy_layers.layer import Array, Layer


class _Steps:
    """Run one direction of one layer over T steps, and back.

    Gates come first: `a`, (K, T, N, H), is made for all steps at once from x, a matrix a gate.
    Step t adds its product with the state before it and turns a[:, t] into gates, in place.
    Backward gathers the gradients of `a` in the same shape, so each weight's gradient is again
    one product over all steps. `past[t]` is the state step t starts from and `now[t]` the one
    it ends with, views one step apart of one array.
    """

    K = 1  # gates
    ends: tuple[Array, ...]  # the states after the last step

    def __init__(
        self, x: Array, first: Sequence[Array], weights: Mapping[str, Array], reverse: bool
    ) -> None:
        T, N, size = x.shape
        K, P = self.K, first[0].shape[-1]
        H = len(weights["weight_hh"]) // K
        self.weights = weights
        self.times = range(T)[::-1] if reverse else range(T)
        self.x = np.ascontiguousarray(x).reshape(T * N, size)
        self.w_ih = weights["weight_ih"].reshape(K, H, size)
        self.w_hh = weights["weight_hh"].reshape(K, H, P)
        self.w_step = np.ascontiguousarray(self.w_hh.swapaxes(1, 2))  # twice as fast in BLAS
        self.past, self.now = self._states(first[0])
        self.a = (self.x @ self.w_ih.swapaxes(1, 2)).reshape(K, T, N, H)
        if "bias_ih" in weights:
            self.a += self._bias().reshape(K, 1, 1, H)

    def _states(self, first: Array) -> tuple[Array, Array]:
        """Return room for the states before and after each step, the first one filled in."""
        T, reverse = len(self.times), self.times.step < 0
        room = np.empty((T + 1, *first.shape), first.dtype)
        room[-1 if reverse else 0] = first
        return (room[1:], room[:-1]) if reverse else (room[:-1], room[1:])

    def _bias(self) -> Array:
        """Return what is added to `a` before any step."""
        return self.weights["bias_ih"] + self.weights["bias_hh"]

    def forward(self) -> Array:
        """Run, set `ends` and return the outputs of all steps, (T, N, P)."""
        raise NotImplementedError

    def backward(
        self, dy: Array, dends: Sequence[Array]
    ) -> tuple[Array, tuple[Array, ...], dict[str, Array]]:
        """Return dx, the gradients of the first states and those of the weights."""
        raise NotImplementedError

    def _back(self, da: Array, t: int) -> Array:
        """Return the gradient of the state before step t, through the step's product."""
        dh: Array = (da[:, t] @ self.w_hh).sum(axis=0)
        return dh

    def _gradients(self, da: Array, dv: Array) -> tuple[Array, dict[str, Array]]:
        """Return dx and the weights' gradients; da is that of the products with x, dv with h."""
        K, _, _, H = da.shape
        dx = np.tensordot(da, self.w_ih, ((0, 3), (0, 1)))  # (T, N, I)
        past = self.past.reshape(len(self.x), self.past.shape[-1])  # (T*N, P)
        by_row = (K, len(self.x), H)
        dw_ih = da.reshape(by_row).swapaxes(1, 2) @ self.x  # (K, H, I)
        dw_hh = dv.reshape(by_row).swapaxes(1, 2) @ past  # (K, H, P)
        grads = {
            "weight_ih": dw_ih.reshape(self.weights["weight_ih"].shape),
            "weight_hh": dw_hh.reshape(self.weights["weight_hh"].shape),
        }
        if "bias_ih" in self.weights:  # two sums: adding T*N rows in turn would round more
            grads["bias_ih"] = da.sum(axis=2).sum(axis=1).reshape(K * H)
            grads["bias_hh"] = dv.sum(axis=2).sum(axis=1).reshape(K * H)
        return dx, grads


class _TanhSteps(_Steps):
    """Run h' = tanh(a)."""

    def forward(self) -> Array:
        for t in self.times:
            a = self.a[0, t]
            a += self.past[t] @ self.w_step[0]
            self._squash(a, self.now[t])
        self.ends = (self.now[self.times[-1]],)
        return self.now

    def backward(
        self, dy: Array, dends: Sequence[Array]
    ) -> tuple[Array, tuple[Array, ...], dict[str, Array]]:
        da = np.empty_like(self.a)
        (dh,) = dends
        for t in reversed(self.times):
            self._unsquash(dh + dy[t], self.now[t], da[0, t])
            dh = self._back(da, t)
        dx, grads = self._gradients(da, da)
        return dx, (dh,), grads

    def _squash(self, a: Array, h: Array) -> None:
        """Fill h."""
        np.tanh(a, out=h)

    def _unsquash(self, dh: Array, h: Array, da: Array) -> None:
        """Fill da with dh (1 - h^2)."""
        np.multiply(h, h, out=da)
        np.subtract(1, da, out=da)
        da *= dh


class _ReluSteps(_TanhSteps):
    """Run h' = max(a, 0)."""

    def _squash(self, a: Array, h: Array) -> None:
        np.maximum(a, 0, out=h)

    def _unsquash(self, dh: Array, h: Array, da: Array) -> None:
        """Fill da with dh, and 0 where h is 0."""
        da[...] = dh
        da[h <= 0] = 0


class _LSTMSteps(_Steps):
    """Run c' = f c + i g, m = o tanh(c'), h' = m or, projected, W_hr m."""

    K = 4  # i, f, g, o

    def __init__(
        self, x: Array, first: Sequence[Array], weights: Mapping[str, Array], reverse: bool
    ) -> None:
        super().__init__(x, first, weights, reverse)
        self.c_past, self.c = self._states(first[1])
        self.tanh = np.empty_like(self.c)
        self.m = np.empty_like(self.c) if "weight_hr" in weights else self.now

    def forward(self) -> Array:
        for t in self.times:
            a = self.a[:, t]  # (4, N, H)
            a += self.past[t] @ self.w_step
            i, f, g, o = a
            sigmoid(a[:2], out=a[:2])
            np.tanh(g, out=g)
            sigmoid(o, out=o)
            c = np.multiply(f, self.c_past[t], out=self.c[t])
            c += i * g
            m = np.multiply(o, np.tanh(c, out=self.tanh[t]), out=self.m[t])
            if "weight_hr" in self.weights:
                np.matmul(m, self.weights["weight_hr"].T, out=self.now[t])
        last = self.times[-1]
        self.ends = (self.now[last], self.c[last])
        return self.now

    def backward(
        self, dy: Array, dends: Sequence[Array]
    ) -> tuple[Array, tuple[Array, ...], dict[str, Array]]:
        w_hr = self.weights.get("weight_hr")
        i, f, g, o = self.a
        da = np.empty_like(self.a)  # at first what dc, and for o dm, is multiplied by
        da[0] = g * i * (1 - i)
        da[1] = self.c_past * f * (1 - f)
        da[2] = i * (1 - g * g)
        da[3] = self.m * (1 - o)
        dc_dm = o * (1 - self.tanh * self.tanh)
        dh, dc = dends
        dhs = np.empty_like(self.now)
        for t in reversed(self.times):
            dm = np.add(dh, dy[t], out=dhs[t])
            if w_hr is not None:
                dm = dm @ w_hr
            dc = dc + dm * dc_dm[t]
            da[:3, t] *= dc
            da[3, t] *= dm
            dc *= f[t]
            dh = self._back(da, t)
        dx, grads = self._gradients(da, da)
        if w_hr is not None:
            P, H = w_hr.shape
            grads["weight_hr"] = dhs.reshape(-1, P).T @ self.m.reshape(-1, H)
        return dx, (dh, dc), grads


class _GRUSteps(_Steps):
    """Run h' = (1 - z) n + z h, with n = tanh(a_n + r v) and v = W_hn h + b_hn."""

    K = 3  # r, z, n

    def __init__(
        self, x: Array, first: Sequence[Array], weights: Mapping[str, Array], reverse: bool
    ) -> None:
        super().__init__(x, first, weights, reverse)
        self.v = np.empty_like(self.now)

    def _bias(self) -> Array:
        """Leave b_hn to v."""
        b_ih, b_hh = (self.weights[name].reshape(3, -1) for name in ("bias_ih", "bias_hh"))
        return np.stack((b_ih[0] + b_hh[0], b_ih[1] + b_hh[1], b_ih[2]))

    def forward(self) -> Array:
        b_hn = self.weights["bias_hh"].reshape(3, -1)[2] if "bias_hh" in self.weights else 0
        for t in self.times:
            a, h = self.a[:, t], self.past[t]  # (3, N, H), (N, H)
            r, z, n = a
            products = h @ self.w_step  # (3, N, H)
            a[:2] += products[:2]
            sigmoid(a[:2], out=a[:2])
            n += r * np.add(products[2], b_hn, out=self.v[t])
            np.tanh(n, out=n)
            now = np.subtract(h, n, out=self.now[t])  # h' as n + z (h - n)
            now *= z
            now += n
        self.ends = (self.now[self.times[-1]],)
        return self.now

    def backward(
        self, dy: Array, dends: Sequence[Array]
    ) -> tuple[Array, tuple[Array, ...], dict[str, Array]]:
        r, z, n = self.a
        da = np.empty_like(self.a)  # at first what dh, and for r da_n, is multiplied by
        da[0] = self.v * r * (1 - r)
        da[1] = (self.past - n) * z * (1 - z)
        da[2] = (1 - z) * (1 - n * n)
        dv = np.empty_like(self.a)  # as da, but for n, whose product the reset gate multiplies
        (dh,) = dends
        for t in reversed(self.times):
            dh = dh + dy[t]
            da[1:, t] *= dh
            da[0, t] *= da[2, t]
            dv[:2, t] = da[:2, t]
            np.multiply(da[2, t], r[t], out=dv[2, t])
            dh *= z[t]
            dh += self._back(dv, t)
        dx, grads = self._gradients(da, dv)
        return dx, (dh,), grads


class _Recurrent(Layer):
    """What layers and cells share: the parameters of a run and the states before it."""

    _steps: type[_Steps]
    _state_names: tuple[str, ...] = ("hx",)
    input_size: int
    hidden_size: int
    bias: bool

    def _state_sizes(self) -> tuple[int, ...]:
        """Return the last axis of each state."""
        return (self.hidden_size,) * len(self._state_names)

    def _draw(self, inputs: int, suffix: str = "") -> None:
        """Draw the parameters of one run, in torch's order."""
        K, H, P = self._steps.K, self.hidden_size, self._state_sizes()[0]
        shapes: dict[str, tuple[int, ...]] = {"weight_ih": (K * H, inputs), "weight_hh": (K * H, P)}
        if self.bias:
            shapes |= {"bias_ih": (K * H,), "bias_hh": (K * H,)}
        if P != H:
            shapes["weight_hr"] = (P, H)
        bound = 1 / math.sqrt(max(H, 1))
        for name, shape in shapes.items():
            self.params[name + suffix] = self._uniform(bound, *shape)

    def _weights(self, dtype: np.dtype[Any], suffix: str = "") -> dict[str, Array]:
        """Return the parameters of one run under their names without the suffix."""
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
        return {n: self._param(n + suffix, dtype) for n in names if n + suffix in self.params}

    def _first(self, hx: Any, leading: tuple[int, ...], dtype: np.dtype[Any]) -> list[Array]:
        """Return the states before the first step: those given, else zeros."""
        names = self._state_names
        shapes = [(*leading, size) for size in self._state_sizes()]
        if hx is None:
            return [np.zeros(shape, dtype) for shape in shapes]
        if len(names) == 1:
            hx = (hx,)
        elif not isinstance(hx, tuple | list) or len(hx) != len(names):
            found = f"{len(hx)} states" if isinstance(hx, tuple | list) else type(hx).__name__
            raise ValueError(f"{self!r}: hx is {found}, expected a tuple ({', '.join(names)})")
        states = [self._floats(name, state) for name, state in zip(names, hx, strict=True)]
        for name, state, shape in zip(names, states, shapes, strict=True):
            if state.shape != shape:
                raise ValueError(f"{self!r}: {name} has shape {state.shape}, expected {shape}")
            if state.dtype != dtype:
                raise ValueError(f"{self!r}: {name} is {state.dtype}, expected {dtype}, as x")
        return states

    def _check_sizes(self, least: int, *names: str) -> None:
        """Refuse what is no number of features or of layers."""
        for name in names:
            size = getattr(self, name)
            if not isinstance(size, int) or size < least:
                raise ValueError(f"{self!r}: {name} is {size!r}, expected an int from {least}")


class _Stack(_Recurrent):
    """Stack runs over time, layer on layer, in one direction or in both."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        bias: bool,
        batch_first: bool,
        dropout: float,
        bidirectional: bool,
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = dropout
        self.bidirectional = bidirectional
        self._check()
        self._directions = ("", "_reverse") if bidirectional else ("",)
        for layer in range(num_layers):
            inputs = len(self._directions) * self._state_sizes()[0] if layer else input_size
            for direction in self._directions:
                self._draw(inputs, f"_l{layer}{direction}")

    def _check(self) -> None:
        """Refuse options out of range."""
        self._check_sizes(1, "input_size", "hidden_size", "num_layers")
        for name in ("bias", "batch_first"):
            value = getattr(self, name)
            if not isinstance(value, bool):
                raise ValueError(f"{self!r}: {name} is {value!r}, expected True or False")
        p = self.dropout
        if isinstance(p, bool) or not isinstance(p, Real) or not 0 <= p <= 1:
            raise ValueError(f"{self!r}: dropout is {p!r}, expected a number from 0 to 1")

    def forward(self, x: Array, hx: Any = None) -> tuple[Array, Any]:
        """Return y and h, the state after the last step; hx is that before the first."""
        y, h = self._forward(x, hx)
        return y, h

    def backward(self, dy: Array | None, dh: Array | None = None) -> Any:
        """Return dx, or (dx, dhx) when hx was given; fill `grads`."""
        return self._backward(dy, dh)

    @np.errstate(over="ignore", invalid="ignore")  # inf and NaN are results, as in torch
    def _forward(self, x: Array, hx: Any) -> tuple[Array, ...]:
        """Return y and the states after the last step."""
        x = self._input(x)
        D = len(self._directions)
        batch = self._inside(x)[0].shape[1:2] if x.ndim == 3 else ()
        first = self._first(hx, (self.num_layers * D, *batch), x.dtype)
        y, *first = self._inside(x, *first)
        runs: list[_Steps] = []
        masks = []
        for layer in range(self.num_layers):
            for direction in self._directions:
                weights = self._weights(x.dtype, f"_l{layer}{direction}")
                states = [state[len(runs)] for state in first]
                runs.append(self._steps(y, states, weights, reverse=direction == "_reverse"))
            outputs = [run.forward() for run in runs[-D:]]
            y = outputs[0] if D == 1 else np.concatenate(outputs, axis=-1)  # (T, N, D*P)
            masks.append(self._mask(layer, y))
            y = _masked(y, masks[-1])
        ends = [np.stack(end) for end in zip(*(run.ends for run in runs), strict=True)]
        self._runs, self._masks, self._given = runs, masks, hx is not None
        self._outputs = self._outside(x.ndim, y, *ends)
        return self._outputs

    @np.errstate(over="ignore", invalid="ignore")
    def _backward(self, *cotangents: Array | None) -> Any:
        """Return dx, and with it the gradients of the states that were given."""
        outputs = tuple(self._kept("_outputs"))
        ndim = outputs[0].ndim
        d, *dends = self._inside(*map(self._cotangent, cotangents, outputs))
        dfirst = [np.empty_like(dend) for dend in dends]
        found: dict[str, Array] = {}
        for layer in reversed(range(self.num_layers)):
            halves = np.split(_masked(d, self._masks[layer]), len(self._directions), axis=-1)
            dxs = []
            for k, (direction, half) in enumerate(zip(self._directions, halves, strict=True)):
                i = layer * len(halves) + k
                dx, dstates, grads = self._runs[i].backward(half, [dend[i] for dend in dends])
                dxs.append(dx)
                for whole, dstate in zip(dfirst, dstates, strict=True):
                    whole[i] = dstate
                found |= {f"{n}_l{layer}{direction}": g for n, g in grads.items()}
            d = dxs[0] if len(dxs) == 1 else dxs[0] + dxs[1]
        self.grads.update({name: found[name] for name in self.params})  # the first layer's first
        dx, *dfirst = self._outside(ndim, d, *dfirst)
        return (dx, *dfirst) if self._given else dx

    def _mask(self, layer: int, y: Array) -> Array | None:
        """Return dropout's factors for a layer's output, None where there is no dropout."""
        p = float(self.dropout)
        if not self.training or p == 0 or layer == self.num_layers - 1:
            return None
        mask = self.draws.keep(p, y.shape).astype(y.dtype)
        if p < 1:
            mask /= 1 - p
        return mask

    def _input(self, x: Array) -> Array:
        """Return x as an array of one of the two shapes."""
        if hasattr(x, "batch_sizes"):
            raise ValueError(f"{self!r}: x is a packed sequence, expected a padded array")
        x = self._floats("x", x)
        if x.ndim not in (2, 3) or x.shape[-1] != self.input_size:
            batched = "(N, T, " if self.batch_first else "(T, N, "
            expected = f"{batched}{self.input_size}) or (T, {self.input_size})"
            raise ValueError(f"{self!r}: x has shape {x.shape}, expected {expected}")
        if len(self._inside(x)[0]) == 0:
            raise ValueError(f"{self!r}: x has no step, shape {x.shape}, expected one or more")
        return x

    def _inside(self, x: Array, *states: Array) -> tuple[Array, ...]:
        """View the caller's axes as (T, N, .) and the states' as (L*D, N, .)."""
        if x.ndim == 2:
            return tuple(a[:, np.newaxis] for a in (x, *states))
        return (x.swapaxes(0, 1) if self.batch_first else x, *states)

    def _outside(self, ndim: int, x: Array, *states: Array) -> tuple[Array, ...]:
        """View (T, N, .) and (L*D, N, .) in the axes of a caller whose x has this rank."""
        if ndim == 2:
            return tuple(a[:, 0] for a in (x, *states))
        return (x.swapaxes(0, 1) if self.batch_first else x, *states)


def _masked(y: Array, mask: Array | None) -> Array:
    """Apply dropout's factors, or the same once more to a gradient."""
    return y if mask is None else y * mask


class _Cell(_Recurrent):
    """Run a single step."""

    def __init__(self, input_size: int, hidden_size: int, bias: bool) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        self._check_sizes(0, "input_size", "hidden_size")  # torch's cells take 0, its layers do not
        self._draw(input_size)

    def forward(self, x: Array, hx: Any = None) -> Any:
        """Return h, the state after the step; hx is that before it."""
        return self._forward(x, hx)[0]

    def backward(self, dh: Array | None) -> Any:
        """Return dx, or (dx, dhx) when hx was given; fill `grads`."""
        return self._backward(dh)

    @np.errstate(over="ignore", invalid="ignore")  # inf and NaN are results, as in torch
    def _forward(self, x: Array, hx: Any) -> tuple[Array, ...]:
        """Return the states after the step."""
        x = self._floats("x", x)
        size = self.input_size
        if x.ndim not in (1, 2) or x.shape[-1] != size:
            expected = f"(N, {size}) or ({size},)"
            raise ValueError(f"{self!r}: x has shape {x.shape}, expected {expected}")
        first = self._first(hx, x.shape[:-1], x.dtype)
        rows = [np.atleast_2d(state) for state in first]
        run = self._steps(np.atleast_2d(x)[np.newaxis], rows, self._weights(x.dtype), False)
        run.forward()
        self._run, self._x, self._given = run, x, hx is not None
        self._outputs = tuple(h.reshape(s.shape) for h, s in zip(run.ends, first, strict=True))
        return self._outputs

    @np.errstate(over="ignore", invalid="ignore")
    def _backward(self, *cotangents: Array | None) -> Any:
        """Return dx, and with it the gradients of the states that were given."""
        outputs = tuple(self._kept("_outputs"))
        dends = [np.atleast_2d(d) for d in map(self._cotangent, cotangents, outputs)]
        dx, dfirst, grads = self._run.backward(np.zeros_like(self._run.now), dends)
        self.grads.update(grads)
        dx = dx.reshape(self._x.shape)
        dstates = [d.reshape(h.shape) for d, h in zip(dfirst, outputs, strict=True)]
        return (dx, *dstates) if self._given else dx


def _elman(layer: Layer, nonlinearity: str) -> type[_Steps]:
    """Return the steps of an Elman network or cell."""
    if nonlinearity not in ("tanh", "relu"):
        found = f"nonlinearity is {nonlinearity!r}"
        raise ValueError(f"{layer!r}: {found}, expected 'tanh' or 'relu'")
    return _TanhSteps if nonlinearity == "tanh" else _ReluSteps


class RNN(_Stack):
    """Run Elman's network along a sequence.

    h_t = tanh(a_t) or relu(a_t), a_t = W_ih x_t + b_ih + W_hh h_t-1 + b_hh; y_t = h_t
    dh_t = dy_t + W_hh^T da_t+1, where after the last step dh stands for W_hh^T da_t+1
    da_t = (1 - h_t^2) dh_t, or dh_t where h_t > 0 and else 0
    dx_t = W_ih^T da_t; dhx = W_hh^T da_1
    dW_ih = sum_t da_t x_t^T, dW_hh = sum_t da_t h_t-1^T, db_ih = db_hh = sum_t da_t

    The next layer's x is this layer's y. The second direction, with parameters of its own that
    end in `_reverse`, runs from the last step to the first; its y follows the first's on the
    last axis. In training, dropout zeroes elements of every layer's y but the last's and divides
    the others by 1 - p. Packed sequences are not taken.

    *Shapes*: T steps (one at least), N the batch, I and H the two sizes, L layers, D directions.
    x (T, N, I), y (T, N, D*H), or (N, T, .) with batch_first; hx and h, in the order of layers
    and in each of directions, (L*D, N, H). With x (T, I), N is missing everywhere. The weights
    of layer k are weight_ih_lk (H, I), for k > 0 (H, D*H), weight_hh_lk (H, H), bias_ih_lk and
    bias_hh_lk (H,). *Dtypes*: hx has that of x. *Raises*: ValueError for other shapes and dtypes.
    *Source*: torch.nn.RNN; Elman, Finding Structure in Time (1990).
    """

    _steps: type[_Steps] = _TanhSteps

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
    ) -> None:
        self.nonlinearity = nonlinearity
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional
        )
        self._steps = _elman(self, nonlinearity)


class LSTM(_Stack):
    """Run long short-term memory along a sequence.

    a_t = W_ih x_t + b_ih + W_hh h_t-1 + b_hh, in four parts a_i, a_f, a_g, a_o
    i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o); g = tanh(a_g)
    c_t = f c_t-1 + i g; m_t = o tanh(c_t); h_t = m_t or, with proj_size, W_hr m_t; y_t = h_t
    dh_t = dy_t + W_hh^T da_t+1; dm_t = dh_t or W_hr^T dh_t
    dc_t = f_t+1 dc_t+1 + o (1 - tanh(c_t)^2) dm_t
    da_i = g i (1 - i) dc_t, da_f = c_t-1 f (1 - f) dc_t, da_g = i (1 - g^2) dc_t
    da_o = tanh(c_t) o (1 - o) dm_t

    dx and the weights' gradients follow from da as in RNN, and dW_hr = sum_t dh_t m_t^T. Layers,
    directions and dropout are RNN's too. hx is (h0, c0), and forward returns (y, (h, c)).

    *Shapes*: as in RNN with 4H rows in place of H; c0 and c (L*D, N, H); with proj_size P, y is
    (T, N, D*P), h0 and h are (L*D, N, P), weight_hh_lk (4H, P), weight_hr_lk (P, H). *Dtypes*,
    *Raises*: as in RNN. *Source*: torch.nn.LSTM; Hochreiter and Schmidhuber, Long Short-Term
    Memory (1997), with the forget gate of Gers, Schmidhuber and Cummins (2000) and the
    projection of Sak, Senior and Beaufays (2014).
    """

    _steps = _LSTMSteps
    _state_names = ("h0", "c0")

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
    ) -> None:
        self.proj_size = proj_size
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional
        )

    def _check(self) -> None:
        super()._check()
        self._check_sizes(0, "proj_size")
        if self.proj_size >= self.hidden_size:
            found = f"proj_size is {self.proj_size}"
            raise ValueError(f"{self!r}: {found}, expected less than {self.hidden_size}")

    def _state_sizes(self) -> tuple[int, ...]:
        return (self.proj_size or self.hidden_size, self.hidden_size)

    def forward(
        self, x: Array, hx: tuple[Array, Array] | None = None
    ) -> tuple[Array, tuple[Array, Array]]:
        """Return y and (h, c), the states after the last step; hx is (h0, c0)."""
        y, h, c = self._forward(x, hx)
        return y, (h, c)

    def backward(self, dy: Array | None, dh: Array | None = None, dc: Array | None = None) -> Any:
        """Return dx, or (dx, dh0, dc0) when hx was given; fill `grads`."""
        return self._backward(dy, dh, dc)


class GRU(_Stack):
    """Run gated recurrent units along a sequence.

    a_t = W_ih x_t + b_ih and v_t = W_hh h_t-1 + b_hh, in three parts r, z, n each
    r = sigmoid(a_r + v_r), z = sigmoid(a_z + v_z), n = tanh(a_n + r v_n)
    h_t = (1 - z) n + z h_t-1; y_t = h_t
    dh_t = dy_t + z_t+1 dh_t+1 + W_hh^T dv_t+1
    da_n = (1 - z) (1 - n^2) dh_t, da_z = (h_t-1 - n) z (1 - z) dh_t, da_r = v_n r (1 - r) da_n
    dv_r = da_r, dv_z = da_z, dv_n = r da_n
    dW_ih = sum_t da_t x_t^T, dW_hh = sum_t dv_t h_t-1^T, db_ih = sum_t da_t, db_hh = sum_t dv_t

    The reset gate r acts after the product with h and its bias, not on h as in the paper; so
    b_ih and b_hh are not interchangeable here. Layers, directions and dropout are RNN's.

    *Shapes*: as in RNN with 3H rows in place of H. *Dtypes*, *Raises*: as in RNN. *Source*:
    torch.nn.GRU; Cho et al., Learning Phrase Representations (2014).
    """

    _steps = _GRUSteps

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
    ) -> None:
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional
        )


class RNNCell(_Cell):
    """Run one step of Elman's network.

    h = tanh(a) or relu(a), a = W_ih x + b_ih + W_hh hx + b_hh
    da = (1 - h^2) dh, or dh where h > 0 and else 0; dx = W_ih^T da, dhx = W_hh^T da
    dW_ih = sum over the batch of da x^T, dW_hh of da hx^T, db_ih = db_hh of da

    *Shapes*: x (N, I) or (I,), hx and h (N, H) or (H,), weight_ih (H, I), weight_hh (H, H),
    bias_ih and bias_hh (H,). *Dtypes*: hx has that of x. *Raises*: ValueError for other shapes
    and dtypes. *Source*: torch.nn.RNNCell.
    """

    _steps: type[_Steps] = _TanhSteps

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh"
    ) -> None:
        self.nonlinearity = nonlinearity
        super().__init__(input_size, hidden_size, bias)
        self._steps = _elman(self, nonlinearity)


class LSTMCell(_Cell):
    """Run one step of long short-term memory.

    i, f, g, o = sigmoid(a_i), sigmoid(a_f), tanh(a_g), sigmoid(a_o),
    a = W_ih x + b_ih + W_hh h0 + b_hh; c = f c0 + i g; h = o tanh(c)

    The gradients are those of LSTM for T = 1. hx is (h0, c0), and forward returns (h, c).

    *Shapes*: as in RNNCell with 4H rows in place of H; c0 and c as h0 and h. *Dtypes*,
    *Raises*: as in RNNCell. *Source*: torch.nn.LSTMCell.
    """

    _steps = _LSTMSteps
    _state_names = ("h0", "c0")

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__(input_size, hidden_size, bias)

    def forward(self, x: Array, hx: tuple[Array, Array] | None = None) -> tuple[Array, Array]:
        """Return (h, c), the states after the step; hx is (h0, c0)."""
        h, c = self._forward(x, hx)
        return h, c

    def backward(self, dh: Array | None, dc: Array | None = None) -> Any:
        """Return dx, or (dx, dh0, dc0) when hx was given; fill `grads`."""
        return self._backward(dh, dc)


class GRUCell(_Cell):
    """Run one step of a gated recurrent unit.

    r = sigmoid(a_r + v_r), z = sigmoid(a_z + v_z), n = tanh(a_n + r v_n),
    a = W_ih x + b_ih, v = W_hh hx + b_hh; h = (1 - z) n + z hx

    The gradients are those of GRU for T = 1.

    *Shapes*: as in RNNCell with 3H rows in place of H. *Dtypes*, *Raises*: as in RNNCell.
    *Source*: torch.nn.GRUCell.
    """

    _steps = _GRUSteps

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__(input_size, hidden_size, bias)
