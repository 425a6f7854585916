"""The Transformer: its encoder and decoder layers, stacks of them, and the whole."""

import copy
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import DTypeLike

from numpy_layers.activations import GELU, ReLU
from numpy_layers.attention import MultiheadAttention
from numpy_layers.dropout import Dropout
from numpy_layers.layer import Array, Composite, Layer
from numpy_layers.linear import Linear
from numpy_layers.normalization import LayerNorm


class _Block(Composite):
    """Run sublayers f, each with a residual and a norm around it.

    y = norm(x + f(x)); dx = g + f'(g) with g = norm'(dy), the primes being backwards
    y = x + f(norm(x)); dx = dy + norm'(f'(dy)), with norm_first

    f is attention and dropout, or, the last one, the network linear2(dropout(activation(
    linear1(x)))) and dropout. The parts carry torch's names: norm1 and dropout1 are the first
    sublayer's.
    """

    output: Array
    _attentions: tuple[str, ...]  # one sublayer each

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Layer = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
    ) -> None:
        self.d_model = d_model
        self.nhead = nhead
        self.dim_feedforward = dim_feedforward
        self.dropout = dropout
        self.activation = activation
        self.layer_norm_eps = layer_norm_eps
        self.batch_first = batch_first
        self.norm_first = norm_first
        self.bias = bias
        parts: dict[str, Layer] = {}
        for name in self._attentions:
            parts[name] = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first)
        parts["linear1"] = Linear(d_model, dim_feedforward, bias)
        parts["dropout"] = Dropout(dropout)
        parts["linear2"] = Linear(dim_feedforward, d_model, bias)
        for i in range(len(self._attentions) + 1):
            parts[f"norm{i + 1}"] = LayerNorm(d_model, layer_norm_eps, bias=bias)
        for i in range(len(self._attentions) + 1):
            parts[f"dropout{i + 1}"] = Dropout(dropout)
        parts["activation"] = self._activation()
        super().__init__(parts)

    def _activation(self) -> Layer:
        """Return the activation of that name, or a copy of the one given."""
        if isinstance(self.activation, Layer):
            return copy.deepcopy(self.activation)
        if self.activation not in ("relu", "gelu"):
            expected = "'relu', 'gelu' or a Layer"
            raise ValueError(f"{self!r}: activation is {self.activation!r}, expected {expected}")
        return ReLU() if self.activation == "relu" else GELU()

    def _sequence(self, name: str, x: Array) -> Array:
        """Return the argument if it is a sequence of the right width."""
        x = self._floats(name, x)
        if x.ndim not in (2, 3) or x.shape[-1] != self.d_model:
            expected = f"2 or 3 axes, the last {self.d_model}"
            raise ValueError(f"{self!r}: {name} has shape {x.shape}, expected {expected}")
        return x

    def _around(self, i: int, x: Array, f: Callable[[Array], Array]) -> Array:
        """Return y of sublayer i."""
        norm = self.children[f"norm{i}"]
        y: Array = x + f(norm.forward(x)) if self.norm_first else norm.forward(x + f(x))
        return y

    def _around_backward(
        self, i: int, dy: Array, f_backward: Callable[[Array], tuple[Array, ...]]
    ) -> tuple[Array, ...]:
        """Return dx of sublayer i, and what else its f takes gradients of."""
        norm = self.children[f"norm{i}"]
        if self.norm_first:
            dx, *others = f_backward(dy)
            return dy + norm.backward(dx), *others
        g = norm.backward(dy)
        dx, *others = f_backward(g)
        return g + dx, *others

    def _attend(
        self,
        i: int,
        x: Array,
        memory: Array,
        attn_mask: Array | None,
        key_padding_mask: Array | None,
        is_causal: bool,
    ) -> Array:
        """Return the attention of sublayer i, dropped from."""
        attention = self.children[self._attentions[i - 1]]
        y, _ = attention.forward(
            x, memory, memory, key_padding_mask, False, attn_mask, is_causal=is_causal
        )
        dropped: Array = self.children[f"dropout{i}"].forward(y)
        return dropped

    def _attend_backward(self, i: int, dy: Array) -> tuple[Array, Array]:
        """Return dx and dmemory of the attention of sublayer i."""
        attention = self.children[self._attentions[i - 1]]
        dx, dkey, dvalue = attention.backward(self.children[f"dropout{i}"].backward(dy))
        return dx, dkey + dvalue

    def _self_backward(self, dy: Array) -> tuple[Array]:
        """Return dx of the first sublayer's f, whose memory is its x."""
        dx, dmemory = self._attend_backward(1, dy)
        return (dx + dmemory,)

    def _feed(self, x: Array) -> Array:
        """Return the last sublayer's f of x."""
        for name in self._network():
            x = self.children[name].forward(x)
        return x

    def _feed_backward(self, dy: Array) -> tuple[Array]:
        """Return dx of the last sublayer's f."""
        for name in reversed(self._network()):
            dy = self.children[name].backward(dy)
        return (dy,)

    def _network(self) -> tuple[str, ...]:
        """Name the parts of the last sublayer in order."""
        last = len(self._attentions) + 1
        return "linear1", "activation", "dropout", "linear2", f"dropout{last}"


class TransformerEncoderLayer(_Block):
    """Let every place of a sequence attend to all, then pass through a small network.

    h = norm1(x + attention(x)), y = norm2(h + network(h)); with norm_first
    h = x + attention(norm1(x)), y = h + network(norm2(h))
    network(h) = W_2 activation(W_1 h + b_1) + b_2; backward is the chain rule, part by part

    Dropout follows attention and network and lies between the two maps of the network and in
    attention, all with the same p. activation is "relu", "gelu" or a Layer, which is copied. A
    place that may see none gets 0 from attention, as in torch; see `MultiheadAttention`.

    *Shapes*: src, y, dy, dx (L, N, d_model), with batch_first (N, L, d_model), or (L, d_model);
    src_mask (L, L) or (N*nhead, L, L), src_key_padding_mask (N, L) or (L,). Parameters carry
    their part's name: `self_attn.in_proj_weight`, `linear1.weight`, `norm1.weight` and so on.
    *Raises*: ValueError for other shapes and activations. *Source*:
    torch.nn.TransformerEncoderLayer; Vaswani et al., Attention is all you need, 2017; with
    norm_first Xiong et al., On layer normalization in the Transformer architecture, 2020.
    """

    _attentions = ("self_attn",)

    @np.errstate(over="ignore", invalid="ignore")
    def forward(
        self,
        src: Array,
        src_mask: Array | None = None,
        src_key_padding_mask: Array | None = None,
        is_causal: bool = False,
    ) -> Array:
        """Return y."""
        masks = src_mask, src_key_padding_mask, is_causal
        x = self._sequence("src", src)
        x = self._around(1, x, lambda x: self._attend(1, x, x, *masks))
        self.output = self._around(2, x, self._feed)
        return self.output

    @np.errstate(over="ignore", invalid="ignore")
    def backward(self, dy: Array) -> Array:
        """Return dx; fill the gradients of all parts."""
        dy = self._cotangent(dy, self._kept("output"))
        (dx,) = self._around_backward(2, dy, self._feed_backward)
        (dx,) = self._around_backward(1, dx, self._self_backward)
        return dx


class TransformerDecoderLayer(_Block):
    """Attend to the sequence itself, then to a memory, then pass through a small network.

    h = norm1(x + attention(x)), m = norm2(h + attention(h, memory)), y = norm3(m + network(m));
    with norm_first each norm is inside, on what its sublayer takes of x, and memory is taken as
    it is; network, dropout and activation as in `TransformerEncoderLayer`

    *Shapes*: tgt, y (T, N, d_model), memory (S, N, d_model), with batch_first (N, T, d_model)
    and so on, or (T, d_model); tgt_mask (T, T), memory_mask (T, S), each also with N*nhead
    before; tgt_key_padding_mask (N, T), memory_key_padding_mask (N, S). backward returns dtgt
    and dmemory. *Raises*: ValueError for other shapes and activations. *Source*:
    torch.nn.TransformerDecoderLayer; Vaswani et al., Attention is all you need, 2017.
    """

    _attentions = ("self_attn", "multihead_attn")

    @np.errstate(over="ignore", invalid="ignore")
    def forward(
        self,
        tgt: Array,
        memory: Array,
        tgt_mask: Array | None = None,
        memory_mask: Array | None = None,
        tgt_key_padding_mask: Array | None = None,
        memory_key_padding_mask: Array | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Array:
        """Return y."""
        own = tgt_mask, tgt_key_padding_mask, tgt_is_causal
        cross = memory_mask, memory_key_padding_mask, memory_is_causal
        x, memory = self._sequence("tgt", tgt), self._sequence("memory", memory)
        x = self._around(1, x, lambda x: self._attend(1, x, x, *own))
        x = self._around(2, x, lambda x: self._attend(2, x, memory, *cross))
        self.output = self._around(3, x, self._feed)
        return self.output

    @np.errstate(over="ignore", invalid="ignore")
    def backward(self, dy: Array) -> tuple[Array, Array]:
        """Return dtgt and dmemory; fill the gradients of all parts."""
        dy = self._cotangent(dy, self._kept("output"))
        (dx,) = self._around_backward(3, dy, self._feed_backward)
        dx, dmemory = self._around_backward(2, dx, lambda d: self._attend_backward(2, d))
        (dx,) = self._around_backward(1, dx, self._self_backward)
        return dx, dmemory


class _Stack(Composite):
    """Hold copies of a layer, one after another, and a norm at the end, or None."""

    def __init__(self, layer: Layer, num_layers: int, norm: Layer | None) -> None:
        self.num_layers = num_layers
        self.norm = norm
        if num_layers < 1:
            raise ValueError(f"{self!r}: num_layers is {num_layers}, expected 1 or more")
        self._layers = [copy.deepcopy(layer) for _ in range(num_layers)]
        parts = {f"layers.{i}": part for i, part in enumerate(self._layers)}
        super().__init__(parts if norm is None else {**parts, "norm": norm})


class TransformerEncoder(_Stack):
    """Apply copies of an encoder layer in turn, all with the same masks, and a norm at the end.

    y = norm(f_n(... f_1(src))); dx = f_1'(... f_n'(norm'(dy))), the primes being backwards

    The copies start equal. enable_nested_tensor and mask_check choose the path that torch takes
    in inference without gradients, which differs in places that src_key_padding_mask blocks
    only: they change nothing here.

    *Shapes*: those of the layer. Parameters: `layers.0.linear1.weight` and so on, `norm.weight`.
    *Raises*: ValueError for no layers. *Source*: torch.nn.TransformerEncoder.
    """

    def __init__(
        self,
        encoder_layer: TransformerEncoderLayer,
        num_layers: int,
        norm: Layer | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        self.encoder_layer = encoder_layer
        self.enable_nested_tensor = enable_nested_tensor
        self.mask_check = mask_check
        super().__init__(encoder_layer, num_layers, norm)

    def forward(
        self,
        src: Array,
        mask: Array | None = None,
        src_key_padding_mask: Array | None = None,
        is_causal: bool | None = None,
    ) -> Array:
        """Return y; is_causal=None means False: torch then looks whether the mask is causal."""
        x = src
        for layer in self._layers:
            x = layer.forward(x, mask, src_key_padding_mask, bool(is_causal))
        self.output = x if self.norm is None else self.norm.forward(x)
        return self.output

    def backward(self, dy: Array) -> Array:
        """Return dx; fill the gradients of all layers."""
        dx = self._cotangent(dy, self._kept("output"))
        if self.norm is not None:
            dx = self.norm.backward(dx)
        for layer in reversed(self._layers):
            dx = layer.backward(dx)
        return dx


class TransformerDecoder(_Stack):
    """Apply copies of a decoder layer in turn, all with the same memory, and a norm at the end.

    y = norm(f_n(... f_1(tgt, memory) ..., memory)); dmemory is the sum of the layers'

    The copies start equal.

    *Shapes*: those of the layer. Parameters: `layers.0.linear1.weight` and so on, `norm.weight`.
    *Raises*: ValueError for no layers. *Source*: torch.nn.TransformerDecoder.
    """

    def __init__(
        self, decoder_layer: TransformerDecoderLayer, num_layers: int, norm: Layer | None = None
    ) -> None:
        self.decoder_layer = decoder_layer
        super().__init__(decoder_layer, num_layers, norm)

    def forward(
        self,
        tgt: Array,
        memory: Array,
        tgt_mask: Array | None = None,
        memory_mask: Array | None = None,
        tgt_key_padding_mask: Array | None = None,
        memory_key_padding_mask: Array | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Array:
        """Return y; tgt_is_causal=None means False: torch then looks at the mask itself."""
        masks = tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask
        x = tgt
        for layer in self._layers:
            x = layer.forward(x, memory, *masks, bool(tgt_is_causal), memory_is_causal)
        self.output = x if self.norm is None else self.norm.forward(x)
        return self.output

    @np.errstate(over="ignore", invalid="ignore")
    def backward(self, dy: Array) -> tuple[Array, Array]:
        """Return dtgt and dmemory; fill the gradients of all layers."""
        dx = self._cotangent(dy, self._kept("output"))
        if self.norm is not None:
            dx = self.norm.backward(dx)
        dx, dmemory = self._layers[-1].backward(dx)
        for layer in reversed(self._layers[:-1]):
            dx, more = layer.backward(dx)
            dmemory = dmemory + more
        return dx, dmemory


class Transformer(Composite):
    """Encode one sequence and decode another with it as memory.

    y = decoder(tgt, encoder(src)); the encoder's cotangent is the decoder's dmemory

    Encoder and decoder end in a norm. custom_encoder and custom_decoder are layers in their
    place, with the forward and backward of `TransformerEncoder` and `TransformerDecoder`. All
    parameters of two or more axes start by Glorot's uniform rule.

    *Shapes*: src (S, N, d_model), tgt, y (T, N, d_model), with batch_first (N, S, d_model) and
    so on, or without N; masks as for encoder and decoder layers, those named memory of the
    encoder's output. backward returns dsrc and dtgt. *Raises*: ValueError for other shapes, and
    as the layers do. *Source*: torch.nn.Transformer; Vaswani et al., Attention is all you need,
    2017.
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Layer = "relu",
        custom_encoder: Layer | None = None,
        custom_decoder: Layer | None = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
    ) -> None:
        self.d_model = d_model
        self.nhead = nhead
        self.num_encoder_layers = num_encoder_layers
        self.num_decoder_layers = num_decoder_layers
        self.dim_feedforward = dim_feedforward
        self.dropout = dropout
        self.activation = activation
        self.custom_encoder = custom_encoder
        self.custom_decoder = custom_decoder
        self.layer_norm_eps = layer_norm_eps
        self.batch_first = batch_first
        self.norm_first = norm_first
        self.bias = bias
        size = d_model, nhead, dim_feedforward
        given = *size, dropout, activation, layer_norm_eps, batch_first, norm_first, bias
        self._encoder = custom_encoder or TransformerEncoder(
            TransformerEncoderLayer(*given),
            num_encoder_layers,
            LayerNorm(d_model, layer_norm_eps, bias=bias),
        )
        self._decoder = custom_decoder or TransformerDecoder(
            TransformerDecoderLayer(*given),
            num_decoder_layers,
            LayerNorm(d_model, layer_norm_eps, bias=bias),
        )
        super().__init__({"encoder": self._encoder, "decoder": self._decoder})
        drawn = {name: self._glorot(p) for name, p in self.params.items() if p.ndim > 1}
        self._replace(self.params | self.buffers | drawn)

    def forward(
        self,
        src: Array,
        tgt: Array,
        src_mask: Array | None = None,
        tgt_mask: Array | None = None,
        memory_mask: Array | None = None,
        src_key_padding_mask: Array | None = None,
        tgt_key_padding_mask: Array | None = None,
        memory_key_padding_mask: Array | None = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Array:
        """Return y."""
        src, tgt = self._floats("src", src), self._floats("tgt", tgt)
        self._check(src, tgt)
        memory = self._encoder.forward(src, src_mask, src_key_padding_mask, src_is_causal)
        masks = tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask
        y: Array = self._decoder.forward(tgt, memory, *masks, tgt_is_causal, memory_is_causal)
        self.output = y
        return y

    def backward(self, dy: Array) -> tuple[Array, Array]:
        """Return dsrc and dtgt; fill the gradients of encoder and decoder."""
        dtgt, dmemory = self._decoder.backward(self._cotangent(dy, self._kept("output")))
        dsrc: Array = self._encoder.backward(dmemory)
        return dsrc, dtgt

    @staticmethod
    def generate_square_subsequent_mask(sz: int, dtype: DTypeLike = np.float32) -> Array:
        """Return the causal mask (sz, sz): -inf above the diagonal, 0 elsewhere."""
        return np.triu(np.full((sz, sz), -np.inf, dtype), 1)

    def _glorot(self, p: Array) -> Array:
        """Draw a parameter's first values between -b and b, b = sqrt(6 / (fan in + fan out))."""
        fans = (p.shape[0] + p.shape[1]) * math.prod(p.shape[2:])
        return self._uniform(math.sqrt(6 / fans), *p.shape)

    def _check(self, src: Array, tgt: Array) -> None:
        """Refuse sequences that do not fit the model or each other."""
        for name, x in (("src", src), ("tgt", tgt)):
            if x.ndim not in (2, 3) or x.shape[-1] != self.d_model:
                expected = f"2 or 3 axes, the last {self.d_model}"
                raise ValueError(f"{self!r}: {name} has shape {x.shape}, expected {expected}")
        batch = 0 if self.batch_first else 1
        if src.ndim != tgt.ndim or (src.ndim == 3 and src.shape[batch] != tgt.shape[batch]):
            found = f"src has shape {src.shape}, tgt {tgt.shape}"
            raise ValueError(f"{self!r}: {found}, expected equal batches")
