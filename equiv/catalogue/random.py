"""Random numbers: compared as distributions, never draw by draw."""

from equiv.entry import Case, Op, Trap, integers, positive, real, unit, values

OPS: tuple[Op, ...] = (
    Op(
        "numpy.random.rand",
        summary="Uniform draws from [0, 1) in a given shape.",
        inputs={"x": real(3, 4)},
        cases=(
            Case(
                "plain",
                numpy="np.random.rand(3, 4)",
                torch="torch.rand(3, 4, dtype=torch.float64)",
                equal="as a distribution",
                trap=Trap(
                    "torch.rand(3, 4)",
                    shows="dtype",
                    why="torch draws in its default dtype, float32; NumPy draws float64.",
                ),
            ),
            Case(
                "scalar",
                numpy="np.random.rand()",
                torch="torch.rand((), dtype=torch.float64).item()",
                equal="as a distribution",
                trap=Trap(
                    "torch.rand()",
                    shows="torch raises",
                    why="torch needs a size, () for a single draw; NumPy returns a Python float.",
                ),
            ),
            Case(
                "shape-of",
                numpy="np.random.rand(*x.shape)",
                torch="torch.rand(x.shape, dtype=torch.float64)",
                equal="as a distribution",
                trap=Trap(
                    "torch.rand_like(x)",
                    shows="dtype",
                    under="float32",
                    why="torch.rand_like draws in the dtype of x; NumPy always draws float64.",
                ),
            ),
            Case(
                "float32",
                numpy="np.random.rand(3, 4).astype(np.float32)",
                torch="torch.rand(3, 4)",
                equal="as a distribution",
            ),
            Case(
                "centred",
                numpy="2 * np.random.rand(3, 4) - 1",
                torch="2 * torch.rand(3, 4, dtype=torch.float64) - 1",
                equal="as a distribution",
                trap=Trap(
                    "torch.randn(3, 4, dtype=torch.float64)",
                    shows="value",
                    why="torch.randn draws from the normal distribution; torch.rand is uniform.",
                ),
            ),
        ),
        parameters={"args": "size"},
        source="numpy.random.rand; torch.rand; torch.rand_like",
    ),
    Op(
        "numpy.random.randn",
        summary="Standard normal draws in a given shape.",
        inputs={"x": real(3, 4)},
        cases=(
            Case(
                "plain",
                numpy="np.random.randn(3, 4)",
                torch="torch.randn(3, 4, dtype=torch.float64)",
                equal="as a distribution",
                trap=Trap(
                    "torch.randn(3, 4)",
                    shows="dtype",
                    why="torch draws in its default dtype, float32; NumPy draws float64.",
                ),
            ),
            Case(
                "scalar",
                numpy="np.random.randn()",
                torch="torch.randn((), dtype=torch.float64).item()",
                equal="as a distribution",
                trap=Trap(
                    "torch.randn()",
                    shows="torch raises",
                    why="torch needs a size, () for a single draw; NumPy returns a Python float.",
                ),
            ),
            Case(
                "shape-of",
                numpy="np.random.randn(*x.shape)",
                torch="torch.randn(x.shape, dtype=torch.float64)",
                equal="as a distribution",
                trap=Trap(
                    "torch.randn_like(x)",
                    shows="torch raises",
                    why=(
                        "torch.randn_like draws in the dtype of x and has no draws for "
                        "integers; NumPy always draws float64."
                    ),
                    under="int64",
                ),
            ),
        ),
        parameters={"args": "size"},
        source="numpy.random.randn; torch.randn; torch.randn_like",
    ),
    Op(
        "numpy.random.randint",
        summary="Integers from low up to, not including, high.",
        inputs={"n": values([2, 5, 30], dtype="int64")},
        cases=(
            Case(
                "plain",
                numpy="np.random.randint(0, 10, (3, 4))",
                torch="torch.randint(0, 10, (3, 4))",
                equal="as a distribution",
            ),
            Case(
                "vector",
                numpy="np.random.randint(10, size=5)",
                torch="torch.randint(10, size=(5,))",
                equal="as a distribution",
                trap=Trap(
                    "torch.randint(10, size=5)",
                    shows="torch raises",
                    why="torch takes the size as a tuple only; NumPy also takes a number.",
                ),
            ),
            Case(
                "scalar",
                numpy="np.random.randint(-3, 4)",
                torch="torch.randint(-3, 4, ()).item()",
                equal="as a distribution",
                trap=Trap(
                    "torch.randint(-3, 4)",
                    shows="torch raises",
                    why="torch needs a size, () for a single draw; NumPy returns a Python int.",
                ),
            ),
            Case(
                "bounds",
                numpy="np.random.randint(0, n)",
                torch="(torch.rand(n.shape, dtype=torch.float64) * n).long()",
                equal="as a distribution",
                trap=Trap(
                    "torch.randint(0, n, n.shape)",
                    shows="torch raises",
                    why=(
                        "torch takes numbers as bounds, one pair for all draws; NumPy also "
                        "takes arrays."
                    ),
                ),
            ),
        ),
        parameters={"low": "low", "high": "high", "size": "size", "dtype": "dtype"},
        source="numpy.random.randint; torch.randint",
    ),
    Op(
        "numpy.random.choice",
        summary="Draws from the elements of an array, with or without weights.",
        inputs={
            "a": values([2, 3, 5, 7, 11], dtype="int64"),
            "p": values([0.1, 0.1, 0.2, 0.2, 0.4]),
        },
        cases=(
            Case(
                "plain",
                numpy="np.random.choice(a, 6)",
                torch="a[torch.randint(len(a), (6,))]",
                equal="as a distribution",
                trap=Trap(
                    "a[torch.randperm(len(a))[:6]]",
                    shows="shape",
                    why=(
                        "np.random.choice replaces what it draws; torch.randperm does not, "
                        "so it gives no more than there are."
                    ),
                ),
            ),
            Case(
                "without-replacement",
                numpy="np.random.choice(a, 3, replace=False).sum()",
                torch="a[torch.randperm(len(a))[:3]].sum()",
                equal="as a distribution",
                trap=Trap(
                    "a[torch.randint(len(a), (3,))].sum()",
                    shows="value",
                    why=(
                        "torch.randint replaces what it draws, and elements come twice: it "
                        "shows in the sum."
                    ),
                ),
            ),
            Case(
                "weights",
                numpy="np.random.choice(a, 3, p=p)",
                torch="a[torch.multinomial(p, 3, replacement=True)]",
                equal="as a distribution",
                trap=Trap(
                    "a[torch.multinomial(p, 3)]",
                    shows="value",
                    why=(
                        "torch.multinomial draws without replacement unless told "
                        "otherwise; np.random.choice with it."
                    ),
                ),
            ),
            Case(
                "weights-in-shape",
                numpy="np.random.choice(a, (3, 4), p=p)",
                torch="a[torch.multinomial(p, 12, replacement=True)].reshape(3, 4)",
                equal="as a distribution",
                trap=Trap(
                    "a[torch.multinomial(p, (3, 4), replacement=True)]",
                    shows="torch raises",
                    why="torch.multinomial takes a number of draws; NumPy takes a shape.",
                ),
            ),
        ),
        parameters={
            "a": "a[torch.randint(len(a), size)]",
            "size": "num_samples",
            "replace": "replacement",
            "p": "input",
        },
        source="numpy.random.choice; torch.randint; torch.randperm; torch.multinomial",
    ),
    Op(
        "numpy.random.permutation",
        summary="Integers up to a number, or the rows of an array, in random order.",
        inputs={"x": integers(0, 100, (5, 3)), "w": values([64, 16, 4, 1], dtype="int64")},
        cases=(
            Case(
                "plain",
                numpy="np.random.permutation(5)",
                torch="torch.randperm(5)",
                equal="as a distribution",
            ),
            Case(
                "order",
                numpy="np.random.permutation(4) @ w",
                torch="torch.randperm(4) @ w",
                equal="as a distribution",
                trap=Trap(
                    "torch.randint(4, (4,)) @ w",
                    shows="value",
                    why=(
                        "The product tells each of the 24 orders from the others. "
                        "torch.randint draws each place on its own, so numbers come twice."
                    ),
                ),
            ),
            Case(
                "rows",
                numpy="np.random.permutation(x)",
                torch="x[torch.randperm(len(x))]",
                equal="as a distribution",
                trap=Trap(
                    "torch.randperm(x)",
                    shows="torch raises",
                    why=(
                        "torch.randperm takes a number; NumPy also takes an array and "
                        "shuffles a copy of it along its first axis."
                    ),
                ),
            ),
        ),
        parameters={"x": "n"},
        source="numpy.random.permutation; torch.randperm",
    ),
    Op(
        "numpy.random.beta",
        summary="Draws from the beta distribution.",
        inputs={"a": values([0.5, 1.0, 4.0]), "b": values([2.0, 0.7, 1.0])},
        cases=(
            Case(
                "plain",
                numpy="np.random.beta(2.0, 3.0, (3, 4))",
                torch=(
                    "torch.distributions.Beta(torch.tensor(2.0, dtype=torch.float64), "
                    "3.0).sample((3, 4))"
                ),
                equal="as a distribution",
                trap=Trap(
                    "torch.distributions.Beta(2.0, 3.0).sample((3, 4))",
                    shows="dtype",
                    why=(
                        "Of two numbers torch makes float32 parameters, and draws in their "
                        "dtype; NumPy draws float64."
                    ),
                ),
            ),
            Case(
                "arrays",
                numpy="np.random.beta(a, b)",
                torch="torch.distributions.Beta(a, b).sample()",
                equal="as a distribution",
                trap=Trap(
                    "torch.distributions.Beta(a, b).sample(a.shape)",
                    shows="shape",
                    why=(
                        "torch puts the sample's shape before the parameters' own; NumPy's "
                        "size is the whole shape."
                    ),
                ),
            ),
        ),
        parameters={
            "a": "concentration1",
            "b": "concentration0",
            "size": "torch.distributions.Beta(a, b).sample(size)",
        },
        source="numpy.random.beta; torch.distributions.Beta",
    ),
    Op(
        "numpy.random.binomial",
        summary="Counts of successes in n trials.",
        inputs={"p": unit(3, 4)},
        cases=(
            Case(
                "plain",
                numpy="np.random.binomial(10, 0.3, (3, 4))",
                torch="torch.distributions.Binomial(10, 0.3).sample((3, 4)).long()",
                equal="as a distribution",
                trap=Trap(
                    "torch.distributions.Binomial(10, 0.3).sample((3, 4))",
                    shows="dtype",
                    why="torch gives counts as floats; NumPy gives int64.",
                ),
            ),
            Case(
                "one-trial",
                numpy="np.random.binomial(1, p)",
                torch="torch.bernoulli(p).long()",
                equal="as a distribution",
                trap=Trap(
                    "torch.bernoulli(p)",
                    shows="dtype",
                    why="torch gives zeros and ones in the dtype of p; NumPy gives int64.",
                ),
            ),
            Case(
                "trials",
                numpy="np.random.binomial(10, p)",
                torch="torch.distributions.Binomial(10, p).sample().long()",
                equal="as a distribution",
                trap=Trap(
                    "(10 * torch.bernoulli(p)).long()",
                    shows="value",
                    why=(
                        "Ten times one trial is 0 or 10; a binomial count adds ten trials "
                        "of its own."
                    ),
                ),
            ),
        ),
        parameters={
            "n": "total_count",
            "p": "probs",
            "size": "torch.distributions.Binomial(n, p).sample(size).long()",
        },
        source="numpy.random.binomial; torch.distributions.Binomial; torch.bernoulli",
    ),
    Op(
        "numpy.random.exponential",
        summary="Draws from the exponential distribution of a given mean.",
        cases=(
            Case(
                "plain",
                numpy="np.random.exponential(2.0, (3, 4))",
                torch="torch.empty(3, 4, dtype=torch.float64).exponential_(1 / 2.0)",
                equal="as a distribution",
                trap=Trap(
                    "torch.empty(3, 4, dtype=torch.float64).exponential_(2.0)",
                    shows="value",
                    why=(
                        "torch takes the rate; NumPy takes the scale, which is one over the rate."
                    ),
                ),
            ),
            Case(
                "default",
                numpy="np.random.exponential(size=(3, 4))",
                torch="torch.empty(3, 4, dtype=torch.float64).exponential_()",
                equal="as a distribution",
                trap=Trap(
                    "torch.empty(3, 4).exponential_()",
                    shows="dtype",
                    why=(
                        "torch draws in the dtype of the tensor that it fills, float32 if "
                        "none is given."
                    ),
                ),
            ),
        ),
        parameters={
            "scale": "torch.empty(size, dtype=torch.float64).exponential_(1 / scale)",
            "size": "size",
        },
        source="numpy.random.exponential; torch.Tensor.exponential_",
    ),
    Op(
        "numpy.random.gamma",
        summary="Draws from the gamma distribution of a given shape and scale.",
        inputs={"k": values([0.5, 2.0, 9.0])},
        cases=(
            Case(
                "plain",
                numpy="np.random.gamma(2.0, 3.0, (3, 4))",
                torch=(
                    "torch.distributions.Gamma(torch.tensor(2.0, dtype=torch.float64), "
                    "1 / 3.0).sample((3, 4))"
                ),
                equal="as a distribution",
                trap=Trap(
                    (
                        "torch.distributions.Gamma(torch.tensor(2.0, dtype=torch.float64), "
                        "3.0).sample((3, 4))"
                    ),
                    shows="value",
                    why=(
                        "torch takes the rate as its second parameter; NumPy takes the "
                        "scale, which is one over the rate."
                    ),
                ),
            ),
            Case(
                "arrays",
                numpy="np.random.gamma(k)",
                torch="torch.distributions.Gamma(k, 1.0).sample()",
                equal="as a distribution",
                trap=Trap(
                    "torch.distributions.Gamma(k).sample()",
                    shows="torch raises",
                    why="torch's rate has no default; NumPy's scale is 1.",
                ),
            ),
        ),
        parameters={
            "shape": "concentration",
            "scale": "torch.distributions.Gamma(shape, 1 / scale).sample(size)",
            "size": "torch.distributions.Gamma(shape, 1 / scale).sample(size)",
        },
        source="numpy.random.gamma; torch.distributions.Gamma",
    ),
    Op(
        "numpy.random.normal",
        summary="Draws from the normal distribution of a given mean and standard deviation.",
        inputs={"m": real(3, 4), "s": positive(4)},
        cases=(
            Case(
                "plain",
                numpy="np.random.normal(2.0, 3.0, (3, 4))",
                torch="torch.normal(2.0, 3.0, (3, 4), dtype=torch.float64)",
                equal="as a distribution",
                trap=Trap(
                    "torch.normal(2.0, 3.0, (3, 4))",
                    shows="dtype",
                    why=(
                        "Of numbers torch draws in its default dtype, float32; NumPy draws float64."
                    ),
                ),
            ),
            Case(
                "default",
                numpy="np.random.normal(size=(3, 4))",
                torch="torch.randn(3, 4, dtype=torch.float64)",
                equal="as a distribution",
                trap=Trap(
                    "torch.normal(size=(3, 4), dtype=torch.float64)",
                    shows="torch raises",
                    why=(
                        "torch.normal has no default mean and deviation; torch.randn draws "
                        "with 0 and 1."
                    ),
                ),
            ),
            Case(
                "arrays",
                numpy="np.random.normal(m, s)",
                torch="torch.normal(m, s)",
                equal="as a distribution",
                trap=Trap(
                    "torch.normal(m, s, m.shape)",
                    shows="torch raises",
                    why=(
                        "torch.normal takes a size with numbers only: tensors bring their "
                        "own shape."
                    ),
                ),
            ),
            Case(
                "scalar",
                numpy="np.random.normal(2.0, 3.0)",
                torch="torch.normal(2.0, 3.0, (), dtype=torch.float64).item()",
                equal="as a distribution",
                trap=Trap(
                    "torch.normal(2.0, 3.0)",
                    shows="torch raises",
                    why=(
                        "Beside two numbers torch needs a size, () for a single draw; "
                        "NumPy returns a Python float."
                    ),
                ),
            ),
        ),
        parameters={"loc": "mean", "scale": "std", "size": "size"},
        source="numpy.random.normal; torch.normal; torch.randn",
    ),
    Op(
        "numpy.random.poisson",
        summary="Counts of events at a given rate.",
        inputs={"r": positive(3, 4), "n": integers(1, 9, (3, 4))},
        cases=(
            Case(
                "plain",
                numpy="np.random.poisson(3.0, (3, 4))",
                torch="torch.poisson(torch.full((3, 4), 3.0)).long()",
                equal="as a distribution",
                trap=Trap(
                    "torch.poisson(3.0, (3, 4))",
                    shows="torch raises",
                    why=(
                        "torch takes a tensor with a rate for every draw; NumPy takes a "
                        "number and a size."
                    ),
                ),
            ),
            Case(
                "rates",
                numpy="np.random.poisson(r)",
                torch="torch.poisson(r).long()",
                equal="as a distribution",
                trap=Trap(
                    "torch.poisson(r)",
                    shows="dtype",
                    why="torch gives counts in the dtype of the rates; NumPy gives int64.",
                ),
            ),
            Case(
                "integer-rates",
                numpy="np.random.poisson(n)",
                torch="torch.poisson(n.double()).long()",
                equal="as a distribution",
                trap=Trap(
                    "torch.poisson(n)",
                    shows="torch raises",
                    why="torch has no draws at integer rates: make them floats.",
                ),
            ),
        ),
        parameters={"lam": "input", "size": "torch.poisson(torch.full(size, lam)).long()"},
        source="numpy.random.poisson; torch.poisson",
    ),
    Op(
        "numpy.random.standard_normal",
        summary="Standard normal draws in a shape given as one argument.",
        cases=(
            Case(
                "plain",
                numpy="np.random.standard_normal((3, 4))",
                torch="torch.randn((3, 4), dtype=torch.float64)",
                equal="as a distribution",
                trap=Trap(
                    "torch.randn((3, 4))",
                    shows="dtype",
                    why="torch draws in its default dtype, float32; NumPy draws float64.",
                ),
            ),
            Case(
                "scalar",
                numpy="np.random.standard_normal()",
                torch="torch.randn((), dtype=torch.float64).item()",
                equal="as a distribution",
                trap=Trap(
                    "torch.randn()",
                    shows="torch raises",
                    why="torch needs a size, () for a single draw; NumPy returns a Python float.",
                ),
            ),
        ),
        parameters={"size": "size"},
        source="numpy.random.standard_normal; torch.randn",
    ),
    Op(
        "numpy.random.uniform",
        summary="Uniform draws from [low, high) in a given shape.",
        inputs={"l": values([0.0, -1.0, 5.0]), "h": values([1.0, 1.0, 9.0])},
        cases=(
            Case(
                "plain",
                numpy="np.random.uniform(-1.0, 2.0, (3, 4))",
                torch="torch.empty(3, 4, dtype=torch.float64).uniform_(-1.0, 2.0)",
                equal="as a distribution",
                trap=Trap(
                    "2.0 * torch.rand(3, 4, dtype=torch.float64) - 1.0",
                    shows="value",
                    why=(
                        "The width is high less low, 3: scaling by high alone draws from [-1, 1)."
                    ),
                ),
            ),
            Case(
                "one-bound",
                numpy="np.random.uniform(3.0, size=(3, 4))",
                torch="torch.empty(3, 4, dtype=torch.float64).uniform_(1.0, 3.0)",
                equal="as a distribution",
                trap=Trap(
                    "torch.empty(3, 4, dtype=torch.float64).uniform_(3.0)",
                    shows="torch raises",
                    why=(
                        "A single bound is low, and high stays 1, so low is above high: "
                        "NumPy draws between them all the same, torch refuses."
                    ),
                ),
            ),
            Case(
                "default",
                numpy="np.random.uniform(size=(3, 4))",
                torch="torch.rand(3, 4, dtype=torch.float64)",
                equal="as a distribution",
                trap=Trap(
                    "torch.rand(3, 4)",
                    shows="dtype",
                    why="torch draws in its default dtype, float32; NumPy draws float64.",
                ),
            ),
            Case(
                "arrays",
                numpy="np.random.uniform(l, h)",
                torch="l + (h - l) * torch.rand(l.shape, dtype=torch.float64)",
                equal="as a distribution",
                trap=Trap(
                    "torch.empty(3, dtype=torch.float64).uniform_(l, h)",
                    shows="torch raises",
                    why=(
                        "torch takes numbers as bounds, one pair for all draws; NumPy also "
                        "takes arrays."
                    ),
                ),
            ),
        ),
        parameters={"low": "from", "high": "to", "size": "size"},
        source="numpy.random.uniform; torch.Tensor.uniform_; torch.rand",
    ),
)
