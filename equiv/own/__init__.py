"""People's own pairs: whether their NumPy code and its torch port agree."""

from equiv.own.layers import assert_equivalent_layer, check_layer
from equiv.own.named import check_by_name
from equiv.own.pair import assert_equivalent, check
from equiv.own.param import Param
from equiv.own.result import Check, Condition, NotEquivalent
from equiv.own.sides import train_function, train_layers, train_module
from equiv.own.trained import Training
from equiv.own.training import assert_equivalent_training, check_training

__all__ = [
    "Check",
    "Condition",
    "NotEquivalent",
    "Param",
    "Training",
    "assert_equivalent",
    "assert_equivalent_layer",
    "assert_equivalent_training",
    "check",
    "check_by_name",
    "check_layer",
    "check_training",
    "train_function",
    "train_layers",
    "train_module",
]
