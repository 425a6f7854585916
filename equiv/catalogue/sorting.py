"""Sorting and searching."""

from equiv.entry import Case, Op, Trap, boolean, integers, real

OPS: tuple[Op, ...] = (
    Op(
        "numpy.sort",
        summary="Sorted copy along an axis.",
        inputs={"x": real(3, 4), "v": real(6)},
        cases=(
            Case(
                "plain",
                numpy="np.sort(x)",
                torch="torch.sort(x).values",
                trap=Trap(
                    "torch.sort(x)",
                    shows="structure",
                    why="torch.sort returns a pair of the sorted values and their indices.",
                ),
            ),
            Case("axis", numpy="np.sort(x, axis=0)", torch="torch.sort(x, dim=0).values"),
            Case(
                "flattened",
                numpy="np.sort(x, axis=None)",
                torch="torch.sort(x.flatten()).values",
                trap=Trap(
                    "torch.sort(x, dim=None).values",
                    shows="torch raises",
                    why="torch.sort takes no dim of None; it never flattens.",
                ),
            ),
            Case(
                "descending",
                numpy="np.sort(v)[::-1]",
                torch="torch.sort(v, descending=True).values",
            ),
        ),
        parameters={
            "a": "input",
            "axis": "dim",
            "kind": "stable",
            "order": None,
            "stable": "stable",
        },
        source="numpy.sort; torch.sort",
    ),
    Op(
        "numpy.argsort",
        summary="Indices that sort along an axis.",
        inputs={"x": real(3, 4), "v": integers(0, 3, (8,))},
        cases=(
            Case("plain", numpy="np.argsort(x)", torch="torch.argsort(x)"),
            Case("axis", numpy="np.argsort(x, axis=0)", torch="torch.argsort(x, dim=0)"),
            Case(
                "flattened",
                numpy="np.argsort(x, axis=None)",
                torch="torch.argsort(x.flatten())",
                trap=Trap(
                    "torch.argsort(x, dim=None)",
                    shows="torch raises",
                    why="torch.argsort takes no dim of None; it never flattens.",
                ),
            ),
            Case(
                "stable",
                numpy="np.argsort(n, kind='stable')",
                torch="torch.argsort(n, stable=True)",
                inputs={"n": integers(0, 3, (64,))},
                trap=Trap(
                    "torch.argsort(n)",
                    shows="value",
                    why=(
                        "Without stable=True torch may put equal elements in any order, and past a "
                        "few elements it does."
                    ),
                ),
            ),
            Case(
                "reversed",
                numpy="np.argsort(v, kind='stable')[::-1]",
                torch="torch.argsort(v, stable=True).flip(0)",
                trap=Trap(
                    "torch.argsort(v, descending=True, stable=True)",
                    shows="value",
                    why=(
                        "A stable descending sort keeps equal elements in order; reversing an "
                        "ascending one reverses them too."
                    ),
                ),
            ),
            Case(
                "negated",
                numpy="np.argsort(-v, kind='stable')",
                torch="torch.argsort(v, descending=True, stable=True)",
            ),
        ),
        parameters={
            "a": "input",
            "axis": "dim",
            "kind": "stable",
            "order": None,
            "stable": "stable",
        },
        source="numpy.argsort; torch.argsort",
    ),
    Op(
        "numpy.argmax",
        summary="Index of the first maximum, flattened or along an axis.",
        inputs={"x": real(3, 4), "n": integers(0, 3, (3, 8)), "m": boolean(3, 4)},
        cases=(
            Case("plain", numpy="np.argmax(x)", torch="torch.argmax(x)"),
            Case(
                "axis",
                numpy="np.argmax(x, axis=1, keepdims=True)",
                torch="torch.argmax(x, dim=1, keepdim=True)",
            ),
            Case("ties", numpy="np.argmax(n, axis=1)", torch="torch.argmax(n, dim=1)"),
            Case(
                "boolean",
                numpy="np.argmax(m, axis=1)",
                torch="torch.argmax(m.int(), dim=1)",
                trap=Trap(
                    "torch.argmax(m, dim=1)",
                    shows="torch raises",
                    why="torch.argmax refuses booleans; NumPy finds the first True.",
                ),
            ),
        ),
        parameters={"a": "input", "axis": "dim", "out": "out", "keepdims": "keepdim"},
        source="numpy.argmax; torch.argmax",
    ),
)
