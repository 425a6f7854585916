"""Statistics: means, spreads, percentiles and histograms."""

from math import nan

from equiv.entry import (
    COMPLEX,
    EVERY,
    EXTREMES,
    SIGNED,
    Case,
    Difference,
    Op,
    Trap,
    ascending,
    complex_normal,
    distinct,
    integers,
    positive,
    real,
    values,
)

OPS: tuple[Op, ...] = (
    Op(
        "numpy.percentile",
        summary="Percentiles along an axis.",
        inputs={"x": real(3, 4), "q": values([10.0, 50.0, 95.0]), "n": integers(0, 99, (3, 4))},
        cases=(
            Case(
                "plain",
                numpy="np.percentile(x, 25)",
                torch="torch.quantile(x, 0.25)",
                unprobed={"signed zeros": "Which zero NumPy's partition picks is undefined."},
                trap=Trap(
                    "torch.quantile(x, 25)",
                    shows="torch raises",
                    why="torch takes fractions from 0 to 1; NumPy takes percent.",
                ),
            ),
            Case(
                "axis",
                numpy="np.percentile(x, 25, axis=1, keepdims=True)",
                torch="torch.quantile(x, 0.25, dim=1, keepdim=True)",
                unprobed={"signed zeros": "Which zero NumPy's partition picks is undefined."},
            ),
            Case(
                "axes",
                numpy="np.percentile(x, 25, axis=(0, 1))",
                torch="torch.quantile(x.flatten(0, 1), 0.25, dim=0)",
                unprobed={"signed zeros": "Which zero NumPy's partition picks is undefined."},
                inputs={"x": real(2, 3, 4)},
                trap=Trap(
                    "torch.quantile(x, 0.25, dim=(0, 1))",
                    shows="torch raises",
                    why="torch.quantile reduces one dim or all of them; NumPy takes several.",
                ),
            ),
            Case(
                "several",
                numpy="np.percentile(x, [25, 50, 75], axis=1)",
                torch="torch.quantile(x, torch.tensor([0.25, 0.5, 0.75]).to(x), dim=1)",
                unprobed={"signed zeros": "Which zero NumPy's partition picks is undefined."},
                trap=Trap(
                    "torch.quantile(x, torch.tensor([0.25, 0.5, 0.75]), dim=1)",
                    shows="torch raises",
                    why="torch wants q in x's dtype, and a tensor of floats is float32.",
                ),
            ),
            Case(
                "q-array",
                numpy="np.percentile(x, q)",
                torch="torch.quantile(x, q / 100)",
                unprobed={"signed zeros": "Which zero NumPy's partition picks is undefined."},
            ),
            Case(
                "method",
                numpy="np.percentile(x, 25, method='lower')",
                torch="torch.quantile(x, 0.25, interpolation='lower')",
                unprobed={"signed zeros": "Which zero NumPy's partition picks is undefined."},
            ),
            Case(
                "integers",
                numpy="np.percentile(n, 25)",
                torch="torch.quantile(n.double(), 0.25)",
                trap=Trap(
                    "torch.quantile(n, 0.25)",
                    shows="torch raises",
                    why="torch.quantile takes float32 and float64 only.",
                ),
            ),
        ),
        parameters={
            "a": "input",
            "q": "q / 100",
            "axis": "dim",
            "out": "out",
            "overwrite_input": None,
            "method": "interpolation",
            "keepdims": "keepdim",
            "weights": None,
        },
        differences=(
            Difference(
                "empty",
                cases=("axis", "several"),
                probes=("empty",),
                shows="torch raises",
                why="torch.quantile refuses a tensor without elements, even along a full axis.",
                instead="Test x.numel() first; there are no rows to give percentiles of.",
            ),
            Difference(
                "list-widens",
                cases=("several",),
                probes=("float32",),
                shows="dtype",
                why="NumPy makes a float64 array of a list of percentages, and it widens the "
                "result; torch takes q and x in one dtype.",
                instead="q = torch.tensor([0.25, 0.5, 0.75]); torch.quantile(x.double(), "
                "q.double(), dim=1)",
            ),
            Difference(
                "booleans",
                cases=("integers",),
                probes=("bool",),
                shows="numpy raises",
                why="NumPy subtracts neighbours to interpolate, which it refuses for booleans; the "
                "port casts them to float64 first.",
                instead="np.percentile(n.astype(float), 25) agrees.",
            ),
        ),
        source="numpy.percentile; torch.quantile",
    ),
    Op(
        "numpy.median",
        summary="Median along an axis.",
        inputs={"x": real(3, 4), "n": integers(0, 99, (3, 4))},
        cases=(
            Case(
                "plain",
                numpy="np.median(x)",
                torch="torch.quantile(x, 0.5)",
                unprobed={"signed zeros": "Which zero NumPy's partition picks is undefined."},
                trap=Trap(
                    "torch.median(x)",
                    shows="value",
                    why=(
                        "Of an even count torch.median gives the lower of the two middle "
                        "elements; NumPy gives their mean."
                    ),
                ),
            ),
            Case(
                "axis",
                numpy="np.median(x, axis=1, keepdims=True)",
                torch="torch.quantile(x, 0.5, dim=1, keepdim=True)",
                unprobed={"signed zeros": "Which zero NumPy's partition picks is undefined."},
            ),
            Case(
                "odd-count",
                numpy="np.median(x, axis=0)",
                torch="torch.median(x, dim=0).values",
                inputs={"x": real(3, 12)},
                unprobed={"signed zeros": "Which zero NumPy's partition picks is undefined."},
                trap=Trap(
                    "torch.median(x, dim=0)",
                    shows="structure",
                    why="With a dim, torch.median returns a pair of the values and their indices.",
                ),
            ),
            Case(
                "integers",
                numpy="np.median(n)",
                torch="torch.quantile(n.double(), 0.5)",
                trap=Trap(
                    "torch.quantile(n, 0.5)",
                    shows="torch raises",
                    why="torch.quantile takes float32 and float64 only.",
                ),
            ),
        ),
        parameters={
            "a": "input",
            "axis": "dim",
            "out": "out",
            "overwrite_input": None,
            "keepdims": "keepdim",
        },
        differences=(
            Difference(
                "empty",
                cases=("plain", "axis", "integers"),
                probes=("empty", "empty across"),
                shows="torch raises",
                why="torch.quantile refuses a tensor without elements; NumPy warns and gives NaN "
                "for the median of none.",
                instead="Test x.numel() first; torch.mean(x, dim=1, keepdim=True) gives that NaN.",
            ),
            Difference(
                "none-to-choose-from",
                cases=("odd-count",),
                probes=("empty",),
                shows="torch raises",
                why="torch.median refuses a dim of no elements; NumPy warns and gives NaN.",
                instead="Test x.size(0) first; torch.mean(x, dim=0) gives that NaN.",
            ),
            Difference(
                "keeps-integers",
                cases=("odd-count",),
                probes=(*SIGNED, "uint8", *EXTREMES),
                shows="dtype",
                why="torch.median picks an element, so that integers stay integers; NumPy's mean "
                "of the middle is a float64.",
                instead="torch.median(x, dim=0).values.double()",
            ),
            Difference(
                "even-count",
                cases=("odd-count",),
                probes=("square", "many"),
                shows="value",
                why="Of an even count torch.median gives the lower of the two middle elements; "
                "NumPy gives their mean.",
                instead="torch.quantile(x, 0.5, dim=0)",
            ),
            Difference(
                "expanded",
                cases=("odd-count",),
                probes=("broadcast",),
                shows="value",
                why="Along an expanded dim torch.median on the CPU reads the wrong elements, even "
                "ones beyond the tensor, without an error.",
                instead="torch.median(x.contiguous(), dim=0).values",
            ),
        ),
        source="numpy.median; torch.quantile; torch.median",
    ),
    Op(
        "numpy.mean",
        summary="Arithmetic mean along axes.",
        inputs={
            "x": real(3, 4),
            "n": integers(0, 9, (3, 4)),
            "m": values(
                [[True, False, True, True], [False, True, False, True], [True, True, False, False]],
                dtype="bool",
            ),
        },
        cases=(
            Case("plain", numpy="np.mean(x)", torch="torch.mean(x)"),
            Case(
                "axis",
                numpy="np.mean(x, axis=1, keepdims=True)",
                torch="torch.mean(x, dim=1, keepdim=True)",
            ),
            Case(
                "axes",
                numpy="np.mean(x, axis=(0, 2))",
                torch="torch.mean(x, dim=(0, 2))",
                inputs={"x": real(2, 3, 4)},
            ),
            Case(
                "integers",
                numpy="np.mean(n)",
                torch="torch.mean(n, dtype=torch.float64)",
                trap=Trap(
                    "torch.mean(n)",
                    shows="torch raises",
                    why="torch.mean refuses integers and booleans unless given a float dtype.",
                ),
            ),
            Case(
                "where",
                numpy="np.mean(x, axis=1, where=m)",
                torch="torch.sum(torch.where(m, x, 0.0), dim=1) / torch.sum(m, dim=1)",
                trap=Trap(
                    "torch.mean(torch.where(m, x, 0), dim=1)",
                    shows="value",
                    why="torch.mean counts the elements that are left out as zeros.",
                ),
            ),
        ),
        parameters={
            "a": "input",
            "axis": "dim",
            "dtype": "dtype",
            "out": "out",
            "keepdims": "keepdim",
            "where": "torch.sum(torch.where(where, x, 0.0)) / torch.sum(where)",
        },
        differences=(
            Difference(
                "larger-mask",
                cases=("where",),
                probes=("0-d", "length one"),
                shows="numpy raises",
                why="NumPy broadcasts the mask to x, and refuses one that is larger; torch.where "
                "broadcasts x to the mask too.",
                instead="Check that x has the shape of the mask, x.shape == m.shape.",
            ),
        ),
        source="numpy.mean; torch.mean",
    ),
    Op(
        "numpy.std",
        summary="Standard deviation along an axis.",
        inputs={"x": real(3, 4), "n": integers(0, 9, (3, 4))},
        cases=(
            Case(
                "plain",
                numpy="np.std(x)",
                torch="torch.std(x, correction=0)",
                trap=Trap(
                    "torch.std(x)",
                    shows="value",
                    why="torch divides by n - 1 unless correction=0; NumPy divides by n.",
                ),
            ),
            Case(
                "axis",
                numpy="np.std(x, axis=1, keepdims=True)",
                torch="torch.std(x, dim=1, keepdim=True, correction=0)",
            ),
            Case(
                "axes",
                numpy="np.std(x, axis=(0, 2))",
                torch="torch.std(x, dim=(0, 2), correction=0)",
                inputs={"x": real(2, 3, 4)},
            ),
            Case("ddof1", numpy="np.std(x, axis=0, ddof=1)", torch="torch.std(x, dim=0)"),
            Case(
                "integers",
                numpy="np.std(n)",
                torch="torch.std(n.double(), correction=0)",
                trap=Trap(
                    "torch.std(n, correction=0)",
                    shows="torch raises",
                    why="torch.std takes floats and complex only, and has no dtype argument.",
                ),
            ),
        ),
        parameters={
            "a": "input",
            "axis": "dim",
            "dtype": "torch.std(x.to(dtype), correction=0)",
            "out": "out",
            "ddof": "correction",
            "keepdims": "keepdim",
            "where": "torch.std(x[where], correction=0)",
            "mean": None,
            "correction": "correction",
        },
        source="numpy.std; torch.std",
    ),
    Op(
        "numpy.var",
        summary="Variance along an axis.",
        inputs={"x": real(3, 4), "n": integers(0, 9, (3, 4)), "z": complex_normal(5)},
        cases=(
            Case(
                "plain",
                numpy="np.var(x)",
                torch="torch.var(x, correction=0)",
                trap=Trap(
                    "torch.var(x)",
                    shows="value",
                    why="torch divides by n - 1 unless correction=0; NumPy divides by n.",
                ),
            ),
            Case(
                "axis",
                numpy="np.var(x, axis=1, keepdims=True)",
                torch="torch.var(x, dim=1, keepdim=True, correction=0)",
            ),
            Case("ddof1", numpy="np.var(x, axis=0, ddof=1)", torch="torch.var(x, dim=0)"),
            Case(
                "integers",
                numpy="np.var(n)",
                torch="torch.var(n.double(), correction=0)",
                trap=Trap(
                    "torch.var(n, correction=0)",
                    shows="torch raises",
                    why="torch.var takes floats and complex only, and has no dtype argument.",
                ),
            ),
            Case("complex", numpy="np.var(z)", torch="torch.var(z, correction=0)"),
        ),
        parameters={
            "a": "input",
            "axis": "dim",
            "dtype": "torch.var(x.to(dtype), correction=0)",
            "out": "out",
            "ddof": "correction",
            "keepdims": "keepdim",
            "where": "torch.var(x[where], correction=0)",
            "mean": None,
            "correction": "correction",
        },
        source="numpy.var; torch.var",
    ),
    Op(
        "numpy.nanmean",
        summary="Arithmetic mean of the elements that are not NaN.",
        inputs={
            "x": values([[1.0, nan, -2.5, 4.0], [0.5, 3.0, nan, nan], [2.0, 7.0, -1.0, 0.0]]),
            "n": integers(0, 9, (3, 4)),
        },
        cases=(
            Case("plain", numpy="np.nanmean(x)", torch="torch.nanmean(x)"),
            Case(
                "axis",
                numpy="np.nanmean(x, axis=1, keepdims=True)",
                torch="torch.nanmean(x, dim=1, keepdim=True)",
            ),
            Case(
                "all-nan",
                numpy="np.nanmean(x, axis=1)",
                torch="torch.nanmean(x, dim=1)",
                inputs={"x": values([[1.0, nan, 2.0], [nan, nan, nan]])},
                no_gradient="The mean of no elements is NaN.",
            ),
            Case(
                "integers",
                numpy="np.nanmean(n)",
                torch="torch.nanmean(n.double())",
                trap=Trap(
                    "torch.nanmean(n)",
                    shows="torch raises",
                    why="torch.nanmean refuses integers; NumPy takes their plain mean.",
                ),
            ),
        ),
        parameters={
            "a": "input",
            "axis": "dim",
            "dtype": "dtype",
            "out": "out",
            "keepdims": "keepdim",
            "where": "torch.nanmean(torch.where(where, x, torch.nan))",
        },
        source="numpy.nanmean; torch.nanmean",
    ),
    Op(
        "numpy.cov",
        summary="Covariance matrix of variables in rows.",
        inputs={"x": real(2, 25), "a": real(25), "b": real(25), "n": integers(0, 9, (3, 5))},
        cases=(
            Case("plain", numpy="np.cov(x)", torch="torch.cov(x)"),
            Case(
                "columns",
                numpy="np.cov(x, rowvar=False)",
                torch="torch.cov(x.T)",
                inputs={"x": real(3, 20)},
                trap=Trap(
                    "torch.cov(x)",
                    shows="shape",
                    why="torch has no rowvar: its variables are always the rows.",
                ),
            ),
            Case(
                "two-variables",
                numpy="np.cov(a, b)",
                torch="torch.cov(torch.vstack((a, b)))",
                trap=Trap(
                    "torch.cov(a, b)",
                    shows="torch raises",
                    why="torch.cov takes one tensor, with a row for each variable.",
                ),
            ),
            Case("ddof0", numpy="np.cov(x, ddof=0)", torch="torch.cov(x, correction=0)"),
            Case(
                "weights",
                numpy="np.cov(x, aweights=w)",
                torch="torch.cov(x, aweights=w)",
                inputs={"x": real(3, 5), "w": positive(5)},
            ),
            Case(
                "integers",
                numpy="np.cov(n)",
                torch="torch.cov(n.double())",
                trap=Trap(
                    "torch.cov(n)",
                    shows="dtype",
                    why="torch takes integers to its default dtype, float32; NumPy to float64.",
                ),
            ),
        ),
        parameters={
            "m": "input",
            "y": "torch.cov(torch.vstack((m, y)))",
            "rowvar": "torch.cov(m.T)",
            "bias": "torch.cov(m, correction=0)",
            "ddof": "correction",
            "fweights": "fweights",
            "aweights": "aweights",
            "dtype": "torch.cov(m.to(dtype))",
        },
        differences=(
            Difference(
                "keeps-width",
                cases=("plain", "columns", "two-variables", "ddof0"),
                probes=("float16", "float32", "complex64", "float16 with float32"),
                shows="dtype",
                why="NumPy computes a covariance in float64 or complex128 at the least; torch "
                "keeps that of its input.",
                instead="torch.cov(x.double()), or x.to(torch.complex128) where x is complex.",
            ),
            Difference(
                "keeps-width-of-weights",
                cases=("weights",),
                probes=("float16", "float32", "float16 with float32"),
                shows="dtype",
                why="NumPy computes a covariance in float64 at the least; torch keeps the wider "
                "dtype of x and the weights.",
                instead="torch.cov(x.double(), aweights=w.double())",
            ),
            Difference(
                "integers-overflow",
                cases=("plain", "two-variables", "ddof0"),
                probes=("uint64", "int64 extremes"),
                shows="nan",
                why="torch computes integers in float32, where the squares of values near 2**63 "
                "and above add up to infinity; NumPy computes them in float64.",
                instead="torch.cov(x.double())",
            ),
            Difference(
                "unsigned-wrap",
                cases=("columns",),
                probes=("uint64",),
                shows=("nan", "value"),
                why="torch sums uint64 in int64 for the mean, where values near 2**64 wrap: "
                "products of such values overflow float32, and the others come out wrong.",
                instead="torch.cov(x.T.double())",
            ),
            Difference(
                "integers-wrap",
                cases=("columns",),
                probes=("int64 extremes",),
                shows="value",
                why="torch sums integers in int64 for their mean, where large ones wrap; NumPy "
                "sums in float64.",
                instead="torch.cov(x.T.double())",
            ),
            Difference(
                "complex-weights",
                cases=("weights",),
                probes=(*COMPLEX, "float64 with complex64"),
                shows="torch raises",
                why="NumPy drops the imaginary parts of the weights with a warning; torch takes "
                "real weights only.",
                instead="torch.cov(x.to(torch.complex128), aweights=w.real.double())",
            ),
            Difference(
                "nan-weights",
                cases=("weights",),
                probes=("nan", "all nan"),
                shows="torch raises",
                why="torch asks that every weight be at least zero, which NaN is not; NumPy "
                "refuses negative ones only and gives NaN.",
                instead="Test torch.isnan(w).any() first; all covariances are NaN then.",
            ),
            Difference(
                "one-observation-overwritten",
                cases=("weights",),
                probes=("length one",),
                shows="mutation",
                why="With weights and a single observation torch.cov subtracts the mean from its "
                "input in place.",
                instead="torch.cov(x.clone(), aweights=w)",
            ),
            Difference(
                "weights-without-rows",
                cases=("weights",),
                probes=("empty",),
                shows="torch raises",
                why="Where there are no variables NumPy returns early; torch checks that there is "
                "a weight for each observation.",
                instead="Test x.numel() first; the result is x.new_empty(0, 0).",
            ),
            Difference(
                "0-d-weights",
                cases=("weights",),
                probes=("0-d",),
                shows="numpy raises",
                why="NumPy counts the weights along their first axis, and raises IndexError where "
                "they have none; torch takes a 0-d tensor for one weight.",
                instead="np.cov(x, aweights=w.reshape(1)) agrees.",
            ),
            Difference(
                "subnormal-weights",
                cases=("weights",),
                probes=("subnormal",),
                shows="nan",
                why="NumPy multiplies by the reciprocal of the sum of the weights, which is "
                "infinite for a subnormal sum; torch divides by it.",
                instead="Scale the weights first, such as w / w.max().",
            ),
        ),
        source="numpy.cov; torch.cov",
    ),
    Op(
        "numpy.histogram",
        summary="Counts of the elements that fall into each bin, and the bin edges.",
        inputs={"x": real(3, 4), "e": ascending(5), "w": positive(3, 4)},
        cases=(
            Case(
                "plain",
                numpy="np.histogram(x)",
                torch="counts, edges = torch.histogram(x, 10); (counts.long(), edges)",
                inputs={"x": distinct(3, 4)},
                trap=Trap(
                    "counts, edges = torch.histogram(x); (counts.long(), edges)",
                    shows="shape",
                    why="torch makes 100 bins unless told; NumPy makes 10.",
                ),
            ),
            Case(
                "bins",
                numpy="np.histogram(x, bins=5)",
                torch="counts, edges = torch.histogram(x, 5); (counts.long(), edges)",
                trap=Trap(
                    "torch.histc(x, 5)",
                    shows="structure",
                    why="torch.histc returns the counts alone, as floats; NumPy the edges too.",
                ),
            ),
            Case(
                "edges",
                numpy="np.histogram(x, e)",
                torch="(torch.histogram(x, e).hist.long(), e)",
                trap=Trap(
                    "tuple(torch.histogram(x, e))",
                    shows="dtype",
                    why="torch counts in the dtype of x; NumPy counts in int64.",
                ),
            ),
            Case(
                "density",
                numpy="np.histogram(x, bins=5, density=True)",
                torch="torch.histogram(x, 5, density=True)",
            ),
            Case(
                "weights",
                numpy="np.histogram(x, bins=5, weights=w)",
                torch="torch.histogram(x, 5, weight=w)",
            ),
            Case(
                "on-an-edge",
                numpy="np.histogram(x, bins=10, range=(0, 1))",
                torch=(
                    "e = (torch.arange(11, dtype=torch.float64) * 0.1).to(x); "
                    "(torch.histogram(x, e).hist.long(), e)"
                ),
                inputs={"x": values([0.05, 0.7, 0.95])},
                trap=Trap(
                    "counts, edges = torch.histogram(x, 10, range=(0, 1)); (counts.long(), edges)",
                    shows="value",
                    why=(
                        "The inner edges round differently, 0.7 in torch and 0.7000000000000001 in "
                        "NumPy, so an element on an edge can change its bin."
                    ),
                ),
            ),
        ),
        parameters={
            "a": "input",
            "bins": "bins",
            "range": "range",
            "density": "density",
            "weights": "weight",
        },
        differences=(
            Difference(
                "no-derivative",
                cases=("plain", "bins", "density", "weights"),
                probes=EVERY,
                shows="gradient",
                why="torch.histogram cannot be differentiated, not even its edges or by its "
                "weights: backward raises.",
                instead="torch.histogram(x.detach(), ...) where no gradient is wanted.",
            ),
            Difference(
                "integers",
                cases=("plain",),
                probes=("int64",),
                shows="torch raises",
                why="torch.histogram takes float32 and float64 only.",
                instead="torch.histogram(x.double(), 10), the counts cast by .long().",
            ),
            Difference(
                "no-bins",
                cases=("edges",),
                probes=("empty", "length one"),
                shows="torch raises",
                why="torch asks for one bin at the least; for fewer than two edges NumPy returns "
                "no counts.",
                instead="Test len(e) > 1 first; there are no bins to count in otherwise.",
            ),
            Difference(
                "density-dtype",
                cases=("density",),
                probes=("float32",),
                shows="dtype",
                why="NumPy divides its int64 counts by float64 widths; torch's density has the "
                "dtype of x.",
                instead="h, e = torch.histogram(x, 5, density=True); h.double(), e",
            ),
        ),
        source="numpy.histogram; torch.histogram; torch.histc",
    ),
    Op(
        "numpy.bincount",
        summary="How often each integer occurs, or the sum of its weights.",
        inputs={"n": integers(0, 6, (9,)), "w": real(9)},
        cases=(
            Case("plain", numpy="np.bincount(n)", torch="torch.bincount(n)"),
            Case(
                "minlength",
                numpy="np.bincount(n, minlength=8)",
                torch="torch.bincount(n, minlength=8)",
            ),
            Case(
                "weights",
                numpy="np.bincount(n, weights=w)",
                torch=(
                    "w.new_zeros(int(n.max()) + 1, dtype=torch.float64).index_add(0, n, w.double())"
                ),
                trap=Trap(
                    "torch.bincount(n, weights=w)",
                    shows="gradient",
                    why="The values are right, but torch.bincount has no backward: it raises.",
                ),
            ),
            Case(
                "float32-weights",
                numpy="np.bincount(n, weights=w)",
                torch=(
                    "w.new_zeros(int(n.max()) + 1, dtype=torch.float64).index_add(0, n, w.double())"
                ),
                inputs={"n": integers(0, 6, (9,)), "w": real(9, dtype="float32")},
                trap=Trap(
                    "torch.bincount(n, weights=w)",
                    shows="dtype",
                    why="torch sums float32 weights in float32; NumPy sums in float64.",
                ),
            ),
        ),
        parameters={"x": "input", "weights": "weights", "minlength": "minlength"},
        differences=(
            Difference(
                "empty",
                cases=("weights", "float32-weights"),
                probes=("empty",),
                shows="torch raises",
                why="There is no largest of no integers, so n.max() raises; NumPy gives no counts, "
                "in int64 even though there are weights.",
                instead="Test n.numel() first; torch.bincount(n) gives NumPy's empty int64 result.",
            ),
        ),
        source="numpy.bincount; torch.bincount; torch.Tensor.index_add",
    ),
    Op(
        "numpy.digitize",
        summary="Index of the bin that each element falls into.",
        inputs={
            "x": values([0.5, 1.0, 2.5, 3.0, -1.0, 7.0]),
            "bins": values([0.0, 1.0, 2.5, 4.0]),
            "falling": values([4.0, 2.5, 1.0, 0.0]),
        },
        cases=(
            Case(
                "plain",
                numpy="np.digitize(x, bins)",
                torch="torch.bucketize(x, bins, right=True)",
                trap=Trap(
                    "torch.bucketize(x, bins)",
                    shows="value",
                    why=(
                        "An element on an edge belongs to the bin above in NumPy, and to the one "
                        "below in torch unless right=True."
                    ),
                ),
            ),
            Case(
                "right",
                numpy="np.digitize(x, bins, right=True)",
                torch="torch.bucketize(x, bins)",
                trap=Trap(
                    "torch.bucketize(x, bins, right=True)",
                    shows="value",
                    why=(
                        "right means the opposite in torch: there it is the side on which an "
                        "equal element is inserted, in NumPy the closed end of a bin."
                    ),
                ),
            ),
            Case(
                "falling-bins",
                numpy="np.digitize(x, falling)",
                torch="len(falling) - torch.bucketize(x, falling.flip(0), right=True)",
                trap=Trap(
                    "torch.bucketize(x, falling, right=True)",
                    shows="value",
                    why=(
                        "NumPy sees that the bins fall; torch takes for granted that they rise, "
                        "and gives wrong indices without a word."
                    ),
                ),
            ),
        ),
        parameters={
            "x": "input",
            "bins": "boundaries",
            "right": "torch.bucketize(x, bins, right=not right)",
        },
        source="numpy.digitize; torch.bucketize",
    ),
)
