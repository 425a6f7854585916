"""The sheet, row by row: every pair of spellings that it puts side by side, as written there."""

from equiv.entry import (
    Claim,
    PerRank,
    Row,
    boolean,
    distinct,
    index_into,
    integers,
    per_rank,
    real,
    values,
    well_conditioned,
)

ANY: PerRank = per_rank(real(6), real(6, 4), real(6, 4, 3))
LONG: PerRank = per_rank(real(40), real(3, 40), real(2, 3, 40))
NAN = float("nan")

ROWS: tuple[Row, ...] = (
    Row(
        "Array Creation",
        summary="Create arrays from lists/tuples",
        claims=(Claim(numpy="np.array([1,2,3])", torch="torch.tensor([1,2,3])", op="numpy.array"),),
    ),
    Row(
        "Zeros/Ones",
        summary="Create arrays filled with 0s/1s",
        claims=(
            Claim(
                numpy="np.zeros((3,4))",
                torch="torch.zeros(3,4)",
                op="numpy.zeros",
                holds=False,
                shows="dtype",
                why="NumPy's default dtype is float64, torch's is float32.",
                port="torch.zeros(3, 4, dtype=torch.float64)",
            ),
            Claim(
                numpy="np.ones((3,4))",
                torch="torch.ones(3,4)",
                op="numpy.ones",
                holds=False,
                shows="dtype",
                why="NumPy's default dtype is float64, torch's is float32.",
                port="torch.ones(3, 4, dtype=torch.float64)",
            ),
        ),
    ),
    Row(
        "Random Arrays",
        summary="Create random arrays",
        claims=(
            Claim(
                numpy="np.random.rand(3,4)",
                torch="torch.rand(3,4)",
                op="numpy.random.rand",
                equal="as a distribution",
                holds=False,
                shows="dtype",
                why="Both are uniform on [0, 1), but torch draws float32 unless dtype= says more.",
                port="torch.rand(3, 4, dtype=torch.float64)",
            ),
        ),
    ),
    Row(
        "Arange/Linspace",
        summary="Create sequences",
        claims=(
            Claim(numpy="np.arange(0,10,2)", torch="torch.arange(0,10,2)", op="numpy.arange"),
            Claim(
                numpy="np.linspace(0,1,5)",
                torch="torch.linspace(0,1,5)",
                op="numpy.linspace",
                holds=False,
                shows="dtype",
                why="NumPy's result is float64, torch's its default dtype, float32.",
                port="torch.linspace(0, 1, 5, dtype=torch.float64)",
            ),
        ),
    ),
    Row(
        "Shape/Reshape",
        summary="Get/change array dimensions",
        claims=(
            Claim(
                numpy="arr.shape",
                torch="tensor.shape",
                op="numpy.ndarray.shape",
                bind={"arr/tensor": ANY},
            ),
            Claim(
                numpy="arr.reshape(2,3)",
                torch="tensor.reshape(2,3)",
                op="numpy.ndarray.reshape",
                bind={"arr/tensor": per_rank(real(6), real(3, 2), real(3, 1, 2))},
            ),
        ),
    ),
    Row(
        "Indexing/Slicing",
        summary="Access array elements",
        claims=(
            Claim(
                numpy="arr[0]",
                torch="tensor[0]",
                op="numpy.ndarray.__getitem__[int]",
                bind={"arr/tensor": ANY},
                holds=False,
                shows="aliasing",
                why="One element of a 1-d array is a scalar of its own in NumPy; in torch it is a "
                "0-d view, which changes when the tensor does, and the other way round.",
                port="tensor[0] if tensor.ndim > 1 else tensor[0].clone()",
            ),
            Claim(
                numpy="arr[1:3]",
                torch="tensor[1:3]",
                op="numpy.ndarray.__getitem__[slice]",
                bind={"arr/tensor": ANY},
            ),
            Claim(
                numpy="arr[:, 0]",
                torch="tensor[:, 0]",
                op="numpy.ndarray.__getitem__[slice]",
                bind={"arr/tensor": ANY},
            ),
        ),
    ),
    Row(
        "Mathematical Ops",
        summary="Element-wise operations",
        claims=(
            Claim(
                numpy="arr1 + arr2",
                torch="tensor1 + tensor2",
                op="numpy.ndarray.__add__",
                bind={"arr1/tensor1": ANY, "arr2/tensor2": ANY},
            ),
            Claim(
                numpy="arr * 2",
                torch="tensor * 2",
                op="numpy.ndarray.__mul__",
                bind={"arr/tensor": ANY},
            ),
            Claim(
                numpy="np.sqrt(arr)",
                torch="torch.sqrt(tensor)",
                op="numpy.sqrt",
                bind={"arr/tensor": ANY},
            ),
        ),
    ),
    Row(
        "Matrix Multiplication",
        summary="Dot product/matrix multiply",
        claims=(
            Claim(
                numpy="np.dot(a,b)",
                torch="torch.mm(a,b)",
                op="numpy.dot",
                bind={
                    "a": per_rank(real(4), real(3, 4), real(2, 3, 4)),
                    "b": per_rank(real(4), real(4, 5), real(2, 4, 5)),
                },
                holds=False,
                shows="torch raises",
                why="torch.mm takes two matrices and nothing else; np.dot takes any ranks.",
                port="torch.tensordot(a, b, dims=([-1], [max(b.ndim - 2, 0)]))",
            ),
            Claim(
                numpy="a @ b",
                torch="a @ b",
                op="numpy.ndarray.__matmul__",
                bind={
                    "a": per_rank(real(4), real(3, 4), real(2, 3, 4)),
                    "b": per_rank(real(4), real(4, 5), real(2, 4, 5)),
                },
            ),
            Claim(
                numpy="np.dot(a,b)",
                torch="torch.matmul(a,b)",
                op="numpy.dot",
                bind={
                    "a": per_rank(real(4), real(3, 4), real(2, 3, 4)),
                    "b": per_rank(real(4), real(4, 5), real(2, 4, 5)),
                },
                holds=False,
                shows="shape",
                why="Above two dimensions np.dot multiplies every matrix of a with every matrix of "
                "b; torch.matmul multiplies them pair by pair, as NumPy's @ does.",
                port="torch.tensordot(a, b, dims=([-1], [max(b.ndim - 2, 0)]))",
            ),
            Claim(
                numpy="a @ b",
                torch="torch.matmul(a,b)",
                op="numpy.ndarray.__matmul__",
                bind={
                    "a": per_rank(real(4), real(3, 4), real(2, 3, 4)),
                    "b": per_rank(real(4), real(4, 5), real(2, 4, 5)),
                },
            ),
        ),
    ),
    Row(
        "Transpose",
        summary="Transpose arrays",
        claims=(
            Claim(
                numpy="arr.T",
                torch="tensor.T",
                op="numpy.ndarray.T",
                bind={"arr/tensor": ANY},
                why="Other than on two dimensions torch warns that a later release will raise.",
            ),
            Claim(
                numpy="np.transpose(arr)",
                torch="tensor.transpose(0,1)",
                op="numpy.transpose",
                bind={"arr/tensor": ANY},
                holds=False,
                shows=("torch raises", "shape"),
                why="np.transpose reverses all axes, however many; transpose(0,1) swaps two, and "
                "needs two.",
                port="tensor.permute(*range(tensor.ndim - 1, -1, -1))",
            ),
        ),
    ),
    Row(
        "Concatenation",
        summary="Join arrays",
        claims=(
            Claim(
                numpy="np.concatenate([a,b])",
                torch="torch.cat([a,b])",
                op="numpy.concatenate",
                bind={"a": ANY, "b": ANY},
            ),
            Claim(
                numpy="np.stack([a,b])",
                torch="torch.stack([a,b])",
                op="numpy.stack",
                bind={"a": ANY, "b": ANY},
            ),
        ),
    ),
    Row(
        "Reduction Ops",
        summary="Sum, mean, max, etc.",
        claims=(
            Claim(
                numpy="np.sum(arr)",
                torch="torch.sum(tensor)",
                op="numpy.sum",
                bind={"arr/tensor": ANY},
            ),
            Claim(
                numpy="np.mean(arr)",
                torch="torch.mean(tensor)",
                op="numpy.mean",
                bind={"arr/tensor": ANY},
            ),
            Claim(
                numpy="np.max(arr)",
                torch="torch.max(tensor)",
                op="numpy.max",
                bind={"arr/tensor": ANY},
            ),
        ),
    ),
    Row(
        "Broadcasting",
        summary="Operations on different shapes",
        claims=(
            Claim(
                numpy="arr + scalar",
                torch="Same behavior with tensors",
                completed=("arr + scalar", "tensor + scalar"),
                op="numpy.ndarray.__add__",
                bind={"arr/tensor": ANY, "scalar": 2.5},
            ),
            Claim(
                numpy="automatic expansion",
                torch="Same behavior with tensors",
                completed=("arr + row", "tensor + row"),
                op="numpy.ndarray.__add__",
                bind={"arr/tensor": ANY, "row": per_rank(real(1), real(4), real(4, 3))},
            ),
        ),
    ),
    Row(
        "Boolean Indexing",
        summary="Filter with conditions",
        claims=(
            Claim(
                numpy="arr[arr > 5]",
                torch="tensor[tensor > 5]",
                op="numpy.ndarray.__getitem__[boolean mask]",
                bind={"arr/tensor": per_rank(distinct(30), distinct(6, 5), distinct(2, 3, 5))},
            ),
            Claim(
                numpy="np.where(condition)",
                torch="torch.where(condition)",
                op="numpy.where",
                bind={"condition": per_rank(boolean(6), boolean(6, 4), boolean(6, 4, 3))},
            ),
        ),
    ),
    Row(
        "Data Types",
        summary="Specify/convert types",
        claims=(
            Claim(
                numpy="arr.astype(np.float32)",
                torch="tensor.float()",
                op="numpy.ndarray.astype",
                bind={"arr/tensor": ANY},
            ),
            Claim(
                numpy="arr.dtype",
                torch="tensor.dtype",
                op="numpy.ndarray.dtype",
                bind={"arr/tensor": ANY},
            ),
        ),
    ),
    Row(
        "Axis Operations",
        summary="Operations along specific axes",
        claims=(
            Claim(
                numpy="np.sum(arr, axis=0)",
                torch="torch.sum(tensor, dim=0)",
                op="numpy.sum",
                bind={"arr/tensor": ANY},
            ),
            Claim(
                numpy="np.argmax(arr, axis=1)",
                torch="torch.argmax(tensor, dim=1)",
                op="numpy.argmax",
                bind={"arr/tensor": ANY},
            ),
        ),
    ),
    Row(
        "Squeeze/Unsqueeze",
        summary="Remove/add dimensions of size 1",
        claims=(
            Claim(
                numpy="np.squeeze(arr)",
                torch="tensor.squeeze()",
                op="numpy.squeeze",
                bind={"arr/tensor": per_rank(real(1), real(1, 6), real(6, 1, 4))},
            ),
            Claim(
                numpy="np.expand_dims(arr, axis=0)",
                torch="tensor.unsqueeze(0)",
                op="numpy.expand_dims",
                bind={"arr/tensor": ANY},
            ),
        ),
    ),
    Row(
        "Flatten/Ravel",
        summary="Convert to 1D array",
        claims=(
            Claim(
                numpy="arr.flatten()",
                torch="tensor.flatten()",
                op="numpy.ndarray.flatten",
                bind={"arr/tensor": ANY},
                holds=False,
                shows="aliasing",
                why="ndarray.flatten always copies; Tensor.flatten returns a view where it can.",
                port="tensor.flatten().clone()",
            ),
            Claim(
                numpy="arr.ravel()",
                torch="tensor.view(-1)",
                op="numpy.ndarray.ravel",
                bind={"arr/tensor": ANY},
                holds=False,
                shows="torch raises",
                why="ravel copies where the layout allows no view; Tensor.view raises there.",
                port="tensor.reshape(-1)",
            ),
        ),
    ),
    Row(
        "Clipping",
        summary="Limit values to range",
        claims=(
            Claim(
                numpy="np.clip(arr, min_val, max_val)",
                torch="torch.clamp(tensor, min_val, max_val)",
                op="numpy.clip",
                bind={"arr/tensor": ANY, "min_val": -0.5, "max_val": 0.75},
            ),
        ),
    ),
    Row(
        "Sorting",
        summary="Sort arrays",
        claims=(
            Claim(
                numpy="np.sort(arr)",
                torch="torch.sort(tensor)",
                op="numpy.sort",
                bind={"arr/tensor": LONG},
                holds=False,
                shows="structure",
                why="torch.sort returns the pair (values, indices).",
                port="torch.sort(tensor).values",
            ),
            Claim(
                numpy="np.argsort(arr)",
                torch="torch.argsort(tensor)",
                op="numpy.argsort",
                bind={"arr/tensor": LONG},
                holds=False,
                shows="value",
                why="np.argsort is not stable unless asked: equal elements come in an order that "
                "depends on the machine, and torch's order is another.",
                port=("np.argsort(arr, kind='stable')", "torch.argsort(tensor, stable=True)"),
            ),
        ),
    ),
    Row(
        "Unique Values",
        summary="Find unique elements",
        claims=(
            Claim(
                numpy="np.unique(arr)",
                torch="torch.unique(tensor)",
                op="numpy.unique",
                bind={"arr/tensor": ANY},
                holds=False,
                shows="gradient",
                why="The values agree, but torch.unique cannot be differentiated: backward raises.",
                port="",
            ),
        ),
    ),
    Row(
        "Array Comparison",
        summary="Element-wise comparisons",
        claims=(
            Claim(
                numpy="np.equal(a, b)",
                torch="torch.eq(a, b)",
                op="numpy.equal",
                bind={"a": ANY, "b": ANY},
            ),
            Claim(
                numpy="np.allclose(a, b)",
                torch="torch.allclose(a, b)",
                op="numpy.allclose",
                bind={
                    "a": per_rank(
                        values([1.0, -2.0, 3e5]),
                        values([[1.0, -2.0], [3.0, 0.0]]),
                        values([[[1.0, -2.0, NAN]]]),
                    ),
                    "b": per_rank(
                        values([1.000001, -2.0, 3e5 + 1]),
                        values([[1.0, -2.0], [3.0, 1e-7]]),
                        values([[[1.0, -2.0, NAN]]]),
                    ),
                },
            ),
        ),
    ),
    Row(
        "NaN Handling",
        summary="Deal with NaN values",
        claims=(
            Claim(
                numpy="np.isnan(arr)",
                torch="torch.isnan(tensor)",
                op="numpy.isnan",
                bind={
                    "arr/tensor": per_rank(
                        values([1.0, NAN, -2.0]),
                        values([[1.0, NAN, -2.0], [0.0, -0.0, NAN]]),
                        values([[[1.0, NAN]], [[float("inf"), -2.0]]]),
                    )
                },
            ),
            Claim(
                numpy="np.nanmean(arr)",
                torch="torch.nanmean(tensor)",
                op="numpy.nanmean",
                bind={
                    "arr/tensor": per_rank(
                        values([1.0, NAN, -2.5]),
                        values([[1.0, NAN, -2.0], [0.5, -0.25, NAN]]),
                        values([[[1.0, NAN]], [[7.0, -2.0]]]),
                    )
                },
            ),
        ),
    ),
    Row(
        "Copying",
        summary="Create array copies",
        claims=(
            Claim(
                numpy="arr.copy()",
                torch="tensor.clone()",
                op="numpy.ndarray.copy",
                bind={"arr/tensor": ANY},
                layout=True,
                holds=False,
                shows="layout",
                why="ndarray.copy returns a C-contiguous array; clone keeps the strides of what it "
                "copies, so a later view() can raise.",
                port="tensor.clone(memory_format=torch.contiguous_format)",
            ),
            Claim(
                numpy="arr.copy()",
                torch="tensor.detach()",
                op="numpy.ndarray.copy",
                bind={"arr/tensor": ANY},
                layout=True,
                holds=False,
                shows=("aliasing", "layout"),
                why="detach cuts the gradient, not the memory: writing through it reaches the "
                "tensor.",
                port="tensor.clone(memory_format=torch.contiguous_format)",
            ),
        ),
    ),
    Row(
        "Memory Layout",
        summary="Contiguous arrays",
        claims=(
            Claim(
                numpy="np.ascontiguousarray(arr)",
                torch="tensor.contiguous()",
                op="numpy.ascontiguousarray",
                bind={"arr/tensor": ANY},
                layout=True,
            ),
        ),
    ),
    Row(
        "Splitting",
        summary="Split arrays",
        claims=(
            Claim(
                numpy="np.split(arr, 3)",
                torch="torch.split(tensor, 3)",
                op="numpy.split",
                bind={"arr/tensor": ANY},
                holds=False,
                shows="structure",
                why="NumPy's number counts the sections, torch.split's is the size of each.",
                port="torch.tensor_split(tensor, 3)",
            ),
            Claim(
                numpy="np.hsplit(arr, 2)",
                torch="torch.chunk(tensor, 2)",
                op="numpy.hsplit",
                bind={"arr/tensor": ANY},
                holds=False,
                shows="shape",
                why="np.hsplit splits along axis 1 where there is one, torch.chunk along dim 0.",
                port="torch.hsplit(tensor, 2)",
            ),
        ),
    ),
    Row(
        "Padding",
        summary="Add padding to arrays",
        claims=(
            Claim(
                numpy="np.pad(arr, pad_width)",
                torch="torch.nn.functional.pad(tensor, pad)",
                op="numpy.pad",
                bind={
                    "arr/tensor": ANY,
                    "pad_width": per_rank(((1, 2),), ((1, 2), (3, 4)), ((1, 2), (3, 4), (0, 1))),
                    "pad": per_rank((1, 2), (1, 2, 3, 4), (1, 2, 3, 4, 0, 1)),
                },
                holds=False,
                shows="shape",
                why="NumPy's widths start at the first axis, torch's flat list at the last.",
                port="torch.nn.functional.pad(tensor, "
                "[n for pair in reversed(pad_width) for n in pair])",
            ),
        ),
    ),
    Row(
        "Meshgrid",
        summary="Create coordinate grids",
        claims=(
            Claim(
                numpy="np.meshgrid(x, y)",
                torch="torch.meshgrid(x, y)",
                op="numpy.meshgrid",
                bind={"x": per_rank(real(4), real(2, 2)), "y": per_rank(real(3), real(3, 1))},
                holds=False,
                shows=("shape", "torch raises"),
                why="NumPy's default is indexing='xy', torch's 'ij'; NumPy also flattens what has "
                "more than one dimension, and copies where torch expands.",
                port="[g.clone() for g in torch.meshgrid(x.flatten(), y.flatten(), indexing='xy')]",
            ),
        ),
    ),
    Row(
        "Linear Algebra - Norm",
        summary="Vector/matrix norms",
        claims=(
            Claim(
                numpy="np.linalg.norm(arr)",
                torch="torch.norm(tensor)",
                op="numpy.linalg.norm",
                bind={"arr/tensor": ANY},
            ),
        ),
    ),
    Row(
        "Linear Algebra - Inverse",
        summary="Matrix inverse",
        claims=(
            Claim(
                numpy="np.linalg.inv(arr)",
                torch="torch.inverse(tensor)",
                op="numpy.linalg.inv",
                bind={
                    "arr/tensor": per_rank(
                        real(6), well_conditioned(3, 3), well_conditioned(2, 3, 3)
                    )
                },
            ),
        ),
    ),
    Row(
        "Linear Algebra - Eigenvalues",
        summary="Eigenvalues/eigenvectors",
        claims=(
            Claim(
                numpy="np.linalg.eig(arr)",
                torch="torch.eig(tensor)",
                op="numpy.linalg.eig",
                bind={"arr/tensor": per_rank(real(6), real(3, 3), real(2, 3, 3))},
                holds=False,
                shows="torch raises",
                why="torch.eig was removed; torch.linalg.eig is there in its place.",
            ),
        ),
    ),
    Row(
        "Advanced Indexing - Take",
        summary="Take elements by indices",
        claims=(
            Claim(
                numpy="np.take(arr, indices)",
                torch="torch.take(tensor, indices)",
                op="numpy.take",
                bind={"arr/tensor": ANY, "indices": index_into("arr/tensor", 2, 3)},
            ),
        ),
    ),
    Row(
        "Advanced Indexing - Put",
        summary="Put values at indices",
        claims=(
            Claim(
                numpy="np.put(arr, indices, values)",
                torch="tensor.scatter_(dim, indices, values)",
                completed=(
                    "np.put(arr, indices, values); arr",
                    "tensor.scatter_(dim, indices, values); tensor",
                ),
                op="numpy.put",
                bind={
                    "arr/tensor": ANY,
                    "indices": values([4, 0, 3], dtype="int64"),
                    "values": real(3),
                    "dim": 0,
                },
                holds=False,
                shows="torch raises",
                why="np.put counts through the flattened array; scatter_ writes along one dim and "
                "wants indices of the tensor's own rank.",
                port="tensor.put_(indices, values); tensor",
            ),
        ),
    ),
    Row(
        "Advanced Indexing - Choose",
        summary="Choose elements from multiple arrays",
        claims=(
            Claim(
                numpy="np.choose(indices, arrays)",
                torch="torch.gather(tensor, dim, indices)",
                op="numpy.choose",
                bind={
                    "arrays/tensor": per_rank(real(3), real(3, 4), real(3, 2, 4)),
                    "indices": per_rank(
                        integers(0, 3, (5,)), integers(0, 3, (4,)), integers(0, 3, (2, 4))
                    ),
                    "dim": 0,
                },
                holds=False,
                shows="torch raises",
                why="np.choose picks among whole arrays, position by position; gather wants "
                "indices of the tensor's own rank.",
            ),
        ),
    ),
    Row(
        "Statistics - Std Dev",
        summary="Standard deviation",
        claims=(
            Claim(
                numpy="np.std(arr)",
                torch="torch.std(tensor)",
                op="numpy.std",
                bind={"arr/tensor": ANY},
                holds=False,
                shows="value",
                why="NumPy divides by n, torch by n - 1 unless correction=0.",
                port="torch.std(tensor, correction=0)",
            ),
        ),
    ),
    Row(
        "Statistics - Variance",
        summary="Variance",
        claims=(
            Claim(
                numpy="np.var(arr)",
                torch="torch.var(tensor)",
                op="numpy.var",
                bind={"arr/tensor": ANY},
                holds=False,
                shows="value",
                why="NumPy divides by n, torch by n - 1 unless correction=0.",
                port="torch.var(tensor, correction=0)",
            ),
        ),
    ),
    Row(
        "Statistics - Percentiles",
        summary="Percentiles/quantiles",
        claims=(
            Claim(
                numpy="np.percentile(arr, q)",
                torch="torch.quantile(tensor, q)",
                op="numpy.percentile",
                bind={"arr/tensor": ANY, "q": 50},
                holds=False,
                shows="torch raises",
                why="NumPy's q is a percentage, torch's a fraction; up to q = 1 the result is "
                "wrong, above it torch raises.",
                port="torch.quantile(tensor, q / 100)",
            ),
        ),
    ),
    Row(
        "Statistics - Histogram",
        summary="Histograms",
        claims=(
            Claim(
                numpy="np.histogram(arr)",
                torch="torch.histc(tensor)",
                op="numpy.histogram",
                bind={"arr/tensor": ANY},
                holds=False,
                shows="structure",
                why="np.histogram returns counts and edges, of ten bins; histc counts only, in a "
                "hundred bins, as floats.",
            ),
        ),
    ),
    Row(
        "Einstein Summation",
        summary="Powerful tensor operations",
        claims=(
            Claim(
                numpy="np.einsum('ij,jk->ik', a, b)",
                torch="torch.einsum('ij,jk->ik', a, b)",
                op="numpy.einsum",
                bind={"a": real(3, 4), "b": real(4, 5)},
            ),
        ),
    ),
    Row(
        "Roll Elements",
        summary="Roll array elements",
        claims=(
            Claim(
                numpy="np.roll(arr, shift)",
                torch="torch.roll(tensor, shift)",
                op="numpy.roll",
                bind={"arr/tensor": ANY, "shift": 2},
            ),
        ),
    ),
    Row(
        "Flip Arrays",
        summary="Reverse arrays",
        claims=(
            Claim(
                numpy="np.flip(arr)",
                torch="torch.flip(tensor, dims)",
                op="numpy.flip",
                bind={"arr/tensor": ANY, "dims": per_rank((0,), (0, 1), (0, 1, 2))},
                holds=False,
                shows="aliasing",
                why="np.flip returns a view; torch has no negative strides, so torch.flip copies. "
                "It also needs dims, where np.flip reverses every axis.",
                port=("np.flip(arr).copy()", "torch.flip(tensor, dims)"),
            ),
        ),
    ),
    Row(
        "Numerical Gradient",
        summary="Numerical gradients",
        claims=(
            Claim(
                numpy="np.gradient(arr)",
                torch="No direct equivalent (use autograd)",
                completed=("np.gradient(arr)", "torch.gradient(tensor)"),
                denies=True,
                op="numpy.gradient",
                bind={"arr/tensor": ANY},
                holds=False,
                shows="structure",
                why="torch.gradient is the equivalent; it returns a tuple for one dimension too.",
                port="torch.gradient(tensor)[0] if tensor.ndim == 1 else torch.gradient(tensor)",
            ),
        ),
    ),
    Row(
        "1D Convolution",
        summary="1D convolution",
        claims=(
            Claim(
                numpy="np.convolve(a, b)",
                torch="torch.nn.functional.conv1d()",
                completed=(
                    "np.convolve(a, b)",
                    "torch.nn.functional.conv1d(a.reshape(1, 1, -1), b.reshape(1, 1, -1), "
                    "padding=len(b) - 1).reshape(-1)",
                ),
                op="numpy.convolve",
                bind={"a": real(6), "b": distinct(3)},
                holds=False,
                shows="value",
                why="conv1d correlates: it does not flip the kernel. It also wants (N, C, L), and "
                "pads nothing unless asked.",
                port="torch.nn.functional.conv1d(a[None, None], b.flip(0)[None, None], "
                "padding=len(b) - 1)[0, 0]",
            ),
        ),
    ),
    Row(
        "FFT",
        summary="Fast Fourier Transform",
        claims=(
            Claim(
                numpy="np.fft.fft(arr)",
                torch="torch.fft.fft(tensor)",
                op="numpy.fft.fft",
                bind={
                    "arr/tensor": per_rank(values([-1.0, 0.0, 0.0]), real(3, 40), real(2, 3, 40))
                },
                holds=False,
                shows="sign of zero",
                why="The values agree. Where an imaginary part is exactly zero its sign can be "
                "another, and the angle there pi in NumPy and -pi in torch.",
                port="",
            ),
        ),
    ),
    Row(
        "Polynomial Operations",
        summary="Polynomial operations",
        claims=(
            Claim(
                numpy="np.polynomial.polynomial.polyval()",
                torch="No direct equivalent",
                completed=("np.polynomial.polynomial.polyval(x, c)", "torch.polyval(x, c)"),
                denies=True,
                op="numpy.polynomial.polynomial.polyval",
                bind={"x": real(6), "c": real(4)},
                why="torch has no function that evaluates a polynomial from its coefficients.",
            ),
        ),
    ),
    Row(
        "Save/Load Arrays",
        summary="Save/load arrays",
        claims=(
            Claim(
                numpy="np.savez('file.npz', arr)",
                torch="torch.save(tensor, 'file.pt')",
                completed=(
                    "np.savez('file.npz', arr); np.load('file.npz')['arr_0']",
                    "torch.save(tensor, 'file.pt'); torch.load('file.pt')",
                ),
                op="numpy.savez",
                bind={"arr/tensor": ANY},
                layout=True,
                files=True,
            ),
        ),
    ),
)
