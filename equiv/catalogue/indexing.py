"""Indexing: elements, slices and masks read by brackets, and the functions that index."""

from equiv.entry import (
    Case,
    Difference,
    Op,
    Trap,
    boolean,
    distinct,
    index_into,
    integers,
    real,
    values,
)

OPS: tuple[Op, ...] = (
    Op(
        "numpy.ndarray.__getitem__[int]",
        summary="One place along an axis: a view of what is there, or a scalar.",
        inputs={"x": real(3, 4)},
        cases=(
            Case("plain", numpy="x[0]", torch="x[0]"),
            Case("negative", numpy="x[-1]", torch="x[-1]"),
            Case(
                "all-axes",
                numpy="x[1, 2]",
                torch="x[1, 2].clone()",
                trap=Trap(
                    "x[1, 2]",
                    shows="aliasing",
                    why="NumPy's scalar is a copy; torch's 0-d tensor is a view, and changes when"
                    " x does.",
                ),
            ),
            Case(
                "vector",
                numpy="x[0]",
                torch="x[0].clone()",
                inputs={"x": real(3)},
                trap=Trap(
                    "x[0].item()",
                    shows="structure",
                    why="item() makes a Python number, without dtype and cut off the graph.",
                ),
            ),
            Case("out-of-bounds", numpy="x[3]", torch="x[3]", raises="IndexError"),
        ),
        parameters={"key": "key"},
        differences=(
            Difference(
                "scalar-of-a-vector",
                cases=("plain", "negative"),
                probes=("length one",),
                shows="aliasing",
                why="Of a vector, NumPy returns a scalar, which is a copy, and torch a 0-d view.",
                instead="x[0].clone()",
            ),
        ),
        source="numpy.ndarray.__getitem__; Tensor Views",
    ),
    Op(
        "numpy.ndarray.__getitem__[slice]",
        summary="A range of places along an axis, as a view.",
        inputs={"x": real(5, 4)},
        cases=(
            Case("plain", numpy="x[1:3]", torch="x[1:3]"),
            Case("column", numpy="x[:, 0]", torch="x[:, 0]"),
            Case("from-the-end", numpy="x[-2:]", torch="x[-2:]"),
            Case("step", numpy="x[::2, 1:]", torch="x[::2, 1:]"),
            Case("past-the-end", numpy="x[3:9]", torch="x[3:9]"),
            Case(
                "negative-step",
                numpy="x[::-1]",
                torch="torch.flip(x, (0,))",
                trap=Trap(
                    "x[::-1]",
                    shows="torch raises",
                    why="torch has no negative strides, so a step is above zero.",
                ),
            ),
        ),
        parameters={"key": "key"},
        differences=(
            Difference(
                "no-view",
                cases=("negative-step",),
                probes=("float64",),
                shows="aliasing",
                why="torch has no negative strides: x[::-1] is a view of x, torch.flip a copy.",
                instead="x[n - 1 - i] where an element of x is to be written",
            ),
        ),
        source="numpy.ndarray.__getitem__; Tensor Views; torch.flip",
    ),
    Op(
        "numpy.ndarray.__getitem__[boolean mask]",
        summary="The elements at which a mask is true, as a copy.",
        inputs={"x": real(3, 4), "m": boolean(3, 4)},
        cases=(
            Case("plain", numpy="x[x > 0]", torch="x[x > 0]"),
            Case("mask", numpy="x[m]", torch="x[m]"),
            Case("and-not", numpy="x[(x > 0) & ~m]", torch="x[(x > 0) & ~m]"),
            Case(
                "rows",
                numpy="x[m]",
                torch="x[m]",
                inputs={"x": real(3, 4), "m": boolean(3)},
                trap=Trap(
                    "torch.masked_select(x, m)",
                    shows="torch raises",
                    why="masked_select broadcasts the mask from the last axis; brackets match it"
                    " with the first.",
                ),
            ),
            Case(
                "rows-and-column",
                numpy="x[m, 1]",
                torch="x[m, 1]",
                inputs={"x": real(3, 4), "m": boolean(3)},
            ),
            Case(
                "uint8",
                numpy="x[m]",
                torch="x[m.long()]",
                inputs={"x": real(3, 4), "m": values((1, 0, 1), "uint8")},
                trap=Trap(
                    "x[m]",
                    shows="shape",
                    why="torch takes a uint8 tensor for a mask, NumPy for the numbers of rows.",
                ),
            ),
        ),
        parameters={"key": "key"},
        source="numpy.ndarray.__getitem__; torch.masked_select",
    ),
    Op(
        "numpy.take",
        summary="Elements at given places, of the flattened array or along an axis.",
        inputs={"x": real(3, 4), "i": index_into("x", 5)},
        cases=(
            Case("plain", numpy="np.take(x, i)", torch="torch.take(x, i)"),
            Case(
                "axis",
                numpy="np.take(x, i, axis=1)",
                torch="torch.index_select(x, 1, i)",
                inputs={"x": real(3, 4), "i": index_into("x", 5, axis=1)},
                trap=Trap(
                    "torch.take(x, i)",
                    shows="shape",
                    why="torch.take knows no axis, it always reads the flattened tensor.",
                ),
            ),
            Case(
                "negative",
                numpy="np.take(x, i, axis=0)",
                torch="x[i]",
                inputs={"x": real(3, 4), "i": values((-1, 0), "int64")},
                trap=Trap(
                    "torch.index_select(x, 0, i)",
                    shows="torch raises",
                    why="index_select refuses negative indices; brackets and torch.take count"
                    " them from the end.",
                ),
            ),
            Case(
                "matrix-of-indices",
                numpy="np.take(x, i, axis=1)",
                torch="x[:, i]",
                inputs={"x": real(3, 4), "i": index_into("x", 2, 3, axis=1)},
                trap=Trap(
                    "torch.index_select(x, 1, i)",
                    shows="torch raises",
                    why="index_select takes a vector of indices only.",
                ),
            ),
            Case(
                "one-index",
                numpy="np.take(x, 1, axis=0)",
                torch="x[1].clone()",
                trap=Trap(
                    "x[1]",
                    shows="aliasing",
                    why="np.take always copies; x[1] is a view.",
                ),
            ),
            Case(
                "int32",
                numpy="np.take(x, i)",
                torch="torch.take(x, i.long())",
                inputs={"x": real(3, 4), "i": integers(0, 12, (5,), dtype="int32")},
                trap=Trap(
                    "torch.take(x, i)",
                    shows="torch raises",
                    why="torch.take wants its indices in int64.",
                ),
            ),
            Case(
                "mode-wrap",
                numpy="np.take(x, i, mode='wrap')",
                torch="torch.take(x, i % x.numel())",
                inputs={"x": real(3, 4), "i": values((-13, 5, 12), "int64")},
                trap=Trap(
                    "torch.take(x, i)",
                    shows="torch raises",
                    why="torch.take has no mode=; an index out of bounds is an error.",
                ),
            ),
            Case(
                "mode-clip",
                numpy="np.take(x, i, mode='clip')",
                torch="torch.take(x, i.clamp(0, x.numel() - 1))",
                inputs={"x": real(3, 4), "i": values((-1, 5, 12), "int64")},
                trap=Trap(
                    "torch.take(x, i.clamp(max=x.numel() - 1))",
                    shows="value",
                    why="In this mode NumPy reads the first element for a negative index too.",
                ),
            ),
        ),
        parameters={
            "a": "input",
            "indices": "index",
            "axis": "torch.index_select(a, axis, indices)",
            "out": "out",
            "mode": "torch.take(a, indices % a.numel())",
        },
        source="numpy.take; torch.take; torch.index_select",
    ),
    Op(
        "numpy.choose",
        summary="Each element from the one of several arrays that an index names.",
        inputs={
            "i": integers(0, 3, (4,)),
            "a": real(4),
            "b": real(4),
            "c": real(4),
            "x": real(3, 4),
            "j": values((-1, 0, 3, 2), "int64"),
        },
        cases=(
            Case(
                "plain",
                numpy="np.choose(i, (a, b, c))",
                torch="torch.gather(torch.stack((a, b, c)), 0, i[None])[0]",
                trap=Trap(
                    "torch.gather(torch.stack((a, b, c)), 0, i)",
                    shows="torch raises",
                    why="gather wants an index with as many axes as the tensor, here one of"
                    " length one for the choices.",
                ),
            ),
            Case(
                "one-array",
                numpy="np.choose(i, x)",
                torch="torch.gather(x, 0, i[None])[0]",
                trap=Trap(
                    "x[i]",
                    shows="shape",
                    why="x[i] takes whole rows; np.choose takes the element of the row that"
                    " stands at the place of the index.",
                ),
            ),
            Case(
                "two-choices",
                numpy="np.choose(m, (a, b))",
                torch="torch.where(m, b, a)",
                inputs={"m": boolean(4), "a": real(4), "b": real(4)},
                trap=Trap(
                    "torch.where(m, a, b)",
                    shows="value",
                    why="False is index 0 and chooses the first; torch.where takes the first"
                    " where the condition is true.",
                ),
            ),
            Case(
                "numbers",
                numpy="np.choose(i, (10.0, 20.0, 30.0))",
                torch="torch.tensor((10.0, 20.0, 30.0), dtype=torch.float64)[i]",
                trap=Trap(
                    "torch.tensor((10.0, 20.0, 30.0))[i]",
                    shows="dtype",
                    why="Python floats become float32 in torch and float64 in NumPy.",
                ),
            ),
            Case(
                "broadcast",
                numpy="np.choose(i, (a, b))",
                torch="i, a, b = torch.broadcast_tensors(i, a, b);"
                " torch.gather(torch.stack((a, b)), 0, i[None])[0]",
                inputs={"i": integers(0, 2, (3, 1)), "a": real(4), "b": real(4)},
                trap=Trap(
                    "torch.gather(torch.stack((a, b)), 0, i.T)",
                    shows="shape",
                    why="gather does not broadcast: the shape of its result is that of the index.",
                ),
            ),
            Case(
                "mode-wrap",
                numpy="np.choose(j, x, mode='wrap')",
                torch="torch.gather(x, 0, j[None] % len(x))[0]",
                trap=Trap(
                    "torch.gather(x, 0, j[None])[0]",
                    shows="torch raises",
                    why="gather has no mode=; an index out of bounds, or below zero, is an error.",
                ),
            ),
            Case(
                "mode-clip",
                numpy="np.choose(j, x, mode='clip')",
                torch="torch.gather(x, 0, j[None].clamp(0, len(x) - 1))[0]",
            ),
        ),
        parameters={
            "a": "index",
            "choices": "input",
            "out": "out",
            "mode": "torch.gather(choices, 0, a[None] % len(choices))[0]",
        },
        source="numpy.choose; torch.gather; torch.where",
    ),
    Op(
        "numpy.put",
        summary="Write values to given places of the flattened array, in place.",
        inputs={"x": real(3, 4), "i": values((7, 2, 10), "int64"), "v": distinct(3)},
        cases=(
            Case(
                "plain",
                numpy="np.put(x, i, v); x",
                torch="x.put_(i, v); x",
                trap=Trap(
                    "x.scatter_(0, i, v); x",
                    shows="torch raises",
                    why="scatter_ wants an index with as many axes as x, and counts along one"
                    " axis, not through the flattened tensor.",
                ),
            ),
            Case(
                "one-value",
                numpy="np.put(x, i, 0.5); x",
                torch="x.put_(i, torch.full(i.shape, 0.5, dtype=x.dtype)); x",
                trap=Trap(
                    "x.reshape(-1)[i] = 0.5; x",
                    shows="value",
                    under="transposed",
                    why="reshape copies a tensor that is not contiguous, and the copy is written.",
                ),
            ),
            Case(
                "fewer-values",
                numpy="np.put(x, i, v); x",
                torch="x.put_(i, v[torch.arange(len(i)) % len(v)]); x",
                inputs={"x": real(3, 4), "i": values((7, 2, 10), "int64"), "v": distinct(2)},
                trap=Trap(
                    "x.put_(i, v); x",
                    shows="torch raises",
                    why="NumPy repeats the values as often as there are indices; torch wants as"
                    " many.",
                ),
            ),
            Case(
                "mode-clip",
                numpy="np.put(x, i, v, mode='clip'); x",
                torch="x.put_(i.clamp(0, x.numel() - 1), v); x",
                inputs={"x": real(3, 4), "i": values((-1, 5, 12), "int64"), "v": distinct(3)},
                trap=Trap(
                    "x.put_(i, v); x",
                    shows="torch raises",
                    why="put_ has no mode=; an index out of bounds is an error.",
                ),
            ),
        ),
        parameters={
            "a": "self",
            "ind": "index",
            "v": "source",
            "mode": "a.put_(ind.clamp(0, a.numel() - 1), v)",
        },
        differences=(
            Difference(
                "values-of-another-dtype",
                cases=("plain", "fewer-values", "mode-clip"),
                probes=("int64",),
                shows="torch raises",
                why="NumPy casts the values to the dtype of the array, fractions dropped; put_"
                " refuses values of another dtype.",
                instead="x.put_(i, v.to(x.dtype))",
            ),
        ),
        source="numpy.put; torch.Tensor.put_; torch.Tensor.scatter_",
    ),
)
