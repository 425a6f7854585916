"""Tests of equiv.own.kinds: inputs as people type them."""

import pytest

from equiv.entry import EquivError, integers, real, values
from equiv.own.kinds import parse

READ = {
    "x=real(32, 100)": ("x", real(32, 100)),
    "real(3)": ("", real(3)),
    " x = real(3) ": ("x", real(3)),
    "n=integers(0, 9, (4,))": ("n", integers(0, 9, (4,))),
    "x=real(3, dtype='float32')": ("x", real(3, dtype="float32")),
    "v=values([1.0, -2.0])": ("v", values([1.0, -2.0])),
    "axis=1": ("axis", 1),
    "axis=-1": ("axis", -1),
    "mode='same'": ("mode", "same"),
    "shape=(2, 3)": ("shape", (2, 3)),
    "eps=1e-5": ("eps", 1e-5),
}


@pytest.mark.parametrize("text", READ)
def test_an_input_is_read(text):
    """A kind or a literal, with a name or without."""
    assert parse(text) == READ[text]


REFUSED = {
    "x=reel(3)": ("expected one of real,", 2),
    "x=real(3": ("'(' was never closed", 6),
    "x=real(n)": ("expected a literal", 7),
    "x=real(3) + 1": ("expected a kind, such as real(32, 100), or a literal", 2),
    "x=real(3, dtyp='f4')": ("unexpected keyword argument 'dtyp'", 2),
    "x=real(-3)": ("a shape is of whole numbers, found (-3,)", 2),
    "x=": ("invalid syntax", 2),
    "x=np.zeros(3)": ("expected one of real,", 2),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_read_has_a_caret_under_the_place(text):
    """The text as it was typed, and the caret below."""
    said, place = REFUSED[text]
    with pytest.raises(EquivError) as raised:
        parse(text)
    first, shown, caret = str(raised.value).split("\n")
    assert said in first
    assert shown == f"  {text}"
    assert caret == f"  {' ' * place}^"
