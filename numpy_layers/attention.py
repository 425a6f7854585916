"""Scaled dot-product attention with several heads: `MultiheadAttention`."""

import math

import numpy as np

from numpy_layers.dropout import Dropout
from numpy_layers.layer import Array, Layer
from numpy_layers.linear import affine, affine_backward


class MultiheadAttention(Layer):
    """Let every query take a mean of the values, weighted by how it fits the keys.

    q, k, v = query W_q^T + b_q, key W_k^T + b_k, value W_v^T + b_v, split into h heads of d = E/h
    A = softmax(q k^T / sqrt(d) + mask), o = A v, y = o W_o^T + b_o, the heads side by side

    do = dy W_o, dA = do v^T + dweights (over h, if they are averaged), dv = A^T do
    ds = A (dA - sum_s A dA), the softmax's projection
    dq = ds k / sqrt(d), dk = ds^T q / sqrt(d); the W and b as in `Linear`

    Dropout acts on A, before it is returned. add_bias_kv appends a learned key and value to those
    of each batch, add_zero_attn zeros; no mask blocks them. True in a mask blocks and a float is
    added to the scores. A query that may see no key gets NaN with need_weights, and without it
    o = 0, as in torch, which then takes another path. So too is_causal: without need_weights and
    key_padding_mask, query i sees keys 0 to i whatever attn_mask holds; else attn_mask decides.

    *Shapes*: query, y (L, N, E), key (S, N, kdim), value (S, N, vdim); with batch_first
    (N, L, E) and so on; without a batch (L, E) and so on. key_padding_mask (N, S) or (S,),
    attn_mask (L, S) or (N*h, L, S), a batch's heads together. Weights (N, L, S'), or
    (N, h, L, S') with average_attn_weights=False, without N for no batch, None with
    need_weights=False; S' counts what is appended. `in_proj_weight` (3E, E), or with kdim or vdim
    other than E `q_proj_weight` (E, E), `k_proj_weight` (E, kdim), `v_proj_weight` (E, vdim);
    `in_proj_bias` (3E,), `bias_k`, `bias_v` (1, 1, E), `out_proj.weight` (E, E),
    `out_proj.bias` (E,).

    *Raises*: ValueError for other shapes, for inputs of several dtypes and integer masks, for
    is_causal without attn_mask, and when num_heads does not divide embed_dim. *Source*:
    torch.nn.MultiheadAttention; Vaswani et al., Attention is all you need, 2017.
    """

    output: Array
    weights: Array | None

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
    ) -> None:
        super().__init__()
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        self.dropout = dropout
        self.bias = bias
        self.add_bias_kv = add_bias_kv
        self.add_zero_attn = add_zero_attn
        self.kdim = kdim
        self.vdim = vdim
        self.batch_first = batch_first
        self._check_options()
        self._widths = embed_dim, kdim or embed_dim, vdim or embed_dim
        self._packed = len(set(self._widths)) == 1
        self._drop = Dropout(dropout)
        self._draw_parameters()

    @np.errstate(over="ignore", invalid="ignore")
    def forward(
        self,
        query: Array,
        key: Array,
        value: Array,
        key_padding_mask: Array | None = None,
        need_weights: bool = True,
        attn_mask: Array | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Array, Array | None]:
        """Return y and the weights, or None in their place."""
        self._take(query, key, value)
        mask = self._mask(attn_mask, key_padding_mask)
        if is_causal and attn_mask is None:
            raise ValueError(f"{self!r}: is_causal is True and attn_mask is None, expected a mask")
        self.q, self.k, self.v = self._project()  # (N, h, L, d), (N, h, S', d) twice
        scores = self.q @ self.k.swapaxes(-1, -2)  # (N, h, L, S')
        if is_causal and key_padding_mask is None and not need_weights:
            scores[..., ~np.tri(*scores.shape[-2:], dtype=np.bool_)] = -np.inf
        elif mask is not None:
            scores[..., : mask.shape[-1]] += mask  # what is appended has none
        self.A = _softmax(scores, unseeing=np.nan if need_weights else 0)
        self._drop.training, self._drop.draws = self.training, self.draws
        self.dropped_A = self._drop.forward(self.A)
        self.o = self._empty(self.q)
        np.matmul(self.dropped_A, self.v, out=self._heads(self.o))
        self._W_o = self._param("out_proj.weight", self.o.dtype)
        b_o = self._param("out_proj.bias", self.o.dtype) if self.bias else None
        self.output = self._as_given(affine(self.o, self._W_o, b_o))
        self._averaged = average_attn_weights
        self.weights = self._shown(self.dropped_A) if need_weights else None
        return self.output, self.weights

    @np.errstate(over="ignore", invalid="ignore")
    def backward(self, dy: Array | None, dweights: Array | None = None) -> tuple[Array, ...]:
        """Return dquery, dkey and dvalue; fill the gradients of all parameters."""
        dy = self._length_first(self._cotangent(dy, self._kept("output")))
        do, dW_o, db_o = affine_backward(dy, self.o, self._W_o)
        do = self._heads(do)  # (N, h, L, d)
        dA = do @ self.v.swapaxes(-1, -2)  # (N, h, L, S')
        if dweights is not None:
            dA += self._shown_backward(dweights)
        ds = self._drop.backward(dA)
        ds -= np.vecdot(self.A, ds)[..., None]
        ds *= self.A
        dq, dk, dv = self._empty(self.q), self._empty(self.k), self._empty(self.v)
        np.matmul(ds, self.k, out=self._heads(dq))
        dq *= self._scale  # dk has it from q
        np.matmul(ds.swapaxes(-1, -2), self.q, out=self._heads(dk))
        np.matmul(self.dropped_A.swapaxes(-1, -2), do, out=self._heads(dv))
        dx = self._project_backward(dq, dk, dv)
        self.grads["out_proj.weight"] = dW_o
        if self.bias:
            self.grads["out_proj.bias"] = db_o
        return dx

    def _check_options(self) -> None:
        """Refuse sizes that are not positive or do not divide, and a p that is none."""
        for name in ("embed_dim", "num_heads", "kdim", "vdim"):
            size = getattr(self, name)
            if size is not None and size < 1:
                raise ValueError(f"{self!r}: {name} is {size}, expected 1 or more")
        if self.embed_dim % self.num_heads:
            expected = f"a multiple of num_heads, {self.num_heads}"
            raise ValueError(f"{self!r}: embed_dim is {self.embed_dim}, expected {expected}")
        if not 0 <= self.dropout <= 1:
            raise ValueError(f"{self!r}: dropout is {self.dropout}, expected 0 to 1")

    def _draw_parameters(self) -> None:
        """Draw first values, Glorot's for what projects the inputs and for what is appended."""
        E = self.embed_dim
        if self._packed:
            self.params["in_proj_weight"] = self._uniform(math.sqrt(6 / (E + 3 * E)), 3 * E, E)
        else:
            for name, width in zip("qkv", self._widths, strict=True):
                weight = self._uniform(math.sqrt(6 / (E + width)), E, width)
                self.params[f"{name}_proj_weight"] = weight
        if self.bias:
            self.params["in_proj_bias"] = np.zeros(3 * E, np.float32)
        if self.add_bias_kv:
            for name in ("bias_k", "bias_v"):
                drawn = np.random.standard_normal((1, 1, E)) * math.sqrt(2 / (E + E))
                self.params[name] = drawn.astype(np.float32)
        self.params["out_proj.weight"] = self._uniform(1 / math.sqrt(E), E, E)
        if self.bias:
            self.params["out_proj.bias"] = np.zeros(E, np.float32)

    def _take(self, *given: Array) -> None:
        """Keep query (L, N, E), key (S, N, kdim) and value (S, N, vdim) if they fit."""
        names = "query", "key", "value"
        inputs = [self._floats(name, x) for name, x in zip(names, given, strict=True)]
        query, key, value = inputs
        for name, x, width in zip(names, inputs, self._widths, strict=True):
            if x.ndim not in (2, 3) or x.ndim != query.ndim:
                expected = f"{query.ndim} axes as query" if query.ndim in (2, 3) else "2 or 3 axes"
                raise ValueError(f"{self!r}: {name} has shape {x.shape}, expected {expected}")
            if x.shape[-1] != width:
                found = f"last axis of {name} is {x.shape[-1]}"
                raise ValueError(f"{self!r}: {found}, expected {width}, shape {x.shape}")
            if x.dtype != query.dtype:
                raise ValueError(f"{self!r}: {name} is {x.dtype}, expected {query.dtype} as query")
        self._batched = query.ndim == 3
        self.inputs = [self._length_first(x) for x in inputs]
        if key.shape[:-1] != value.shape[:-1]:
            found = f"key has shape {key.shape}, value {value.shape}"
            raise ValueError(f"{self!r}: {found}, expected equal lengths and batches")
        if self.inputs[0].shape[1] != self.inputs[1].shape[1]:
            found = f"query has shape {query.shape}, key {key.shape}"
            raise ValueError(f"{self!r}: {found}, expected equal batches")

    def _length_first(self, x: Array) -> Array:
        """View an array in the caller's layout as (L, N, E)."""
        if not self._batched:
            return x[:, None]
        return x.swapaxes(0, 1) if self.batch_first else x

    def _as_given(self, x: Array) -> Array:
        """View (L, N, E) in the caller's layout."""
        if not self._batched:
            return x[:, 0]
        return x.swapaxes(0, 1) if self.batch_first else x

    def _mask(self, attn_mask: Array | None, key_padding_mask: Array | None) -> Array | None:
        """Return what the masks add to the scores (N, h, L, S), or None."""
        (L, N, _), (S, _, _) = self.inputs[0].shape, self.inputs[1].shape
        h, mask = self.num_heads, None
        if attn_mask is not None:
            mask = self._additive("attn_mask", attn_mask, (L, S), (N * h, L, S))
            mask = mask if mask.ndim == 2 else mask.reshape(N, h, L, S)
        if key_padding_mask is not None:
            shape = (N, S) if self._batched else (S,)
            padding = self._additive("key_padding_mask", key_padding_mask, shape)
            padding = padding.reshape(N, 1, 1, S)
            mask = padding if mask is None else mask + padding
        return mask

    def _additive(self, name: str, given: Array, *shapes: tuple[int, ...]) -> Array:
        """Return a mask of one of the shapes as floats, -inf for True."""
        mask: Array = np.asarray(given)
        dtype = self.inputs[0].dtype
        if mask.shape not in shapes:
            expected = " or ".join(map(str, shapes))
            raise ValueError(f"{self!r}: {name} has shape {mask.shape}, expected {expected}")
        if mask.dtype.kind not in "bf":
            raise ValueError(f"{self!r}: {name} is {mask.dtype}, expected bool or floats")
        if mask.dtype == bool:
            mask = np.where(mask, -np.inf, 0)
        return mask.astype(dtype, copy=False)

    def _project(self) -> tuple[Array, Array, Array]:
        """Return q, scaled, and k and v with what is appended, head by head."""
        dtype = self.inputs[0].dtype
        if self._packed:
            self._W = np.split(self._param("in_proj_weight", dtype), 3)
        else:
            self._W = [self._param(f"{name}_proj_weight", dtype) for name in "qkv"]
        b = np.split(self._param("in_proj_bias", dtype), 3) if self.bias else (None, None, None)
        q, k, v = map(affine, self.inputs, self._W, b)  # (L, N, E), (S, N, E) twice
        self._scale = dtype.type(1 / math.sqrt(self.embed_dim // self.num_heads))
        q *= self._scale
        k, v = self._append(k, "bias_k"), self._append(v, "bias_v")  # (S', N, E)
        return self._heads(q), self._heads(k), self._heads(v)

    def _project_backward(self, *projected: Array) -> tuple[Array, ...]:
        """Return dquery, dkey, dvalue from dq, dk, dv; fill the gradients on the way."""
        cut = [d[: len(x)] for d, x in zip(projected, self.inputs, strict=True)]
        dx, dW, db = zip(*map(affine_backward, cut, self.inputs, self._W), strict=True)
        if self._packed:
            self.grads["in_proj_weight"] = np.concatenate(dW)
        else:
            self.grads.update({f"{n}_proj_weight": d for n, d in zip("qkv", dW, strict=True)})
        if self.bias:
            self.grads["in_proj_bias"] = np.concatenate(db)
        if self.add_bias_kv:
            S = len(self.inputs[1])
            for name, d in zip(("bias_k", "bias_v"), projected[1:], strict=True):
                self.grads[name] = np.sum(d[S], axis=0).reshape(1, 1, -1)
        return tuple(self._as_given(d) for d in dx)

    def _append(self, x: Array, bias: str) -> Array:
        """Append the learned row and the row of zeros to keys or values."""
        _, N, E = x.shape
        appended = []
        if self.add_bias_kv:
            appended.append(np.broadcast_to(self._param(bias, x.dtype), (1, N, E)))
        if self.add_zero_attn:
            appended.append(np.zeros((1, N, E), x.dtype))
        return np.concatenate([x, *appended]) if appended else x

    def _heads(self, x: Array) -> Array:
        """View (L, N, E) as (N, h, L, d)."""
        (L, N, E), h = x.shape, self.num_heads
        return x.reshape(L, N, h, E // h).transpose(1, 2, 0, 3)

    def _empty(self, x: Array) -> Array:
        """Return an array (L, N, E) to fill by heads, for x (N, h, L, d)."""
        N, _, L, _ = x.shape
        return np.empty((L, N, self.embed_dim), x.dtype)

    def _shown(self, A: Array) -> Array:
        """Return the weights as forward gives them."""
        if self._averaged:
            A = np.mean(A, axis=1)
        return A if self._batched else A[0]

    def _shown_backward(self, dweights: Array) -> Array:
        """Return what the weights' cotangent adds to dA."""
        if self.weights is None:
            raise ValueError(f"{self!r}: dweights is given, expected None as forward's weights")
        dA = self._cotangent(dweights, self.weights)
        dA = dA if self._batched else dA[None]
        return dA[:, None] / self.num_heads if self._averaged else dA


def _softmax(scores: Array, unseeing: float) -> Array:
    """Turn rows of scores into weights, in place; a row of -inf alone becomes `unseeing`."""
    top = np.max(scores, axis=-1, keepdims=True, initial=-np.inf)
    scores -= top
    np.exp(scores, out=scores)
    scores /= np.sum(scores, axis=-1, keepdims=True)
    blind = np.isneginf(top[..., 0])
    if blind.any():
        scores[blind] = unseeing
    return scores
