"""The optimisers: step by step against torch.optim, whole trainings, and what they refuse."""

import inspect
import itertools
import types
from typing import NamedTuple

import numpy as np
import pytest
import torch

from numpy_layers import optim, sheet

SHAPES = {"scale": (), "bias": (5,), "weight": (3, 4), "kernel": (4, 3, 3, 3)}
STEPS = 30


def options(**choices):
    """Return every combination of the choices as a dict of options."""
    return [
        dict(zip(choices, values, strict=True)) for values in itertools.product(*choices.values())
    ]


def option_id(value):
    """Name a set of options by those that are not off."""
    return "-".join(f"{k}{v}" for k, v in value.items() if v not in (0, False)) or "plain"


# The choices that torch takes: nesterov needs a momentum and no dampening.
SGD = [
    {"lr": 0.05, **momentum, **rest}
    for momentum in [
        {},
        {"dampening": 0.3},
        {"momentum": 0.9},
        {"momentum": 0.9, "dampening": 0.3},
        {"momentum": 0.9, "nesterov": True},
    ]
    for rest in options(weight_decay=[0, 0.1], maximize=[False, True])
]
ADAM = options(
    lr=[0.05],
    betas=[(0.9, 0.999), (0.3, 0.5), (0.0, 0.9)],  # torch's lerp has two forms, parted at 0.5
    eps=[1e-8, 0.01],
    weight_decay=[0, 0.1],
    amsgrad=[False, True],
    maximize=[False, True],
)
EVERY = [("SGD", o) for o in SGD] + [(name, o) for name in ("Adam", "AdamW") for o in ADAM]
# One of each with all its state, for what does not depend on the options.
FULL = {
    "SGD": {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
    "Adam": {"lr": 0.05, "amsgrad": True, "weight_decay": 0.1},
    "AdamW": {"lr": 0.05, "amsgrad": True, "weight_decay": 0.1},
}
every_optimiser = pytest.mark.parametrize("name", FULL)
every_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


def normal(seed, dtype="float64"):
    """Return standard normal numbers for every shape, which the seed fixes."""
    rng = np.random.default_rng(seed)
    return {name: np.array(rng.normal(size=shape), dtype) for name, shape in SHAPES.items()}


def gradients(dtype, steps=STEPS):
    """Return the gradients of every step."""
    return [normal(100 + t, dtype) for t in range(steps)]


class Run(NamedTuple):
    """What one side did: the parameters after every step and the state at the end."""

    params: dict  # name: (steps, *shape)
    state: dict  # name: key: array, or the number of steps


def our_run(name, options, params, grads, module=optim):
    """Run our optimiser over copies of the parameters."""
    params = {key: p.copy() for key, p in params.items()}
    optimizer = getattr(module, name)(params, **options)
    history = []
    for given in grads:
        optimizer.step(given)
        history.append({key: p.copy() for key, p in params.items()})
    state = {key: optimizer.state.get(key, {}) for key in params}
    return Run({key: np.stack([at[key] for at in history]) for key in params}, state)


def torch_run(name, options, params, grads):
    """Run torch's, with p.grad None where there is no gradient."""
    leaves = {key: torch.nn.Parameter(torch.tensor(p)) for key, p in params.items()}
    optimizer = getattr(torch.optim, name)(leaves.values(), **options)
    history = []
    for given in grads:
        for key, leaf in leaves.items():
            grad = given.get(key)
            leaf.grad = None if grad is None else torch.tensor(grad)
        optimizer.step()
        history.append({key: leaf.detach().numpy().copy() for key, leaf in leaves.items()})
    state = {
        key: {kind: value.numpy() for kind, value in optimizer.state[leaf].items()}
        for key, leaf in leaves.items()
    }
    return Run({key: np.stack([at[key] for at in history]) for key in params}, state)


def assert_same(ours, theirs, dtype):
    """Check dtypes exactly and all numbers to 16 units of rounding, where 4 were measured.

    Torch's kernels fuse a multiplication with the addition after it, which NumPy does not.
    """
    tolerance = 16 * np.finfo(dtype).eps
    for key, expected in theirs.params.items():
        assert ours.params[key].dtype == dtype
        np.testing.assert_allclose(ours.params[key], expected, rtol=tolerance, atol=tolerance)
        assert ours.state[key].keys() == theirs.state[key].keys()
        for kind, value in theirs.state[key].items():
            kept = ours.state[key][kind]
            if kind != "step":
                assert (kept.dtype, kept.shape) == (dtype, expected.shape[1:])
            np.testing.assert_allclose(kept, value, rtol=tolerance, atol=tolerance)


def check_against_torch(name, options, params, grads):
    """Run both and compare all that comes out."""
    theirs = torch_run(name, options, params, grads)
    assert_same(our_run(name, options, params, grads), theirs, params["scale"].dtype)


# Against torch


@every_dtype
@pytest.mark.parametrize(
    ("name", "options"), EVERY, ids=[f"{name}-{option_id(o)}" for name, o in EVERY]
)
def test_every_step_equals_torch(name, options, dtype):
    """Parameters after each step and the state after the last are torch's."""
    check_against_torch(name, options, normal(0, dtype), gradients(dtype))


@every_dtype
@every_optimiser
def test_the_defaults_are_torchs(name, dtype):
    """Without options both do the same, which lr, betas, eps and weight_decay all move."""
    check_against_torch(name, {}, normal(0, dtype), gradients(dtype))


@every_optimiser
def test_the_options_have_torchs_names_order_and_defaults(name):
    """Our parameters are torch's first ones; the rest there is about kernels and graphs."""
    ours, theirs = (
        {
            key: (p.default, p.kind)
            for key, p in inspect.signature(getattr(module, name)).parameters.items()
            if key not in ("foreach", "capturable", "differentiable", "fused")
            and key != "decoupled_weight_decay"  # AdamW by another name
        }
        for module in (optim, torch.optim)
    )
    assert list(ours.items()) == list(theirs.items())


@every_dtype
@every_optimiser
def test_a_parameter_without_a_gradient_is_left_alone(name, dtype):
    """Missing at the first steps, then None now and then: value, state and count are torch's."""
    grads = gradients(dtype)
    for t, given in enumerate(grads):
        if t < 3:
            del given["bias"]
        if t % 4 == 1:
            given["weight"] = None
    check_against_torch(name, FULL[name], normal(0, dtype), grads)


@every_optimiser
def test_a_parameter_that_never_has_a_gradient_has_no_state(name):
    """It keeps its bits, even under weight decay."""
    params = normal(0)
    optimizer = getattr(optim, name)(params, **FULL[name])
    optimizer.step({key: g for key, g in normal(1).items() if key != "weight"})
    np.testing.assert_array_equal(params["weight"], normal(0)["weight"])
    assert "weight" not in optimizer.state


@every_dtype
@every_optimiser
def test_a_learning_rate_assigned_between_steps_equals_torch(name, dtype):
    """A schedule is an assignment."""
    params, grads = normal(0, dtype), gradients(dtype)
    leaf = torch.nn.Parameter(torch.tensor(params["weight"]))
    ours = getattr(optim, name)(params, **FULL[name])
    theirs = getattr(torch.optim, name)([leaf], **FULL[name])
    for lr, given in zip(np.linspace(0.1, 0, STEPS), grads, strict=True):
        ours.lr = lr
        theirs.param_groups[0]["lr"] = float(lr)
        leaf.grad = torch.tensor(given["weight"])
        ours.step({"weight": given["weight"]})
        theirs.step()
    tolerance = 16 * np.finfo(dtype).eps
    expected = leaf.detach().numpy()
    np.testing.assert_allclose(params["weight"], expected, rtol=tolerance, atol=tolerance)


@every_dtype
@pytest.mark.parametrize("after", [0, 3])
@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.3, 0.5)], ids=str)
@every_optimiser
def test_gradients_past_the_range_equal_torch(name, betas, after, dtype):
    """Infinite, NaN, tiny and huge gradients give torch's zeros, infinities and NaN."""
    options = FULL[name] | {"weight_decay": 0}  # NaN in p would come back into every mean
    options |= {} if name == "SGD" else {"betas": betas}
    root = np.sqrt(np.finfo(dtype).max)  # whose square is in range only after 1 - beta2
    values = [np.inf, -np.inf, np.nan, 5 * root, -0.5 * root, 1 / root, 0]
    params = {"scale": np.ones(7, dtype)}
    # After one step, the mean of infinity is itself or NaN, by the form of the lerp.
    grads = [{"scale": np.array(values, dtype)}] + [{"scale": np.ones(7, dtype)}] * after
    with np.errstate(all="ignore"):
        ours = our_run(name, options, params, grads)
    theirs = torch_run(name, options, params, grads)
    assert not np.isfinite(theirs.params["scale"]).all()
    tolerance = 16 * np.finfo(dtype).eps
    np.testing.assert_allclose(ours.params["scale"], theirs.params["scale"], rtol=tolerance)
    for kind, expected in theirs.state["scale"].items():
        np.testing.assert_allclose(ours.state["scale"][kind], expected, rtol=tolerance)


@every_optimiser
def test_a_zero_gradient_at_the_start_equals_torch(name):
    """With both means 0, the denominator is eps alone, and 0 / eps is 0."""
    zeros = [{key: np.zeros(shape) for key, shape in SHAPES.items()}] * 3
    options = FULL[name] | {"weight_decay": 0}
    check_against_torch(name, options, normal(0), zeros + gradients("float64"))


@every_optimiser
def test_the_small_steps_of_a_thousand_equal_torch(name):
    """Rounding does not pile up: the bias correction fades out as it does there."""
    params, grads = normal(0), gradients("float64", 1000)
    options = FULL[name] | {"lr": 1e-3}
    check_against_torch(name, options, params, grads)


# Against planted faults: what the comparison above must not let pass.

# id: optimiser, options, the formula, what it is made
FAULTS = {
    "bias-correction-late": ("Adam", {}, '{"step": 0}', '{"step": 1}'),
    "bias-correction-none": ("Adam", {}, '1 - beta1 ** state["step"]', "1"),
    "bias-correction-of-the-other-beta": ("Adam", {}, "1 - beta2 **", "1 - beta1 **"),
    "bias-correction-not-rooted": ("Adam", {}, ") ** 0.5", ")"),
    "eps-in-the-root": ("Adam", {}, "np.sqrt(u) / root + self.eps", "np.sqrt(u + self.eps) / root"),
    "eps-before-the-correction": (
        "Adam",
        {"eps": 0.01},
        "np.sqrt(u) / root + self.eps",
        "(np.sqrt(u) + self.eps) / root",
    ),
    "mean-with-the-weights-swapped": ("Adam", {}, "(1 - beta1) * (g - m)", "beta1 * (g - m)"),
    "mean-of-the-far-end": ("Adam", {"betas": (0.3, 0.5)}, "(g - m) * beta1", "(g - m) * beta2"),
    "amsgrad-of-one-step": (
        "Adam",
        {"amsgrad": True, "betas": (0.9, 0.9)},
        'np.maximum(state["max_exp_avg_sq"], v, out=state["max_exp_avg_sq"])',
        'np.maximum(state["max_exp_avg_sq"], v)',
    ),
    "amsgrad-of-the-gradient": (
        "Adam",
        {"amsgrad": True},
        'np.maximum(state["max_exp_avg_sq"], v,',
        'np.maximum(state["max_exp_avg_sq"], g * g,',
    ),
    "decay-coupled": (
        "AdamW",
        {},
        "p *= 1 - float(self.lr) * self.weight_decay",
        "g = g + self.weight_decay * p",
    ),
    "decay-without-lr": ("AdamW", {}, "p *= 1 - float(self.lr) *", "p *= 1 -"),
    "decay-of-the-other-sign": ("SGD", {"weight_decay": 0.1}, "g + self.weight", "g - self.weight"),
    "maximize-ignored": ("SGD", {"maximize": True}, "-g if self.maximize else g", "g"),
    "maximize-after-the-decay": (
        "SGD",
        {"maximize": True, "weight_decay": 0.1},
        "g if self.weight_decay == 0 else g + self.weight_decay * p",
        "g - self.weight_decay * p",
    ),
    "momentum-from-zero": (
        "SGD",
        {"momentum": 0.9, "dampening": 0.3},
        "np.array(g)",
        "(1 - self.dampening) * np.array(g)",
    ),
    "momentum-times-lr": ("SGD", {"momentum": 0.9}, "(1 - self.dampening) * g", "self.lr * g"),
    "dampening-ignored": (
        "SGD",
        {"momentum": 0.9, "dampening": 0.3},
        "(1 - self.dampening) * g",
        "g",
    ),
    "nesterov-of-the-buffer-alone": (
        "SGD",
        {"momentum": 0.9, "nesterov": True},
        "g + self.momentum * b if",
        "self.momentum * b if",
    ),
    "nesterov-ignored": ("SGD", {"momentum": 0.9, "nesterov": True}, " if self.nesterov", " if 0"),
    "nesterov-of-the-buffer-before": (  # momentum times that is b - g
        "SGD",
        {"momentum": 0.9, "nesterov": True},
        "g + self.momentum * b if",
        "g + (b - g) if",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_parts_from_torch(fault):
    """Each wrong formula moves a parameter off by far more than the comparison allows."""
    name, options, formula, wrong = FAULTS[fault]
    source = inspect.getsource(optim)
    assert source.count(formula) == 1
    faulty = types.ModuleType("faulty")
    exec(source.replace(formula, wrong), vars(faulty))
    params, grads, options = normal(0), gradients("float64"), {"lr": 0.05, **options}
    ours = our_run(name, options, params, grads, module=faulty)
    theirs = torch_run(name, options, params, grads)
    assert np.abs(ours.params["kernel"] - theirs.params["kernel"]).max() > 1e-7
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        assert_same(ours, theirs, "float64")


# Float32, in place, and copies


@every_optimiser
def test_float32_stays_float32_under_numpys_float64(name):
    """Options that are NumPy scalars are used as Python floats, which do not widen."""
    options = {"lr": np.float64(0.05), "weight_decay": np.float64(0.1)}
    if name == "SGD":
        options |= {"momentum": np.float64(0.9), "dampening": np.float64(0.3)}
    else:
        options |= {"betas": tuple(np.array([0.9, 0.99])), "eps": np.float64(1e-8)}
    plain = {
        key: tuple(map(float, value)) if key == "betas" else float(value)
        for key, value in options.items()
    }
    params, grads = normal(0, "float32"), gradients("float32")
    ours, expected = (our_run(name, o, params, grads) for o in (options, plain))
    for key in SHAPES:
        np.testing.assert_array_equal(ours.params[key], expected.params[key])
        for kind, kept in expected.state[key].items():
            np.testing.assert_array_equal(ours.state[key][kind], kept)
            assert kind == "step" or ours.state[key][kind].dtype == np.float32


@every_optimiser
def test_an_assigned_learning_rate_of_numpys_float64_does_not_widen(name):
    """Float32 moves by the bits that a Python float gives."""
    params, others = normal(0, "float32"), normal(0, "float32")
    optimizer, other = (getattr(optim, name)(p, **FULL[name]) for p in (params, others))
    optimizer.lr, other.lr = np.float64(0.03), 0.03
    for given in gradients("float32", 5):
        optimizer.step(given)
        other.step(given)
    for key in SHAPES:
        np.testing.assert_array_equal(params[key], others[key])


@pytest.mark.parametrize("given", ["float16", "float32", "float64"])
@every_dtype
@every_optimiser
def test_a_gradient_is_used_in_the_dtype_of_its_parameter(name, dtype, given):
    """Linear holds float64 and gives float32 gradients for a float32 input; torch refuses."""
    params = normal(0, dtype)
    grads = gradients(given)
    cast = [{key: g.astype(dtype) for key, g in at.items()} for at in grads]
    assert_same(
        our_run(name, FULL[name], params, grads),
        torch_run(name, FULL[name], params, cast),
        dtype,
    )


@every_optimiser
def test_parameters_of_two_dtypes_keep_their_own(name):
    """A float32 parameter beside a float64 one moves as it does alone."""
    wide, narrow = normal(0)["weight"], normal(1, "float32")["weight"]
    alone = narrow.copy()
    optimizer = getattr(optim, name)({"wide": wide, "narrow": narrow}, **FULL[name])
    other = getattr(optim, name)({"narrow": alone}, **FULL[name])
    for given in gradients("float64"):
        optimizer.step({"wide": given["weight"], "narrow": given["weight"]})
        other.step({"narrow": given["weight"]})
    assert narrow.dtype == np.float32
    np.testing.assert_array_equal(narrow, alone)
    kept = [array for key, array in optimizer.state["wide"].items() if key != "step"]
    assert all(array.dtype == np.float64 for array in kept)


@every_optimiser
def test_views_are_moved_in_place(name):
    """Strided and transposed parameters move within their memory, and nothing beside them."""
    block = np.zeros((6, 8))
    params = {"rows": block[::2, :4].T, "column": block[1::2, 5]}
    leaves = [torch.nn.Parameter(torch.tensor(p)) for p in params.values()]
    ours = getattr(optim, name)(params, **FULL[name])
    theirs = getattr(torch.optim, name)(leaves, **FULL[name])
    rng = np.random.default_rng(3)
    for _ in range(5):
        grads = {key: rng.normal(size=p.shape) for key, p in params.items()}
        for leaf, grad in zip(leaves, grads.values(), strict=True):
            leaf.grad = torch.tensor(grad)
        ours.step(grads)
        theirs.step()
    expected = np.zeros((6, 8))
    expected[::2, :4] = leaves[0].detach().numpy().T
    expected[1::2, 5] = leaves[1].detach().numpy()
    np.testing.assert_allclose(block, expected, rtol=1e-14, atol=1e-14)


@every_optimiser
def test_gradients_are_never_written_to(name):
    """They are read-only here, and moving on does not change what was kept of them."""
    params, given = normal(0), normal(1)
    for g in given.values():
        g.flags.writeable = False
    optimizer = getattr(optim, name)(params, **FULL[name])
    optimizer.step(given)
    optimizer.step(given)
    for key, g in given.items():
        np.testing.assert_array_equal(g, normal(1)[key])


@every_optimiser
def test_a_gradient_overwritten_after_the_step_changes_nothing(name):
    """The state is a copy, also the first momentum buffer, which is the gradient."""
    params, others = normal(0), normal(0)
    reused = np.empty_like(params["weight"])
    optimizer, other = (getattr(optim, name)(p, **FULL[name]) for p in (params, others))
    for given in gradients("float64", 4):
        reused[...] = given["weight"]
        optimizer.step({"weight": reused})
        other.step({"weight": given["weight"]})
    np.testing.assert_array_equal(params["weight"], others["weight"])


@every_optimiser
def test_a_gradient_may_be_the_parameter_itself(name):
    """That of p^2 / 2 is p, before the step, and a swap is of both values before it."""
    params, others = ({"x": np.ones(3), "y": np.full(3, 2.0)} for _ in range(2))
    optimizer, other = (getattr(optim, name)(p, **FULL[name]) for p in (params, others))
    for pair in ("xy", "yx"):
        optimizer.step({"x": params[pair[0]], "y": params[pair[1]]})
        other.step({"x": others[pair[0]].copy(), "y": others[pair[1]].copy()})
    for key in params:
        np.testing.assert_array_equal(params[key], others[key])


@every_optimiser
def test_two_optimisers_share_no_state(name):
    """One that runs on its own parameters between the steps of another does not disturb it."""
    params, alone = normal(0), normal(0)
    first, second, undisturbed = (
        getattr(optim, name)(p, **FULL[name]) for p in (params, normal(9), alone)
    )
    grads = gradients("float64", 5)
    for given, other in zip(grads, reversed(grads), strict=True):
        first.step(given)
        second.step(other)
        undisturbed.step(given)
    for key in SHAPES:
        np.testing.assert_array_equal(params[key], alone[key])
        for kind, expected in undisturbed.state[key].items():
            np.testing.assert_array_equal(first.state[key][kind], expected)


def test_adamw_is_an_adam():
    """As in torch, where one class is the other with its decay decoupled."""
    assert issubclass(optim.AdamW, optim.Adam)
    assert issubclass(torch.optim.AdamW, torch.optim.Adam)


# Layers


def network(dtype):
    """Return our layers and torch's twin with the same parameters."""
    rng = np.random.default_rng(5)
    layers = [sheet.Linear(4, 6), sheet.Sigmoid(), sheet.Linear(6, 2)]
    for layer in layers:
        layer.load_state(
            {key: rng.normal(size=p.shape).astype(dtype) for key, p in layer.params.items()}
        )
    twin = torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.Sigmoid(), torch.nn.Linear(6, 2))
    for layer, module in zip(layers, twin, strict=True):
        module.to(getattr(torch, dtype))
        module.load_state_dict({key: torch.tensor(p) for key, p in layer.params.items()})
    return layers, twin


def backpropagate(layers, x):
    """Fill the gradients of half the mean squared output."""
    y = x
    for layer in layers:
        y = layer.forward(y)
    dy = y / len(x)
    for layer in reversed(layers):
        dy = layer.backward(dy)


@every_dtype
@every_optimiser
def test_layers_train_as_torch_trains_its_own(name, dtype):
    """Thirty steps of a small network end at torch's parameters, under torch's names."""
    layers, twin = network(dtype)
    ours = getattr(optim, name)(layers, **FULL[name])
    theirs = getattr(torch.optim, name)(twin.parameters(), **FULL[name])
    rng = np.random.default_rng(6)
    start = {key: p.copy() for key, p in ours.params.items()}
    for _ in range(STEPS):
        x = rng.normal(size=(8, 4)).astype(dtype)
        backpropagate(layers, x)
        ours.step()
        theirs.zero_grad()
        (twin(torch.tensor(x)).square().sum() / (2 * len(x))).backward()
        theirs.step()
    tolerance = 64 * np.finfo(dtype).eps  # rounding comes back through the gradients
    assert ours.params.keys() == dict(twin.named_parameters()).keys()
    for key, expected in twin.named_parameters():
        assert ours.params[key].dtype == dtype
        assert np.abs(ours.params[key] - start[key]).max() > 0.1
        np.testing.assert_allclose(
            ours.params[key], expected.detach().numpy(), rtol=tolerance, atol=tolerance
        )


def test_layers_may_come_from_a_generator():
    """It is run through once; the steps after find the layers."""
    layers, _ = network("float64")
    optimizer = optim.SGD((layer for layer in layers), lr=1.0)
    backpropagate(layers, np.ones((1, 4)))
    expected = layers[0].params["bias"] - 2 * layers[0].grads["bias"]
    optimizer.step()
    optimizer.step()
    np.testing.assert_allclose(layers[0].params["bias"], expected, rtol=1e-14)


def test_anything_with_params_and_grads_is_a_layer():
    """No base class is asked for."""
    layer = types.SimpleNamespace(params={"w": np.ones(2)}, grads={"w": np.array([1.0, 2.0])})
    optim.SGD([layer], lr=0.5).step()
    np.testing.assert_array_equal(layer.params["w"], [0.5, 0])


def test_layers_without_gradients_yet_stay_put():
    """Before the first backward a step does nothing, as torch's where p.grad is None."""
    layers, _ = network("float64")
    before = layers[0].params["weight"].copy()
    optim.AdamW(layers).step()
    np.testing.assert_array_equal(layers[0].params["weight"], before)


@every_optimiser
def test_parameters_loaded_after_the_start_are_the_ones_that_move(name):
    """load_state puts new arrays in place of the old; those move on, with the state kept."""
    layer, other = sheet.Linear(2, 3), sheet.Linear(2, 3)
    other.load_state(layer.params)
    loaded = {"weight": np.arange(6.0).reshape(3, 2), "bias": np.ones(3)}
    grads = {"weight": np.full((3, 2), 0.5), "bias": np.full(3, -0.5)}
    optimizer, expected = (getattr(optim, name)(of.params, **FULL[name]) for of in (layer, other))
    optimizer.step(grads)
    layer.load_state(loaded)
    optimizer.step(grads)
    expected.step(grads)
    for key, p in other.params.items():
        p[...] = loaded[key]
    expected.step(grads)
    for key in loaded:
        assert (layer.params[key] != loaded[key]).any()
        np.testing.assert_array_equal(layer.params[key], other.params[key])


def test_the_sheets_names_follow_a_step():
    """W is the weight's memory, transposed, before a step and after it."""
    layer = sheet.Linear(2, 3)
    W, before = layer.W, layer.W.copy()
    optim.SGD(layer.params, lr=0.5).step({"weight": np.ones((3, 2))})
    np.testing.assert_array_equal(W, before - 0.5)
    np.testing.assert_array_equal(layer.W, W)


# What is refused

BAD_OPTIONS = {
    "lr": ("SGD", {"lr": -0.1}, "lr is -0.1, expected at least 0"),
    "lr-adam": ("Adam", {"lr": -1}, "lr is -1, expected at least 0"),
    "lr-nan": ("SGD", {"lr": float("nan")}, "lr is nan, expected at least 0"),
    "momentum": ("SGD", {"momentum": -0.9}, "momentum is -0.9, expected at least 0"),
    "decay": ("SGD", {"weight_decay": -1e-3}, "weight_decay is -0.001, expected at least 0"),
    "decay-adamw": ("AdamW", {"weight_decay": -1}, "weight_decay is -1, expected at least 0"),
    "nesterov-alone": (
        "SGD",
        {"nesterov": True},
        "nesterov with momentum 0 and dampening 0, expected a momentum above 0 and no dampening",
    ),
    "nesterov-damped": (
        "SGD",
        {"nesterov": True, "momentum": 0.9, "dampening": 0.1},
        "nesterov with momentum 0.9 and dampening 0.1,"
        " expected a momentum above 0 and no dampening",
    ),
    "eps": ("Adam", {"eps": -1e-8}, "eps is -1e-08, expected at least 0"),
    "beta1-one": (
        "Adam",
        {"betas": (1.0, 0.9)},
        "betas[0] is 1.0, expected at least 0 and below 1",
    ),
    "beta1-negative": (
        "AdamW",
        {"betas": (-0.1, 0.9)},
        "betas[0] is -0.1, expected at least 0 and below 1",
    ),
    "beta2": ("Adam", {"betas": (0.9, 1.5)}, "betas[1] is 1.5, expected at least 0 and below 1"),
    "beta2-nan": (
        "Adam",
        {"betas": (0.9, float("nan"))},
        "betas[1] is nan, expected at least 0 and below 1",
    ),
}


def refusal(call, *args, **kwargs):
    """Return the message of the ValueError that the call raises."""
    with pytest.raises(ValueError, match=r"^\w+: ") as caught:
        call(*args, **kwargs)
    return str(caught.value)


@pytest.mark.parametrize("case", BAD_OPTIONS)
def test_an_option_outside_its_range_raises(case):
    """The message has the optimiser, the option, the finding and the range."""
    name, options, message = BAD_OPTIONS[case]
    assert refusal(getattr(optim, name), normal(0), **options) == f"{name}: {message}"


@pytest.mark.parametrize("case", [case for case in BAD_OPTIONS if case != "lr-nan"])
def test_torch_refuses_the_same_options(case):
    """All but a NaN for SGD, which torch's `lr < 0.0` lets pass."""
    name, options, _ = BAD_OPTIONS[case]
    with pytest.raises(ValueError, match=r"Invalid|Nesterov"):
        getattr(torch.optim, name)([torch.nn.Parameter(torch.ones(1))], **options)


def test_torch_sgd_takes_a_learning_rate_of_nan():
    """The one option that we refuse and torch does not."""
    torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=float("nan"))


@pytest.mark.parametrize("options", [{"betas": (0, 0.9)}, {"lr": 0}, {"eps": 0}], ids=str)
def test_zero_is_in_range(options):
    """The bounds themselves are taken; torch wants a 0 among the betas spelt 0.0."""
    optim.Adam(normal(0), **options).step(normal(1))


BAD_PARAMS = {
    "integer": (np.ones(2, int), "w is int64, expected float32 or float64"),
    "boolean": (np.ones(2, bool), "w is bool, expected float32 or float64"),
    "complex": (np.ones(2, complex), "w is complex128, expected float32 or float64"),
    "half": (np.ones(2, np.float16), "w is float16, expected float32 or float64"),
    "read-only": (
        np.broadcast_to(np.ones(1), 2),
        "w is read-only, expected an array to update in place",
    ),
    "list": ([1.0, 2.0], "w is of type list, expected an array"),
    "number": (np.float64(1), "w is of type float64, expected an array"),
}


@every_optimiser
@pytest.mark.parametrize("case", BAD_PARAMS)
def test_a_parameter_that_cannot_move_raises(name, case):
    """What could not be updated in place as torch does is refused at the start."""
    p, message = BAD_PARAMS[case]
    params = {"v": np.ones(2), "w": p}
    assert refusal(getattr(optim, name), params) == f"{name}: {message}"


def test_a_parameter_frozen_after_the_start_raises():
    """The check is repeated at every step, before anything moves."""
    params = normal(0)
    optimizer = optim.SGD(params, lr=1.0)
    params["weight"].flags.writeable = False
    message = "SGD: weight is read-only, expected an array to update in place"
    assert refusal(optimizer.step, normal(1)) == message
    np.testing.assert_array_equal(params["scale"], normal(0)["scale"])


@pytest.mark.parametrize("params", [{}, [], [sheet.Sigmoid()]], ids=["mapping", "list", "layer"])
def test_nothing_to_optimise_raises(params):
    """As in torch: an empty list is a slip."""
    assert refusal(optim.Adam, params) == "Adam: params has no arrays, expected at least one"


def test_one_array_under_two_names_raises():
    """It would be moved twice; torch warns, and moves it twice."""
    w = np.ones(2)
    message = "SGD: b is the array of a, expected another"
    assert refusal(optim.SGD, {"a": w, "b": w}) == message


def test_one_layer_given_twice_raises():
    """The names say at which places."""
    layer = sheet.Linear(2, 2)
    message = "SGD: 1.weight is the array of 0.weight, expected another"
    assert refusal(optim.SGD, [layer, layer]) == message


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            sheet.Linear(2, 2),
            "params is of type Linear, expected a mapping of arrays or an iterable of layers",
        ),
        (
            [np.ones(2)],
            "params holds an object of type ndarray at 0, expected a layer with params and grads",
        ),
        (
            [sheet.Sigmoid(), None],
            "params holds an object of type NoneType at 1, expected a layer with params and grads",
        ),
    ],
    ids=["one-layer", "arrays", "none"],
)
def test_params_of_another_kind_raise(params, message):
    """Torch's list of parameters has no names to find the gradients by."""
    assert refusal(optim.SGD, params) == f"SGD: {message}"


BAD_GRADIENTS = {
    "broadcast": (np.ones(4), "gradient of weight has shape (4,), expected (3, 4)"),
    "transposed": (np.ones((4, 3)), "gradient of weight has shape (4, 3), expected (3, 4)"),
    "number": (1.0, "gradient of weight has shape (), expected (3, 4)"),
    "integer": (np.ones((3, 4), int), "gradient of weight is int64, expected a float"),
    "complex": (np.ones((3, 4), complex), "gradient of weight is complex128, expected a float"),
}


@every_optimiser
@pytest.mark.parametrize("case", BAD_GRADIENTS)
def test_a_gradient_that_does_not_fit_raises_and_moves_nothing(name, case):
    """Parameters before it in the mapping keep their values, and no state appears."""
    grad, message = BAD_GRADIENTS[case]
    params = normal(0)
    optimizer = getattr(optim, name)(params, **FULL[name])
    assert refusal(optimizer.step, normal(1) | {"weight": grad}) == f"{name}: {message}"
    for key, expected in normal(0).items():
        np.testing.assert_array_equal(params[key], expected)
    assert optimizer.state == {}


def test_a_gradient_of_an_unknown_name_raises_and_moves_nothing():
    """A misspelt name would be a parameter that never learns."""
    params = normal(0)
    optimizer = optim.SGD(params, lr=1.0)
    message = "SGD: gradients have names ['wieght'], expected those of params only"
    assert refusal(optimizer.step, normal(1) | {"wieght": np.ones((3, 4))}) == message
    np.testing.assert_array_equal(params["scale"], normal(0)["scale"])


@pytest.mark.parametrize("grads", [(), ([np.ones(2)],)], ids=["none", "list"])
def test_a_step_over_a_mapping_without_a_mapping_of_gradients_raises(grads):
    """Only layers have gradients of their own."""
    found = type(*grads).__name__ if grads else "NoneType"
    message = f"SGD: step got an object of type {found}, expected a mapping from names to gradients"
    assert refusal(optim.SGD({"w": np.ones(2)}).step, *grads) == message


def test_a_step_over_layers_with_gradients_raises():
    """There would be two gradients for one parameter."""
    message = "SGD: step got gradients, expected none, the layers having theirs"
    assert refusal(optim.SGD([sheet.Linear(2, 2)]).step, {}) == message


@pytest.mark.parametrize(
    ("new", "found"),
    [(np.ones(2, np.float32), "float32 of shape (2,)"), (np.ones(3), "float64 of shape (3,)")],
    ids=["dtype", "shape"],
)
def test_a_parameter_that_no_longer_fits_its_state_raises(new, found):
    """Neither cast nor broadcast: the state belongs to the array that was there."""
    params = {"w": np.ones(2)}
    optimizer = optim.Adam(params)
    optimizer.step({"w": np.ones(2)})
    params["w"] = new
    message = f"Adam: w is {found}, expected float64 of (2,) as exp_avg"
    assert refusal(optimizer.step, {"w": np.ones_like(new)}) == message


def test_the_base_class_names_what_it_lacks():
    """A subclass brings the formula."""
    bare = optim.Optimizer({"w": np.ones(1)}, lr=1, weight_decay=0, maximize=False)
    with pytest.raises(NotImplementedError, match=r"^Optimizer\(lr=1.0, .*\) has no update$"):
        bare.step({"w": np.ones(1)})


def test_the_options_are_shown():
    """The representation has every option and no array."""
    expected = (
        "SGD(lr=0.1, weight_decay=0.0, maximize=False, momentum=0.9, dampening=0.0, nesterov=True)"
    )
    assert repr(optim.SGD(normal(0), 0.1, 0.9, nesterov=True)) == expected
