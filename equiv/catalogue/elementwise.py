"""Mathematical functions, those that work elementwise and those on sequences."""

from equiv.entry import Case, Op, Trap, ascending, integers, positive, real

OPS: tuple[Op, ...] = (
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
        source="numpy.gradient; torch.gradient",
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
                    "(a[None, None], v.flip(0)[None, None], padding='same')[0, 0]"
                ),
            ),
            Case(
                "same-even-kernel",
                numpy="np.convolve(a, v, mode='same')",
                torch=(
                    "torch.nn.functional.conv1d"
                    "(a[None, None], v.flip(0)[None, None], padding=len(v) // 2)"
                    "[0, 0, :len(a)]"
                ),
                inputs={"a": real(6), "v": real(4)},
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
        source="numpy.convolve; torch.nn.functional.conv1d",
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
                numpy="np.clip(x, lo, 0.5)",
                torch="torch.clip(x, min=lo).clip(max=0.5)",
                trap=Trap(
                    "torch.clip(x, lo, 0.5)",
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
        source="numpy.sqrt; torch.sqrt",
    ),
)
