"""Merging and splitting axes: what is refused, and what no pair can show."""

import re

import numpy as np
import pytest

from numpy_layers.flatten import Flatten, Unflatten

# id: the sizes, what is found and expected
SIZES_WRONG = {
    "number": (6, "unflattened_size is 6, expected a tuple of sizes"),
    "empty": ((), "unflattened_size is (), expected a tuple of sizes"),
    "named": (
        (("a", 2), ("b", 3)),
        "unflattened_size has ('a', 2), expected integers of 0 or more, or -1 once",
    ),
    "float": ((2.0, 3), "unflattened_size has 2.0, expected integers of 0 or more, or -1 once"),
    "boolean": ((True, 6), "unflattened_size has True, expected integers of 0 or more, or -1 once"),
    "below": ((-2, -3), "unflattened_size has -2, expected integers of 0 or more, or -1 once"),
    "two-left": ((-1, 2, -1), "unflattened_size is (-1, 2, -1), expected -1 at most once"),
}

# id: layer, shape of x, what is found and expected
CALLED_WRONG = {
    "one-axis": (Flatten(), (4,), "x has no axis 1, shape (4,)"),
    "no-axis": (Flatten(0, -2), (), "x has no axis -2, shape ()"),
    "end": (Flatten(0, 3), (2, 3, 4), "x has no axis 3, shape (2, 3, 4)"),
    "crossed": (
        Flatten(2, 1),
        (2, 3, 4),
        "start_dim is axis 2 and end_dim axis 1 of x, shape (2, 3, 4), expected start_dim first",
    ),
    "no-axis-to-split": (Unflatten(0, (1, 1)), (), "x has no axis 0, shape ()"),
    "axis-to-split": (Unflatten(-3, (2, 3)), (4, 6), "x has no axis -3, shape (4, 6)"),
    "size": (Unflatten(1, (2, 2)), (4, 6), "axis 1 of x is 6, shape (4, 6), expected 4"),
    "left-over": (
        Unflatten(-1, (4, -1)),
        (4, 6),
        "axis 1 of x is 6, shape (4, 6), expected a multiple of 4",
    ),
    "not-to-be-told": (
        Unflatten(0, (0, -1)),
        (0, 6),
        "axis 0 of x is 0, shape (0, 6), expected no size of 0 beside a -1",
    ),
}


@pytest.mark.parametrize("case", SIZES_WRONG)
def test_sizes_that_are_none_are_refused(case):
    """Among them names: arrays have none."""
    size, message = SIZES_WRONG[case]
    with pytest.raises(ValueError, match=rf"^{re.escape(f'Unflatten(1, {size!r}): {message}')}$"):
        Unflatten(1, size)


@pytest.mark.parametrize("dim", ["features", 1.0, True])
def test_an_axis_that_is_no_number_is_refused(dim):
    """Arrays have no named axes."""
    message = f"Unflatten({dim!r}, (2, 3)): dim is {dim!r}, expected the number of an axis"
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        Unflatten(dim, (2, 3))


@pytest.mark.parametrize("case", CALLED_WRONG)
def test_shapes_that_do_not_fit_are_refused(case):
    """The message gives the axis and the shape."""
    layer, shape, message = CALLED_WRONG[case]
    with pytest.raises(ValueError, match=rf"^{re.escape(f'{layer!r}: {message}')}$"):
        layer.forward(np.ones(shape))


@pytest.mark.parametrize("layer", [Flatten(), Unflatten(1, (2, 3))], ids=repr)
def test_backward_before_forward_is_refused(layer):
    """The shape of x is not known then."""
    fresh = type(layer)(*([] if isinstance(layer, Flatten) else [1, (2, 3)]))
    with pytest.raises(ValueError, match=r": backward called before forward$"):
        fresh.backward(np.ones((4, 6)))


@pytest.mark.parametrize("layer", [Flatten(), Unflatten(1, (2, 3))], ids=repr)
def test_a_cotangent_of_another_shape_is_refused(layer):
    """Even one that could be reshaped."""
    y = layer.forward(np.ones((4, 6)))
    with pytest.raises(ValueError, match=rf"cotangent has shape \(24,\), expected .{y.shape[0]}"):
        layer.backward(np.ones(24))


@pytest.mark.parametrize("layer", [Flatten(), Unflatten(1, (2, 3))], ids=repr)
def test_no_element_is_copied_where_memory_allows(layer):
    """As in torch, y and dx are views."""
    x = np.ones((4, 6))
    y = layer.forward(x)
    dy = np.ones(y.shape)
    assert np.shares_memory(x, y)
    assert np.shares_memory(dy, layer.backward(dy))


def test_splitting_undoes_merging():
    """Unflatten returns what Flatten was given, from any memory layout."""
    x = np.arange(120.0).reshape(5, 4, 3, 2).T
    y = Flatten(1, 2).forward(x)
    np.testing.assert_array_equal(Unflatten(1, x.shape[1:3]).forward(y), x)


# id: layer, the line, what it is made, a cell that finds it
FAULTS = {
    "end-left-out": ("Flatten", "shape[start : end + 1]", "shape[start : end]", "2@float64"),
    "gradient-in-the-wrong-shape": (
        "Flatten",
        "reshape(self._shape)",
        "reshape(self._shape[::-1])",
        "plain@float64",
    ),
    "column-major": (
        "Unflatten",
        "*x.shape[axis + 1 :])",
        "*x.shape[axis + 1 :], order='F')",
        "plain@float64",
    ),
    "memory-order": (
        "Unflatten",
        "*x.shape[axis + 1 :])",
        "*x.shape[axis + 1 :], order='A')",
        "plain@transposed",
    ),
    "what-is-left-is-one": (
        "Unflatten",
        "x.shape[axis] // known if",
        "1 if",
        "what-is-left@float64",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(planted, fault):
    """The cells of the pair tell each of them."""
    layer, line, wrong, cell = FAULTS[fault]
    case = cell.partition("@")[0]
    assert f"numpy_layers.{layer}/{cell}" in planted("flatten", layer, line, wrong, case)
