"""Fixtures that several test modules share."""

import pytest

from equiv.catalogue import Catalogue, load
from equiv.results import Results
from equiv.runner import execute


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The catalogue as it is packaged."""
    return load()


@pytest.fixture(scope="session")
def results(catalogue: Catalogue) -> Results:
    """One run of the whole catalogue, made once."""
    return Results(execute(catalogue))
