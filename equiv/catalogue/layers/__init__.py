"""The layer pairs: each NumPy layer, its torch twin, and the cases in which both run."""

import importlib

from equiv.entry import LayerPair

FAMILIES = (
    "sheet",
    "activations",
    "linear",
    "normalization",
    "convolution",
    "pooling",
    "recurrent",
    "attention",
    "embedding",
    "dropout",
    "losses",
    "padding",
    "upsampling",
    "distance",
    "flatten",
    "composition",
)
"""The modules that hold pairs, in the order of the report."""


def load() -> tuple[LayerPair, ...]:
    """Return the pairs of every family."""
    modules = (importlib.import_module(f"equiv.catalogue.layers.{family}") for family in FAMILIES)
    return tuple(pair for module in modules for pair in module.PAIRS)
