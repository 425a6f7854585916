"""Sorting and searching."""

from equiv.entry import (
    Case,
    Difference,
    Op,
    Trap,
    boolean,
    distinct,
    integers,
    real,
    values,
)

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
                unprobed={
                    "signed zeros": "NumPy's default sort is not stable: which of 0.0 and -0.0 "
                    "comes first is undefined."
                },
            ),
            Case(
                "axis",
                numpy="np.sort(x, axis=0)",
                torch="torch.sort(x, dim=0).values",
                unprobed={
                    "signed zeros": "NumPy's default sort is not stable: which of 0.0 and -0.0 "
                    "comes first is undefined."
                },
            ),
            Case(
                "flattened",
                numpy="np.sort(x, axis=None)",
                torch="torch.sort(x.flatten()).values",
                trap=Trap(
                    "torch.sort(x, dim=None).values",
                    shows="torch raises",
                    why="torch.sort takes no dim of None; it never flattens.",
                ),
                unprobed={
                    "signed zeros": "NumPy's default sort is not stable: which of 0.0 and -0.0 "
                    "comes first is undefined."
                },
            ),
            Case(
                "descending",
                numpy="np.sort(v)[::-1]",
                torch="torch.sort(v, descending=True).values",
                unprobed={
                    "signed zeros": "NumPy's default sort is not stable: which of 0.0 and -0.0 "
                    "comes first is undefined."
                },
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
        inputs={"x": distinct(3, 4), "v": values([2, 0, 1, 1, 0, 2, 1, 0], dtype="int64")},
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
            Case(
                "negated-unsigned",
                numpy="np.argsort(-u, kind='stable')",
                torch="torch.argsort(-u.long() % 256, stable=True)",
                inputs={"u": values([2, 0, 1, 1, 0, 2, 1, 0], dtype="uint8")},
                trap=Trap(
                    "torch.argsort(u, descending=True, stable=True)",
                    shows="value",
                    why="Negated, an unsigned integer wraps: NumPy sorts 0 first and then the "
                    "others descending.",
                ),
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
        "numpy.partition",
        summary="Copy with the k-th smallest in place, smaller ones before it, larger ones after.",
        inputs={"v": distinct(9), "x": distinct(3, 5)},
        cases=(
            Case(
                "plain",
                numpy="np.partition(v, 3)",
                torch="torch.sort(v).values",
                equal="by reconstruction",
                reconstruct="np.concatenate([np.sort(r[:3]), r[3:4], np.sort(r[4:])])",
            ),
            Case(
                "smallest",
                numpy="np.partition(v, 2)[:3]",
                torch="torch.topk(v, 3, largest=False).values",
                equal="up to order",
                trap=Trap(
                    "torch.topk(v, 3).values",
                    shows="value",
                    why="torch.topk gives the largest unless largest=False.",
                ),
            ),
            Case(
                "kth",
                numpy="np.partition(x, 2, axis=1)[:, 2]",
                torch="torch.kthvalue(x, 3, dim=1).values",
                trap=Trap(
                    "torch.kthvalue(x, 2, dim=1).values",
                    shows="value",
                    why="torch.kthvalue counts from 1; NumPy counts from 0.",
                ),
            ),
        ),
        parameters={
            "a": "input",
            "kth": "torch.kthvalue(input, kth + 1)",
            "axis": "dim",
            "kind": None,
            "order": None,
        },
        differences=(
            Difference(
                "kth-out-of-bounds",
                cases=("plain",),
                probes=("length one",),
                shows="numpy raises",
                why="NumPy checks that there is a k-th element; a whole sort asks for none.",
                instead="torch.kthvalue(v, 4).values, which raises where there are too few.",
            ),
            Difference(
                "none-to-choose-from",
                cases=("smallest",),
                probes=("empty",),
                shows="torch raises",
                why="NumPy partitions an empty array without looking at kth; torch.topk wants k "
                "elements.",
                instead="torch.topk(v, min(3, len(v)), largest=False).values",
            ),
        ),
        source="numpy.partition; torch.sort; torch.topk; torch.kthvalue",
    ),
    Op(
        "numpy.argpartition",
        summary="Indices that put the k-th smallest in place, smaller ones before, larger after.",
        inputs={"v": distinct(9), "x": distinct(3, 5)},
        cases=(
            Case(
                "plain",
                numpy="np.argpartition(v, 3)[:3]",
                torch="torch.topk(v, 3, largest=False).indices",
                equal="up to order",
                trap=Trap(
                    "torch.topk(v, 3).indices",
                    shows="value",
                    why="torch.topk gives the largest unless largest=False.",
                ),
            ),
            Case(
                "largest",
                numpy="np.argpartition(x, -2, axis=1)[:, -2:]",
                torch="torch.topk(x, 2, dim=1).indices",
                equal="up to order",
                trap=Trap(
                    "torch.topk(x, 2, dim=1)",
                    shows="structure",
                    why="torch.topk returns a pair of the values and their indices.",
                ),
            ),
            Case(
                "smallest-values",
                numpy="np.sort(v[np.argpartition(v, 3)[:3]])",
                torch="torch.topk(v, 3, largest=False).values",
            ),
            Case(
                "kth",
                numpy="np.argpartition(v, 3)[3]",
                torch="torch.kthvalue(v, 4).indices",
                trap=Trap(
                    "torch.kthvalue(v, 3).indices",
                    shows="value",
                    why="torch.kthvalue counts from 1; NumPy counts from 0.",
                ),
            ),
        ),
        parameters={
            "a": "input",
            "kth": "torch.topk(input, kth, largest=False)",
            "axis": "dim",
            "kind": None,
            "order": None,
        },
        differences=(
            Difference(
                "none-to-choose-from",
                cases=("plain", "smallest-values"),
                probes=("empty",),
                shows="torch raises",
                why="NumPy partitions an empty array without looking at kth; torch.topk wants k "
                "elements.",
                instead="torch.topk(v, min(3, len(v)), largest=False).indices",
            ),
            Difference(
                "none-to-choose-from-across",
                cases=("largest",),
                probes=("empty across",),
                shows="torch raises",
                why="NumPy partitions empty rows without looking at kth; torch.topk wants k "
                "elements of each.",
                instead="torch.topk(x, min(2, x.shape[1]), dim=1).indices",
            ),
        ),
        source="numpy.argpartition; torch.topk; torch.kthvalue",
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
    Op(
        "numpy.searchsorted",
        summary="Indices at which elements would be inserted to keep an array sorted.",
        inputs={
            "a": values([0.0, 1.0, 2.5, 2.5, 4.0]),
            "v": values([[2.5, 0.3, -1.0], [4.0, 9.0, 1.0]]),
            "w": values([-1.0, 0.3, 2.5, 4.0, 9.0]),
        },
        cases=(
            Case("plain", numpy="np.searchsorted(a, v)", torch="torch.searchsorted(a, v)"),
            Case(
                "right",
                numpy="np.searchsorted(a, w, side='right')",
                torch="torch.searchsorted(a, w, side='right')",
                trap=Trap(
                    "torch.bucketize(a, w, right=True)",
                    shows="value",
                    why="torch.bucketize takes the elements first and the sorted ones second.",
                ),
            ),
            Case("number", numpy="np.searchsorted(a, 2.0)", torch="torch.searchsorted(a, 2.0)"),
            Case(
                "list",
                numpy="np.searchsorted(a, [0.5, 2.5])",
                torch="torch.searchsorted(a, a.new_tensor([0.5, 2.5]))",
                trap=Trap(
                    "torch.searchsorted(a, [0.5, 2.5])",
                    shows="torch raises",
                    why="torch takes a number or a tensor, but no list.",
                ),
            ),
            Case(
                "sorter",
                numpy="np.searchsorted(b, v, sorter=np.argsort(b))",
                torch="torch.searchsorted(b, v, sorter=torch.argsort(b))",
                inputs={"b": values([2.5, 0.0, 4.0, 1.0]), "v": values([2.5, 0.3, 9.0])},
            ),
        ),
        parameters={"a": "sorted_sequence", "v": "input", "side": "side", "sorter": "sorter"},
        source="numpy.searchsorted; torch.searchsorted; torch.bucketize",
    ),
)
