"""Fourier transforms."""

from equiv.entry import Case, Difference, Op, Trap, complex_normal, positive, real, values

OPS: tuple[Op, ...] = (
    Op(
        "numpy.fft.fft",
        summary="Discrete Fourier transform along an axis.",
        inputs={"x": positive(7, 11)},
        cases=(
            Case(
                "plain",
                numpy="np.fft.fft(x)",
                torch="torch.fft.fft(x)",
                inputs={"x": real(31)},
                trap=Trap(
                    "torch.fft(x)",
                    shows="torch raises",
                    why="torch.fft is a module; the function of that name is removed.",
                ),
            ),
            Case("n", numpy="np.fft.fft(x, n=13)", torch="torch.fft.fft(x, n=13)"),
            Case("axis", numpy="np.fft.fft(x, axis=0)", torch="torch.fft.fft(x, dim=0)"),
            Case(
                "norm",
                numpy="np.fft.fft(x, norm='ortho')",
                torch="torch.fft.fft(x, norm='ortho')",
            ),
            Case(
                "complex",
                numpy="np.fft.fft(z)",
                torch="torch.fft.fft(z)",
                inputs={"z": complex_normal(5)},
            ),
            Case(
                "integers",
                numpy="np.fft.fft(n)",
                torch="torch.fft.fft(n.to(torch.float64))",
                inputs={"n": values([[3, -1, 4, 1, -5], [2, 7, -1, 8, 0]], dtype="int64")},
                trap=Trap(
                    "torch.fft.fft(n)",
                    shows="dtype",
                    why="torch computes integers in its default dtype and returns complex64; "
                    "NumPy returns complex128.",
                ),
            ),
        ),
        parameters={"a": "input", "n": "n", "axis": "dim", "norm": "norm", "out": "out"},
        differences=(
            Difference(
                "no-rows",
                cases=("n", "norm"),
                probes=("empty",),
                shows="torch raises",
                why="MKL, torch's FFT on the CPU, raises where there is nothing to transform "
                "because another axis is empty; NumPy returns an empty result.",
                instead="torch.empty((0, n), dtype=torch.complex128) where x has no elements.",
            ),
            Difference(
                "no-columns",
                cases=("axis",),
                probes=("empty across",),
                shows="torch raises",
                why="MKL, torch's FFT on the CPU, raises where there is nothing to transform "
                "because another axis is empty; NumPy returns an empty result.",
                instead="torch.empty(x.shape, dtype=torch.complex128) where x has no elements.",
            ),
            Difference(
                "zeros-of-padding",
                cases=("n",),
                probes=("empty across", "length one"),
                shows="sign of zero",
                why="The imaginary parts that are zero because only padding follows the first "
                "element are 0.0 in NumPy; MKL, torch's FFT on the CPU, leaves -0.0 in "
                "some.",
                instead="torch.fft.fft(x, n=13) + 0",
            ),
        ),
        source="numpy.fft.fft; torch.fft.fft",
    ),
    Op(
        "numpy.fft.ifft",
        summary="Inverse discrete Fourier transform along an axis.",
        inputs={"z": complex_normal(3, 5)},
        cases=(
            Case("plain", numpy="np.fft.ifft(z)", torch="torch.fft.ifft(z)"),
            Case("axis", numpy="np.fft.ifft(z, axis=0)", torch="torch.fft.ifft(z, dim=0)"),
            Case(
                "norm",
                numpy="np.fft.ifft(z, norm='forward')",
                torch="torch.fft.ifft(z, norm='forward')",
            ),
            Case(
                "real",
                numpy="np.fft.ifft(x)",
                torch="torch.fft.ifft(x + 0j)",
                inputs={"x": real(3, 5)},
                trap=Trap(
                    "torch.fft.ifft(x)",
                    shows="sign of zero",
                    why="The mean of real input has imaginary part -0.0 in torch, on the CPU, and "
                    "0.0 in NumPy.",
                ),
            ),
            Case(
                "integers",
                numpy="np.fft.ifft(n)",
                torch="torch.fft.ifft(n.to(torch.complex128))",
                inputs={"n": values([[3, -1, 4, 1, -5], [2, 7, -1, 8, 0]], dtype="int64")},
                trap=Trap(
                    "torch.fft.ifft(n)",
                    shows="dtype",
                    why="torch computes integers in its default dtype and returns complex64; "
                    "NumPy returns complex128.",
                ),
            ),
        ),
        parameters={"a": "input", "n": "n", "axis": "dim", "norm": "norm", "out": "out"},
        differences=(
            Difference(
                "no-rows",
                cases=("plain", "norm", "real"),
                probes=("empty",),
                shows="torch raises",
                why="MKL, torch's FFT on the CPU, raises where there is nothing to transform "
                "because another axis is empty; NumPy returns an empty result.",
                instead="torch.empty(z.shape, dtype=torch.complex128) where z has no elements.",
            ),
            Difference(
                "no-columns",
                cases=("axis",),
                probes=("empty across",),
                shows="torch raises",
                why="MKL, torch's FFT on the CPU, raises where there is nothing to transform "
                "because another axis is empty; NumPy returns an empty result.",
                instead="torch.empty(z.shape, dtype=torch.complex128) where z has no elements.",
            ),
            Difference(
                "half",
                cases=("real",),
                probes=("float16",),
                shows="torch raises",
                why="A float16 tensor plus 0j is complex32, which torch's FFT on the CPU does "
                "not have; NumPy computes in complex64.",
                instead="torch.fft.ifft(x.float() + 0j)",
            ),
        ),
        source="numpy.fft.ifft; torch.fft.ifft",
    ),
    Op(
        "numpy.fft.fft2",
        summary="Two-dimensional discrete Fourier transform.",
        inputs={"x": real(2, 3, 4)},
        cases=(
            Case("plain", numpy="np.fft.fft2(x)", torch="torch.fft.fft2(x)"),
            Case(
                "axes",
                numpy="np.fft.fft2(x, axes=(0, 1))",
                torch="torch.fft.fft2(x, dim=(0, 1))",
            ),
            Case("s", numpy="np.fft.fft2(x, s=(4, 3))", torch="torch.fft.fft2(x, s=(4, 3))"),
        ),
        parameters={"a": "input", "s": "s", "axes": "dim", "norm": "norm", "out": "out"},
        differences=(
            Difference(
                "no-rows",
                cases=("plain", "s"),
                probes=("empty",),
                shows="torch raises",
                why="MKL, torch's FFT on the CPU, raises where there is nothing to transform "
                "because another axis is empty; NumPy returns an empty result.",
                instead="torch.empty((0, *s), dtype=torch.complex128) where x has no elements.",
            ),
            Difference(
                "no-columns",
                cases=("axes",),
                probes=("empty across",),
                shows="torch raises",
                why="MKL, torch's FFT on the CPU, raises where there is nothing to transform "
                "because another axis is empty; NumPy returns an empty result.",
                instead="torch.empty(x.shape, dtype=torch.complex128) where x has no elements.",
            ),
        ),
        source="numpy.fft.fft2; torch.fft.fft2",
    ),
    Op(
        "numpy.fft.rfft",
        summary="Discrete Fourier transform of real input: the frequencies from 0 up.",
        inputs={"x": positive(7, 11)},
        cases=(
            Case(
                "plain",
                numpy="np.fft.rfft(x)",
                torch="torch.fft.rfft(x)",
                inputs={"x": real(31)},
                trap=Trap(
                    "torch.fft.fft(x)",
                    shows="shape",
                    why="torch.fft.fft gives the negative frequencies of real input too.",
                ),
            ),
            Case("n", numpy="np.fft.rfft(x, n=13)", torch="torch.fft.rfft(x, n=13)"),
            Case("axis", numpy="np.fft.rfft(x, axis=0)", torch="torch.fft.rfft(x, dim=0)"),
            Case(
                "integers",
                numpy="np.fft.rfft(n)",
                torch="torch.fft.rfft(n.to(torch.float64))",
                inputs={"n": values([[3, -1, 4, 1, -5], [2, 7, -1, 8, 0]], dtype="int64")},
                trap=Trap(
                    "torch.fft.rfft(n)",
                    shows="dtype",
                    why="torch computes integers in its default dtype and returns complex64; "
                    "NumPy returns complex128.",
                ),
            ),
        ),
        parameters={"a": "input", "n": "n", "axis": "dim", "norm": "norm", "out": "out"},
        differences=(
            Difference(
                "no-rows",
                cases=("n",),
                probes=("empty",),
                shows="torch raises",
                why="MKL, torch's FFT on the CPU, raises where there is nothing to transform "
                "because another axis is empty; NumPy returns an empty result.",
                instead="torch.empty((0, n // 2 + 1), dtype=torch.complex128) where x has no "
                "elements.",
            ),
            Difference(
                "no-columns",
                cases=("axis",),
                probes=("empty across",),
                shows="torch raises",
                why="MKL, torch's FFT on the CPU, raises where there is nothing to transform "
                "because another axis is empty; NumPy returns an empty result.",
                instead="torch.empty((len(x) // 2 + 1, 0), dtype=torch.complex128) where x "
                "has no elements.",
            ),
            Difference(
                "zeros-of-padding",
                cases=("n",),
                probes=("empty across", "length one"),
                shows="sign of zero",
                why="The imaginary parts that are zero because only padding follows the first "
                "element are 0.0 in NumPy; MKL, torch's FFT on the CPU, leaves -0.0 in "
                "some.",
                instead="torch.fft.rfft(x, n=13) + 0",
            ),
        ),
        source="numpy.fft.rfft; torch.fft.rfft",
    ),
    Op(
        "numpy.fft.fftfreq",
        summary="The frequencies of the bins of a discrete Fourier transform.",
        cases=(
            Case(
                "plain",
                numpy="np.fft.fftfreq(5)",
                torch="torch.fft.fftfreq(5, dtype=torch.float64)",
                trap=Trap(
                    "torch.fft.fftfreq(5)",
                    shows="dtype",
                    why="torch gives its default dtype, float32; NumPy gives float64.",
                ),
            ),
            Case(
                "d",
                numpy="np.fft.fftfreq(6, d=0.1)",
                torch="torch.fft.fftfreq(6, d=0.1, dtype=torch.float64)",
            ),
        ),
        parameters={"n": "n", "d": "d", "device": "device"},
        source="numpy.fft.fftfreq; torch.fft.fftfreq",
    ),
    Op(
        "numpy.fft.fftshift",
        summary="Copy with the zero frequency moved to the middle.",
        inputs={"x": real(3, 4)},
        cases=(
            Case("plain", numpy="np.fft.fftshift(x)", torch="torch.fft.fftshift(x)"),
            Case(
                "axes",
                numpy="np.fft.fftshift(x, axes=0)",
                torch="torch.fft.fftshift(x, dim=0)",
                trap=Trap(
                    "torch.fft.ifftshift(x, dim=0)",
                    shows="value",
                    why="ifftshift undoes fftshift; along an axis of odd length the two move by "
                    "different amounts.",
                ),
            ),
        ),
        parameters={"x": "input", "axes": "dim"},
        source="numpy.fft.fftshift; torch.fft.fftshift",
    ),
)
