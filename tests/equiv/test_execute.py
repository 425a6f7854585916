"""Running one side: its own inputs, its own folder, its own warnings, and nothing left behind."""

import contextlib
import os
import random
import warnings

import numpy as np
import pytest
import torch

from equiv.execute import (
    Ran,
    as_numpy,
    as_tensor,
    compiled,
    draws,
    listen,
    memory,
    recorded,
    run_numpy,
    run_torch,
    steady,
    watched,
)

RUN = {"np": run_numpy, "torch": run_torch}
"""Each side by the name of its library, which is also what its texts call."""


def given(*shape, dtype="float64"):
    """Return an array as the bank hands it out: read-only."""
    x = np.arange(1, 1 + np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    x.flags.writeable = False
    return x


both = pytest.mark.parametrize("lib", RUN)


# --- sides ----------------------------------------------------------------------------------


@both
@pytest.mark.parametrize(
    ("side", "expected"),
    [
        ("x + 1", [2, 3]),
        ("y = x * 2; y + 1", [3, 5]),
        ("x[0] = 7\nx", [7, 2]),
        ("for i in range(3):\n    x += i\nx", [4, 5]),
        ("f = lambda a: a * 10; f(x)", [10, 20]),
        ("{lib}.sum(x)", 3),
    ],
)
def test_a_side_is_statements_and_a_last_expression(lib, side, expected):
    """The value is that of the last expression, with the statements' names in scope."""
    ran = RUN[lib](side.format(lib=lib), {"x": given(2)})
    assert ran.error is None
    assert ran.raised == ""
    assert as_numpy(ran.value).tolist() == expected


def test_names_of_a_side_are_seen_inside_its_functions():
    """Comprehensions and lambdas reach the inputs, as in a module."""
    ran = run_numpy("np.array([x[i] * k for i in range(2)])", {"x": given(2), "k": 3})
    assert ran.value.tolist() == [3, 6]


@pytest.mark.parametrize("side", ["x = 1", "import os", "", "x +", "x; y = 1"])
def test_a_side_must_end_in_an_expression(side):
    """What does not is refused when it is compiled."""
    with pytest.raises(SyntaxError):
        compiled(side)


@both
def test_a_side_sees_its_own_library_only(lib):
    """A NumPy name in a port is an error of the port."""
    other = {"np": "torch", "torch": "np"}[lib]
    ran = RUN[lib](f"{other}.ones(2)", {})
    assert ran.raised == "NameError"
    assert ran.value is None


def test_sides_do_not_see_each_others_names():
    """Each run has a scope of its own."""
    run_numpy("kept = 1; kept", {})
    assert run_numpy("kept", {}).raised == "NameError"


# --- inputs ---------------------------------------------------------------------------------


@both
def test_each_run_has_its_own_writable_copies(lib):
    """Writing into an input shows in what the run hands back, and nowhere else."""
    x = given(3)
    ran = RUN[lib]("x[1] = 9; x", {"x": x})
    assert ran.inputs["x"].tolist() == [1, 9, 3]
    assert x.tolist() == [1, 2, 3]
    assert RUN[lib]("x", {"x": x}).inputs["x"].tolist() == [1, 2, 3]


@both
@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "uint8", "bool", "complex128"])
def test_inputs_keep_dtype_shape_and_layout(lib, dtype):
    """A column-major array arrives column-major."""
    x = np.asfortranarray(given(2, 3, dtype=dtype))
    value = as_numpy(RUN[lib]("x", {"x": x}).value)
    assert value.dtype == dtype
    assert np.array_equal(value, x)
    assert value.flags.f_contiguous
    assert not value.flags.c_contiguous


def test_strides_arrive_as_they_are():
    """Gaps and repeated memory on both sides; negative strides on NumPy's, plain ones on torch's.

    The values are the same throughout.
    """
    gaps = np.arange(6.0)[::2]
    assert run_numpy("x.strides", {"x": gaps}).value == (16,)
    assert run_torch("x.stride()", {"x": gaps}).value == (2,)
    turned = np.arange(3.0)[::-1]
    assert run_numpy("x.strides", {"x": turned}).value == (-8,)
    assert run_torch("x.stride()", {"x": turned}).value == (1,)
    for x in (gaps, turned):
        assert run_numpy("x", {"x": x}).seen.tolist() == run_torch("x", {"x": x}).seen.tolist()


@both
def test_inputs_that_repeat_memory_can_be_read(lib):
    """They are read-only in NumPy; torch warns of that, which is nobody's concern here."""
    x = np.broadcast_to(given(3), (2, 3))
    ran = RUN[lib]("x + 1", {"x": x})
    assert ran.seen.tolist() == [[2, 3, 4], [2, 3, 4]]
    assert ran.inputs["x"].strides == x.strides
    assert RUN[lib]("x[0] = 9; x", {"x": x}).raised == {"np": "ValueError", "torch": ""}[lib]


@both
def test_a_side_runs_on_what_it_is_lent(lib):
    """On these arrays themselves, not on copies: what it writes shows in them."""
    x, mine = given(3), np.array([5.0, 6.0, 7.0])
    ran = RUN[lib]("x[0] = 9; x", {"x": x}, lent={"x": mine})
    assert ran.seen.tolist() == mine.tolist() == [9, 6, 7]
    assert ran.inputs["x"] is mine
    assert x.tolist() == [1, 2, 3]


def test_tensors_lie_over_the_arrays_that_are_handed_back():
    """So that writing through a result can be seen to reach an input."""
    ran = run_torch("x", {"x": given(3)})
    ran.value[0] = 5
    assert ran.inputs["x"][0] == 5


@both
def test_inputs_that_are_no_arrays_are_handed_over_as_they_are(lib):
    """Numbers, texts and tuples are literals of both sides."""
    ran = RUN[lib]("(n + 1, s, t)", {"n": 1, "s": "a", "t": (1, 2)})
    assert ran.value == (2, "a", (1, 2))


def test_a_name_with_a_slash_is_one_name_on_each_side():
    """``arr/tensor`` is arr for NumPy and tensor for torch, and stays one input."""
    inputs = {"arr/tensor": given(2)}
    ours, theirs = run_numpy("arr[0] = 5; arr", inputs), run_torch("tensor[0] = 5; tensor", inputs)
    assert ours.value.tolist() == theirs.value.tolist() == [5, 2]
    assert list(ours.inputs) == list(theirs.inputs) == ["arr/tensor"]
    assert run_numpy("tensor", inputs).raised == "NameError"
    assert run_torch("arr", inputs).raised == "NameError"


def test_tracked_inputs_can_be_differentiated_and_written_to():
    """Only those that are named, and in-place sides too."""
    inputs = {"x": given(3), "y": given(3)}
    ran = run_torch("x[0] = 0; x * y", inputs, requires_grad=("x",))
    assert list(ran.tracked) == ["x"]
    (g,) = torch.autograd.grad(ran.value.sum(), list(ran.tracked.values()))
    assert g.tolist() == [0, 2, 3]
    assert run_torch("x * y", inputs).tracked == {}
    assert not run_torch("x * y", inputs).value.requires_grad


# --- what a side raises, warns and leaves ---------------------------------------------------


@both
@pytest.mark.parametrize(
    ("side", "raised"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("raise KeyError('k'); x", "KeyError"),
        ("x.reshape(5)", {"np": "ValueError", "torch": "RuntimeError"}),
    ],
)
def test_what_a_side_raises_is_its_result(lib, side, raised):
    """The exception is handed back, with the inputs as they were left."""
    ran = RUN[lib](f"x[0] = 8; {side}", {"x": given(2)})
    assert ran.raised == (raised if isinstance(raised, str) else raised[lib])
    assert type(ran.error).__name__ == ran.raised
    assert ran.value is None
    assert ran.inputs["x"].tolist() == [8, 2]


@both
def test_an_interrupt_is_no_result(lib):
    """Ctrl-C stops the run, not the cell."""
    with pytest.raises(KeyboardInterrupt):
        RUN[lib]("raise KeyboardInterrupt; 1", {})


def test_the_default_of_ran_is_nothing_raised():
    """No error has no name."""
    assert Ran().raised == ""
    assert Ran(error=OSError()).raised == "OSError"


@both
def test_warnings_stay_inside_a_side(lib):
    """They are swallowed even where the caller makes errors of them."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert RUN[lib]("import warnings; warnings.warn('w'); 1", {}).value == 1
        assert run_numpy("np.log(x - 1)", {"x": given(2)}).error is None
    assert caught == []


@both
def test_what_a_side_warned_of_is_told(lib):
    """Every message, as often as it is raised; none where nothing was said."""
    ran = RUN[lib]("import warnings\nfor i in 'aba': warnings.warn(i)\n1", {})
    assert ran.warned == ("a", "b", "a")
    assert RUN[lib]("1", {}).warned == ()


def test_numpys_word_for_an_undefined_cast_is_told():
    """Results that depend on the machine are known by it."""
    assert run_numpy("x.astype('int64')", {"x": np.array([np.nan])}).warned == (
        "invalid value encountered in cast",
    )


def test_sides_can_be_recorded_together():
    """Warnings go into the caller's list, and each side tells only its own."""
    side = "import warnings; warnings.warn('{}'); 1"
    with recorded() as caught:
        ours = run_numpy(side.format("ours"), {}, caught=caught)
        theirs = run_torch(side.format("theirs"), {}, caught=caught)
    assert [str(w.message) for w in caught] == ["ours", "theirs"]
    assert (ours.warned, theirs.warned) == (("ours",), ("theirs",))


@both
@pytest.mark.parametrize("end", ["1", "1 / 0"])
def test_the_filters_of_warnings_come_back(lib, end):
    """A side that sets them, or raises, leaves them as they were."""
    before = list(warnings.filters)
    RUN[lib](f"import warnings; warnings.simplefilter('always'); {end}", {})
    assert warnings.filters == before
    with pytest.warns(UserWarning, match="seen"):
        warnings.warn("seen", stacklevel=1)


@both
@pytest.mark.parametrize("end", ["os.getcwd()", "1 / 0"])
def test_files_are_written_in_a_folder_that_goes_away(lib, end, tmp_path, monkeypatch):
    """The working folder is back afterwards, after an error too, with nothing in it."""
    monkeypatch.chdir(tmp_path)
    ran = RUN[lib](f"import os; open('made', 'w').close(); {end}", {}, files=True)
    assert os.getcwd() == str(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert ran.raised == ("ZeroDivisionError" if "/" in end else "")
    assert ran.value is None or not os.path.exists(ran.value)


def test_the_folder_is_changed_only_where_files_are_asked(tmp_path, monkeypatch):
    """Other cells do not pay for a folder."""
    monkeypatch.chdir(tmp_path)
    assert run_numpy("__import__('os').getcwd()", {}).value == str(tmp_path)


# --- random states --------------------------------------------------------------------------

DRAW = {"np": "np.random.rand(3)", "torch": "torch.rand(3)"}


@both
def test_a_seed_fixes_what_is_drawn(lib):
    """The same seed draws the same, another one something else."""
    first, again, other = (RUN[lib](DRAW[lib], {}, seed=s).value.tolist() for s in (1, 1, 2))
    assert first == again
    assert first != other


TORCH_DRAWS = [
    "torch.randn(4)",
    "torch.randint(0, 99, (4,))",
    "torch.randperm(99)",
    "torch.bernoulli(torch.full((64,), 0.5))",
    "torch.multinomial(torch.ones(99), 4)",
    "torch.poisson(torch.full((9,), 50.0))",
    "torch.normal(0.0, 1.0, (4,))",
    "torch.binomial(torch.full((9,), 99.0), torch.full((9,), 0.5))",
    *(f"torch.empty(9).{name}" for name in ("normal_()", "uniform_()", "exponential_()",
                                            "geometric_(0.01)", "cauchy_()", "log_normal_()")),
    "torch.nn.functional.dropout(torch.ones(64))",
    "torch.nn.functional.gumbel_softmax(torch.ones(4))",
    "torch.nn.functional.rrelu(-torch.ones(9), training=True)",
    *(f"torch.distributions.{name}.sample((9,))" for name in ("Gamma(2.0, 1.0)", "Beta(2.0, 1.0)",
                                                              "Binomial(99, 0.5)")),
]  # fmt: skip


@pytest.mark.parametrize("side", TORCH_DRAWS)
def test_every_way_to_draw_is_seeded(side):
    """The generator is set where a side draws, by whichever name: a run can be had again."""
    first, again = (run_torch(side, {}, seed=7).value.tolist() for _ in range(2))
    assert first == again


@both
def test_the_generator_is_left_alone_where_nothing_is_drawn(lib):
    """Setting it takes longer than most sides: a side that draws nothing does not pay for it."""
    state = {"np": lambda: np.random.get_state()[1].tolist(), "torch": torch.get_rng_state}[lib]
    with steady():
        before = state()
        RUN[lib](f"{lib}.sum(x)", {"x": given(3)}, seed=4)
        assert list(state()) == list(before)
        RUN[lib](DRAW[lib], {}, seed=4)
        assert list(state()) != list(before)


@pytest.mark.parametrize(
    ("side", "found"),
    [
        ("np.random.choice(x, 3)", True),
        ("g = torch.Generator(); torch.rand(2, generator=g)", True),
        ("np.linalg.norm(x)", False),
        ("torch.sort(x, dim=0).values", False),
    ],
)
def test_sides_that_draw_are_known_by_their_text(side, found):
    """Norms and sorts draw nothing."""
    assert draws(side) == found


@both
def test_without_a_seed_the_state_goes_on(lib):
    """Draws after the first are new ones, and those the library itself would make."""
    with steady():
        first = RUN[lib](DRAW[lib], {}, seed=3).value.tolist()
        second = RUN[lib](DRAW[lib], {}, seed=None).value.tolist()
        both_at_once = RUN[lib](DRAW[lib].replace("3", "6"), {}, seed=3).value.tolist()
    assert first + second == both_at_once


@pytest.mark.parametrize("fails", [False, True])
def test_steady_puts_back_the_threads_and_both_random_states(fails):
    """One thread inside; outside, everything as it was found, whatever happened inside."""
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        np.random.seed(5)
        torch.manual_seed(5)
        expected = np.random.rand(), torch.rand(1).item()
        np.random.seed(5)
        torch.manual_seed(5)
        try:
            with steady():
                assert torch.get_num_threads() == 1
                run_numpy(DRAW["np"], {}, seed=1)
                run_torch(DRAW["torch"], {}, seed=1)
                if fails:
                    raise ValueError
        except ValueError:
            pass
        assert torch.get_num_threads() == 2
        assert (np.random.rand(), torch.rand(1).item()) == expected
    finally:
        torch.set_num_threads(threads)


@both
def test_pythons_own_random_state_is_left_alone(lib):
    """Seeding a side seeds its library, nothing else."""
    random.seed(1)
    expected = random.random()
    random.seed(1)
    RUN[lib]("1", {}, seed=9)
    assert random.random() == expected


# --- who watches ----------------------------------------------------------------------------


@pytest.mark.parametrize("fails", [False, True])
def test_who_watches_is_told_of_each_side_before_it_is_entered(fails):
    """And of none afterwards, whatever happened inside."""
    told = []
    with contextlib.suppress(ValueError), watched(told.append):
        run_torch("1", {})
        run_numpy("told.append('ran'); 1", {"told": told})
        if fails:
            raise ValueError
    run_numpy("1", {})
    assert told == ["torch", "numpy", "ran"]


def test_inner_watchers_give_way_to_outer_ones():
    """Each is told while it is the one that watches."""
    outer, inner = [], []
    with watched(outer.append):
        with watched(inner.append):
            run_numpy("1", {})
        run_torch("1", {})
    assert (outer, inner) == (["torch"], ["numpy"])


# --- torch's results in NumPy's terms -------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (torch.tensor([1.5, 2]), np.array([1.5, 2], "f4")),
        (torch.tensor(3), np.array(3)),
        (torch.tensor([True]), np.array([True])),
        (torch.tensor([1 + 2j]).conj(), np.array([1 - 2j], "c8")),
        (torch.tensor([1 + 2j], dtype=torch.complex128).conj().imag, np.array([-2.0])),
        (torch.ones(2, requires_grad=True), np.ones(2, "f4")),
        (torch.zeros(0, 3), np.zeros((0, 3), "f4")),
        (torch.ones(3).expand(2, 3), np.ones((2, 3), "f4")),
    ],
    ids=["float", "0-d", "bool", "conj", "neg", "tracked", "empty", "expanded"],
)
def test_tensors_become_arrays(value, expected):
    """In dtype, shape and values; views that torch keeps lazily are resolved."""
    found = as_numpy(value)
    assert isinstance(found, np.ndarray)
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    assert np.array_equal(found, expected)


def test_an_array_over_a_tensor_shares_its_memory():
    """Wherever it can be; aliasing is measured through it."""
    tensor = torch.ones(3)
    as_numpy(tensor)[0] = 5
    assert tensor[0] == 5
    array = np.ones(3)
    as_tensor(array)[0] = 5
    assert array[0] == 5


@pytest.mark.parametrize("name", ["float16", "float32", "float64", "int8", "uint8", "complex64"])
def test_dtypes_become_numpys(name):
    """A dtype is a value like any other."""
    assert as_numpy(getattr(torch, name)) == np.dtype(name)
    assert isinstance(as_numpy(getattr(torch, name)), np.dtype)


def test_a_run_hands_back_its_value_as_it_came_and_in_numpys_terms():
    """The tensor is for aliasing and gradients, the array for comparing."""
    ran = run_torch("x * 2", {"x": given(2)})
    assert isinstance(ran.value, torch.Tensor)
    assert isinstance(ran.seen, np.ndarray)
    assert ran.seen.tolist() == [2, 4]
    ours = run_numpy("x * 2", {"x": given(2)})
    assert ours.seen is ours.value


def test_what_numpy_cannot_hold_is_raised_as_a_result():
    """bfloat16 has no NumPy dtype; that is an answer of torch's side."""
    assert run_torch("x.bfloat16()", {"x": given(2)}).raised == "TypeError"


def test_containers_are_walked():
    """Sizes and named tuples become tuples, dicts stay dicts, the rest is left as it is."""
    assert as_numpy(torch.ones(2, 3).shape) == (2, 3)
    assert type(as_numpy(torch.ones(2, 3).shape)) is tuple
    values, indices = as_numpy(torch.sort(torch.tensor([3, 1])))
    assert (values.tolist(), indices.tolist()) == ([1, 3], [1, 0])
    found = as_numpy({"a": [torch.tensor(1)], "b": torch.int64})
    assert isinstance(found["a"], tuple)
    assert isinstance(found["a"][0], np.ndarray)
    assert found["b"] == np.int64
    array = np.ones(2)
    assert as_numpy(array) is array
    assert [as_numpy(v) for v in (None, "a", 2.5, True)] == [None, "a", 2.5, True]


def test_as_tensor_leaves_what_is_no_array():
    """A number stays a number."""
    assert [as_tensor(v) for v in (None, "a", 2)] == [None, "a", 2]
    assert type(as_tensor(np.float64(2))) is np.float64


# --- memory ---------------------------------------------------------------------------------


def test_memory_spans_the_elements_of_an_array():
    """From the first byte to the one after the last, in either direction."""
    x = np.arange(10.0)
    low = x.__array_interface__["data"][0]
    assert memory(x) == (low, low + 80)
    assert memory(x[::-1]) == (low, low + 80)
    assert memory(x[2:4]) == (low + 16, low + 32)
    assert memory(x[::3]) == (low, low + 80)
    assert memory(x[1:8:3]) == (low + 8, low + 64)
    assert memory(np.broadcast_to(x[:2], (5, 2))) == (low, low + 16)
    assert memory(x.reshape(2, 5).T[1:]) == (low + 8, low + 80)


def test_memory_of_a_tensor_spans_its_storage():
    """Views of one tensor reach the same storage; a clone another one."""
    t = torch.arange(10.0)
    low, high = memory(t)
    assert (low, high) == (t.data_ptr(), t.data_ptr() + 40)
    assert memory(t[2:4]) == (low, high)
    assert memory(t.view(2, 5).T) == (low, high)
    assert memory(t.clone()) != (low, high)
    assert memory(as_tensor(np.arange(4.0)))[1] - memory(as_tensor(np.arange(4.0)))[0] == 32


@pytest.mark.parametrize("value", [2.5, np.float64(2), None, "a", (1,)], ids=repr)
def test_what_is_no_array_has_no_memory(value):
    """Numbers are copies."""
    assert memory(value) is None


def test_what_a_side_does_to_the_filters_ends_with_its_cell():
    """The next cell's warnings are recorded all the same, and those before it forgotten."""
    with recorded() as caught:
        warnings.warn("before", stacklevel=1)
        warnings.simplefilter("ignore")
        listen(caught)
        warnings.warn("after", stacklevel=1)
    assert [str(w.message) for w in caught] == ["after"]
