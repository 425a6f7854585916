"""Linear algebra: products of arrays, eigenvalues, norms and inverses."""

from equiv.entry import (
    Case,
    Difference,
    Op,
    Trap,
    complex_normal,
    integers,
    real,
    values,
    well_conditioned,
)

OPS: tuple[Op, ...] = (
    Op(
        "numpy.dot",
        summary="Dot product: the last axis of a against the last but one of b.",
        inputs={"x": real(3, 4), "w": real(4, 2), "u": real(4), "v": real(4)},
        cases=(
            Case(
                "plain",
                numpy="np.dot(x, w)",
                torch="torch.matmul(x, w)",
                trap=Trap(
                    "torch.dot(x, w)",
                    shows="torch raises",
                    why="torch.dot takes two vectors only; np.dot takes any ranks.",
                ),
            ),
            Case(
                "vectors",
                numpy="np.dot(u, v)",
                torch="torch.dot(u, v)",
                trap=Trap(
                    "torch.mm(u, v)",
                    shows="torch raises",
                    why="torch.mm takes two matrices only; torch.matmul takes vectors too.",
                ),
            ),
            Case(
                "scalar",
                numpy="np.dot(x, 2.0)",
                torch="torch.mul(x, 2.0)",
                trap=Trap(
                    "torch.matmul(x, 2.0)",
                    shows="torch raises",
                    why="np.dot with a scalar multiplies; torch.matmul takes tensors of rank 1 "
                    "and more only.",
                ),
            ),
            Case(
                "stacks",
                numpy="np.dot(a, b)",
                torch="torch.tensordot(a, b, dims=([-1], [-2]))",
                inputs={"a": real(2, 3, 4), "b": real(2, 4, 5)},
                trap=Trap(
                    "torch.matmul(a, b)",
                    shows="shape",
                    why="torch.matmul pairs the matrices of two stacks; np.dot multiplies every "
                    "matrix of the one by every matrix of the other.",
                ),
            ),
            Case(
                "mixed-dtypes",
                numpy="np.dot(n, w)",
                torch="torch.matmul(n.to(torch.float64), w)",
                inputs={"n": integers(-5, 6, (3, 4)), "w": real(4, 2)},
                trap=Trap(
                    "torch.matmul(n, w)",
                    shows="torch raises",
                    why="torch's products do not promote: both operands must have one dtype.",
                ),
            ),
        ),
        parameters={"a": "input", "b": "other", "out": "out"},
        differences=(
            Difference(
                "scalar-dtype",
                cases=("scalar",),
                probes=("float32", "int64"),
                shows="dtype",
                why="np.dot takes the scalar for a float64 array, which widens float32; torch "
                "keeps float32, and makes float32 of integers.",
                instead="torch.mul(x.to(torch.float64), 2.0)",
            ),
        ),
        source="numpy.dot; torch.matmul; torch.dot; torch.tensordot",
    ),
    Op(
        "numpy.einsum",
        summary="Sum of products over the indices that an equation names.",
        inputs={"x": real(3, 4), "w": real(4, 2)},
        cases=(
            Case(
                "plain",
                numpy="np.einsum('ij,jk->ik', x, w)",
                torch="torch.einsum('ij,jk->ik', x, w)",
            ),
            Case(
                "diagonal",
                numpy="np.einsum('ii->i', x)",
                torch="torch.einsum('ii->i', x)",
                inputs={"x": real(3, 3)},
                trap=Trap(
                    "torch.einsum('ii', x)",
                    shows="shape",
                    why="Without an arrow an index that occurs twice is summed: this is the trace.",
                ),
            ),
            Case(
                "ellipsis",
                numpy="np.einsum('...ij,jk->...ik', a, w)",
                torch="torch.einsum('...ij,jk->...ik', a, w)",
                inputs={"a": real(2, 3, 4), "w": real(4, 2)},
            ),
            Case(
                "optimize",
                numpy="np.einsum('i,ij,jk->k', u, x, w, optimize=True)",
                torch="torch.einsum('i,ij,jk->k', u, x, w)",
                inputs={"u": real(3), "x": real(3, 4), "w": real(4, 2)},
                trap=Trap(
                    "torch.einsum('i,ij,jk->k', u, x, w, optimize=True)",
                    shows="torch raises",
                    why="torch.einsum takes no optimize=; torch.backends.opt_einsum sets it for "
                    "all calls.",
                ),
            ),
            Case(
                "int32-sum",
                numpy="np.einsum('ij->i', n)",
                torch="torch.einsum('ij->i', n).to(n.dtype)",
                inputs={"n": integers(-5, 6, (3, 4), dtype="int32")},
                trap=Trap(
                    "torch.einsum('ij->i', n)",
                    shows="dtype",
                    why="A sum over one operand goes through torch.sum, which turns small "
                    "integers into int64; np.einsum keeps the dtype.",
                ),
            ),
            Case(
                "mixed-dtypes",
                numpy="np.einsum('ij,jk->ik', n, w)",
                torch="torch.einsum('ij,jk->ik', n.to(torch.float64), w)",
                inputs={"n": integers(-5, 6, (3, 4)), "w": real(4, 2)},
                trap=Trap(
                    "torch.einsum('ij,jk->ik', n, w)",
                    shows="torch raises",
                    why="torch's products do not promote: both operands must have one dtype.",
                ),
            ),
        ),
        parameters={
            "operands": "equation, *operands",
            "out": None,
            "optimize": "torch.backends.opt_einsum.enabled",
            "kwargs": None,
        },
        source="numpy.einsum; torch.einsum; torch.backends.opt_einsum",
    ),
    Op(
        "numpy.linalg.eig",
        summary="Eigenvalues and right eigenvectors of a square matrix.",
        inputs={"m": values([[0.0, -2.0, 1.0], [1.0, 0.5, 3.0], [0.0, -1.0, 2.0]])},
        cases=(
            Case(
                "plain",
                numpy="np.linalg.eig(m)",
                torch="torch.linalg.eig(m)",
                equal="by reconstruction",
                reconstruct="r[1] * r[0] @ np.linalg.inv(r[1]), np.linalg.norm(r[1], axis=0)",
                trap=Trap(
                    "torch.eig(m)",
                    shows="torch raises",
                    why="torch.eig is removed; it returned real pairs instead of complex numbers.",
                ),
            ),
            Case(
                "real-eigenvalues",
                numpy="np.linalg.eig(m)",
                torch="w, v = torch.linalg.eig(m); (w.real, v.real)",
                inputs={"m": values([[2.0, 1.0, 0.0], [3.0, 5.0, 1.0], [0.0, 2.0, 7.0]])},
                equal="by reconstruction",
                reconstruct="r[1] * r[0] @ np.linalg.inv(r[1]), np.linalg.norm(r[1], axis=0)",
                trap=Trap(
                    "torch.linalg.eig(m)",
                    shows="dtype",
                    why="torch always returns complex tensors; NumPy returns real arrays where "
                    "every eigenvalue is real.",
                ),
            ),
            Case(
                "eigenvalues",
                numpy="np.linalg.eig(m).eigenvalues",
                torch="torch.linalg.eig(m).eigenvalues",
                equal="up to order",
            ),
            Case(
                "stack",
                numpy="np.linalg.eig(s)",
                torch="torch.linalg.eig(s)",
                inputs={"s": values([[[0.0, -2.0], [1.0, 1.0]], [[3.0, 1.0], [2.0, 5.0]]])},
                equal="by reconstruction",
                reconstruct="r[1] * r[0][:, None] @ np.linalg.inv(r[1]), "
                "np.linalg.norm(r[1], axis=1)",
            ),
            Case(
                "integers",
                numpy="np.linalg.eig(n)",
                torch="torch.linalg.eig(n.to(torch.float64))",
                inputs={"n": values([[0, -2, 1], [1, 1, 3], [0, -1, 2]], dtype="int64")},
                equal="by reconstruction",
                reconstruct="r[1] * r[0] @ np.linalg.inv(r[1]), np.linalg.norm(r[1], axis=0)",
                trap=Trap(
                    "torch.linalg.eig(n)",
                    shows="torch raises",
                    why="torch.linalg takes floating and complex tensors only; NumPy computes "
                    "integers as float64.",
                ),
            ),
            Case(
                "complex",
                numpy="np.linalg.eig(z)",
                torch="torch.linalg.eig(z)",
                inputs={"z": complex_normal(3, 3)},
                equal="by reconstruction",
                reconstruct="r[1] * r[0] @ np.linalg.inv(r[1]), np.linalg.norm(r[1], axis=0)",
            ),
        ),
        parameters={"a": "A"},
        source="numpy.linalg.eig; torch.linalg.eig",
    ),
    Op(
        "numpy.linalg.norm",
        summary="Norm of a vector, a matrix, or along axes.",
        inputs={"x": real(3, 4)},
        cases=(
            Case("plain", numpy="np.linalg.norm(x)", torch="torch.linalg.norm(x)"),
            Case(
                "axis",
                numpy="np.linalg.norm(x, axis=1, keepdims=True)",
                torch="torch.linalg.norm(x, dim=1, keepdim=True)",
            ),
            Case(
                "ord1",
                numpy="np.linalg.norm(x, 1)",
                torch="torch.linalg.norm(x, 1)",
                trap=Trap(
                    "torch.norm(x, 1)",
                    shows="value",
                    why="torch.norm takes a matrix for one long vector; ord=1 of a matrix is its "
                    "largest column sum.",
                ),
            ),
            Case(
                "ord2",
                numpy="np.linalg.norm(x, 2)",
                torch="torch.linalg.norm(x, 2)",
                trap=Trap(
                    "torch.norm(x, 2)",
                    shows="value",
                    why="torch.norm takes a matrix for one long vector; ord=2 of a matrix is its "
                    "largest singular value.",
                ),
            ),
            Case(
                "ord-inf",
                numpy="np.linalg.norm(x, np.inf)",
                torch="torch.linalg.norm(x, torch.inf)",
                trap=Trap(
                    "torch.norm(x, torch.inf)",
                    shows="value",
                    why="torch.norm takes a matrix for one long vector; ord=inf of a matrix is "
                    "its largest row sum.",
                ),
            ),
            Case(
                "integers",
                numpy="np.linalg.norm(n)",
                torch="torch.linalg.norm(n.to(torch.float64))",
                inputs={"n": integers(-5, 6, (3, 4))},
                trap=Trap(
                    "torch.linalg.norm(n, dtype=torch.float64)",
                    shows="torch raises",
                    why="torch.linalg.norm takes floating and complex tensors only, whatever its "
                    "dtype= says; NumPy computes integers as float64.",
                ),
            ),
        ),
        parameters={"x": "A", "ord": "ord", "axis": "dim", "keepdims": "keepdim"},
        source="numpy.linalg.norm; torch.linalg.norm; torch.norm",
    ),
    Op(
        "numpy.linalg.inv",
        summary="Inverse of a square matrix, or of each in a stack.",
        inputs={"m": well_conditioned(3, 3)},
        cases=(
            Case("plain", numpy="np.linalg.inv(m)", torch="torch.linalg.inv(m)"),
            Case(
                "stack",
                numpy="np.linalg.inv(s)",
                torch="torch.linalg.inv(s)",
                inputs={"s": well_conditioned(2, 3, 3)},
            ),
            Case(
                "layout",
                numpy="np.linalg.inv(m)",
                torch="torch.linalg.inv(m).contiguous()",
                layout=True,
                trap=Trap(
                    "torch.linalg.inv(m)",
                    shows="layout",
                    why="torch lays the inverse out column by column, so that .view() of it "
                    "raises; NumPy's is C-contiguous.",
                ),
            ),
            Case(
                "integers",
                numpy="np.linalg.inv(n)",
                torch="torch.linalg.inv(n.to(torch.float64))",
                inputs={"n": values([[2, 1, 0], [1, 3, 1], [0, 2, 5]], dtype="int64")},
                trap=Trap(
                    "torch.linalg.inv(n)",
                    shows="torch raises",
                    why="torch.linalg takes floating and complex tensors only; NumPy computes "
                    "integers as float64.",
                ),
            ),
            Case(
                "singular",
                numpy="np.linalg.inv(m)",
                torch="torch.linalg.inv(m)",
                inputs={"m": values([[1.0, 2.0], [2.0, 4.0]])},
                raises="LinAlgError",
            ),
        ),
        parameters={"a": "A"},
        source="numpy.linalg.inv; torch.linalg.inv",
    ),
)
