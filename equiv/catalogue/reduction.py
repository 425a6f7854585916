"""Reductions: sums and extremes along axes."""

from math import nan

from equiv.entry import SIGNED, Case, Difference, Op, Trap, boolean, integers, real, values

OPS: tuple[Op, ...] = (
    Op(
        "numpy.any",
        summary="Whether any element is true, along axes.",
        inputs={"m": boolean(3, 4), "x": real(3, 4)},
        cases=(
            Case("plain", numpy="np.any(m)", torch="torch.any(m)"),
            Case(
                "axis",
                numpy="np.any(x > 0.5, axis=1, keepdims=True)",
                torch="torch.any(x > 0.5, dim=1, keepdim=True)",
            ),
            Case(
                "bytes",
                numpy="np.any(u, axis=1)",
                torch="torch.any(u != 0, dim=1)",
                inputs={"u": integers(0, 2, (3, 4), dtype="uint8")},
                trap=Trap(
                    "torch.any(u, dim=1)",
                    shows="dtype",
                    why="torch.any gives uint8 for uint8, and bool for every other dtype.",
                ),
            ),
            Case(
                "where",
                numpy="np.any(x > 0.5, axis=1, where=m)",
                torch="torch.any((x > 0.5) & m, dim=1)",
            ),
        ),
        parameters={
            "a": "input",
            "axis": "dim",
            "out": "out",
            "keepdims": "keepdim",
            "where": "torch.any((x != 0) & where)",
        },
        differences=(
            Difference(
                "mask-with-axes",
                cases=("where",),
                probes=("0-d",),
                shows="numpy raises",
                why="NumPy looks for the axis in x alone, and a 0-d x has none; in torch & first "
                "broadcasts x to the shape of the mask.",
                instead="Check that x has the shape of the mask, x.shape == m.shape.",
            ),
        ),
        source="numpy.any; torch.any",
    ),
    Op(
        "numpy.prod",
        summary="Product along axes.",
        inputs={"x": real(2, 3, 4)},
        cases=(
            Case("plain", numpy="np.prod(x)", torch="torch.prod(x)"),
            Case(
                "axis",
                numpy="np.prod(x, axis=1, keepdims=True)",
                torch="torch.prod(x, dim=1, keepdim=True)",
            ),
            Case(
                "axes",
                numpy="np.prod(x, axis=(0, 2))",
                torch="torch.prod(torch.prod(x, dim=2), dim=0)",
                trap=Trap(
                    "torch.prod(x, dim=(0, 2))",
                    shows="torch raises",
                    why="torch.prod reduces one dim or all of them; NumPy takes several.",
                ),
            ),
            Case(
                "unsigned",
                numpy="np.prod(u)",
                torch="torch.prod(u).to(torch.uint64)",
                inputs={"u": integers(1, 9, (3, 4), dtype="uint8")},
                trap=Trap(
                    "torch.prod(u)",
                    shows="dtype",
                    why=(
                        "torch multiplies every integer dtype in int64; NumPy multiplies unsigned "
                        "in uint64."
                    ),
                ),
            ),
        ),
        parameters={
            "a": "input",
            "axis": "dim",
            "dtype": "dtype",
            "out": "out",
            "keepdims": "keepdim",
            "initial": "initial * torch.prod(x)",
            "where": "torch.prod(torch.where(where, x, 1))",
        },
        source="numpy.prod; torch.prod",
    ),
    Op(
        "numpy.sum",
        summary="Sum along axes.",
        inputs={"x": real(2, 3, 4), "n": integers(0, 9, (2, 3, 4)), "m": boolean(2, 3, 4)},
        cases=(
            Case("plain", numpy="np.sum(x)", torch="torch.sum(x)"),
            Case(
                "axis",
                numpy="np.sum(x, axis=1, keepdims=True)",
                torch="torch.sum(x, dim=1, keepdim=True)",
            ),
            Case("axes", numpy="np.sum(x, axis=(0, 2))", torch="torch.sum(x, dim=(0, 2))"),
            Case(
                "no-axes",
                numpy="np.sum(x, axis=())",
                torch="torch.sum(x[None], dim=0)",
                trap=Trap(
                    "torch.sum(x, dim=())",
                    shows="shape",
                    why="torch reads an empty tuple as all axes; NumPy as none of them.",
                ),
            ),
            Case(
                "keepdims",
                numpy="np.sum(x, keepdims=True)",
                torch="torch.sum(x, dim=None, keepdim=True)",
                trap=Trap(
                    "torch.sum(x, keepdim=True)",
                    shows="torch raises",
                    why="torch.sum takes keepdim only together with dim, though it may be None.",
                ),
            ),
            Case(
                "where",
                numpy="np.sum(x, axis=1, where=m)",
                torch="torch.sum(torch.where(m, x, 0), dim=1)",
                inputs={
                    "x": values([[1.0, nan, -2.0], [0.5, 3.0, 4.0]]),
                    "m": values([[True, False, True], [True, True, False]], dtype="bool"),
                },
                trap=Trap(
                    "torch.sum(x * m, dim=1)",
                    shows="nan",
                    why="A NaN that is left out comes back, for NaN times zero is NaN.",
                ),
            ),
            Case(
                "unsigned",
                numpy="np.sum(u)",
                torch="torch.sum(u).to(torch.uint64)",
                inputs={"u": integers(0, 256, (3, 4), dtype="uint8")},
                trap=Trap(
                    "torch.sum(u)",
                    shows="dtype",
                    why="torch sums every integer dtype in int64; NumPy sums unsigned in uint64.",
                ),
            ),
        ),
        parameters={
            "a": "input",
            "axis": "dim",
            "dtype": "dtype",
            "out": "out",
            "keepdims": "keepdim",
            "initial": "initial + torch.sum(x)",
            "where": "torch.sum(torch.where(where, x, 0))",
        },
        source="numpy.sum; torch.sum",
    ),
    Op(
        "numpy.nansum",
        summary="Sum of the elements that are not NaN.",
        inputs={
            "x": values([[1.0, nan, -2.5, 4.0], [0.5, 3.0, nan, nan], [2.0, 7.0, -1.0, 0.5]]),
        },
        cases=(
            Case("plain", numpy="np.nansum(x)", torch="torch.nansum(x)"),
            Case(
                "axis",
                numpy="np.nansum(x, axis=1, keepdims=True)",
                torch="torch.nansum(x, dim=1, keepdim=True)",
                trap=Trap(
                    "torch.sum(x * ~torch.isnan(x), dim=1, keepdim=True)",
                    shows="nan",
                    why="NaN times False is NaN.",
                ),
            ),
            Case(
                "all-nan",
                numpy="np.nansum(x, axis=1)",
                torch="torch.nansum(x, dim=1)",
                inputs={"x": values([[1.0, nan, 2.0], [nan, nan, nan]])},
            ),
            Case(
                "complex",
                numpy="np.nansum(z)",
                torch="torch.sum(torch.where(torch.isnan(z), 0, z))",
                inputs={"z": values([1.0 + 2.0j, nan, 0.5 - 1.0j], dtype="complex128")},
                trap=Trap(
                    "torch.nansum(z)",
                    shows="torch raises",
                    why="torch.nansum takes no complex numbers on the CPU.",
                ),
            ),
        ),
        parameters={
            "a": "input",
            "axis": "dim",
            "dtype": "dtype",
            "out": "out",
            "keepdims": "keepdim",
            "initial": "initial + torch.nansum(x)",
            "where": "torch.nansum(torch.where(where, x, 0))",
        },
        source="numpy.nansum; torch.nansum",
    ),
    Op(
        "numpy.max",
        summary="Maximum along axes.",
        inputs={"x": real(2, 3, 4)},
        cases=(
            Case("plain", numpy="np.max(x)", torch="torch.max(x)"),
            Case(
                "axis",
                numpy="np.max(x, axis=1, keepdims=True)",
                torch="torch.amax(x, dim=1, keepdim=True)",
                unprobed={
                    "signed zeros": "Which zero is the maximum of zeros of both signs is up to "
                    "the vector instruction that NumPy uses on a machine.",
                },
                trap=Trap(
                    "torch.max(x, dim=1, keepdim=True)",
                    shows="structure",
                    why="With a dim, torch.max returns a pair of the values and their indices.",
                ),
            ),
            Case(
                "axes",
                numpy="np.max(x, axis=(0, 2))",
                torch="torch.amax(x, dim=(0, 2))",
                trap=Trap(
                    "torch.max(x, dim=(0, 2)).values",
                    shows="torch raises",
                    why="torch.max reduces one dim or all of them; torch.amax takes several.",
                ),
            ),
            Case(
                "keepdims",
                numpy="np.max(x, keepdims=True)",
                torch="torch.amax(x, keepdim=True)",
                trap=Trap(
                    "torch.max(x, keepdim=True)",
                    shows="torch raises",
                    why="torch.max takes keepdim only together with dim.",
                ),
            ),
            Case(
                "initial",
                numpy="np.max(x, initial=0.5)",
                torch="torch.cat((x.reshape(-1), x.new_full((1,), 0.5))).max()",
                unprobed={
                    "all equal": "The one value lies above or below the 0.5 of the text by chance, "
                    "and only above it are there ties."
                },
            ),
            Case(
                "where",
                numpy="np.max(x, axis=1, where=x < 0, initial=-np.inf)",
                torch="torch.amax(torch.where(x < 0, x, -torch.inf), dim=1)",
                unprobed={
                    "all equal": "The one value is below the 0 of the text or not by chance, and "
                    "only where it is are there ties."
                },
            ),
        ),
        parameters={
            "a": "input",
            "axis": "dim",
            "out": "out",
            "keepdims": "keepdim",
            "initial": "torch.amax(x, dim).clip(min=initial)",
            "where": "torch.amax(torch.where(where, x, initial), dim)",
        },
        differences=(
            Difference(
                "infinite-initial",
                cases=("where",),
                probes=(*SIGNED, "uint8", "int8 extremes", "int64 extremes", "uint8 extremes"),
                shows="numpy raises",
                why="NumPy casts the initial value to the dtype of x, and no integer is infinite; "
                "torch.where promotes the integers to float32.",
                instead="torch.where(x < 0, x, torch.iinfo(x.dtype).min), and in NumPy "
                "initial=np.iinfo(x.dtype).min.",
            ),
            Difference(
                "boolean-initial",
                cases=("where",),
                probes=("bool",),
                shows=("dtype", "value"),
                why="NumPy casts the initial value to bool, and an infinity is True, the maximum "
                "of all; torch.where promotes the booleans to float32.",
                instead="torch.any(x & m, dim=1), for a mask m, which is initial=False in NumPy.",
            ),
        ),
        source="numpy.max; torch.max; torch.amax",
    ),
)
