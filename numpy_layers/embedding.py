"""Layers that look up rows of a table by their number, singly or by the bag."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from numpy_layers.distance import vector_norm
from numpy_layers.layer import Array, Layer


class _Table(Layer):
    """Hold a table of rows, and check, bound and count the ids by which they are looked up."""

    num_embeddings: int
    embedding_dim: int
    padding_idx: int | None
    max_norm: float | None
    norm_type: float
    scale_grad_by_freq: bool
    sparse: bool

    def _fill(self) -> None:
        """Check the options that both classes have, and draw the table."""
        V, D, padding = self.num_embeddings, self.embedding_dim, self.padding_idx
        if V < 0 or D < 0:
            raise ValueError(f"{self!r}: the table is {V} x {D}, expected sizes of 0 or more")
        if padding is not None and not -V <= padding < V:
            raise ValueError(f"{self!r}: padding_idx is {padding}, expected {-V} to {V - 1}")
        if self.sparse:
            raise ValueError(f"{self!r}: sparse is True, expected False: gradients are dense here")
        self._padding = None if padding is None else padding % V
        weight = np.random.standard_normal((V, D)).astype(np.float32)
        if self._padding is not None:
            weight[self._padding] = 0
        self.params["weight"] = weight

    def _checked(self, value: Array) -> Array:
        """Return the ids; what NumPy would take from the other end is refused."""
        ids = np.asarray(value)
        if ids.dtype.kind not in "iu":
            raise ValueError(f"{self!r}: ids is {ids.dtype}, expected integers")
        outside = ids[(ids < 0) | (ids >= self.num_embeddings)]
        if outside.size:
            expected = f"0 to {self.num_embeddings - 1}"
            raise ValueError(f"{self!r}: ids holds {outside[0]}, expected {expected}")
        return ids.astype(np.intp, copy=False)

    def _shorten(self, ids: Array) -> None:
        """Put a table in the place of this one whose rows under these ids obey max_norm."""
        if self.max_norm is None:
            return
        weight, ids = self.params["weight"], np.unique(ids)
        norms = vector_norm(weight[ids], self.norm_type, -1).astype(float)  # (n, 1)
        long = norms[:, 0] > self.max_norm
        if long.any():
            with np.errstate(invalid="ignore"):  # inf * 0, a row that holds inf
                scale = self.max_norm / (norms[long] + 1e-7)
                shorter = weight[ids[long]] * scale.astype(weight.dtype)
            weight = weight.copy()
            weight[ids[long]] = shorter
            self.params["weight"] = weight

    def _gradient(self, ids: Array, rows: Array, at: Array, scale: Array | None = None) -> Array:
        """Return dweight: for each id the sum of scale[i] rows[at[i]], over its count if asked."""
        dweight = _sums(self.num_embeddings, ids, rows, at, scale)
        if self.scale_grad_by_freq:
            counts = np.bincount(ids, minlength=self.num_embeddings)
            dweight /= np.maximum(counts, 1)[:, None].astype(rows.dtype)
        return dweight


def _sums(size: int, places: Array, rows: Array, at: Array, scale: Array | None = None) -> Array:
    """Return the table of `size` rows with scale[i] rows[at[i]] added to its row places[i].

    This is the product of rows, (m, D), with the sparse matrix that has scale[i], or 1, at
    (places[i], at[i]); exchanging places and at transposes it. What goes to one place adds up,
    which an assignment to total[places] would not do.
    """
    dtype = _summed_in(rows.dtype)
    total = np.zeros((size, rows.shape[1]), dtype)
    for step, (place, i) in enumerate(_steps(size, places)):
        addends = np.take(rows, at[i], axis=0)  # (r, m, D)
        if scale is not None:
            addends *= scale[i, None]
        if step == 0:  # every place that gets any
            total[place] = addends[0]
        else:
            total[place] += addends[0] if len(i) == 1 else np.sum(addends, axis=0, dtype=dtype)
    return total.astype(rows.dtype, copy=False)


def _summed_in(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the dtype that sums are kept in: float16 would lose what float32 keeps."""
    return np.dtype(np.float32) if dtype == np.float16 else dtype


def _steps(size: int, places: Array) -> Iterator[tuple[Array, Array]]:
    """Yield (place, i), in which the column i[:, j] holds numbers that go to place[j].

    Each number from 0 to n - 1 comes once, in order within its place, and no place twice in a
    step. The first step has one number for every place that gets any. np.add.at, which does
    without, is slower by far. There are at most 2 sqrt(n) + 1 steps: the second, the third ...
    number of all places, and when few places have more, all that is left for each of them.
    """
    # With keys of 16 bits NumPy's stable sort is a radix sort.
    order = np.argsort(places.astype(np.uint16) if size <= 2**16 else places, kind="stable")
    counts = np.bincount(places, minlength=size)
    starts = np.cumsum(counts) - counts
    used = np.flatnonzero(counts)
    by_count = used[np.argsort(-counts[used], kind="stable")]
    starts, counts = starts[by_count], counts[by_count]
    # After `depth` steps, `few` places have more: choose the pair with the smallest sum.
    ends = np.append(counts, 1)
    few = int(np.argmin(ends + np.arange(len(ends))))
    depth = int(ends[few])
    falling = -counts
    for k in range(depth if counts.size else 0):
        m = int(np.searchsorted(falling, -k))  # so many have more than k
        yield by_count[:m], order[None, starts[:m] + k]
    for j in range(few):
        yield by_count[j : j + 1], order[starts[j] + depth : starts[j] + counts[j], None]


class Embedding(_Table):
    """Look up a row of the weight for every id.

    y[...] = weight[ids[...]]; dweight[k] = sum of dy[...] where ids[...] = k

    The row at padding_idx starts at 0 and gets no gradient; forward returns what is in it. With
    scale_grad_by_freq, dweight[k] is divided by how often k is among the ids. With max_norm,
    forward first scales the rows that it looks up to a norm_type-norm of at most max_norm, in
    evaluation too, and the gradient does not know of it; torch writes this into the weight,
    while here a new array takes its place in `params`.

    *Shapes*: ids any, y, dy (*ids.shape, D), weight, dweight (V, D). *Dtypes*: ids any integer;
    y and dweight have the weight's. *Raises*: ValueError for ids that are not integers of 0 to
    V - 1, a padding_idx outside -V to V - 1, and sparse=True, since gradients are dense.
    *Source*: torch.nn.Embedding.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> None:
        super().__init__()
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = padding_idx
        self.max_norm, self.norm_type = max_norm, norm_type
        self.scale_grad_by_freq, self.sparse = scale_grad_by_freq, sparse
        self._fill()

    def forward(self, ids: Array) -> Array:
        """Return y, the rows."""
        self.ids = self._checked(ids)
        self._shorten(self.ids)
        self._output: Array = np.take(self.params["weight"], self.ids, axis=0)
        return self._output

    def backward(self, dy: Array) -> tuple[()]:
        """Fill dweight; ids have no gradient to return."""
        dy = self._cotangent(dy, self._kept("_output"))
        ids, at = self.ids.reshape(-1), np.arange(self.ids.size)
        if self._padding is not None:
            at = at[ids != self._padding]
            ids = ids[at]
        rows = dy.reshape(self.ids.size, self.embedding_dim)
        self.grads["weight"] = self._gradient(ids, rows, at)
        return ()


class EmbeddingBag(_Table):
    """Reduce the rows of the weight for the ids in each bag to one row.

    sum: y[b] = sum_i s_i weight[ids[i]], i in bag b
    mean: that, with s_i one over the number of ids in the bag
    max: y[b, d] = max_i weight[ids[i], d]

    dweight[k] = sum of s_i dy[b] where ids[i] = k; for max, dy[b, d] goes to the first largest
    ds_i = weight[ids[i]] . dy[b]

    s_i are the per_sample_weights, 1 where none are given, which only sum takes. Two-dimensional
    ids are a bag a row. One-dimensional ids are cut into bags at the offsets, where each starts;
    with include_last_offset the last offset is where the last bag ends. An empty bag gives
    zeros. Ids that are padding_idx are taken out of their bags. For max a NaN counts only as the
    first of its bag, and then is y, as in torch. max_norm, padding_idx at the start and
    scale_grad_by_freq are those of Embedding; the last is not for max.

    torch 2.13 on the CPU divides by the count of another id where scale_grad_by_freq is on and
    counts differ, its issue 190063; here dweight[k] is divided by the count of k, as torch
    documents. A last offset short of the end, of which torch makes a different thing in each
    mode (issue 191965), is refused.

    *Shapes*: ids (B, n) or (N,), offsets (B,) or (B + 1,), per_sample_weights as ids; y, dy
    (B, D), weight, dweight (V, D). *Dtypes*: ids and offsets any integer; y and the gradients
    have the dtype of the per_sample_weights, without them the weight's. *Raises*: ValueError
    for ids as Embedding, bags of another shape, offsets that do not start at 0, fall, or pass
    the end, and options that do not go together. *Source*: torch.nn.EmbeddingBag.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        *,  # torch has a private argument here
        include_last_offset: bool = False,
        padding_idx: int | None = None,
    ) -> None:
        super().__init__()
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.max_norm, self.norm_type = max_norm, norm_type
        self.scale_grad_by_freq, self.mode, self.sparse = scale_grad_by_freq, mode, sparse
        self.include_last_offset, self.padding_idx = include_last_offset, padding_idx
        if mode not in ("sum", "mean", "max"):
            raise ValueError(f"{self!r}: mode is {mode!r}, expected 'sum', 'mean' or 'max'")
        if mode == "max" and scale_grad_by_freq:
            expected = "False with mode='max'"
            raise ValueError(f"{self!r}: scale_grad_by_freq is True, expected {expected}")
        self._fill()

    def forward(
        self, ids: Array, offsets: Array | None = None, per_sample_weights: Array | None = None
    ) -> Array:
        """Return y, a row for each bag."""
        ids = self._checked(ids)
        sizes = self._bag_sizes(ids, offsets)
        scales = self._scales(ids, per_sample_weights)
        self._shorten(ids)
        dtype = self.params["weight"].dtype if scales is None else scales.dtype
        self._weight = self._param("weight", dtype)

        flat, bags = ids.reshape(-1), np.repeat(np.arange(len(sizes)), sizes)
        self._inside = np.arange(flat.size)
        if self._padding is not None:
            self._inside = self._inside[flat != self._padding]
        self.ids, self._bags = flat[self._inside], bags[self._inside]
        self._scale = None if scales is None else scales.reshape(-1)[self._inside]
        self._shape = ids.shape

        if self.mode == "max":
            self._output = self._largest(len(sizes))
            return self._output
        self._output = _sums(len(sizes), self._bags, self._weight, self.ids, self._scale)
        if self.mode == "mean":
            counts = np.bincount(self._bags, minlength=len(sizes))
            self._count = np.maximum(counts, 1)[:, None].astype(dtype)  # (B, 1)
            self._output /= self._count
        return self._output

    def backward(self, dy: Array) -> Array | tuple[()]:
        """Fill dweight; return the gradient of the per_sample_weights if there were any."""
        dy = self._cotangent(dy, self._kept("_output"))
        if self.mode == "max":
            dweight = np.zeros(self._weight.shape, _summed_in(dy.dtype))
            np.add.at(dweight.reshape(-1), self._elements, dy[self._filled].reshape(-1))
            self.grads["weight"] = dweight.astype(dy.dtype, copy=False)
            return ()
        if self.mode == "mean":
            dy = dy / self._count
        self.grads["weight"] = self._gradient(self.ids, dy, self._bags, self._scale)
        if self._scale is None:
            return ()
        looked_up = np.take(self._weight, self.ids, axis=0)  # (n, D)
        ds = np.zeros(self._shape, dy.dtype)  # what is padding keeps 0
        ds.reshape(-1)[self._inside] = np.vecdot(looked_up, np.take(dy, self._bags, axis=0))
        return ds

    def _bag_sizes(self, ids: Array, offsets: Array | None) -> Array:
        """Return how many ids each bag holds."""
        if ids.ndim == 2:
            if offsets is not None:
                raise ValueError(f"{self!r}: offsets is given, expected None with {ids.ndim}-d ids")
            if ids.shape[1] == 0:
                raise ValueError(f"{self!r}: ids has shape {ids.shape}, expected an id in each row")
            return np.full(len(ids), ids.shape[1])
        if ids.ndim != 1:
            raise ValueError(f"{self!r}: ids has shape {ids.shape}, expected (B, n) or (N,)")
        if offsets is None:
            raise ValueError(f"{self!r}: offsets is None, expected where bags start in 1-d ids")
        starts = np.asarray(offsets)
        if starts.ndim != 1 or starts.dtype.kind not in "iu":
            found = f"offsets is {starts.dtype} of shape {starts.shape}"
            raise ValueError(f"{self!r}: {found}, expected integers of shape (B,)")
        starts = starts.astype(np.intp)
        bounds = starts if self.include_last_offset else np.append(starts, ids.size)
        if bounds.size == 0 or bounds[0] != 0:
            found = f"starts with {starts[0]}" if starts.size else "is empty"
            raise ValueError(f"{self!r}: offsets {found}, expected to start with 0")
        if bounds[-1] != ids.size or starts.max(initial=0) > ids.size:
            expected = f"to end with {ids.size}" if self.include_last_offset else "no more"
            found = f"offsets ends with {starts[-1]}"
            raise ValueError(f"{self!r}: {found} for {ids.size} ids, expected {expected}")
        sizes = np.diff(bounds)
        if (sizes < 0).any():
            i = int(np.argmax(sizes < 0))
            found = f"offsets falls from {bounds[i]} to {bounds[i + 1]}"
            raise ValueError(f"{self!r}: {found}, expected no bag of a negative size")
        return sizes

    def _scales(self, ids: Array, per_sample_weights: Array | None) -> Array | None:
        """Return the weights of the ids, if there are any."""
        if per_sample_weights is None:
            return None
        if self.mode != "sum":
            expected = f"None with mode={self.mode!r}"
            raise ValueError(f"{self!r}: per_sample_weights is given, expected {expected}")
        scales = self._floats("per_sample_weights", per_sample_weights)
        if scales.shape != ids.shape:
            found = f"per_sample_weights has shape {scales.shape}"
            raise ValueError(f"{self!r}: {found}, expected {ids.shape}, that of ids")
        return scales

    def _largest(self, bags: int) -> Array:
        """Return the largest of each bag and column, and keep which element of W it was."""
        D = self.embedding_dim
        y = np.zeros((bags, D), self._weight.dtype)
        winner = np.full((bags, D), -1)  # as a place among the ids
        for step, (bag, i) in enumerate(_steps(bags, self._bags)):
            rows = np.take(self._weight, self.ids[i], axis=0)  # (r, m, D)
            found, number = rows[0], i[0, :, None]
            if len(i) > 1:
                rows[np.isnan(rows)] = -np.inf  # which is what the > below makes of NaN
                best = np.argmax(rows, axis=0)  # (m, D)
                found = np.take_along_axis(rows, best[None], axis=0)[0]
                number = i[best, np.arange(len(bag))[:, None]]
            if step == 0:
                y[bag], winner[bag] = found, number
                continue
            largest = y[bag]
            larger = found > largest
            y[bag] = np.where(larger, found, largest)
            winner[bag] = np.where(larger, number, winner[bag])
        self._filled = winner[:, 0] >= 0 if D else np.zeros(bags, bool)
        self._elements = (self.ids[winner[self._filled]] * D + np.arange(D)).reshape(-1)
        return y
