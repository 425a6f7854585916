"""Linear algebra: products of arrays, eigenvalues, norms and inverses."""

from math import inf

from equiv.entry import (
    Case,
    Difference,
    Op,
    Trap,
    boolean,
    complex_normal,
    integers,
    real,
    symmetric,
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
                unprobed={
                    "subnormal": "The products underflow to zeros; whether they are 0.0 or -0.0 "
                    "depends on whether the processor's BLAS fuses multiply and add."
                },
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
                torch="p = torch.promote_types(n.dtype, w.dtype); torch.matmul(n.to(p), w.to(p))",
                inputs={"n": integers(1, 7, (3, 4)), "w": real(4, 2)},
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
                probes=("float16", "float32", "complex64"),
                shows="dtype",
                why="np.dot takes the scalar for a float64 array, which widens the result; torch "
                "keeps the dtype of the tensor.",
                instead="torch.mul(x.to(torch.promote_types(x.dtype, torch.float64)), 2.0)",
            ),
            Difference(
                "scalar-negative-zeros",
                cases=("scalar",),
                probes=("signed zeros",),
                shows="sign of zero",
                why="np.dot adds each product to a zero, and 0.0 + -0.0 is 0.0; torch only "
                "multiplies, and keeps -0.0.",
                instead="torch.mul(x, 2.0) + 0.0",
            ),
        ),
        source="numpy.dot; torch.matmul; torch.dot; torch.tensordot",
    ),
    Op(
        "numpy.inner",
        summary="Inner product over the last axes of both arrays.",
        inputs={"x": real(3, 4), "y": real(2, 4), "u": real(4)},
        cases=(
            Case(
                "plain",
                numpy="np.inner(x, y)",
                torch="torch.inner(x, y)",
                trap=Trap(
                    "torch.dot(x, y)",
                    shows="torch raises",
                    why="torch.dot takes two vectors only; torch.inner takes any ranks.",
                ),
            ),
            Case(
                "scalar",
                numpy="np.inner(x, 2.0)",
                torch="torch.mul(x, 2.0)",
                trap=Trap(
                    "torch.inner(x, 2.0)",
                    shows="torch raises",
                    why="np.inner with a scalar multiplies; torch.inner takes tensors only.",
                ),
            ),
            Case(
                "mixed-dtypes",
                numpy="np.inner(n, u)",
                torch="p = torch.promote_types(n.dtype, u.dtype); torch.inner(n.to(p), u.to(p))",
                inputs={"n": integers(1, 7, (3, 4)), "u": real(4)},
                trap=Trap(
                    "torch.inner(n, u)",
                    shows="torch raises",
                    why="torch's products do not promote: both operands must have one dtype.",
                ),
            ),
        ),
        parameters={"a": "input", "b": "other"},
        differences=(
            Difference(
                "scalar-dtype",
                cases=("scalar",),
                probes=("float16", "float32", "complex64"),
                shows="dtype",
                why="np.inner takes the scalar for a float64 array, which widens the result; "
                "torch keeps the dtype of the tensor.",
                instead="torch.mul(x.to(torch.promote_types(x.dtype, torch.float64)), 2.0)",
            ),
            Difference(
                "scalar-negative-zeros",
                cases=("scalar",),
                probes=("signed zeros",),
                shows="sign of zero",
                why="np.inner adds each product to a zero, and 0.0 + -0.0 is 0.0; torch only "
                "multiplies, and keeps -0.0.",
                instead="torch.mul(x, 2.0) + 0.0",
            ),
        ),
        source="numpy.inner; torch.inner",
    ),
    Op(
        "numpy.outer",
        summary="Outer product of two arrays, each flattened first.",
        inputs={"u": real(3), "v": real(4), "x": real(2, 3)},
        cases=(
            Case("plain", numpy="np.outer(u, v)", torch="torch.outer(u, v)"),
            Case(
                "matrix",
                numpy="np.outer(x, v)",
                torch="torch.outer(x.flatten(), v)",
                trap=Trap(
                    "torch.outer(x, v)",
                    shows="torch raises",
                    why="torch.outer takes vectors only; np.outer flattens what it is given.",
                ),
            ),
        ),
        parameters={"a": "input", "b": "vec2", "out": "out"},
        source="numpy.outer; torch.outer",
    ),
    Op(
        "numpy.matmul",
        summary="Matrix product, of the matrices in the last two axes where there are more.",
        inputs={"x": real(3, 4), "w": real(4, 2), "u": real(4)},
        cases=(
            Case(
                "plain",
                numpy="np.matmul(x, w)",
                torch="torch.matmul(x, w)",
                unprobed={
                    "subnormal": "The products underflow to zeros; whether they are 0.0 or -0.0 "
                    "depends on whether the processor's BLAS fuses multiply and add."
                },
                trap=Trap(
                    "torch.mul(x, w)",
                    shows="torch raises",
                    why="torch.mul multiplies element by element, so the shapes must broadcast.",
                ),
            ),
            Case(
                "vector",
                numpy="np.matmul(x, u)",
                torch="torch.matmul(x, u)",
                trap=Trap(
                    "torch.mm(x, u)",
                    shows="torch raises",
                    why="torch.mm takes two matrices only; torch.matmul takes vectors too.",
                ),
            ),
            Case(
                "stacks",
                numpy="np.matmul(a, b)",
                torch="torch.matmul(a, b)",
                inputs={"a": real(2, 3, 4), "b": real(4, 5)},
                unprobed={
                    "subnormal": "The products underflow to zeros; whether they are 0.0 or -0.0 "
                    "depends on whether the processor's BLAS fuses multiply and add."
                },
                trap=Trap(
                    "torch.bmm(a, b)",
                    shows="torch raises",
                    why="torch.bmm takes two stacks of one length and does not broadcast.",
                ),
            ),
            Case(
                "mixed-dtypes",
                numpy="np.matmul(n, w)",
                torch="p = torch.promote_types(n.dtype, w.dtype); torch.matmul(n.to(p), w.to(p))",
                inputs={"n": integers(1, 7, (3, 4)), "w": real(4, 2)},
                trap=Trap(
                    "torch.matmul(n, w)",
                    shows="torch raises",
                    why="torch's products do not promote: both operands must have one dtype.",
                ),
            ),
            Case(
                "booleans",
                numpy="np.matmul(p, q)",
                torch="torch.matmul(p.to(torch.uint8), q.to(torch.uint8)).bool()",
                inputs={"p": boolean(3, 4), "q": boolean(4, 2)},
                trap=Trap(
                    "torch.matmul(p, q)",
                    shows="torch raises",
                    why="torch multiplies no boolean matrices on the CPU; NumPy's product is true "
                    "where any pair is.",
                ),
            ),
        ),
        parameters={
            "x1": "input",
            "x2": "other",
            "out": "out",
            "axes": None,
            "axis": None,
            "keepdims": None,
            "casting": None,
            "order": None,
            "dtype": None,
            "subok": None,
            "signature": None,
        },
        source="numpy.matmul; torch.matmul; torch.mm; torch.bmm",
    ),
    Op(
        "numpy.tensordot",
        summary="Sum of products over chosen axes of two arrays.",
        inputs={"a": real(2, 3, 4), "b": real(4, 3, 5), "w": real(4, 2)},
        cases=(
            Case(
                "plain",
                numpy="np.tensordot(a, w, axes=1)",
                torch="torch.tensordot(a, w, dims=1)",
                unprobed={
                    "subnormal": "The products underflow to zeros; whether they are 0.0 or -0.0 "
                    "depends on whether the processor's BLAS fuses multiply and add."
                },
                trap=Trap(
                    "torch.tensordot(a, w, axes=1)",
                    shows="torch raises",
                    why="torch calls the axes dims= and takes no axes=.",
                ),
            ),
            Case(
                "pairs",
                numpy="np.tensordot(a, b, axes=([1, 2], [1, 0]))",
                torch="torch.tensordot(a, b, dims=([1, 2], [1, 0]))",
                unprobed={
                    "subnormal": "The products underflow to zeros; whether they are 0.0 or -0.0 "
                    "depends on whether the processor's BLAS fuses multiply and add."
                },
            ),
            Case(
                "one-pair",
                numpy="np.tensordot(a, b, axes=(1, 1))",
                torch="torch.tensordot(a, b, dims=([1], [1]))",
                unprobed={
                    "subnormal": "The products underflow to zeros; whether they are 0.0 or -0.0 "
                    "depends on whether the processor's BLAS fuses multiply and add."
                },
                trap=Trap(
                    "torch.tensordot(a, b, dims=(1, 1))",
                    shows="torch raises",
                    why="torch takes a pair of lists; NumPy takes a pair of plain integers too.",
                ),
            ),
            Case(
                "outer",
                numpy="np.tensordot(u, w, axes=0)",
                torch="torch.tensordot(u, w, dims=0)",
                inputs={"u": real(3), "w": real(4, 2)},
                unprobed={
                    "subnormal": "The products underflow to zeros; whether they are 0.0 or -0.0 "
                    "depends on whether the processor's BLAS fuses multiply and add."
                },
            ),
        ),
        parameters={"a": "a", "b": "b", "axes": "dims"},
        differences=(
            Difference(
                "negative-zeros",
                cases=("outer",),
                probes=("signed zeros",),
                shows="sign of zero",
                why="NumPy adds each product to a zero, and 0.0 + -0.0 is 0.0; torch only "
                "multiplies where no axis is summed, and keeps -0.0.",
                instead="torch.tensordot(u, w, dims=0) + 0.0",
            ),
        ),
        source="numpy.tensordot; torch.tensordot",
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
                unprobed={
                    "empty": "NumPy reads past the end of a matrix without rows but with columns: "
                    "what it returns is undefined."
                },
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
                torch="p = torch.promote_types(n.dtype, w.dtype); "
                "torch.einsum('ij,jk->ik', n.to(p), w.to(p))",
                inputs={"n": integers(1, 7, (3, 4)), "w": real(4, 2)},
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
        "numpy.linalg.qr",
        summary="QR factorisation: orthonormal columns and an upper triangle.",
        inputs={"x": real(4, 3)},
        cases=(
            Case(
                "plain",
                numpy="np.linalg.qr(x)",
                torch="torch.linalg.qr(x)",
                equal="by reconstruction",
                reconstruct="r[0] @ r[1], r[0].conj().T @ r[0], np.abs(r[1])",
            ),
            Case(
                "complete",
                numpy="np.linalg.qr(x, mode='complete')",
                torch="torch.linalg.qr(x, mode='complete')",
                equal="by reconstruction",
                reconstruct="r[0] @ r[1], r[0].conj().T @ r[0], np.abs(r[1])",
            ),
            Case(
                "r",
                numpy="np.linalg.qr(x, mode='r')",
                torch="torch.linalg.qr(x, mode='r')[1]",
                equal="by reconstruction",
                reconstruct="r.conj().T @ r, np.abs(r)",
                trap=Trap(
                    "torch.linalg.qr(x, mode='r')",
                    shows="structure",
                    why="torch always returns a pair, with an empty Q under mode='r'; NumPy "
                    "returns R alone.",
                ),
            ),
        ),
        parameters={"a": "A", "mode": "mode"},
        differences=(
            Difference(
                "not-finite",
                probes=("nan", "inf"),
                shows="nan",
                why="Each library's LAPACK carries NaN and infinities through the first reflection "
                "in its own way: R[0, 0] is NaN or inf in NumPy, a number or NaN in torch.",
                instead="Check torch.isfinite(x).all() first: such a matrix has no QR factors.",
            ),
        ),
        source="numpy.linalg.qr; torch.linalg.qr",
    ),
    Op(
        "numpy.linalg.svd",
        summary="Singular value decomposition: U, the singular values, and V transposed.",
        inputs={"x": real(4, 3)},
        cases=(
            Case(
                "plain",
                numpy="np.linalg.svd(x)",
                torch="torch.linalg.svd(x)",
                equal="by reconstruction",
                reconstruct="r[0][:, :len(r[1])] * r[1] @ r[2][:len(r[1])], r[1], "
                "r[0].conj().T @ r[0], r[2] @ r[2].conj().T",
                trap=Trap(
                    "torch.svd(x)",
                    shows="shape",
                    why="torch.svd gives the reduced U by default, and V where NumPy gives its "
                    "transpose.",
                ),
            ),
            Case(
                "reduced",
                numpy="np.linalg.svd(x, full_matrices=False)",
                torch="torch.linalg.svd(x, full_matrices=False)",
                equal="by reconstruction",
                reconstruct="r[0] * r[1] @ r[2], r[1], r[0].conj().T @ r[0], r[2] @ r[2].conj().T",
                trap=Trap(
                    "torch.svd(x)",
                    shows="value",
                    why="torch.svd returns V; NumPy and torch.linalg.svd return its conjugate "
                    "transpose.",
                ),
            ),
            Case(
                "singular-values",
                numpy="np.linalg.svd(x, compute_uv=False)",
                torch="torch.linalg.svdvals(x)",
                trap=Trap(
                    "torch.linalg.svd(x, compute_uv=False)",
                    shows="torch raises",
                    why="torch.linalg.svd takes no compute_uv=; torch.linalg.svdvals computes "
                    "the singular values alone.",
                ),
            ),
        ),
        parameters={
            "a": "A",
            "full_matrices": "full_matrices",
            "compute_uv": "torch.linalg.svdvals(x)",
            "hermitian": None,
        },
        differences=(
            Difference(
                "no-derivative-of-infinities",
                cases=("singular-values",),
                probes=("inf",),
                shows="gradient",
                why="Where a gradient is asked for torch computes the singular vectors too, and "
                "that raises on infinities; without one it gives NaN, as NumPy does.",
                instead="torch.isfinite(x).all() first, or x.detach() where no gradient is wanted.",
            ),
        ),
        source="numpy.linalg.svd; torch.linalg.svd; torch.linalg.svdvals; torch.svd",
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
        "numpy.linalg.eigh",
        summary="Eigenvalues and eigenvectors of a symmetric or Hermitian matrix.",
        inputs={"m": symmetric(3)},
        cases=(
            Case(
                "plain",
                numpy="np.linalg.eigh(m)",
                torch="torch.linalg.eigh(m)",
                equal=("exactly", "up to phase"),
                trap=Trap(
                    "torch.linalg.eig(m)",
                    shows="dtype",
                    why="torch.linalg.eig returns complex tensors, and its eigenvalues in no "
                    "order.",
                ),
            ),
            Case(
                "upper",
                numpy="np.linalg.eigh(m, UPLO='U')",
                torch="torch.linalg.eigh(m, UPLO='U')",
                inputs={"m": values([[2.0, 1.0, 0.5], [9.0, 5.0, -1.0], [8.0, 7.0, 9.0]])},
                equal=("exactly", "up to phase"),
                trap=Trap(
                    "torch.linalg.eigh(m)",
                    shows="value",
                    why="The default reads the lower triangle, in both libraries; the other is "
                    "not looked at.",
                ),
            ),
            Case(
                "integers",
                numpy="np.linalg.eigh(n)",
                torch="torch.linalg.eigh(n.to(torch.float64))",
                inputs={"n": values([[2, 1, 0], [1, 5, -1], [0, -1, 9]], dtype="int64")},
                equal=("exactly", "up to phase"),
                trap=Trap(
                    "torch.linalg.eigh(n)",
                    shows="torch raises",
                    why="torch.linalg takes floating and complex tensors only; NumPy computes "
                    "integers as float64.",
                ),
            ),
        ),
        parameters={"a": "A", "UPLO": "UPLO"},
        source="numpy.linalg.eigh; torch.linalg.eigh",
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
        differences=(
            Difference(
                "no-derivative-of-infinities",
                cases=("ord2",),
                probes=("inf",),
                shows="gradient",
                why="Where a gradient is asked for torch computes the singular vectors too, and "
                "that raises on infinities; without one it gives NaN, as NumPy does.",
                instead="torch.isfinite(x).all() first, or x.detach() where no gradient is wanted.",
            ),
        ),
        source="numpy.linalg.norm; torch.linalg.norm; torch.norm",
    ),
    Op(
        "numpy.linalg.det",
        summary="Determinant of a square matrix, or of each in a stack.",
        inputs={"m": well_conditioned(3, 3)},
        cases=(
            Case("plain", numpy="np.linalg.det(m)", torch="torch.linalg.det(m)"),
            Case(
                "stack",
                numpy="np.linalg.det(s)",
                torch="torch.linalg.det(s)",
                inputs={"s": well_conditioned(2, 3, 3)},
            ),
            Case(
                "integers",
                numpy="np.linalg.det(n)",
                torch="torch.linalg.det(n.to(torch.float64))",
                inputs={"n": values([[2, 1, 0], [1, 3, 1], [0, 2, 5]], dtype="int64")},
                trap=Trap(
                    "torch.linalg.det(n)",
                    shows="torch raises",
                    why="torch.linalg takes floating and complex tensors only; NumPy computes "
                    "integers as float64.",
                ),
            ),
        ),
        parameters={"a": "A"},
        source="numpy.linalg.det; torch.linalg.det",
    ),
    Op(
        "numpy.linalg.matrix_rank",
        summary="Rank of a matrix: how many singular values are above a tolerance.",
        inputs={"x": values([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [0.0, 1.0, 1.0], [1.0, 3.0, 4.0]])},
        cases=(
            Case(
                "plain",
                numpy="np.linalg.matrix_rank(x)",
                torch="torch.linalg.matrix_rank(x)",
                trap=Trap(
                    "torch.matrix_rank(x)",
                    shows="torch raises",
                    why="torch.matrix_rank is removed in favour of torch.linalg.matrix_rank.",
                ),
            ),
            Case(
                "tol",
                numpy="np.linalg.matrix_rank(x, tol=0.1)",
                torch="torch.linalg.matrix_rank(x, atol=0.1)",
                inputs={"x": values([[300.0, 0.0], [0.0, 2.0], [0.0, 0.0]])},
                trap=Trap(
                    "torch.linalg.matrix_rank(x, rtol=0.1)",
                    shows="value",
                    why="tol= is a bound on the singular values themselves; rtol= is relative to "
                    "the largest one.",
                ),
            ),
            Case(
                "integers",
                numpy="np.linalg.matrix_rank(n)",
                torch="torch.linalg.matrix_rank(n.to(torch.float64))",
                inputs={"n": values([[0, 1, 2], [3, 4, 5], [6, 7, 8]], dtype="int64")},
                trap=Trap(
                    "torch.linalg.matrix_rank(n)",
                    shows="torch raises",
                    why="torch.linalg takes floating and complex tensors only; NumPy computes "
                    "integers as float64.",
                ),
            ),
        ),
        parameters={"A": "A", "tol": "atol", "hermitian": "hermitian", "rtol": "rtol"},
        source="numpy.linalg.matrix_rank; torch.linalg.matrix_rank",
    ),
    Op(
        "numpy.trace",
        summary="Sum along a diagonal.",
        inputs={"x": real(3, 4), "a": real(2, 3, 4)},
        cases=(
            Case("plain", numpy="np.trace(x)", torch="torch.trace(x)"),
            Case(
                "offset",
                numpy="np.trace(x, offset=1)",
                torch="torch.diagonal(x, offset=1).sum()",
                trap=Trap(
                    "torch.trace(x, offset=1)",
                    shows="torch raises",
                    why="torch.trace sums the main diagonal only.",
                ),
            ),
            Case(
                "axes",
                numpy="np.trace(a, axis1=1, axis2=2)",
                torch="torch.diagonal(a, dim1=1, dim2=2).sum(-1)",
                trap=Trap(
                    "torch.trace(a)",
                    shows="torch raises",
                    why="torch.trace takes one matrix and no axes.",
                ),
            ),
            Case(
                "booleans",
                numpy="np.trace(p)",
                torch="torch.diagonal(p).sum()",
                inputs={"p": boolean(3, 4)},
                trap=Trap(
                    "torch.trace(p)",
                    shows="torch raises",
                    why="torch.trace is not implemented for booleans; sum counts them.",
                ),
            ),
        ),
        parameters={
            "a": "input",
            "offset": "torch.diagonal(x, offset=offset).sum(-1)",
            "axis1": "torch.diagonal(x, dim1=axis1, dim2=axis2).sum(-1)",
            "axis2": "torch.diagonal(x, dim1=axis1, dim2=axis2).sum(-1)",
            "dtype": "torch.diagonal(x).sum(-1, dtype=dtype)",
            "out": None,
        },
        source="numpy.trace; torch.trace; torch.diagonal",
    ),
    Op(
        "numpy.linalg.solve",
        summary="Solution of a square system of linear equations.",
        inputs={"m": well_conditioned(3, 3), "u": real(3), "b": real(3, 2)},
        cases=(
            Case(
                "plain",
                numpy="np.linalg.solve(m, u)",
                torch="torch.linalg.solve(m, u)",
                trap=Trap(
                    "torch.solve(u, m)",
                    shows="torch raises",
                    why="torch.solve is removed; it took the right-hand side first.",
                ),
            ),
            Case("matrix", numpy="np.linalg.solve(m, b)", torch="torch.linalg.solve(m, b)"),
            Case(
                "stack-and-vector",
                numpy="np.linalg.solve(s, u)",
                torch="torch.linalg.solve(s, u)",
                inputs={"s": well_conditioned(2, 3, 3), "u": real(3)},
            ),
            Case(
                "stack-and-matrix",
                numpy="np.linalg.solve(s, b)",
                torch="torch.linalg.solve(s, b[None])",
                inputs={"s": well_conditioned(3, 3, 3), "b": real(3, 3)},
                trap=Trap(
                    "torch.linalg.solve(s, b)",
                    shows="shape",
                    why="torch takes b of shape s.shape[:-1] for one vector for each matrix; "
                    "NumPy takes every b but a vector for matrices.",
                ),
            ),
            Case(
                "integers",
                numpy="np.linalg.solve(n, u)",
                torch="torch.linalg.solve(n.to(u.dtype), u)",
                inputs={
                    "n": values([[2, 1, 0], [1, 3, 1], [0, 2, 5]], dtype="int64"),
                    "u": real(3),
                },
                unprobed={
                    "subnormal": "Numbers this small hold a few bits; the last one depends on "
                    "whether the processor's BLAS fuses multiply and add."
                },
                trap=Trap(
                    "torch.linalg.solve(n, u)",
                    shows="torch raises",
                    why="torch.linalg takes floating and complex tensors only; NumPy computes "
                    "integers as float64.",
                ),
            ),
        ),
        parameters={"a": "A", "b": "B"},
        source="numpy.linalg.solve; torch.linalg.solve",
    ),
    Op(
        "numpy.linalg.lstsq",
        summary="Least-squares solution of a system of linear equations.",
        inputs={"x": real(5, 3), "y": real(5), "b": real(5, 2)},
        cases=(
            Case(
                "plain",
                numpy="np.linalg.lstsq(x, y)[0]",
                torch="torch.linalg.lstsq(x, y)[0]",
                trap=Trap(
                    "torch.lstsq(y, x)",
                    shows="torch raises",
                    why="torch.lstsq is removed; it took the right-hand side first.",
                ),
            ),
            Case(
                "matrix",
                numpy="np.linalg.lstsq(x, b, rcond=None)[0]",
                torch="torch.linalg.lstsq(x, b, rcond=None)[0]",
                trap=Trap(
                    "torch.linalg.lstsq(x, b)",
                    shows="structure",
                    why="The result is a tuple of four in both libraries; the solution is its "
                    "first part.",
                ),
            ),
            Case(
                "four-parts",
                numpy="np.linalg.lstsq(x, b)",
                torch="sol, res, rank, _ = torch.linalg.lstsq(x, b, driver='gelsd'); "
                "(sol, res, rank.to(torch.int32), torch.linalg.svdvals(x))",
                trap=Trap(
                    "torch.linalg.lstsq(x, b)",
                    shows="shape",
                    why="torch's default driver leaves the residuals and singular values empty; "
                    "NumPy runs gelsd, which gives both.",
                ),
            ),
            Case(
                "singular-values",
                numpy="np.linalg.lstsq(x, y)[3]",
                torch="torch.linalg.svdvals(x)",
                trap=Trap(
                    "torch.linalg.lstsq(x, y, driver='gelsd')[3]",
                    shows="gradient",
                    why="The singular values of torch.linalg.lstsq carry no gradient; those of "
                    "torch.linalg.svdvals do.",
                ),
            ),
        ),
        parameters={"a": "A", "b": "B", "rcond": "rcond"},
        differences=(
            Difference(
                "infinities",
                cases=("plain", "matrix", "singular-values"),
                probes=("inf",),
                shows="numpy raises",
                why="NumPy raises where its SVD does not converge; torch's default driver, gelsy, "
                "and torch.linalg.svdvals return NaN.",
                instead="Check torch.isfinite(x).all() and torch.isfinite(y).all() first.",
            ),
            Difference(
                "dtype-of-both",
                cases=("singular-values",),
                probes=("float32 with float64",),
                shows="dtype",
                why="NumPy computes in the dtype that x and y promote to; torch.linalg.svdvals "
                "takes x alone and keeps its dtype.",
                instead="torch.linalg.svdvals(x.to(torch.promote_types(x.dtype, y.dtype)))",
            ),
            Difference(
                "right-hand-side-unseen",
                cases=("singular-values",),
                probes=("float32 with 0-d", "float32 with 0.1"),
                shows="numpy raises",
                why="NumPy refuses a right-hand side without axes; torch.linalg.svdvals takes x "
                "alone and does not see it.",
                instead="Check y.ndim first, or call torch.linalg.lstsq, which refuses it too.",
            ),
        ),
        source="numpy.linalg.lstsq; torch.linalg.lstsq",
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
    Op(
        "numpy.linalg.pinv",
        summary="Pseudo-inverse of a matrix, or of each in a stack.",
        inputs={"x": real(4, 3)},
        cases=(
            Case("plain", numpy="np.linalg.pinv(x)", torch="torch.linalg.pinv(x)"),
            Case(
                "rcond",
                numpy="np.linalg.pinv(x, rcond=0.1)",
                torch="torch.linalg.pinv(x, rtol=0.1)",
                inputs={"x": values([[0.5, 0.0], [0.0, 0.08], [0.01, 0.0]])},
                trap=Trap(
                    "torch.linalg.pinv(x, atol=0.1)",
                    shows="value",
                    why="rcond= is relative to the largest singular value; atol= is a bound on "
                    "the singular values themselves.",
                ),
            ),
            Case(
                "cut-off",
                numpy="np.linalg.pinv(x, rcond=0.1)",
                torch="u, s, vh = torch.linalg.svd(x, full_matrices=False); "
                "kept = s > 0.1 * s[0]; vh.mH[:, kept] / s[kept] @ u.mH[kept]",
                inputs={"x": values([[2.0, 1.0], [3.0, 1.5], [1.0, 0.7]])},
                trap=Trap(
                    "torch.linalg.pinv(x, rtol=0.1)",
                    shows="gradient",
                    why="The backward of torch.linalg.pinv takes x for a matrix of the rank that "
                    "is kept, which is wrong where a singular value above zero is cut off.",
                ),
            ),
            Case(
                "float32-default",
                numpy="np.linalg.pinv(x)",
                torch="torch.linalg.pinv(x, rtol=1e-15)",
                inputs={"x": values([[1.0, 0.0], [0.0, 1e-7]], dtype="float32")},
                trap=Trap(
                    "torch.linalg.pinv(x)",
                    shows="value",
                    why="NumPy cuts singular values off at 1e-15 of the largest in any dtype; "
                    "torch at the dtype's eps times the longer side, 2.4e-7 here.",
                ),
                no_gradient="Beside a singular value of 1e-7 the derivative is of the size 1e14, "
                "and no step is small enough for differences.",
            ),
            Case(
                "integers",
                numpy="np.linalg.pinv(n)",
                torch="torch.linalg.pinv(n.to(torch.float64))",
                inputs={"n": values([[2, 1, 0], [1, 3, 1]], dtype="int64")},
                trap=Trap(
                    "torch.linalg.pinv(n)",
                    shows="torch raises",
                    why="torch.linalg takes floating and complex tensors only; NumPy computes "
                    "integers as float64.",
                ),
            ),
            Case(
                "one-infinity",
                numpy="np.linalg.pinv(x)",
                torch="torch.linalg.pinv(x)",
                inputs={"x": values([[1.0, 2.0, 3.0], [inf, 1.0, 0.5], [3.0, -1.0, 2.0]])},
                unprobed={
                    "float32": "NumPy hangs here too; one cell shows it, for its time limit.",
                    "transposed": "NumPy hangs here too; one cell shows it, for its time limit.",
                    "strided": "NumPy hangs here too; one cell shows it, for its time limit.",
                    "reversed": "NumPy hangs here too; one cell shows it, for its time limit.",
                },
            ),
        ),
        parameters={"a": "A", "rcond": "rtol", "hermitian": "hermitian", "rtol": "rtol"},
        differences=(
            Difference(
                "never-returns",
                cases=("one-infinity",),
                probes=("float64",),
                shows="numpy hangs",
                why="A single infinity keeps the singular value decomposition under NumPy's pinv "
                "and lstsq, and svd with its vectors, busy for ever; torch.linalg.pinv gives NaN.",
                instead="Keep the port; in NumPy, test np.isfinite(x).all() first.",
            ),
        ),
        source="numpy.linalg.pinv; torch.linalg.pinv",
    ),
)
