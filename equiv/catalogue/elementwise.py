"""Mathematical functions, those that work elementwise and those on sequences."""

from equiv.entry import (
    EXTREMES,
    SIGNED,
    Case,
    Difference,
    Op,
    Trap,
    ascending,
    boolean,
    complex_normal,
    integers,
    positive,
    real,
    values,
)

OPS: tuple[Op, ...] = (
    Op(
        "numpy.cumsum",
        summary="Running sums along an axis.",
        inputs={"v": real(6), "x": real(3, 4)},
        cases=(
            Case(
                "plain",
                numpy="np.cumsum(v)",
                torch="torch.cumsum(v, dim=0)",
                trap=Trap(
                    "torch.cumsum(v)",
                    shows="torch raises",
                    why="torch.cumsum needs a dim, even for a vector.",
                ),
            ),
            Case(
                "flattened",
                numpy="np.cumsum(x)",
                torch="torch.cumsum(x.flatten(), dim=0)",
                trap=Trap(
                    "torch.cumsum(x, dim=0)",
                    shows="shape",
                    why="Without an axis NumPy flattens first; torch always keeps the shape.",
                ),
            ),
            Case("axis", numpy="np.cumsum(x, axis=1)", torch="torch.cumsum(x, dim=1)"),
            Case(
                "unsigned",
                numpy="np.cumsum(u)",
                torch="torch.cumsum(u, dim=0).to(torch.uint64)",
                inputs={"u": integers(0, 256, (6,), dtype="uint8")},
                trap=Trap(
                    "torch.cumsum(u, dim=0)",
                    shows="dtype",
                    why="torch sums every integer dtype in int64; NumPy sums unsigned in uint64.",
                ),
            ),
        ),
        parameters={"a": "input", "axis": "dim", "dtype": "dtype", "out": "out"},
        differences=(
            Difference(
                "0-d",
                cases=("plain",),
                probes=("0-d",),
                shows="shape",
                why="NumPy flattens a 0-d array to one element; torch keeps the tensor 0-d.",
                instead="torch.cumsum(v.reshape(-1), dim=0) has NumPy's shape.",
            ),
            Difference(
                "leading-negative-zero",
                cases=("axis",),
                probes=("signed zeros",),
                shows="sign of zero",
                why="NumPy begins with the first element, -0.0 as it is; torch adds it to 0.0.",
                instead=(
                    "torch.where(torch.cumprod((x == 0) & x.signbit(), dim=1).bool(), x, "
                    "torch.cumsum(x, dim=1)) keeps a run of negative zeros."
                ),
            ),
        ),
        source="numpy.cumsum; torch.cumsum",
    ),
    Op(
        "numpy.diff",
        summary="Differences of neighbours along an axis.",
        inputs={"x": real(3, 4), "v": real(5)},
        cases=(
            Case("plain", numpy="np.diff(x)", torch="torch.diff(x)"),
            Case("axis", numpy="np.diff(x, axis=0)", torch="torch.diff(x, dim=0)"),
            Case("second", numpy="np.diff(x, n=2)", torch="torch.diff(x, n=2)"),
            Case(
                "prepend",
                numpy="np.diff(v, prepend=0)",
                torch="torch.diff(v, prepend=torch.tensor([0]))",
                trap=Trap(
                    "torch.diff(v, prepend=0)",
                    shows="torch raises",
                    why="torch takes only a tensor to prepend; NumPy takes a number too.",
                ),
            ),
            Case(
                "prepend-matrix",
                numpy="np.diff(x, prepend=0)",
                torch="torch.diff(x, prepend=torch.tensor([0]).expand(len(x), 1))",
                trap=Trap(
                    "torch.diff(x, prepend=torch.tensor([0]))",
                    shows="torch raises",
                    why=(
                        "What is prepended must have the dimensions of the input, and its sizes "
                        "off the dim; NumPy broadcasts a number to them."
                    ),
                ),
            ),
        ),
        parameters={
            "a": "input",
            "n": "n",
            "axis": "dim",
            "prepend": "prepend",
            "append": "append",
        },
        differences=(
            Difference(
                "prepended-number-widens",
                cases=("prepend", "prepend-matrix"),
                probes=("float16", "float32", "complex64"),
                shows="dtype",
                why=(
                    "NumPy makes an int64 array of the number, which widens narrow floats to "
                    "float64; in torch an integer tensor leaves a float its width."
                ),
                instead="Cast to what NumPy ends at: v.double(), or v.to(torch.complex128).",
            ),
        ),
        source="numpy.diff; torch.diff",
    ),
    Op(
        "numpy.gradient",
        summary="Derivative of sampled values by central differences.",
        inputs={"f": real(6), "t": ascending(6), "x": real(3, 4)},
        cases=(
            Case(
                "plain",
                numpy="np.gradient(f)",
                torch="torch.gradient(f)[0]",
                trap=Trap(
                    "torch.gradient(f)",
                    shows="structure",
                    why="torch returns a tuple even for a single axis; NumPy returns the array.",
                ),
            ),
            Case(
                "spacing",
                numpy="np.gradient(f, 0.5)",
                torch="torch.gradient(f, spacing=0.5)[0]",
                trap=Trap(
                    "torch.gradient(f, 0.5)[0]",
                    shows="torch raises",
                    why="torch takes the spacing by keyword only.",
                ),
            ),
            Case(
                "coordinates",
                numpy="np.gradient(f, t)",
                torch="torch.gradient(f, spacing=(t,))[0]",
                trap=Trap(
                    "torch.gradient(f, spacing=t)[0]",
                    shows="torch raises",
                    why="torch takes coordinates as a tuple with one tensor for each axis.",
                ),
            ),
            Case("matrix", numpy="np.gradient(x)", torch="torch.gradient(x)"),
            Case("axis", numpy="np.gradient(x, axis=1)", torch="torch.gradient(x, dim=1)[0]"),
            Case(
                "second-order-edges",
                numpy="np.gradient(f, edge_order=2)",
                torch="torch.gradient(f, edge_order=2)[0]",
            ),
            Case(
                "integers",
                numpy="np.gradient(n)",
                torch="torch.gradient(n.double())[0]",
                inputs={"n": integers(-9, 9, (6,))},
                trap=Trap(
                    "torch.gradient(n)[0]",
                    shows="dtype",
                    why="torch differentiates integers in float32; NumPy does it in float64.",
                ),
            ),
        ),
        parameters={
            "f": "input",
            "varargs": "spacing",
            "axis": "dim",
            "edge_order": "edge_order",
        },
        differences=(
            Difference(
                "uint8",
                cases=("plain", "spacing", "coordinates", "matrix", "axis", "second-order-edges"),
                probes=("uint8", "uint8 extremes", "uint8 with int8"),
                shows="torch raises",
                why="torch.gradient refuses uint8; NumPy converts it to float64.",
                instead="torch.gradient(f.double())[0]",
            ),
            Difference(
                "integers-wrap",
                cases=("plain", "spacing", "coordinates", "matrix", "axis", "second-order-edges"),
                probes=("int8 extremes", "int64 extremes"),
                shows="value",
                why=(
                    "NumPy converts integers to float64 before it subtracts; torch subtracts in "
                    "their own dtype, which wraps."
                ),
                instead="torch.gradient(f.double())[0]",
            ),
            Difference(
                "dtype-of-coordinates",
                cases=("coordinates",),
                probes=("float32 with float64", "float16 with float32"),
                shows="dtype",
                why="NumPy's result has the dtype of f; torch promotes f with the coordinates.",
                instead="torch.gradient(f, spacing=(t,))[0].to(f.dtype)",
            ),
            Difference(
                "complex-coordinates",
                cases=("coordinates",),
                probes=("float64 with complex64",),
                shows=("dtype", "value"),
                why=(
                    "NumPy's result has the dtype of f, so the imaginary part that complex "
                    "coordinates bring is dropped with a warning; torch keeps it."
                ),
                instead="torch.gradient(f, spacing=(t,))[0].real",
            ),
            Difference(
                "boolean",
                cases=("integers",),
                probes=("bool",),
                shows="numpy raises",
                why=(
                    "NumPy converts integers to float64 but not booleans, and subtracts no "
                    "booleans; n.double() makes numbers of them."
                ),
                instead="Check for torch.bool where NumPy's error is wanted.",
            ),
        ),
        source="numpy.gradient; torch.gradient",
    ),
    Op(
        "numpy.add.reduce",
        summary="Sum along axes, the first unless told.",
        inputs={"x": real(3, 4)},
        cases=(
            Case(
                "plain",
                numpy="np.add.reduce(x)",
                torch="torch.sum(x, dim=0)",
                trap=Trap(
                    "torch.sum(x)",
                    shows="shape",
                    why="np.add.reduce sums along axis 0 unless told; torch.sum sums everything.",
                ),
            ),
            Case(
                "axis",
                numpy="np.add.reduce(x, axis=1, keepdims=True)",
                torch="torch.sum(x, dim=1, keepdim=True)",
            ),
            Case("all-axes", numpy="np.add.reduce(x, axis=None)", torch="torch.sum(x)"),
        ),
        parameters={
            "array": "input",
            "axis": "dim",
            "dtype": "dtype",
            "out": "out",
            "kwargs": "keepdim",
        },
        source="numpy.ufunc.reduce; torch.sum",
    ),
    Op(
        "numpy.add.accumulate",
        summary="Running sums along an axis, the first unless told.",
        inputs={"x": real(3, 4)},
        cases=(
            Case(
                "plain",
                numpy="np.add.accumulate(x)",
                torch="torch.cumsum(x, dim=0)",
                trap=Trap(
                    "torch.cumsum(x.flatten(), dim=0)",
                    shows="shape",
                    why=(
                        "np.add.accumulate runs along axis 0 unless told; it is np.cumsum that "
                        "flattens."
                    ),
                ),
            ),
            Case("axis", numpy="np.add.accumulate(x, axis=1)", torch="torch.cumsum(x, dim=1)"),
            Case(
                "boolean",
                numpy="np.add.accumulate(m, axis=1)",
                torch="torch.cumsum(m, dim=1)",
                inputs={"m": boolean(3, 4)},
            ),
        ),
        parameters={"array": "input", "axis": "dim", "dtype": "dtype", "out": "out"},
        differences=(
            Difference(
                "0-d",
                cases=("plain",),
                probes=("0-d",),
                shows="numpy raises",
                why="NumPy refuses to accumulate a 0-d array; torch takes it for one element.",
                instead="Check x.ndim where NumPy's error is wanted.",
            ),
            Difference(
                "leading-negative-zero",
                cases=("plain", "axis"),
                probes=("signed zeros",),
                shows="sign of zero",
                why="NumPy begins with the first element, -0.0 as it is; torch adds it to 0.0.",
                instead=(
                    "torch.where(torch.cumprod((x == 0) & x.signbit(), dim=0).bool(), x, "
                    "torch.cumsum(x, dim=0)) keeps a run of negative zeros."
                ),
            ),
        ),
        source="numpy.ufunc.accumulate; torch.cumsum",
    ),
    Op(
        "numpy.add.reduceat",
        summary="Sums of consecutive segments, given where each begins.",
        inputs={
            "v": real(8),
            "x": real(3, 8),
            "i": values([0, 3, 5], dtype="int64"),
            "j": values([0, 3, 3, 5], dtype="int64"),
        },
        cases=(
            Case(
                "plain",
                numpy="np.add.reduceat(v, i)",
                torch=(
                    "ends = torch.cat((i, torch.tensor([len(v)]))); "
                    "torch.segment_reduce(v, 'sum', offsets=ends)"
                ),
                trap=Trap(
                    "torch.segment_reduce(v, 'sum', offsets=i)",
                    shows="shape",
                    why="torch's offsets name the end of the last segment too.",
                ),
            ),
            Case(
                "axis",
                numpy="np.add.reduceat(x, i, axis=1)",
                torch=(
                    "parts = torch.tensor_split(x, i.tolist(), dim=1)[1:]; "
                    "torch.stack([s.sum(1) for s in parts], dim=1)"
                ),
                trap=Trap(
                    "parts = torch.tensor_split(x, i.tolist(), dim=1); "
                    "torch.stack([s.sum(1) for s in parts], dim=1)",
                    shows="shape",
                    why=(
                        "tensor_split also gives the part before the first index, empty as it "
                        "may be; NumPy begins at it."
                    ),
                ),
            ),
            Case(
                "repeated-index",
                numpy="np.add.reduceat(v, j)",
                torch=(
                    "starts = j.tolist(); torch.stack([v[a:max(b, a + 1)].sum() "
                    "for a, b in zip(starts, [*starts[1:], len(v)])])"
                ),
                trap=Trap(
                    "ends = torch.cat((j, torch.tensor([len(v)]))); "
                    "torch.segment_reduce(v, 'sum', offsets=ends)",
                    shows="value",
                    why=(
                        "Where an index does not rise, NumPy gives the one element at it; torch "
                        "sums an empty segment to 0."
                    ),
                ),
            ),
            Case(
                "integers",
                numpy="np.add.reduceat(n, i)",
                torch="torch.stack([s.sum() for s in torch.tensor_split(n, i.tolist())[1:]])",
                inputs={
                    "n": integers(0, 9, (8,)),
                    "i": values([0, 3, 5], dtype="int64"),
                },
                trap=Trap(
                    "ends = torch.cat((i, torch.tensor([len(n)]))); "
                    "torch.segment_reduce(n, 'sum', offsets=ends)",
                    shows="torch raises",
                    why="torch.segment_reduce takes no integers.",
                ),
            ),
        ),
        parameters={
            "array": "data",
            "indices": "offsets",
            "axis": "axis",
            "dtype": "torch.segment_reduce(x.to(dtype), 'sum', offsets=indices)",
            "out": None,
        },
        differences=(
            Difference(
                "out-of-bounds",
                cases=("repeated-index", "integers"),
                probes=("empty", "length one"),
                shows="numpy raises",
                why="NumPy checks each index against the size; slices and tensor_split stop at it.",
                instead="Check that every index is below len(v).",
            ),
            Difference(
                "out-of-bounds-along-axis",
                cases=("axis",),
                probes=("empty across", "length one", "square"),
                shows="numpy raises",
                why="NumPy checks each index against the size; tensor_split stops at it.",
                instead="Check that every index is below x.shape[1].",
            ),
        ),
        source="numpy.ufunc.reduceat; torch.segment_reduce; torch.tensor_split",
    ),
    Op(
        "numpy.multiply.outer",
        summary="Products of every element of one array with every element of another.",
        inputs={"a": real(3), "b": real(4), "x": real(2, 3)},
        cases=(
            Case("plain", numpy="np.multiply.outer(a, b)", torch="torch.outer(a, b)"),
            Case(
                "matrix",
                numpy="np.multiply.outer(x, b)",
                torch="torch.tensordot(x, b, dims=0)",
                trap=Trap(
                    "torch.outer(x, b)",
                    shows="torch raises",
                    why="torch.outer takes vectors only; NumPy appends one shape to the other.",
                ),
            ),
            Case(
                "mixed-dtypes",
                numpy="np.multiply.outer(x, n)",
                torch="x[..., None] * n",
                inputs={"x": real(2, 3), "n": integers(1, 9, (4,))},
                trap=Trap(
                    "torch.tensordot(x, n, dims=0)",
                    shows="torch raises",
                    why="torch.tensordot promotes no dtypes; multiplication does.",
                ),
            ),
        ),
        parameters={"A": "input", "B": "vec2", "kwargs": "out"},
        differences=(
            Difference(
                "number",
                cases=("mixed-dtypes",),
                probes=("int64 with 2", "bool with 2"),
                shows="shape",
                why="A number adds no axis to NumPy's result; x[..., None] has added one already.",
                instead="x * n, where n is a number.",
            ),
        ),
        source="numpy.ufunc.outer; torch.outer; torch.tensordot",
    ),
    Op(
        "numpy.add.at",
        summary="Addition in place at indices, each time an index occurs.",
        inputs={
            "x": real(5),
            "v": real(4),
            "i": values([0, 3, 3, 1], dtype="int64"),
            "j": values([0, -1, -1, 1], dtype="int64"),
        },
        cases=(
            Case(
                "plain",
                numpy="np.add.at(x, i, v); x",
                torch="x.index_add_(0, i, v); x",
                trap=Trap(
                    "x[i] += v; x",
                    shows="value",
                    why=(
                        "An index that occurs twice is then written twice, and one of the sums "
                        "is lost."
                    ),
                ),
            ),
            Case(
                "negative-index",
                numpy="np.add.at(x, j, v); x",
                torch="x.index_put_((j,), v, accumulate=True); x",
                trap=Trap(
                    "x.index_add_(0, j, v); x",
                    shows="torch raises",
                    why="index_add_ takes no negative index; index_put_ does.",
                ),
            ),
            Case(
                "number",
                numpy="np.add.at(x, i, 1); x",
                torch="x.index_put_((i,), x.new_tensor(1), accumulate=True); x",
                trap=Trap(
                    "x.index_add_(0, i, 1); x",
                    shows="torch raises",
                    why="index_add_ wants a tensor of one slice for each index, not a number.",
                ),
            ),
            Case(
                "pairs",
                numpy="np.add.at(x, (i, j), v); x",
                torch="x.index_put_((i, j), v, accumulate=True); x",
                inputs={
                    "x": real(3, 4),
                    "v": real(3),
                    "i": values([0, 2, 2], dtype="int64"),
                    "j": values([1, 3, 3], dtype="int64"),
                },
                trap=Trap(
                    "x.index_put_((i, j), v); x",
                    shows="value",
                    why="index_put_ overwrites unless accumulate=True.",
                ),
            ),
        ),
        parameters={"a": "input", "indices": "indices", "b": "values"},
        differences=(
            Difference(
                "repeated-memory",
                cases=("plain",),
                probes=("broadcast",),
                shows="torch raises",
                why=(
                    "index_add_ refuses to write where elements share memory; np.add.at writes "
                    "even into an array that is marked read-only."
                ),
                instead="x.index_put_((i,), v, accumulate=True) writes into the shared element.",
            ),
        ),
        source="numpy.ufunc.at; torch.Tensor.index_add_; torch.Tensor.index_put_",
    ),
    Op(
        "numpy.convolve",
        summary="Discrete convolution of two sequences.",
        inputs={"a": real(6), "v": real(3)},
        cases=(
            Case(
                "plain",
                numpy="np.convolve(a, v)",
                torch=(
                    "torch.nn.functional.conv1d"
                    "(a[None, None], v.flip(0)[None, None], padding=len(v) - 1)[0, 0]"
                ),
                trap=Trap(
                    "torch.nn.functional.conv1d"
                    "(a[None, None], v[None, None], padding=len(v) - 1)[0, 0]",
                    shows="value",
                    why="conv1d slides the kernel as it is, which is correlation; NumPy flips it.",
                ),
            ),
            Case(
                "valid",
                numpy="np.convolve(a, v, mode='valid')",
                torch=("torch.nn.functional.conv1d(a[None, None], v.flip(0)[None, None])[0, 0]"),
            ),
            Case(
                "same",
                numpy="np.convolve(a, v, mode='same')",
                torch=(
                    "torch.nn.functional.conv1d"
                    "(a[None, None], v.flip(0)[None, None], padding=len(v) // 2)"
                    "[0, 0, :len(a)]"
                ),
                inputs={"a": real(5), "v": real(3)},
            ),
            Case(
                "same-even-kernel",
                numpy="np.convolve(a, v, mode='same')",
                torch=(
                    "torch.nn.functional.conv1d"
                    "(a[None, None], v.flip(0)[None, None], padding=len(v) // 2)"
                    "[0, 0, :len(a)]"
                ),
                inputs={"a": real(5), "v": real(4)},
                trap=Trap(
                    "torch.nn.functional.conv1d"
                    "(a[None, None], v.flip(0)[None, None], padding='same')[0, 0]",
                    shows="value",
                    why=(
                        "For an even kernel torch pads the odd zero on the right, NumPy on the "
                        "left, so the results are shifted by one."
                    ),
                ),
            ),
            Case(
                "longer-kernel",
                numpy="np.convolve(a, v, mode='valid')",
                torch=("torch.nn.functional.conv1d(v[None, None], a.flip(0)[None, None])[0, 0]"),
                inputs={"a": real(3), "v": real(6)},
                trap=Trap(
                    "torch.nn.functional.conv1d(a[None, None], v.flip(0)[None, None])[0, 0]",
                    shows="torch raises",
                    why=(
                        "NumPy swaps the arguments when the second is the longer one; conv1d "
                        "refuses a kernel longer than its padded input."
                    ),
                ),
            ),
        ),
        parameters={"a": "input", "v": "weight", "mode": "padding"},
        differences=(
            Difference(
                "infinity-meets-padding",
                cases=("plain", "same", "same-even-kernel"),
                probes=("inf",),
                shows="nan",
                why=(
                    "conv1d multiplies its padding with the kernel, and 0 times infinity is NaN; "
                    "NumPy sums only the products that exist."
                ),
                instead=(
                    "o = torch.outer(a, v.flip(0)); torch.stack([o.diagonal(k).sum() "
                    "for k in range(len(v) - 1, -len(a), -1)]) is the mode 'full' without zeros."
                ),
            ),
            Difference(
                "nan-meets-padding",
                cases=("plain",),
                probes=("nan",),
                shows="nan",
                why=(
                    "A NaN in the kernel meets conv1d's padding too, so it reaches further than "
                    "in NumPy, which sums only the products that exist."
                ),
                instead=(
                    "o = torch.outer(a, v.flip(0)); torch.stack([o.diagonal(k).sum() "
                    "for k in range(len(v) - 1, -len(a), -1)]) is the mode 'full' without zeros."
                ),
            ),
            Difference(
                "0-d",
                cases=("longer-kernel",),
                probes=("float32 with 0-d",),
                shows="torch raises",
                why=(
                    "NumPy takes a 0-d array for a sequence of one, which makes a the longer one; "
                    "conv1d refuses to slide it over v."
                ),
                instead=(
                    "w = v.reshape(1).to(a.dtype); "
                    "torch.nn.functional.conv1d(a[None, None], w[None, None])[0, 0]"
                ),
            ),
        ),
        source="numpy.convolve; torch.nn.functional.conv1d",
    ),
    Op(
        "numpy.correlate",
        summary="Cross-correlation of two sequences.",
        inputs={"a": real(6), "v": real(3)},
        cases=(
            Case(
                "plain",
                numpy="np.correlate(a, v)",
                torch="torch.nn.functional.conv1d(a[None, None], v.conj()[None, None])[0, 0]",
                trap=Trap(
                    "torch.nn.functional.conv1d(a[None, None], v.flip(0)[None, None])[0, 0]",
                    shows="value",
                    why="conv1d already correlates, despite its name: the kernel is not flipped.",
                ),
            ),
            Case(
                "full",
                numpy="np.correlate(a, v, mode='full')",
                torch=(
                    "torch.nn.functional.conv1d"
                    "(a[None, None], v.conj()[None, None], padding=len(v) - 1)[0, 0]"
                ),
                trap=Trap(
                    "torch.nn.functional.conv1d(a[None, None], v[None, None])[0, 0]",
                    shows="shape",
                    why="conv1d pads nothing unless told, which is the mode 'valid'.",
                ),
            ),
            Case(
                "same",
                numpy="np.correlate(a, v, mode='same')",
                torch=(
                    "torch.nn.functional.conv1d"
                    "(a[None, None], v.conj()[None, None], padding=len(v) // 2)[0, 0, :len(a)]"
                ),
                inputs={"a": real(10), "v": real(9)},
            ),
            Case(
                "same-even-kernel",
                numpy="np.correlate(a, v, mode='same')",
                torch=(
                    "torch.nn.functional.conv1d"
                    "(a[None, None], v.conj()[None, None], padding=len(v) // 2)[0, 0, :len(a)]"
                ),
                inputs={"a": real(10), "v": real(8)},
                trap=Trap(
                    "torch.nn.functional.conv1d"
                    "(a[None, None], v[None, None], padding='same')[0, 0]",
                    shows="value",
                    why=(
                        "For an even kernel torch pads the odd zero on the right, NumPy on the "
                        "left, so the results are shifted by one."
                    ),
                ),
            ),
            Case(
                "complex",
                numpy="np.correlate(z, w)",
                torch="torch.nn.functional.conv1d(z[None, None], w.conj()[None, None])[0, 0]",
                inputs={"z": complex_normal(6), "w": complex_normal(3)},
                trap=Trap(
                    "torch.nn.functional.conv1d(z[None, None], w[None, None])[0, 0]",
                    shows="value",
                    why="NumPy conjugates the second sequence; conv1d takes the kernel as it is.",
                ),
            ),
            Case(
                "longer-kernel",
                numpy="np.correlate(a, v)",
                torch=(
                    "torch.nn.functional.conv1d(v.conj()[None, None], a[None, None])[0, 0].flip(0)"
                ),
                inputs={"a": real(3), "v": real(6)},
                trap=Trap(
                    "torch.nn.functional.conv1d(v[None, None], a[None, None])[0, 0]",
                    shows="value",
                    why=(
                        "NumPy swaps the arguments when the second is the longer one, and "
                        "reverses the result to make up for it."
                    ),
                ),
            ),
        ),
        parameters={"a": "input", "v": "weight", "mode": "padding"},
        differences=(
            Difference(
                "infinity-meets-padding",
                cases=("full", "same", "same-even-kernel"),
                probes=("inf",),
                shows="nan",
                why=(
                    "conv1d multiplies its padding with the kernel, and 0 times infinity is NaN; "
                    "NumPy sums only the products that exist."
                ),
                instead=(
                    "o = torch.outer(a, v.conj()); torch.stack([o.diagonal(k).sum() "
                    "for k in range(len(v) - 1, -len(a), -1)]) is the mode 'full' without zeros."
                ),
            ),
        ),
        source="numpy.correlate; torch.nn.functional.conv1d",
    ),
    Op(
        "numpy.clip",
        summary="Values limited to an interval.",
        inputs={"x": real(3, 4), "lo": real(4)},
        cases=(
            Case("plain", numpy="np.clip(x, -0.5, 0.5)", torch="torch.clip(x, -0.5, 0.5)"),
            Case(
                "one-bound", numpy="np.clip(x, a_min=0, a_max=None)", torch="torch.clip(x, min=0)"
            ),
            Case(
                "array-bound",
                numpy="np.clip(x, lo, 0.6)",
                torch="torch.clip(x, min=lo).clip(max=0.6)",
                trap=Trap(
                    "torch.clip(x, lo, 0.6)",
                    shows="torch raises",
                    why="torch takes two tensors or two numbers as bounds, not one of each.",
                ),
            ),
            Case(
                "in-place",
                numpy="np.clip(x, -0.5, 0.5, out=x)",
                torch="x.clip_(-0.5, 0.5)",
                trap=Trap(
                    "torch.clip(x, -0.5, 0.5, out=x)",
                    shows="gradient",
                    why=(
                        "torch computes the same values, but refuses out= where autograd tracks "
                        "an argument; clip_ has a gradient."
                    ),
                ),
            ),
            Case(
                "integers",
                numpy="np.clip(n, -0.5, 0.5)",
                torch="torch.clip(n.double(), -0.5, 0.5)",
                inputs={"n": integers(-3, 4, (3, 4))},
                trap=Trap(
                    "torch.clip(n, -0.5, 0.5)",
                    shows="dtype",
                    why="Integers and float bounds give float32 in torch and float64 in NumPy.",
                ),
            ),
            Case(
                "bound-outside-dtype",
                numpy="np.clip(n, -1, 10)",
                torch="torch.clip(n, max=10)",
                inputs={"n": integers(0, 20, (3, 4), dtype="uint8")},
                trap=Trap(
                    "torch.clip(n, -1, 10)",
                    shows="value",
                    why=(
                        "torch casts the bounds to the tensor's dtype: -1 becomes 255, and every "
                        "element ends at 10. NumPy keeps them as integers."
                    ),
                ),
            ),
        ),
        parameters={
            "a": "input",
            "a_min": "min",
            "a_max": "max",
            "out": "out",
            "min": "min",
            "max": "max",
            "kwargs": None,
        },
        differences=(
            Difference(
                "zero-at-a-zero-bound",
                cases=("one-bound", "array-bound"),
                probes=("signed zeros",),
                shows="sign of zero",
                why=(
                    "Of two zeros NumPy gives the bound; torch gives the element, or with a "
                    "tensor of bounds and enough elements for SIMD the bound."
                ),
                instead="torch.where(x <= lo, lo, x) gives the bound.",
            ),
            Difference(
                "number-outside-dtype",
                cases=("array-bound",),
                probes=("uint8 with 300",),
                shows="torch raises",
                why=(
                    "torch converts a bound to the tensor's dtype, which cannot hold it; NumPy "
                    "computes in float64, as the other bound is a float."
                ),
                instead="torch.clip(x.double(), min=lo).clip(max=0.6)",
            ),
        ),
        source="numpy.clip; torch.clamp; torch.clip",
    ),
    Op(
        "numpy.sqrt",
        summary="Square root of each element.",
        inputs={"x": positive(3, 4)},
        cases=(
            Case("plain", numpy="np.sqrt(x)", torch="torch.sqrt(x)"),
            Case(
                "integers",
                numpy="np.sqrt(n)",
                torch="torch.sqrt(n.double())",
                inputs={"n": integers(0, 20, (3, 4))},
                trap=Trap(
                    "torch.sqrt(n)",
                    shows="dtype",
                    why="torch takes integers to its default dtype, float32; NumPy to float64.",
                ),
            ),
            Case(
                "negative",
                numpy="np.sqrt(x)",
                torch="torch.sqrt(x)",
                inputs={"x": real(3, 4)},
                no_gradient="The result is NaN for negative elements.",
            ),
            Case(
                "where",
                numpy="np.sqrt(x, out=np.zeros_like(x), where=x > 0)",
                torch="torch.sqrt(torch.where(x > 0, x, 0.0))",
                inputs={"x": real(3, 4)},
                trap=Trap(
                    "torch.where(x > 0, torch.sqrt(x), 0.0)",
                    shows="gradient",
                    why=(
                        "The values are right, but autograd multiplies the zero that comes back "
                        "for an unchosen element by the root's NaN derivative."
                    ),
                ),
            ),
            Case("in-place", numpy="np.sqrt(x, out=x)", torch="x.sqrt_()"),
        ),
        parameters={
            "x": "input",
            "out": "out",
            "where": "torch.sqrt(torch.where(where, x, 0.0))",
            "casting": None,
            "order": None,
            "dtype": "torch.sqrt(x.to(dtype))",
            "subok": None,
            "signature": None,
        },
        differences=(
            Difference(
                "narrow-integers",
                cases=("integers",),
                probes=("bool", "int8", "int16", "uint8", "uint16"),
                shows="dtype",
                why=(
                    "NumPy picks the float by the width of the integers: float16 for booleans and "
                    "8 bits, float32 for 16, float64 for more."
                ),
                instead="torch.sqrt(n.half()), for 16 bits torch.sqrt(n.float()).",
            ),
            Difference(
                "out-of-integers",
                cases=("where",),
                probes=("bool", *SIGNED, "uint8", *EXTREMES),
                shows="numpy raises",
                why=(
                    "np.zeros_like(x) has the dtype of x, and NumPy writes no roots into integers; "
                    "torch.where makes a new float tensor."
                ),
                instead="Check x.is_floating_point() where NumPy's error is wanted.",
            ),
        ),
        source="numpy.sqrt; torch.sqrt",
    ),
    Op(
        "numpy.interp",
        summary="Piecewise linear interpolation between points.",
        inputs={
            "x": values([0.3, 1.9, 1.2, 0.6, 1.7]),
            "y": values([0.3, -1.0, 1.2, 5.0]),
            "xp": values([0.0, 1.0, 1.5, 2.0]),
            "fp": real(4),
        },
        cases=(
            Case(
                "plain",
                numpy="np.interp(x, xp, fp)",
                torch=(
                    "t = x.clip(xp[0], xp[-1]); "
                    "i = torch.searchsorted(xp, t).clip(1, len(xp) - 1); "
                    "torch.lerp(fp[i - 1], fp[i], (t - xp[i - 1]) / (xp[i] - xp[i - 1]))"
                ),
                trap=Trap(
                    "torch.nn.functional.interpolate("
                    "fp[None, None], len(x), mode='linear', align_corners=True)[0, 0]",
                    shows="value",
                    why=(
                        "interpolate resizes a signal on an even grid; it knows neither x nor xp."
                    ),
                ),
            ),
            Case(
                "outside",
                numpy="np.interp(y, xp, fp)",
                torch=(
                    "t = y.clip(xp[0], xp[-1]); "
                    "i = torch.searchsorted(xp, t).clip(1, len(xp) - 1); "
                    "torch.lerp(fp[i - 1], fp[i], (t - xp[i - 1]) / (xp[i] - xp[i - 1]))"
                ),
                trap=Trap(
                    "i = torch.searchsorted(xp, y).clip(1, len(xp) - 1); "
                    "torch.lerp(fp[i - 1], fp[i], (y - xp[i - 1]) / (xp[i] - xp[i - 1]))",
                    shows="value",
                    why=(
                        "Outside the points NumPy holds the first and the last value; the lines "
                        "run on unless x is clipped."
                    ),
                ),
            ),
            Case(
                "left-right",
                numpy="np.interp(y, xp, fp, left=0.0, right=9.0)",
                torch=(
                    "i = torch.searchsorted(xp, y).clip(1, len(xp) - 1); "
                    "t = torch.lerp(fp[i - 1], fp[i], (y - xp[i - 1]) / (xp[i] - xp[i - 1])); "
                    "torch.where(y < xp[0], 0.0, torch.where(y > xp[-1], 9.0, t))"
                ),
            ),
        ),
        parameters={
            "x": "torch.searchsorted(xp, x)",
            "xp": "torch.searchsorted(xp, x)",
            "fp": "torch.lerp(fp[i - 1], fp[i], weight)",
            "left": "torch.where(x < xp[0], left, y)",
            "right": "torch.where(x > xp[-1], right, y)",
            "period": None,
        },
        differences=(
            Difference(
                "narrow-floats",
                probes=("float16", "float32"),
                shows="dtype",
                why="NumPy interpolates in float64 whatever comes in; torch keeps the dtype.",
                instead="Cast first: x.double(), xp.double() and fp.double().",
            ),
            Difference(
                "infinite-values",
                probes=("inf",),
                shows="nan",
                why=(
                    "Where a line to an infinity gives NaN from one end, NumPy starts from the "
                    "other, and at and outside the points it takes fp as it is; torch.lerp "
                    "starts from the nearer end only."
                ),
                instead=(
                    "s = (fp[i] - fp[i - 1]) / (xp[i] - xp[i - 1]); "
                    "r = s * (t - xp[i - 1]) + fp[i - 1]; "
                    "r = torch.where(r.isnan(), s * (t - xp[i]) + fp[i], r); "
                    "torch.where(t == xp[i - 1], fp[i - 1], torch.where(t == xp[i], fp[i], r))."
                ),
            ),
            Difference(
                "lengths",
                probes=("many",),
                shows="numpy raises",
                why="NumPy checks that fp is as long as xp; the port reads only its beginning.",
                instead="Check that len(xp) == len(fp).",
            ),
        ),
        source="numpy.interp; torch.searchsorted; torch.lerp; torch.nn.functional.interpolate",
    ),
)
