"""Neural-network layers in NumPy alone, each with its forward and its backward pass."""

from numpy_layers import sheet

__all__ = ["sheet"]
