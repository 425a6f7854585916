"""The layer pairs: each NumPy layer, its torch twin, and the cases in which both run."""

from equiv.entry import LayerCase, LayerPair, real

PAIRS: tuple[LayerPair, ...] = (
    LayerPair(
        "numpy_layers.sheet.Linear",
        summary="Affine map of the last axis.",
        cases=(
            LayerCase(
                "plain",
                numpy="Linear(4, 3)",
                twin="torch.nn.Linear(4, 3)",
                inputs={"x": real(5, 4)},
            ),
        ),
        source="torch.nn.Linear",
    ),
)
