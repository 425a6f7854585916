"""Indexing: elements, slices and masks read by brackets, and the functions that index."""

from equiv.entry import (
    EVERY,
    EXTREMES,
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
        ),
        parameters={"key": "key"},
        source="numpy.ndarray.__getitem__; Tensor Views",
    ),
    Op(
        "numpy.ndarray.__getitem__[negative step]",
        summary="A range of places read from its end, as a view.",
        inputs={"x": real(5, 4)},
        cases=(
            Case(
                "plain",
                numpy="x[::-1]",
                torch="torch.flip(x, (0,))",
                trap=Trap(
                    "x[::-1]",
                    shows="torch raises",
                    why="torch has no negative strides, so a step is above zero.",
                ),
            ),
            Case(
                "every-other",
                numpy="x[::-2]",
                torch="torch.flip(x, (0,))[::2]",
                inputs={"x": real(6, 4)},
                trap=Trap(
                    "torch.flip(x[::2], (0,))",
                    shows="value",
                    why="A negative step counts from the last place, so flip first: of an even"
                    " number of places x[::2] holds the other half.",
                ),
            ),
            Case(
                "written-through",
                numpy="x[::-1][0] = 0.5; x",
                torch="x[-1] = 0.5; x",
                trap=Trap(
                    "torch.flip(x, (0,))[0] = 0.5; x",
                    shows="value",
                    why="x[::-1] is a view and torch.flip a copy, so writing into it does not reach"
                    " x.",
                ),
            ),
        ),
        parameters={"key": "key"},
        differences=(
            Difference(
                "no-view",
                cases=("plain", "every-other"),
                probes=EVERY,
                shows="aliasing",
                why="torch has no negative strides: x[::-1] is a view of x, torch.flip a copy.",
                instead="x[n - 1 - i] where an element of x is to be written.",
            ),
            Difference(
                "flip-without-axes",
                cases=("plain",),
                probes=("0-d",),
                shows="numpy raises",
                why="An array without axes has nothing to slice, and NumPy raises; torch.flip takes"
                " dimension 0 of a 0-d tensor and returns a copy.",
                instead="Check x.ndim > 0 first.",
            ),
        ),
        source="numpy.ndarray.__getitem__; Tensor Views; torch.flip",
    ),
    Op(
        "numpy.ndarray.__getitem__[ellipsis]",
        summary="Axes left whole, as many as it takes, by three dots: a view.",
        inputs={"x": real(2, 3, 4)},
        cases=(
            Case("plain", numpy="x[..., 0]", torch="x[..., 0]"),
            Case("between", numpy="x[0, ..., 1:]", torch="x[0, ..., 1:]"),
            Case(
                "all",
                numpy="x[...]",
                torch="x[...]",
                trap=Trap(
                    "x.clone()",
                    shows="aliasing",
                    why="x[...] is a view of all of x, not a copy.",
                ),
            ),
            Case(
                "element",
                numpy="x[1, 2, 3, ...]",
                torch="x[1, 2, 3]",
                trap=Trap(
                    "x[1, 2, 3].clone()",
                    shows="aliasing",
                    why="With an ellipsis NumPy gives a 0-d view, where x[1, 2, 3] is a scalar"
                    " and a copy; torch gives a view both ways.",
                ),
            ),
        ),
        parameters={"key": "key"},
        source="numpy.ndarray.__getitem__; Tensor Views",
    ),
    Op(
        "numpy.ndarray.__getitem__[newaxis]",
        summary="A new axis of length one, as a view.",
        inputs={"x": real(3, 4), "u": real(3), "v": real(4)},
        cases=(
            Case("plain", numpy="x[:, np.newaxis]", torch="x[:, torch.newaxis]"),
            Case("last", numpy="x[..., np.newaxis]", torch="x[..., None]"),
            Case("with-an-integer", numpy="x[0, np.newaxis, 1:]", torch="x[0, None, 1:]"),
            Case(
                "every-pair",
                numpy="u[:, np.newaxis] - v",
                torch="u[:, None] - v",
                inputs={"u": real(4), "v": real(4)},
                trap=Trap(
                    "u - v",
                    shows="shape",
                    why="Without the new axis vectors of one length are subtracted place by"
                    " place, and nothing is raised.",
                ),
            ),
        ),
        parameters={"key": "key"},
        source="numpy.newaxis; numpy.ndarray.__getitem__; torch.unsqueeze",
    ),
    Op(
        "numpy.ndarray.__getitem__[nested list]",
        summary="The rows that a list of lists names, in the shape of the list, as a copy.",
        inputs={"x": real(3, 4)},
        cases=(
            Case(
                "plain",
                numpy="x[[[0, 1], [2, 0]]]",
                torch="x[torch.tensor([[0, 1], [2, 0]])]",
                trap=Trap(
                    "x[[[0, 1], [2, 0]]]",
                    shows="shape",
                    why="torch takes a list of lists for one list an axis, with a warning; NumPy"
                    " for a matrix of row numbers.",
                ),
            ),
            Case(
                "one-row",
                numpy="x[[[0, 2]]]",
                torch="x[torch.tensor([[0, 2]])]",
                trap=Trap(
                    "x[[[0, 2]]]",
                    shows="shape",
                    why="torch drops the outer brackets, and with them the first axis of the"
                    " result.",
                ),
            ),
            Case(
                "second-axis",
                numpy="x[:, [[0, 1], [2, 3]]]",
                torch="x[:, [[0, 1], [2, 3]]]",
            ),
        ),
        parameters={"key": "key"},
        source="numpy.ndarray.__getitem__; Indexing on ndarrays; torch.tensor",
    ),
    Op(
        "numpy.ndarray.__getitem__[int and array split by a slice]",
        summary="An integer and an array of indices with a slice between them, as a copy.",
        inputs={"x": real(2, 3, 4), "i": values((3, 0), "int64")},
        cases=(
            Case(
                "plain",
                numpy="x[0, :, i]",
                torch="x[[0], :, i]",
                trap=Trap(
                    "x[0, :, i]",
                    shows="shape",
                    why="NumPy counts the integer among the indices that the slice splits, and"
                    " puts their axis first; torch reads x[0] before, and leaves it in place.",
                ),
            ),
            Case(
                "mask",
                numpy="x[0, :, m]",
                torch="x[0, :, m].T",
                inputs={"x": real(2, 3, 4), "m": values((True, False, False, True), "bool")},
                trap=Trap(
                    "x[0, :, m]",
                    shows="shape",
                    why="A mask is split off by the slice as its indices are: NumPy puts their"
                    " axis first, torch leaves it in place.",
                ),
            ),
            Case(
                "array-first",
                numpy="x[j, :, 0]",
                torch="x[j, :, 0]",
                inputs={"x": real(2, 3, 4), "j": values((1, 0, 1, 1), "int64")},
            ),
            Case("side-by-side", numpy="x[:, 0, i]", torch="x[:, 0, i]"),
        ),
        parameters={"key": "key"},
        source="numpy.ndarray.__getitem__; Indexing on ndarrays; torch.Tensor.index_put_",
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
        "numpy.ndarray.__getitem__[boolean mask on one axis]",
        summary="The columns at which a mask is true, as a copy.",
        inputs={
            "x": real(3, 4),
            "m": boolean(4),
            "r": values((True, False, True), "bool"),
            "c": values((False, True, False, True), "bool"),
        },
        cases=(
            Case(
                "plain",
                numpy="x[:, m]",
                torch="x[:, m]",
                trap=Trap(
                    "torch.masked_select(x, m)",
                    shows="shape",
                    why="masked_select picks the same elements and flattens them.",
                ),
            ),
            Case(
                "computed",
                numpy="x[:, np.any(x > 1, axis=0)]",
                torch="x[:, torch.any(x > 1, dim=0)]",
            ),
            Case(
                "rows-and-columns",
                numpy="x[np.ix_(r, c)]",
                torch="x[r][:, c]",
                trap=Trap(
                    "x[r, c]",
                    shows="shape",
                    why="Two masks side by side are paired, true place by true place; they raise"
                    " only where their counts differ.",
                ),
            ),
            Case("too-short", numpy="x[:, r]", torch="x[:, r]", raises="IndexError"),
        ),
        parameters={"key": "key"},
        differences=(
            Difference(
                "empty-mask",
                cases=("plain",),
                probes=("empty",),
                shows="torch raises",
                why="NumPy takes a mask of length 0 for an axis of any length; torch wants a mask"
                " as long as the axis.",
                instead="x[:, torch.where(m)[0]]",
            ),
            Difference(
                "mask-of-another-length",
                cases=("rows-and-columns",),
                probes=("square", "many"),
                shows="torch raises",
                why="np.ix_ puts the places at which a mask is true in its stead, whatever its"
                " length; in brackets a mask must be as long as its axis.",
                instead="x[torch.where(r)[0]][:, torch.where(c)[0]]",
            ),
        ),
        source="numpy.ndarray.__getitem__; numpy.ix_; torch.masked_select",
    ),
    Op(
        "numpy.ndarray.__setitem__[boolean mask scalar]",
        summary="One value written where a mask is true, in place.",
        inputs={"x": real(3, 4), "r": boolean(3), "c": boolean(4)},
        cases=(
            Case(
                "plain",
                numpy="x[x > 0] = 0.5; x",
                torch="x[x > 0] = 0.5; x",
                trap=Trap(
                    "x.masked_fill(x > 0, 0.5)",
                    shows="aliasing",
                    why="Without the underscore masked_fill leaves x alone and returns a new"
                    " tensor.",
                ),
            ),
            Case(
                "rows",
                numpy="x[r] = 0.5; x",
                torch="x[r] = 0.5; x",
                trap=Trap(
                    "x.masked_fill_(r, 0.5)",
                    shows="torch raises",
                    why="masked_fill_ broadcasts the mask from the last axis; brackets match it"
                    " with the first.",
                ),
            ),
            Case("columns", numpy="x[:, c] = 0.5; x", torch="x[:, c] = 0.5; x"),
            Case(
                "of-rows",
                numpy="x[1:][x[1:] > 0] = 0.5; x",
                torch="x[1:][x[1:] > 0] = 0.5; x",
                trap=Trap(
                    "x[[1, 2]][x[1:] > 0] = 0.5; x",
                    shows="value",
                    why="A slice is a view, and the write goes through; a list of rows makes a"
                    " copy, and the copy is written.",
                ),
            ),
        ),
        parameters={"key": "key", "value": "value"},
        differences=(
            Difference(
                "empty-mask",
                cases=("columns",),
                probes=("empty",),
                shows="torch raises",
                why="NumPy takes a mask of length 0 for an axis of any length; torch wants a mask"
                " as long as the axis.",
                instead="x[:, torch.where(c)[0]] = 0.5; x",
            ),
        ),
        source="numpy.ndarray.__setitem__; torch.Tensor.index_put_; torch.Tensor.masked_fill_",
    ),
    Op(
        "numpy.ndarray.__setitem__[augmented with duplicates]",
        summary="x[i] += v, where i names a place twice: what is read is added to once.",
        inputs={"x": real(4), "i": values((0, 2, 0), "int64"), "v": distinct(3)},
        cases=(
            Case(
                "plain",
                numpy="x[i] += 1.0; x",
                torch="x[i.unique()] += 1.0; x",
                trap=Trap(
                    "x[i] += 1.0; x",
                    shows="gradient",
                    why="The values agree, x[0] is raised once; but autograd counts the gradient"
                    " of x[0] once for each time that i names it.",
                ),
            ),
            Case(
                "vector",
                numpy="x[i] += v; x",
                torch="y = x[i]; y += v;"
                " k = torch.stack([torch.where(i == n)[0][-1] for n in i.unique()]);"
                " x[i[k]] = y[k]; x",
                trap=Trap(
                    "x.index_add_(0, i, v); x",
                    shows="value",
                    why="The last of NumPy's writes to a place stays; index_add_ adds them all, as"
                    " np.add.at does.",
                ),
            ),
            Case(
                "every-one",
                numpy="np.add.at(x, i, v); x",
                torch="x.index_add_(0, i, v); x",
                trap=Trap(
                    "x[i] += v; x",
                    shows="value",
                    why="x[i] is read once and written after, so a repeated place gets one of its"
                    " sums only.",
                ),
            ),
        ),
        parameters={"key": "key", "value": "value"},
        differences=(
            Difference(
                "read-only-vector",
                cases=("every-one",),
                probes=("broadcast",),
                shows="torch raises",
                why="np.add.at writes into a vector although it is read-only, and places that share"
                " memory get every sum; index_add_ refuses memory that repeats.",
                instead="x[:1].index_add_(0, torch.zeros_like(i), v); x",
            ),
            Difference(
                "sums-cast-back",
                cases=("every-one",),
                probes=(
                    "bool",
                    *EXTREMES,
                    "int64 with float32",
                    "float32 with float64",
                    "int32 with int64",
                    "uint8 with int8",
                    "bool with int64",
                    "float16 with float32",
                    "float64 with complex64",
                ),
                shows="torch raises",
                why="np.add.at casts each sum back to the dtype of the array, fractions and"
                " imaginary parts dropped; index_add_ refuses values of another dtype.",
                instead="[x.__setitem__(k, x[k] + n) for k, n in zip(i, v)]; x",
            ),
        ),
        source="numpy.ndarray.__setitem__; numpy.ufunc.at; torch.Tensor.index_add_;"
        " torch.Tensor.index_put_",
    ),
    Op(
        "numpy.ndarray.__setitem__[float into integers]",
        summary="Floats written into an array of integers, in place: fractions are dropped.",
        inputs={
            "n": integers(-5, 6, (4,)),
            "i": values((3, 0), "int64"),
            "v": values((2.7, -3.6)),
        },
        cases=(
            Case("plain", numpy="n[0] = 2.7; n", torch="n[0] = 2.7; n"),
            Case(
                "slice",
                numpy="n[1:3] = v; n",
                torch="n[1:3] = v; n",
                trap=Trap(
                    "n[1:3] = v.round(); n",
                    shows="value",
                    why="Both drop the fraction, towards zero; neither rounds.",
                ),
            ),
            Case(
                "integer-array",
                numpy="n[i] = v; n",
                torch="n[i] = v.to(n.dtype); n",
                trap=Trap(
                    "n[i] = v; n",
                    shows="torch raises",
                    why="torch casts what is written to a slice, and refuses another dtype where"
                    " indices or a mask name the places.",
                ),
            ),
            Case(
                "nan",
                numpy="n[0] = np.nan; n",
                torch="n[0] = torch.nan; n",
                raises="ValueError",
                trap=Trap(
                    "n[0] = torch.tensor(torch.nan); n",
                    shows="numpy raises",
                    why="torch refuses nan as a Python number only; a tensor is cast, and nan"
                    " becomes some integer.",
                ),
            ),
        ),
        parameters={"key": "key", "value": "value"},
        source="numpy.ndarray.__setitem__; torch.Tensor.index_put_; torch.Tensor.copy_",
    ),
    Op(
        "numpy.ix_",
        summary="Vectors of indices shaped so that they name every row with every column.",
        inputs={
            "x": real(3, 4),
            "i": values((2, 0), "int64"),
            "j": values((1, 3, 0), "int64"),
            "m": values((True, False, True), "bool"),
        },
        cases=(
            Case(
                "plain",
                numpy="np.ix_(i, j)",
                torch="i[:, None], j[None, :]",
                trap=Trap(
                    "torch.meshgrid(i, j, indexing='ij')",
                    shows="shape",
                    why="meshgrid repeats the indices to the full shape; NumPy leaves that to"
                    " broadcasting.",
                ),
            ),
            Case(
                "read",
                numpy="x[np.ix_(i, j)]",
                torch="x[i[:, None], j]",
                trap=Trap(
                    "x[i, j]",
                    shows="torch raises",
                    why="x[i, j] pairs the indices, and refuses vectors of different lengths.",
                ),
            ),
            Case(
                "write",
                numpy="x[np.ix_(i, j)] = 0.5; x",
                torch="x[i[:, None], j] = 0.5; x",
                trap=Trap(
                    "x[i][:, j] = 0.5; x",
                    shows="value",
                    why="x[i] is a copy, and the copy is written.",
                ),
            ),
            Case(
                "mask",
                numpy="np.ix_(m, j)",
                torch="torch.nonzero(m), j[None, :]",
                trap=Trap(
                    "m[:, None], j[None, :]",
                    shows="shape",
                    why="NumPy puts the places at which a mask is true in its stead.",
                ),
            ),
        ),
        parameters={"args": "args[0][:, None], args[1][None, :]"},
        source="numpy.ix_; torch.meshgrid; torch.nonzero",
    ),
    Op(
        "numpy.ogrid",
        summary="Ranges shaped so that they broadcast to a grid, by brackets.",
        cases=(
            Case(
                "plain",
                numpy="np.ogrid[0:3, 0:2]",
                torch="torch.arange(3)[:, None], torch.arange(2)[None, :]",
                trap=Trap(
                    "torch.meshgrid(torch.arange(3), torch.arange(2), indexing='ij')",
                    shows="shape",
                    why="meshgrid repeats the ranges to the full shape, as np.mgrid does; ogrid"
                    " leaves that to broadcasting.",
                ),
            ),
            Case("one-axis", numpy="np.ogrid[0:3]", torch="torch.arange(3)"),
            Case(
                "imaginary-step",
                numpy="np.ogrid[0:1:3j, 0:2]",
                torch="torch.linspace(0, 1, 3, dtype=torch.float64)[:, None],"
                " torch.arange(2, dtype=torch.float64)[None, :]",
                trap=Trap(
                    "torch.linspace(0, 1, 3, dtype=torch.float64)[:, None],"
                    " torch.arange(2)[None, :]",
                    shows="dtype",
                    why="One range of floats makes all of NumPy's floats.",
                ),
            ),
        ),
        parameters={},
        source="numpy.ogrid; torch.arange; torch.linspace; torch.meshgrid",
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
        "numpy.take_along_axis",
        summary="Elements along an axis, by an index for each.",
        inputs={"x": real(3, 4), "i": index_into("x", 3, 2, axis=1)},
        cases=(
            Case(
                "plain",
                numpy="np.take_along_axis(x, i, axis=1)",
                torch="torch.take_along_dim(x, i, dim=1)",
                trap=Trap(
                    "torch.index_select(x, 1, i)",
                    shows="torch raises",
                    why="index_select takes one vector of indices for all rows.",
                ),
            ),
            Case(
                "last-axis",
                numpy="np.take_along_axis(x, i)",
                torch="torch.take_along_dim(x, i, dim=-1)",
                trap=Trap(
                    "torch.take_along_dim(x, i)",
                    shows="shape",
                    why="Not told the axis, NumPy takes the last one, and torch flattens both.",
                ),
            ),
            Case(
                "broadcast",
                numpy="np.take_along_axis(x, i, axis=1)",
                torch="torch.take_along_dim(x, i, dim=1)",
                inputs={"x": real(3, 4), "i": index_into("x", 1, 2, axis=1)},
                trap=Trap(
                    "torch.gather(x, 1, i)",
                    shows="shape",
                    why="gather does not broadcast: it reads as many rows as the index has.",
                ),
            ),
            Case(
                "negative",
                numpy="np.take_along_axis(x, i, axis=1)",
                torch="torch.take_along_dim(x, i, dim=1)",
                inputs={"x": real(3, 4), "i": values(((0,), (-1,), (2,)), "int64")},
                trap=Trap(
                    "torch.gather(x, 1, i)",
                    shows="torch raises",
                    why="gather refuses negative indices; take_along_dim counts them from the end.",
                ),
            ),
            Case(
                "flattened",
                numpy="np.take_along_axis(x, i, axis=None)",
                torch="torch.take(x, i)",
                inputs={"x": real(3, 4), "i": index_into("x", 5)},
                trap=Trap(
                    "torch.take_along_dim(x, i)",
                    shows="torch raises",
                    under="transposed",
                    why="Not told a dimension, take_along_dim flattens by a view, which a tensor"
                    " that is not contiguous may not have.",
                ),
            ),
        ),
        parameters={"arr": "input", "indices": "indices", "axis": "dim"},
        differences=(
            Difference(
                "out-of-bounds",
                cases=("plain", "last-axis", "broadcast", "negative"),
                probes=("length one",),
                shows="numpy raises",
                why="NumPy refuses an index out of bounds; take_along_dim with a dimension wraps it"
                " around the axis, as a remainder.",
                instead="Check ((-n <= i) & (i < n)).all() first, where n is x.shape[dim].",
            ),
        ),
        source="numpy.take_along_axis; torch.take_along_dim; torch.take; torch.gather",
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
                inputs={"i": integers(1, 3, (4,)), "x": real(3, 4)},
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
                torch="torch.tensor((10.0, 20.0, 30.0), dtype=torch.float64)[i.long()]",
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
        differences=(
            Difference(
                "choices-without-axes",
                cases=("plain",),
                probes=("0-d",),
                shows="torch raises",
                why="NumPy broadcasts the choices with the index; gather wants as many axes of"
                " both.",
                instead="i, a, b, c = torch.broadcast_tensors(i, a, b, c) first.",
            ),
            Difference(
                "no-choice",
                cases=("one-array",),
                probes=("empty",),
                shows="numpy raises",
                why="NumPy wants one choice at least; gather reads nothing for an empty index.",
                instead="Check len(x) > 0 first.",
            ),
            Difference(
                "unchecked-number",
                cases=("two-choices",),
                probes=("uint8 with 300",),
                shows="torch raises",
                why="np.choose casts a Python integer to the dtype of the array without a check,"
                " 300 to 44; torch.where refuses one that the dtype cannot hold.",
                instead="torch.where(m, torch.tensor(b).to(a.dtype), a)",
            ),
            Difference(
                "index-in-uint64",
                cases=("numbers",),
                probes=("uint64",),
                shows="numpy raises",
                why="NumPy casts an index safely, and int64 cannot hold all of uint64; long() casts"
                " whatever it is given.",
                instead="Check i.dtype != torch.uint64 first.",
            ),
            Difference(
                "one-column",
                cases=("mode-wrap", "mode-clip"),
                probes=("length one",),
                shows="torch raises",
                why="NumPy broadcasts choices of one element to the index; gather does not"
                " broadcast.",
                instead="x.expand(-1, len(j)) for the x that gather reads.",
            ),
            Difference(
                "more-columns",
                cases=("mode-wrap", "mode-clip"),
                probes=("many",),
                shows="numpy raises",
                why="NumPy refuses an index and choices that do not broadcast; gather reads as many"
                " columns as the index has, and leaves the rest.",
                instead="Check x.shape[1] in (1, len(j)) first.",
            ),
        ),
        source="numpy.choose; torch.gather; torch.where",
    ),
    Op(
        "numpy.select",
        summary="Each element from the array of the first condition that holds there.",
        inputs={"x": real(3, 4), "y": real(3, 4)},
        cases=(
            Case(
                "plain",
                numpy="np.select([x < 0, x > 1], [x, y])",
                torch="torch.where(x < 0, x, torch.where(x > 1, y, 0))",
            ),
            Case(
                "overlapping",
                numpy="np.select([x > -1, x > 0], [x, y])",
                torch="torch.where(x > -1, x, torch.where(x > 0, y, 0))",
                trap=Trap(
                    "r = torch.where(x > -1, x, 0); torch.where(x > 0, y, r)",
                    shows="value",
                    why="The first condition that holds decides; one where after another lets the"
                    " last.",
                ),
            ),
            Case(
                "numbers",
                numpy="np.select([x < 0, x > 1], [-0.1, 0.1])",
                torch="r = torch.zeros_like(x, dtype=torch.float64);"
                " torch.where(x < 0, -0.1, torch.where(x > 1, 0.1, r))",
                trap=Trap(
                    "torch.where(x < 0, -0.1, torch.where(x > 1, 0.1, 0.0))",
                    shows="dtype",
                    why="Python floats become float32 in torch and float64 in NumPy.",
                ),
            ),
            Case(
                "default",
                numpy="np.select([x < 0, x > 1], [x, y], default=np.nan)",
                torch="torch.where(x < 0, x, torch.where(x > 1, y, torch.nan))",
            ),
        ),
        parameters={
            "condlist": "condition",
            "choicelist": "input",
            "default": "other",
        },
        differences=(
            Difference(
                "negative-bound",
                cases=("overlapping",),
                probes=("uint8", "uint8 extremes", "uint8 with int8"),
                shows="value",
                why="NumPy compares uint8 with the number -1 itself; torch casts it to uint8"
                " first, 255, and x > -1 is false.",
                instead="n = x.long(); torch.where(n > -1, x, torch.where(n > 0, y, 0))",
            ),
            Difference(
                "number-among-uint8",
                cases=("plain", "overlapping"),
                probes=("uint8 with 300", "uint8 with -1"),
                shows="numpy raises",
                why="np.select makes the result uint8 and the number an int64 array, and refuses to"
                " copy the one into the other, however small; torch.where of numbers is int64.",
                instead="Check that y is a tensor first.",
            ),
        ),
        source="numpy.select; torch.where",
    ),
    Op(
        "numpy.place",
        summary="Values written, in turn, where a mask is true, in place.",
        inputs={
            "x": real(2, 3),
            "m": values(((False, True, True), (False, False, True)), "bool"),
            "v": distinct(3),
            "n": values((7, 8, 9), "int64"),
        },
        cases=(
            Case("plain", numpy="np.place(x, m, v); x", torch="x.masked_scatter_(m, v); x"),
            Case(
                "fewer-values",
                numpy="np.place(x, m, v); x",
                torch="x[m] = v[torch.arange(m.sum()) % len(v)]; x",
                inputs={
                    "x": real(2, 3),
                    "m": values(((False, True, True), (False, False, True)), "bool"),
                    "v": distinct(2),
                },
                trap=Trap(
                    "x.masked_scatter_(m, v); x",
                    shows="torch raises",
                    why="NumPy begins with the values anew; torch wants one for each true place.",
                ),
            ),
            Case(
                "more-values",
                numpy="np.place(x, m, v); x",
                torch="x.masked_scatter_(m, v); x",
                inputs={
                    "x": real(2, 3),
                    "m": values(((False, True, True), (False, False, True)), "bool"),
                    "v": distinct(5),
                },
                trap=Trap(
                    "x[m] = v; x",
                    shows="torch raises",
                    why="Brackets want as many values as places; np.place and masked_scatter_"
                    " leave the rest.",
                ),
            ),
            Case(
                "integer-values",
                numpy="np.place(x, m, n); x",
                torch="x.masked_scatter_(m, n.to(x.dtype)); x",
                trap=Trap(
                    "x.masked_scatter_(m, n); x",
                    shows="torch raises",
                    why="masked_scatter_ casts nothing; NumPy casts values that lose nothing, such"
                    " as integers to floats.",
                ),
            ),
        ),
        parameters={"arr": "self", "mask": "mask", "vals": "source"},
        differences=(
            Difference(
                "unsafe-cast",
                cases=("integer-values",),
                probes=(
                    "bool",
                    "uint8",
                    "float16",
                    "float32",
                    "complex64",
                    "int8 extremes",
                    "uint8 extremes",
                ),
                shows="numpy raises",
                why="np.place casts values safely only, int64 to nothing narrower; n.to(x.dtype)"
                " casts whatever it is given.",
                instead="Check x.dtype in (torch.int64, torch.float64, torch.complex128) first.",
            ),
        ),
        source="numpy.place; torch.Tensor.masked_scatter_",
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
                probes=(
                    "bool",
                    *EXTREMES,
                    "int64 with float32",
                    "float32 with float64",
                    "int32 with int64",
                    "uint8 with int8",
                    "bool with int64",
                    "int64 with uint64",
                    "float16 with float32",
                    "float64 with complex64",
                ),
                shows="torch raises",
                why="NumPy casts the values to the dtype of the array, fractions dropped; put_"
                " refuses values of another dtype.",
                instead="v.to(x.dtype) for the v that put_ is given.",
            ),
            Difference(
                "more-values",
                cases=("plain", "mode-clip"),
                probes=("square", "many"),
                shows="torch raises",
                why="NumPy leaves the values for which there is no index; put_ wants as many of"
                " one as of the other.",
                instead="v[:len(i)] for the v that put_ is given.",
            ),
            Difference(
                "one-value-for-all",
                cases=("mode-clip",),
                probes=("length one",),
                shows="torch raises",
                why="NumPy repeats the values as often as there are indices; put_ wants as many.",
                instead="v[torch.arange(len(i)) % len(v)] for the v that put_ is given.",
            ),
        ),
        source="numpy.put; torch.Tensor.put_; torch.Tensor.scatter_",
    ),
    Op(
        "numpy.putmask",
        summary="Where a mask is true, the values of the same places written, in place.",
        inputs={
            "x": real(2, 3),
            "m": values(((False, True, True), (False, False, True)), "bool"),
            "y": distinct(2, 3),
        },
        cases=(
            Case(
                "plain",
                numpy="np.putmask(x, m, y); x",
                torch="x[m] = y[m]; x",
                trap=Trap(
                    "x.masked_scatter_(m, y); x",
                    shows="value",
                    why="masked_scatter_ takes the values in turn, as np.place does; np.putmask"
                    " takes those at the true places.",
                ),
            ),
            Case(
                "fewer-values",
                numpy="np.putmask(x, m, v); x",
                torch="k = torch.arange(x.numel()).reshape(x.shape)[m]; x[m] = v[k % len(v)]; x",
                inputs={
                    "x": real(2, 3),
                    "m": values(((False, True, True), (False, False, True)), "bool"),
                    "v": distinct(2),
                },
                trap=Trap(
                    "x[m] = v[torch.arange(m.sum()) % len(v)]; x",
                    shows="value",
                    why="np.putmask repeats the values over all places, the false ones too;"
                    " np.place over the true ones.",
                ),
            ),
            Case(
                "one-value",
                numpy="np.putmask(x, m, 0.5); x",
                torch="x.masked_fill_(m, 0.5); x",
            ),
        ),
        parameters={"a": "self", "mask": "mask", "values": "a[mask] = values[mask]"},
        source="numpy.putmask; torch.Tensor.masked_scatter_; torch.Tensor.masked_fill_",
    ),
    Op(
        "numpy.copyto",
        summary="One array copied into another, in place, broadcast to its shape.",
        inputs={
            "x": real(2, 3),
            "y": distinct(2, 3),
            "v": distinct(3),
            "m": values(((False, True, True), (False, False, True)), "bool"),
            "n": integers(-5, 6, (2, 3)),
        },
        cases=(
            Case(
                "plain",
                numpy="np.copyto(x, y); x",
                torch="x.copy_(y); x",
                trap=Trap(
                    "x = y.clone(); x",
                    shows="aliasing",
                    why="x = binds the name to a new tensor, and the old one keeps its values.",
                ),
            ),
            Case("row", numpy="np.copyto(x, v); x", torch="x.copy_(v); x"),
            Case(
                "where",
                numpy="np.copyto(x, y, where=m); x",
                torch="x.copy_(torch.where(m, y, x)); x",
                trap=Trap(
                    "x.masked_scatter_(m, y); x",
                    shows="value",
                    why="masked_scatter_ takes the values of y in turn, not those at the true"
                    " places.",
                ),
            ),
            Case(
                "unsafe",
                numpy="np.copyto(n, y, casting='unsafe'); n",
                torch="n.copy_(y); n",
            ),
        ),
        parameters={
            "dst": "self",
            "src": "src",
            "casting": None,
            "where": "dst.copy_(torch.where(where, src, dst))",
        },
        differences=(
            Difference(
                "fractions-dropped",
                cases=("plain", "row", "where"),
                probes=("int64 with float32",),
                shows="numpy raises",
                why="NumPy refuses to copy floats into integers; copy_ casts whatever it is given.",
                instead="Check torch.can_cast(y.dtype, x.dtype) before x.copy_(y).",
            ),
        ),
        source="numpy.copyto; torch.Tensor.copy_; torch.can_cast",
    ),
)
