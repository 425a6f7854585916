"""Neural-network layers in NumPy alone, each with its forward and its backward pass."""

import importlib as _importlib

from numpy_layers import sheet
from numpy_layers.layer import Layer as _Layer

__all__ = ["sheet"]

for _family in (
    "activations", "linear", "normalization", "convolution", "pooling", "adaptive", "recurrent", "attention",
    "transformer", "embedding", "dropout", "losses", "losses_classes", "losses_margins", "windows", "padding", "upsampling", "distance", "flatten", "composition",
):
    try:
        _m = _importlib.import_module(f"numpy_layers.{_family}")
    except Exception as e:
        print("DEV: numpy_layers:", _family, type(e).__name__, e) if not isinstance(e, ModuleNotFoundError) else None
        continue
    for _n, _v in list(vars(_m).items()):
        if isinstance(_v, type) and issubclass(_v, _Layer) and _v.__module__ == _m.__name__ and _n[0] != "_":
            globals()[_n] = _v
