"""The pairs of attention, and of the Transformer made of it."""

from collections.abc import Mapping

from equiv.entry import Difference, LayerCase, LayerPair, real, values

INF = float("inf")

INPUTS = {"query": real(3, 4, 6), "key": real(3, 5, 6), "value": real(3, 5, 6)}
"""Batch, length, width; keys and values are longer than the queries."""

ONE = {"query": real(4, 6), "key": real(5, 6), "value": real(5, 6)}
"""The same without a batch."""

BLOCKED = values([[0, 0, 1, 0, 1], [1, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 1, 0, 1, 1]], dtype="bool")
"""For 4 queries and 5 keys; every query sees a key."""

FALLING = values(
    [[0, -0.5, -1, -1.5, -2], [0.5, 0, -0.5, -1, -INF], [1, 0.5, 0, -0.5, -1], [2, 1, 0.5, 0, 0.5]]
)
"""Added to scores: nearer keys count for more."""

CAUSAL = values([[0, 1, 1, 1, 1], [0, 0, 1, 1, 1], [0, 0, 0, 1, 1], [0, 0, 0, 0, 1]], dtype="bool")

BLIND = values([[0, 0, 0, 0, 1], [1, 1, 1, 1, 1], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0]], dtype="bool")
"""The second query sees no key."""

PADDED = values([[0, 0, 0, 0, 1], [0, 1, 1, 0, 0], [0, 0, 0, 0, 0]], dtype="bool")
"""For a batch of 3 and 5 keys."""

PADDED_WHOLE = values([[0, 0, 0, 0, 1], [1, 1, 1, 1, 1], [0, 0, 0, 0, 0]], dtype="bool")

SQUARE = values([[0, 1, 0, 0], [0, 0, 0, 1], [1, 1, 0, 0], [0, 0, 1, 0]], dtype="bool")
"""For 4 places of one sequence."""

SQUARE_PADDED = values([[0, 0, 0, 1], [0, 0, 0, 0], [0, 1, 1, 0]], dtype="bool")

DECODED = {
    "tgt": real(3, 4, 6),
    "memory": real(3, 5, 6),
    "own": SQUARE,
    "cross": BLOCKED,
    "own_padding": SQUARE_PADDED,
    "padding": PADDED,
}
"""What a decoder takes, with all its masks."""


def _masked(name: str, call: str, **masks: object) -> LayerCase:
    """Declare a case of attention with these masks, or without one for their own sake."""
    spelled = ", ".join(filter(None, ("query, key, value", call)))
    return LayerCase(name, inputs=INPUTS | masks, call=spelled)


def _alike(
    name: str, spelled: str, inputs: Mapping[str, object] | None = None, call: str = ""
) -> LayerCase:
    """Declare a case of layers given to layers, their classes marked by an @."""
    numpy, twin = spelled.replace("@", ""), spelled.replace("@", "torch.nn.")
    return LayerCase(name, numpy=numpy, twin=twin, call=call, inputs=inputs or {})


def _empty_batch(*cases: str) -> Difference:
    """Declare what torch does with a padding mask of no sequences, where it returns no weights."""
    return Difference(
        "padding-of-an-empty-batch",
        cases=cases,
        probes=("batch of none",),
        shows="torch raises",
        why="torch 2.13 reshapes the mask with one length left open, which has no answer where "
        "there are no elements; without the mask it returns the empty result, as NumPy does.",
        instead="Leave the mask out where the batch is empty.",
    )


PAIRS: tuple[LayerPair, ...] = (
    LayerPair(
        "numpy_layers.MultiheadAttention",
        summary="Means of the values, weighted by how queries fit keys, head by head.",
        arguments="6, 2, batch_first=True",
        inputs=INPUTS,
        call="query, key, value",
        wrt=("query", "key", "value"),
        grid=(
            "",
            "bias=False",
            "dropout=0.3",
            "dropout=1.0",
            "add_bias_kv=True",
            "add_zero_attn=True",
            "bias=False, add_bias_kv=True, add_zero_attn=True",
        ),
        cases=(
            LayerCase(
                "length-first",
                arguments="6, 2",
                inputs={"query": real(4, 3, 6), "key": real(5, 3, 6), "value": real(5, 3, 6)},
            ),
            LayerCase("one-head", arguments="6, 1, batch_first=True"),
            LayerCase("heads-of-one", arguments="6, 6, batch_first=True"),
            LayerCase(
                "square",
                arguments="4, 2, batch_first=True",
                inputs={"query": real(4, 4, 4), "key": real(4, 4, 4), "value": real(4, 4, 4)},
            ),
            LayerCase(
                "kdim",
                arguments="6, 2, kdim=4, batch_first=True",
                inputs=INPUTS | {"key": real(3, 5, 4)},
            ),
            LayerCase(
                "kdim-vdim",
                arguments="6, 2, kdim=4, vdim=7, bias=False, add_bias_kv=True, batch_first=True",
                inputs=INPUTS | {"key": real(3, 5, 4), "value": real(3, 5, 7)},
            ),
            LayerCase("no-batch", inputs=ONE),
            LayerCase(
                "no-batch-masked",
                inputs=ONE | {"mask": BLOCKED, "padding": values([0, 1, 0, 0, 0], dtype="bool")},
                call="query, key, value, padding, attn_mask=mask, average_attn_weights=False",
            ),
            _masked("no-weights", "need_weights=False"),
            _masked("weights-by-head", "average_attn_weights=False"),
            _masked("padding", "padding", padding=PADDED),
            _masked("padding-no-weights", "padding, need_weights=False", padding=PADDED),
            _masked("padding-float", "padding", padding=real(3, 5)),
            _masked("padding-of-all", "padding", padding=PADDED_WHOLE),
            _masked(
                "padding-of-all-no-weights", "padding, need_weights=False", padding=PADDED_WHOLE
            ),
            _masked("mask", "attn_mask=mask", mask=BLOCKED),
            _masked("mask-no-weights", "need_weights=False, attn_mask=mask", mask=BLOCKED),
            _masked("mask-float", "attn_mask=mask", mask=FALLING),
            _masked("mask-float-no-weights", "need_weights=False, attn_mask=mask", mask=FALLING),
            _masked("mask-by-head", "attn_mask=mask[: 2 * len(query)]", mask=real(6, 4, 5)),
            _masked(
                "mask-by-head-padding",
                "padding, attn_mask=mask[: 2 * len(query)] > 0.9",
                mask=real(6, 4, 5),
                padding=PADDED,
            ),
            _masked(
                "mask-and-padding",
                "padding, need_weights=False, attn_mask=mask",
                mask=BLOCKED,
                padding=PADDED,
            ),
            _masked("mask-of-all", "attn_mask=mask", mask=BLIND),
            _masked("mask-of-all-no-weights", "need_weights=False, attn_mask=mask", mask=BLIND),
            _masked("causal", "attn_mask=mask, is_causal=True", mask=CAUSAL),
            _masked(
                "causal-no-weights",
                "need_weights=False, attn_mask=mask, is_causal=True",
                mask=CAUSAL,
            ),
            _masked(
                "causal-by-name-alone",
                "need_weights=False, attn_mask=mask, is_causal=True",
                mask=BLOCKED,
            ),
            _masked(
                "causal-padding",
                "padding, need_weights=False, attn_mask=mask, is_causal=True",
                mask=BLOCKED,
                padding=PADDED,
            ),
            LayerCase(
                "appended-mask",
                arguments="6, 2, add_bias_kv=True, add_zero_attn=True, batch_first=True",
                inputs=INPUTS | {"mask": BLIND, "padding": PADDED},
                call="query, key, value, padding, attn_mask=mask",
            ),
            LayerCase(
                "appended-causal",
                arguments="6, 2, add_bias_kv=True, add_zero_attn=True, batch_first=True",
                inputs=INPUTS | {"mask": CAUSAL},
                call="query, key, value, need_weights=False, attn_mask=mask, is_causal=True",
            ),
            LayerCase(
                "dropout-no-weights",
                arguments="6, 2, dropout=0.3, batch_first=True",
                call="query, key, value, need_weights=False",
            ),
            LayerCase(
                "no-keys",
                inputs=INPUTS | {"key": real(3, 0, 6), "value": real(3, 0, 6)},
            ),
        ),
        differences=(
            _empty_batch(
                "padding-no-weights",
                "padding-of-all-no-weights",
                "mask-and-padding",
                "causal-padding",
            ),
        ),
        source="torch.nn.MultiheadAttention",
    ),
    LayerPair(
        "numpy_layers.TransformerEncoderLayer",
        summary="Attention of a sequence to itself, then a small network, with residuals.",
        arguments="6, 2, 7, batch_first=True",
        inputs={"src": real(3, 4, 6)},
        wrt=("src",),
        grid=(
            "",
            "dropout=0.0",
            "dropout=0.5",
            "activation='gelu'",
            "layer_norm_eps=0.1",
            "norm_first=True",
            "bias=False",
            "norm_first=True, bias=False, activation='gelu'",
        ),
        cases=(
            LayerCase("length-first", arguments="6, 3, 5", inputs={"src": real(4, 3, 6)}),
            LayerCase("no-batch", inputs={"src": real(4, 6)}),
            LayerCase(
                "masks",
                inputs={"src": real(3, 4, 6), "mask": SQUARE, "padding": SQUARE_PADDED},
                call="src, mask, padding",
            ),
            LayerCase(
                "mask-float",
                inputs={"src": real(3, 4, 6), "mask": real(4, 4)},
                call="src, mask",
            ),
            LayerCase(
                "causal-by-name-alone",
                inputs={"src": real(3, 4, 6), "mask": SQUARE},
                call="src, mask, is_causal=True",
            ),
            LayerCase(
                "prelu",
                numpy="TransformerEncoderLayer(6, 2, 7, activation=PReLU())",
                twin="torch.nn.TransformerEncoderLayer(6, 2, 7, activation=torch.nn.PReLU())",
                inputs={"src": real(4, 3, 6)},
            ),
        ),
        differences=(_empty_batch("masks"),),
        source="torch.nn.TransformerEncoderLayer",
    ),
    LayerPair(
        "numpy_layers.TransformerDecoderLayer",
        summary="Attention of a sequence to itself and to a memory, then a small network.",
        arguments="6, 2, 7, batch_first=True",
        inputs={"tgt": real(3, 4, 6), "memory": real(3, 5, 6)},
        call="tgt, memory",
        wrt=("tgt", "memory"),
        grid=(
            "",
            "dropout=0.0",
            "dropout=0.5",
            "activation='gelu'",
            "layer_norm_eps=0.1",
            "norm_first=True",
            "bias=False",
            "norm_first=True, bias=False, activation='gelu'",
        ),
        cases=(
            LayerCase(
                "length-first",
                arguments="6, 3, 5",
                inputs={"tgt": real(4, 3, 6), "memory": real(5, 3, 6)},
            ),
            LayerCase("no-batch", inputs={"tgt": real(4, 6), "memory": real(5, 6)}),
            LayerCase(
                "masks",
                inputs=DECODED,
                call="tgt, memory, own, cross, own_padding, padding",
            ),
            LayerCase(
                "causal-by-name-alone",
                inputs=DECODED,
                call="tgt, memory, own, cross, tgt_is_causal=True, memory_is_causal=True",
            ),
        ),
        differences=(_empty_batch("masks"),),
        source="torch.nn.TransformerDecoderLayer",
    ),
    LayerPair(
        "numpy_layers.TransformerEncoder",
        summary="Encoder layers, one after another, and a norm.",
        inputs={"src": real(3, 4, 6)},
        wrt=("src",),
        cases=(
            _alike("one", "@TransformerEncoder(@TransformerEncoderLayer(6, 2, 7), 1)"),
            _alike("two", "@TransformerEncoder(@TransformerEncoderLayer(6, 2, 7), 2)"),
            _alike(
                "norm",
                "@TransformerEncoder(@TransformerEncoderLayer(6, 2, 7, batch_first=True), 2, "
                "norm=@LayerNorm(6))",
            ),
            _alike(
                "gelu-first",
                "@TransformerEncoder(@TransformerEncoderLayer(6, 2, 7, activation='gelu', "
                "norm_first=True, bias=False), 3, @LayerNorm(6, bias=False), "
                "enable_nested_tensor=False, mask_check=False)",
            ),
            _alike(
                "masks",
                "@TransformerEncoder(@TransformerEncoderLayer(6, 2, 7, batch_first=True), 2)",
                inputs={"src": real(3, 4, 6), "mask": SQUARE, "padding": SQUARE_PADDED},
                call="src, mask, padding",
            ),
            _alike(
                "padding",
                "@TransformerEncoder(@TransformerEncoderLayer(6, 2, 7, batch_first=True), 2)",
                inputs={"src": real(3, 4, 6), "padding": SQUARE_PADDED},
                call="src, src_key_padding_mask=padding",
            ),
            _alike(
                "causal-mask",
                "@TransformerEncoder(@TransformerEncoderLayer(6, 2, 7, batch_first=True), 2)",
                inputs={
                    "src": real(3, 4, 6),
                    "mask": values(
                        [[0, 1, 1, 1], [0, 0, 1, 1], [0, 0, 0, 1], [0, 0, 0, 0]], dtype="bool"
                    ),
                },
                call="src, mask",
            ),
            _alike(
                "causal-by-name-alone",
                "@TransformerEncoder(@TransformerEncoderLayer(6, 2, 7, batch_first=True), 2)",
                inputs={"src": real(3, 4, 6), "mask": SQUARE},
                call="src, mask, is_causal=True",
            ),
        ),
        differences=(_empty_batch("masks", "padding"),),
        source="torch.nn.TransformerEncoder",
    ),
    LayerPair(
        "numpy_layers.TransformerDecoder",
        summary="Decoder layers, one after another, all with one memory, and a norm.",
        inputs={"tgt": real(3, 4, 6), "memory": real(3, 5, 6)},
        call="tgt, memory",
        wrt=("tgt", "memory"),
        cases=(
            _alike(
                "one", "@TransformerDecoder(@TransformerDecoderLayer(6, 2, 7, batch_first=True), 1)"
            ),
            _alike(
                "two", "@TransformerDecoder(@TransformerDecoderLayer(6, 2, 7, batch_first=True), 2)"
            ),
            _alike(
                "norm",
                "@TransformerDecoder(@TransformerDecoderLayer(6, 3, 7, activation='gelu', "
                "norm_first=True, batch_first=True), 2, norm=@LayerNorm(6))",
            ),
            _alike(
                "length-first",
                "@TransformerDecoder(@TransformerDecoderLayer(6, 2, 7), 2)",
                inputs={"tgt": real(4, 3, 6), "memory": real(5, 3, 6)},
            ),
            _alike(
                "masks",
                "@TransformerDecoder(@TransformerDecoderLayer(6, 2, 7, batch_first=True), 2)",
                inputs=DECODED,
                call="tgt, memory, own, cross, own_padding, padding",
            ),
            _alike(
                "causal-by-name-alone",
                "@TransformerDecoder(@TransformerDecoderLayer(6, 2, 7, batch_first=True), 2)",
                inputs=DECODED,
                call="tgt, memory, own, cross, tgt_is_causal=True, memory_is_causal=True",
            ),
        ),
        differences=(_empty_batch("masks"),),
        source="torch.nn.TransformerDecoder",
    ),
    LayerPair(
        "numpy_layers.Transformer",
        summary="An encoder, and a decoder with what it returns as memory.",
        arguments="6, 2, 2, 1, 7",
        inputs={"src": real(3, 5, 6), "tgt": real(3, 4, 6)},
        wrt=("src", "tgt"),
        grid=(
            "batch_first=True",
            "batch_first=True, dropout=0.0",
            "batch_first=True, activation='gelu'",
            "batch_first=True, layer_norm_eps=0.1",
            "batch_first=True, norm_first=True",
            "batch_first=True, bias=False",
        ),
        cases=(
            LayerCase("length-first", inputs={"src": real(5, 3, 6), "tgt": real(4, 3, 6)}),
            LayerCase("no-batch", inputs={"src": real(5, 6), "tgt": real(4, 6)}),
            LayerCase(
                "masks",
                arguments="6, 2, 1, 2, 7, batch_first=True",
                inputs={
                    "src": real(3, 5, 6),
                    "tgt": real(3, 4, 6),
                    "own": SQUARE,
                    "cross": BLOCKED,
                    "padding": PADDED,
                    "own_padding": SQUARE_PADDED,
                },
                call="src, tgt, None, own, cross, padding, own_padding, padding",
            ),
            _alike(
                "custom",
                "@Transformer(6, custom_encoder=@TransformerEncoder("
                "@TransformerEncoderLayer(6, 2, 7, batch_first=True), 1), "
                "custom_decoder=@TransformerDecoder("
                "@TransformerDecoderLayer(6, 3, 5, batch_first=True), 1), batch_first=True)",
            ),
        ),
        differences=(_empty_batch("masks"),),
        source="torch.nn.Transformer",
    ),
)
