"""Manipulation: axes moved, added and removed; arrays joined, cut, turned round and padded."""

from equiv.entry import EVERY, Case, Difference, Op, Trap, distinct, integers, real

OPS: tuple[Op, ...] = (
    Op(
        "numpy.moveaxis",
        summary="View with axes moved to other places, the rest in their order.",
        inputs={"x": real(2, 3, 4)},
        cases=(
            Case(
                "plain",
                numpy="np.moveaxis(x, 0, -1)",
                torch="torch.moveaxis(x, 0, -1)",
                trap=Trap(
                    "torch.transpose(x, 0, -1)",
                    shows="shape",
                    why="transpose swaps the two axes; moveaxis moves one and keeps the order of"
                    " the rest.",
                ),
            ),
            Case(
                "several",
                numpy="np.moveaxis(x, (0, 1), (-1, 0))",
                torch="torch.moveaxis(x, (0, 1), (-1, 0))",
            ),
            Case(
                "all",
                numpy="np.moveaxis(x, (0, 1, 2), (1, 2, 0))",
                torch="torch.moveaxis(x, (0, 1, 2), (1, 2, 0))",
                trap=Trap(
                    "torch.permute(x, (1, 2, 0))",
                    shows="shape",
                    why="moveaxis is told where each axis goes, permute which axis comes to each"
                    " place.",
                ),
            ),
        ),
        parameters={"a": "input", "source": "source", "destination": "destination"},
        source="numpy.moveaxis; torch.moveaxis; torch.permute; torch.transpose",
    ),
    Op(
        "numpy.transpose",
        summary="View with the axes permuted; reversed where no order is given.",
        inputs={"x": real(3, 4)},
        cases=(
            Case(
                "plain",
                numpy="np.transpose(x)",
                torch="torch.t(x)",
                trap=Trap(
                    "torch.transpose(x)",
                    shows="torch raises",
                    why="torch.transpose swaps two axes, and has to be told both.",
                ),
            ),
            Case(
                "axes",
                numpy="np.transpose(x, (2, 0, 1))",
                torch="torch.permute(x, (2, 0, 1))",
                inputs={"x": real(2, 3, 4)},
                trap=Trap(
                    "x.reshape(4, 2, 3)",
                    shows="value",
                    why="reshape gives the shape and keeps the elements in their old order.",
                ),
            ),
            Case(
                "three-axes",
                numpy="np.transpose(x)",
                torch="torch.permute(x, (2, 1, 0))",
                inputs={"x": real(2, 3, 4)},
                trap=Trap(
                    "x.mT",
                    shows="shape",
                    why="NumPy reverses all axes; mT swaps the last two.",
                ),
            ),
            Case(
                "swap",
                numpy="np.transpose(x, axes=(0, 2, 1))",
                torch="torch.transpose(x, 1, 2)",
                inputs={"x": real(2, 3, 4)},
                trap=Trap(
                    "torch.transpose(x, (0, 2, 1))",
                    shows="torch raises",
                    why="torch.transpose takes the two axes to swap; permute takes the order.",
                ),
            ),
        ),
        parameters={"a": "input", "axes": "torch.permute(a, axes)"},
        source="numpy.transpose; torch.t; torch.permute; torch.transpose",
    ),
    Op(
        "numpy.broadcast_to",
        summary="View that repeats an array to a shape; NumPy's is read-only.",
        inputs={"x": real(3, 4), "v": real(4)},
        cases=(
            Case(
                "plain",
                numpy="np.broadcast_to(x, (2, 3, 4))",
                torch="torch.broadcast_to(x, (2, 3, 4))",
            ),
            Case(
                "one-length",
                numpy="np.broadcast_to(s, 3)",
                torch="torch.broadcast_to(s, (3,))",
                inputs={"s": real(1)},
                trap=Trap(
                    "torch.broadcast_to(s, 3)",
                    shows="torch raises",
                    why="torch.broadcast_to takes the shape as a tuple, even of one length.",
                ),
            ),
            Case(
                "read-only",
                numpy="b = np.broadcast_to(v, (3, 4)); b[:] = 0.5; b",
                torch="b = torch.broadcast_to(v, (3, 4)); b[:] = 0.5; b",
                raises="ValueError",
                trap=Trap(
                    "b = torch.broadcast_to(v, (3, 4)); b[0] = 0.5; b",
                    shows="numpy raises",
                    why="torch's view can be written to, row by row: the one row changes, and with"
                    " it v and all others.",
                ),
            ),
            Case(
                "written",
                numpy="b = np.broadcast_to(v, (3, 4)).copy(); b[0] = 0.5; b",
                torch="b = torch.broadcast_to(v, (3, 4)).clone(); b[0] = 0.5; b",
                trap=Trap(
                    "b = torch.broadcast_to(v, (3, 4)); b[0] = 0.5; b",
                    shows="value",
                    why="All rows of the view are the one row of v; a copy has rows of its own.",
                ),
            ),
        ),
        parameters={"array": "input", "shape": "size", "subok": None},
        differences=(
            Difference(
                "writable",
                cases=("plain", "one-length"),
                probes=("float64",),
                shows="aliasing",
                why="NumPy's view is read-only; torch has no read-only tensors, and a write to"
                " its view changes the original.",
                instead="torch.broadcast_to(x, shape).clone() where the result is written to.",
            ),
        ),
        source="numpy.broadcast_to; torch.broadcast_to; torch.Tensor.expand; Tensor Views",
    ),
    Op(
        "numpy.expand_dims",
        summary="View with a new axis of length one.",
        inputs={"x": real(3, 4)},
        cases=(
            Case(
                "plain",
                numpy="np.expand_dims(x, axis=0)",
                torch="torch.unsqueeze(x, dim=0)",
            ),
            Case("last", numpy="np.expand_dims(x, -1)", torch="torch.unsqueeze(x, -1)"),
            Case(
                "axes",
                numpy="np.expand_dims(x, axis=(0, 2))",
                torch="x[None, :, None]",
                trap=Trap(
                    "torch.unsqueeze(x, (0, 2))",
                    shows="torch raises",
                    why="unsqueeze adds one axis at a time.",
                ),
            ),
        ),
        parameters={"a": "input", "axis": "dim"},
        source="numpy.expand_dims; torch.unsqueeze",
    ),
    Op(
        "numpy.squeeze",
        summary="View without the axes of length one.",
        inputs={"x": real(1, 3, 1)},
        cases=(
            Case("plain", numpy="np.squeeze(x)", torch="torch.squeeze(x)"),
            Case("axis", numpy="np.squeeze(x, axis=0)", torch="torch.squeeze(x, dim=0)"),
            Case(
                "axes",
                numpy="np.squeeze(x, axis=(0, 1))",
                torch="torch.squeeze(x, dim=(0, 1))",
                inputs={"x": real(1, 1, 3)},
            ),
            Case(
                "longer-axis",
                numpy="np.squeeze(x, axis=1)",
                torch="(y,) = x.unbind(1); y",
                raises="ValueError",
                trap=Trap(
                    "torch.squeeze(x, dim=1)",
                    shows="numpy raises",
                    why="NumPy refuses an axis that is not of length one; torch leaves it be.",
                ),
            ),
        ),
        parameters={"a": "input", "axis": "dim"},
        differences=(
            Difference(
                "not-of-length-one",
                cases=("axis", "axes"),
                probes=("empty", "square", "many"),
                shows="numpy raises",
                why="NumPy refuses an axis that is not of length one; torch leaves it be.",
                instead="(y,) = x.unbind(0), axis by axis, which raises ValueError as NumPy does.",
            ),
        ),
        source="numpy.squeeze; torch.squeeze",
    ),
    Op(
        "numpy.concatenate",
        summary="Arrays joined along an axis that they have.",
        inputs={"x": real(3, 4), "y": real(2, 4)},
        cases=(
            Case("plain", numpy="np.concatenate([x, y])", torch="torch.concatenate([x, y])"),
            Case(
                "axis",
                numpy="np.concatenate([x, y], axis=1)",
                torch="torch.cat([x, y], dim=1)",
                inputs={"x": real(3, 4), "y": real(3, 2)},
            ),
            Case(
                "flattened",
                numpy="np.concatenate([x, y], axis=None)",
                torch="torch.cat([x.ravel(), y.ravel()])",
                trap=Trap(
                    "torch.cat([x, y], dim=None)",
                    shows="torch raises",
                    why="axis=None flattens in NumPy; torch's dim is an integer.",
                ),
            ),
            Case(
                "dtype",
                numpy="np.concatenate([x, y], dtype=np.float32)",
                torch="torch.cat([x, y]).to(torch.float32)",
                trap=Trap(
                    "torch.cat([x, y], dtype=torch.float32)",
                    shows="torch raises",
                    why="torch.cat has no dtype=; the result is cast.",
                ),
            ),
            Case(
                "one-array",
                numpy="np.concatenate(x)",
                torch="torch.cat(x.unbind())",
                inputs={"x": real(2, 3, 4)},
                trap=Trap(
                    "torch.cat(x)",
                    shows="torch raises",
                    why="NumPy takes an array for the sequence of its parts; torch wants a list or"
                    " a tuple.",
                ),
            ),
            Case(
                "mixed-dtypes",
                numpy="np.concatenate([x, n])",
                torch="torch.cat([x, n])",
                inputs={"x": real(3), "n": integers(-5, 5, (4,))},
            ),
            Case(
                "different-ranks",
                numpy="np.concatenate([x, y])",
                torch="torch.cat([x, y])",
                inputs={"x": real(4), "y": distinct(3, 4)},
                raises="ValueError",
            ),
        ),
        parameters={
            "arrays": "tensors",
            "axis": "dim",
            "out": "out",
            "dtype": "torch.cat(arrays).to(dtype)",
            "casting": None,
        },
        differences=(
            Difference(
                "float32-with-integers",
                cases=("mixed-dtypes",),
                probes=("float32",),
                shows="dtype",
                why="NumPy widens float32 joined with int64 to float64; torch keeps float32.",
                instead="torch.cat([x.to(torch.float64), n])",
            ),
            Difference(
                "empty-vector",
                cases=("different-ranks",),
                probes=("empty",),
                shows="numpy raises",
                why="torch passes over a vector of length 0, whatever the ranks of the others;"
                " NumPy refuses arrays of different ranks.",
                instead="Check x.ndim == y.ndim before torch.cat([x, y]).",
            ),
        ),
        source="numpy.concatenate; torch.concatenate; torch.cat",
    ),
    Op(
        "numpy.stack",
        summary="Arrays of one shape joined along a new axis.",
        inputs={"x": real(3, 4), "y": real(3, 4)},
        cases=(
            Case("plain", numpy="np.stack([x, y])", torch="torch.stack([x, y])"),
            Case(
                "axis",
                numpy="np.stack([x, y], axis=-1)",
                torch="torch.stack([x, y], dim=-1)",
            ),
            Case(
                "one-array",
                numpy="np.stack(x, axis=1)",
                torch="torch.stack(x.unbind(), dim=1)",
                trap=Trap(
                    "torch.stack(x, dim=1)",
                    shows="torch raises",
                    why="NumPy takes an array for the sequence of its parts; torch wants a list or"
                    " a tuple.",
                ),
            ),
            Case(
                "mixed-dtypes",
                numpy="np.stack([x, n])",
                torch="torch.stack([x, n])",
                inputs={"x": real(3), "n": integers(-5, 5, (3,))},
            ),
        ),
        parameters={
            "arrays": "tensors",
            "axis": "dim",
            "out": "out",
            "dtype": "torch.stack(arrays).to(dtype)",
            "casting": None,
        },
        differences=(
            Difference(
                "float32-with-integers",
                cases=("mixed-dtypes",),
                probes=("float32",),
                shows="dtype",
                why="NumPy widens float32 stacked with int64 to float64; torch keeps float32.",
                instead="torch.stack([x.to(torch.float64), n])",
            ),
        ),
        source="numpy.stack; torch.stack",
    ),
    Op(
        "numpy.split",
        summary="Views of consecutive parts along an axis.",
        inputs={"x": real(6, 2)},
        cases=(
            Case(
                "plain",
                numpy="np.split(x, 3)",
                torch="torch.tensor_split(x, 3)",
                trap=Trap(
                    "torch.split(x, 3)",
                    shows="structure",
                    why="The number is how many parts NumPy makes, and how long torch.split makes"
                    " each part.",
                ),
            ),
            Case(
                "indices",
                numpy="np.split(x, [2, 4])",
                torch="torch.tensor_split(x, [2, 4])",
                trap=Trap(
                    "torch.split(x, [2, 4])",
                    shows="structure",
                    why="The list holds the places of NumPy's cuts, and the lengths of"
                    " torch.split's parts.",
                ),
            ),
            Case(
                "axis",
                numpy="np.split(x, 3, axis=1)",
                torch="torch.tensor_split(x, 3, dim=1)",
                inputs={"x": real(2, 6)},
            ),
            Case(
                "unequal",
                numpy="np.split(x, 4)",
                torch="torch.vsplit(x, 4)",
                raises="ValueError",
                trap=Trap(
                    "torch.tensor_split(x, 4)",
                    shows="numpy raises",
                    why="np.split refuses parts of different lengths; tensor_split makes them, as"
                    " np.array_split does.",
                ),
            ),
        ),
        parameters={"ary": "input", "indices_or_sections": "indices_or_sections", "axis": "dim"},
        differences=(
            Difference(
                "unequal-parts",
                cases=("plain", "axis"),
                probes=("length one", "square"),
                shows="numpy raises",
                why="NumPy refuses to split an axis of length 1 or 4 into three equal parts;"
                " tensor_split makes parts of different lengths.",
                instead="torch.vsplit(x, 3), or torch.hsplit(x, 3) for axis 1: both raise too.",
            ),
        ),
        source="numpy.split; torch.tensor_split; torch.split; torch.vsplit; torch.hsplit",
    ),
    Op(
        "numpy.array_split",
        summary="Views of consecutive parts along an axis, the first longer by one if need be.",
        inputs={"x": real(9, 2)},
        cases=(
            Case(
                "plain",
                numpy="np.array_split(x, 4)",
                torch="torch.tensor_split(x, 4)",
                trap=Trap(
                    "torch.chunk(x, 4)",
                    shows="structure",
                    why="chunk makes every part but the last as long as the longest, here three"
                    " parts of 3; NumPy makes the number asked for.",
                ),
            ),
            Case(
                "axis",
                numpy="np.array_split(x, 2, axis=1)",
                torch="torch.tensor_split(x, 2, dim=1)",
                inputs={"x": real(3, 5)},
                trap=Trap(
                    "torch.split(x, 2, dim=1)",
                    shows="structure",
                    why="The number is how many parts NumPy makes, and how long torch.split makes"
                    " each part.",
                ),
            ),
            Case(
                "indices",
                numpy="np.array_split(x, [2, 5])",
                torch="torch.tensor_split(x, [2, 5])",
            ),
            Case(
                "more-parts-than-elements",
                numpy="np.array_split(x, 4)",
                torch="torch.tensor_split(x, 4)",
                inputs={"x": real(3)},
                trap=Trap(
                    "torch.chunk(x, 4)",
                    shows="structure",
                    why="NumPy fills up with empty parts; chunk gives fewer.",
                ),
            ),
        ),
        parameters={"ary": "input", "indices_or_sections": "indices_or_sections", "axis": "dim"},
        source="numpy.array_split; torch.tensor_split; torch.chunk; torch.split",
    ),
    Op(
        "numpy.hsplit",
        summary="Views of consecutive parts along the second axis; of a vector, the first.",
        inputs={"x": real(3, 4)},
        cases=(
            Case(
                "plain",
                numpy="np.hsplit(x, 2)",
                torch="torch.hsplit(x, 2)",
                trap=Trap(
                    "torch.chunk(x, 2)",
                    shows="shape",
                    why="torch.chunk cuts along the first axis unless dim= is given.",
                ),
            ),
            Case(
                "indices",
                numpy="np.hsplit(x, (1, 3))",
                torch="torch.hsplit(x, (1, 3))",
                trap=Trap(
                    "torch.split(x, (1, 3), dim=1)",
                    shows="structure",
                    why="The numbers are the places of hsplit's cuts, and the lengths of"
                    " torch.split's parts.",
                ),
            ),
            Case(
                "vector",
                numpy="np.hsplit(x, 2)",
                torch="torch.hsplit(x, 2)",
                inputs={"x": real(4)},
            ),
            Case(
                "unequal",
                numpy="np.hsplit(x, 3)",
                torch="torch.hsplit(x, 3)",
                raises="ValueError",
                trap=Trap(
                    "torch.tensor_split(x, 3, dim=1)",
                    shows="numpy raises",
                    why="Both hsplits refuse parts of different lengths; tensor_split makes them.",
                ),
            ),
        ),
        parameters={"ary": "input", "indices_or_sections": "indices_or_sections"},
        source="numpy.hsplit; torch.hsplit; torch.chunk",
    ),
    Op(
        "numpy.tile",
        summary="The whole array repeated along its axes, as a copy.",
        inputs={"x": real(3, 4), "v": real(4)},
        cases=(
            Case(
                "plain",
                numpy="np.tile(x, (2, 1))",
                torch="torch.tile(x, (2, 1))",
                trap=Trap(
                    "torch.repeat_interleave(x, 2, dim=0)",
                    shows="value",
                    why="repeat_interleave repeats each row before the next, as np.repeat does.",
                ),
            ),
            Case(
                "one-number",
                numpy="np.tile(x, 2)",
                torch="torch.tile(x, (2,))",
                trap=Trap(
                    "torch.tile(x, 2)",
                    shows="torch raises",
                    why="torch.tile takes the repeats as a tuple, even a single one.",
                ),
            ),
            Case(
                "fewer-repeats-than-axes",
                numpy="np.tile(x, (3,))",
                torch="x.tile(3)",
                trap=Trap(
                    "x.repeat(3)",
                    shows="torch raises",
                    why="torch.Tensor.repeat wants a number for every axis; tile puts ones in front"
                    " as NumPy does.",
                ),
            ),
            Case("new-axis", numpy="np.tile(v, (3, 1))", torch="torch.tile(v, (3, 1))"),
        ),
        parameters={"A": "input", "reps": "dims"},
        source="numpy.tile; torch.tile; torch.Tensor.repeat",
    ),
    Op(
        "numpy.repeat",
        summary="Each element repeated, of the flattened array or along an axis.",
        inputs={"x": real(3, 4), "v": real(4)},
        cases=(
            Case(
                "plain",
                numpy="np.repeat(v, 2)",
                torch="torch.repeat_interleave(v, 2)",
                trap=Trap(
                    "v.repeat(2)",
                    shows="value",
                    why="torch.Tensor.repeat repeats the whole, as np.tile does.",
                ),
            ),
            Case("flattened", numpy="np.repeat(x, 2)", torch="torch.repeat_interleave(x, 2)"),
            Case(
                "axis",
                numpy="np.repeat(x, 2, axis=1)",
                torch="torch.repeat_interleave(x, 2, dim=1)",
                trap=Trap(
                    "x.repeat(1, 2)",
                    shows="value",
                    why="torch.Tensor.repeat puts whole rows beside each other, so the shape fits"
                    " and the order does not.",
                ),
            ),
            Case(
                "counts",
                numpy="np.repeat(x, [2, 0, 1], axis=0)",
                torch="torch.repeat_interleave(x, torch.tensor([2, 0, 1]), dim=0)",
                trap=Trap(
                    "torch.repeat_interleave(x, [2, 0, 1], dim=0)",
                    shows="torch raises",
                    why="torch takes the counts as a tensor, not as a list.",
                ),
            ),
        ),
        parameters={"a": "input", "repeats": "repeats", "axis": "dim"},
        source="numpy.repeat; torch.repeat_interleave; torch.Tensor.repeat",
    ),
    Op(
        "numpy.flip",
        summary="View with the order of the elements reversed along axes.",
        inputs={"x": real(3, 4)},
        cases=(
            Case(
                "plain",
                numpy="np.flip(x)",
                torch="torch.flip(x, (0, 1))",
                trap=Trap(
                    "torch.flip(x)",
                    shows="torch raises",
                    why="NumPy reverses every axis unless told which; torch has to be told.",
                ),
            ),
            Case(
                "axis",
                numpy="np.flip(x, axis=1)",
                torch="torch.flip(x, dims=(1,))",
                trap=Trap(
                    "torch.flip(x, dims=1)",
                    shows="torch raises",
                    why="torch takes the axes as a tuple, even a single one.",
                ),
            ),
            Case(
                "axes",
                numpy="np.flip(x, (0, 2))",
                torch="torch.flip(x, (0, 2))",
                inputs={"x": real(2, 3, 4)},
            ),
            Case(
                "written-through",
                numpy="np.flip(x)[0, 1] = 0.0; x",
                torch="x[-1, -2] = 0.0; x",
                trap=Trap(
                    "torch.flip(x, (0, 1))[0, 1] = 0.0; x",
                    shows="value",
                    why="np.flip returns a view and torch.flip a copy, so writing into it does not"
                    " reach x.",
                ),
            ),
        ),
        parameters={"m": "input", "axis": "dims"},
        differences=(
            Difference(
                "no-view",
                cases=("plain", "axis", "axes"),
                probes=EVERY,
                shows="aliasing",
                why="torch has no negative strides: np.flip gives a view of x, torch.flip a copy.",
                instead="x[n - 1 - i] where an element of x is to be written.",
            ),
        ),
        source="numpy.flip; torch.flip; Tensor Views",
    ),
    Op(
        "numpy.roll",
        summary="Elements shifted along an axis, the last coming round to the first place.",
        inputs={"x": real(3, 4)},
        cases=(
            Case("plain", numpy="np.roll(x, 2)", torch="torch.roll(x, 2)"),
            Case(
                "axis",
                numpy="np.roll(x, shift=-1, axis=1)",
                torch="torch.roll(x, shifts=-1, dims=1)",
                trap=Trap(
                    "torch.roll(x, shifts=-1, axis=1)",
                    shows="torch raises",
                    why="torch.roll knows no axis=, unlike torch.cat and the reductions.",
                ),
            ),
            Case(
                "axes",
                numpy="np.roll(x, (1, 2), axis=(0, 1))",
                torch="torch.roll(x, (1, 2), dims=(0, 1))",
            ),
            Case(
                "one-shift-for-axes",
                numpy="np.roll(x, 1, axis=(0, 1))",
                torch="torch.roll(x, (1, 1), dims=(0, 1))",
                trap=Trap(
                    "torch.roll(x, 1, dims=(0, 1))",
                    shows="torch raises",
                    why="NumPy shifts every axis by the one number; torch wants a shift an axis.",
                ),
            ),
        ),
        parameters={"a": "input", "shift": "shifts", "axis": "dims"},
        source="numpy.roll; torch.roll",
    ),
    Op(
        "numpy.pad",
        summary="Array with a margin: of a constant, or of its own values.",
        inputs={"x": real(3, 4)},
        cases=(
            Case(
                "plain",
                numpy="np.pad(x, 1)",
                torch="torch.nn.functional.pad(x, (1, 1) * x.ndim)",
                trap=Trap(
                    "torch.nn.functional.pad(x, (1, 1))",
                    shows="shape",
                    why="One number pads every axis in NumPy; torch pads the axes that it is given"
                    " pairs for, from the last.",
                ),
            ),
            Case(
                "pairs",
                numpy="np.pad(x, ((1, 2), (3, 4)))",
                torch="torch.nn.functional.pad(x, (3, 4, 1, 2))",
                trap=Trap(
                    "torch.nn.functional.pad(x, (1, 2, 3, 4))",
                    shows="shape",
                    why="NumPy lists the pairs from the first axis, torch from the last.",
                ),
            ),
            Case(
                "constant-values",
                numpy="np.pad(x, ((0, 0), (2, 1)), constant_values=7)",
                torch="torch.nn.functional.pad(x, (2, 1), value=7)",
            ),
            Case(
                "reflect",
                numpy="np.pad(x, (2, 1), mode='reflect')",
                torch="torch.nn.functional.pad(x[None], (2, 1), mode='reflect')[0]",
                inputs={"x": real(5)},
                trap=Trap(
                    "torch.nn.functional.pad(x, (2, 1), mode='reflect')",
                    shows="torch raises",
                    why="Except for a constant, torch pads only what has a batch or channel axis"
                    " in front.",
                ),
            ),
            Case(
                "edge",
                numpy="np.pad(x, 1, mode='edge')",
                torch="torch.nn.functional.pad(x[None], (1, 1, 1, 1), mode='replicate')[0]",
                trap=Trap(
                    "torch.nn.functional.pad(x[None], (1, 1, 1, 1), mode='edge')[0]",
                    shows="torch raises",
                    why="NumPy's edge is torch's replicate, and NumPy's wrap torch's circular.",
                ),
            ),
            Case(
                "wrap",
                numpy="np.pad(x, (2, 1), mode='wrap')",
                torch="torch.nn.functional.pad(x[None], (2, 1), mode='circular')[0]",
                inputs={"x": real(5)},
            ),
            Case(
                "symmetric",
                numpy="np.pad(x, 2, mode='symmetric')",
                torch="torch.cat([x[:2].flip(0), x, x[-2:].flip(0)])",
                inputs={"x": real(5)},
                trap=Trap(
                    "torch.nn.functional.pad(x[None], (2, 2), mode='reflect')[0]",
                    shows="value",
                    why="reflect does not repeat the edge, symmetric does; torch has no symmetric.",
                ),
            ),
        ),
        parameters={
            "array": "input",
            "pad_width": "pad",
            "mode": "mode",
            "kwargs": "value",
        },
        differences=(
            Difference(
                "wider-than-the-axis",
                cases=("reflect", "wrap"),
                probes=("length one",),
                shows="torch raises",
                why="NumPy reflects and wraps as often as the margin needs; torch refuses a margin"
                " wider than the axis, and for reflect one as wide.",
                instead="index with the positions; for wrap"
                " x[torch.arange(-before, len(x) + after) % len(x)].",
            ),
            Difference(
                "symmetric-wider-than-the-axis",
                cases=("symmetric",),
                probes=("length one",),
                shows="shape",
                why="NumPy mirrors as often as the margin needs; the slices of an axis of length 1"
                " hold one element, so the margins come out one wide instead of two.",
                instead="n = len(x); i = torch.arange(-2, n + 2) % (2 * n);"
                " x[torch.minimum(i, 2 * n - 1 - i)]",
            ),
            Difference(
                "symmetric-empty",
                cases=("symmetric",),
                probes=("empty",),
                shows="numpy raises",
                why="NumPy refuses to extend an empty axis by its own values; the slices of an"
                " empty tensor are empty, and torch joins them.",
                instead="Check len(x) > 0 first.",
            ),
            Difference(
                "edge-without-axes",
                cases=("edge",),
                probes=("0-d",),
                shows="torch raises",
                why="A 0-d array has no axis to pad, and NumPy returns a copy of it; torch's pad"
                " wants an axis for each pair, and here there are two pairs.",
                instead="x.clone() where x.ndim == 0.",
            ),
        ),
        source="numpy.pad; torch.nn.functional.pad",
    ),
)
