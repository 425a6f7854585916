"""Renders a run's results to files: Markdown, CSV, JSON and HTML, written whole or not at all.

Knows results; runs nothing.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from equiv.entry import EquivError
from equiv.report import pages, tables
from equiv.results import Results

FORMATS: Mapping[str, Mapping[str, Callable[[Results], str]]] = {
    "md": {
        "compatibility.md": pages.compatibility_md,
        "rules.md": pages.rules_md,
        "layers.md": pages.layers_md,
    },
    "csv": {
        "compatibility.csv": tables.compatibility_csv,
        "layers.csv": tables.layers_csv,
        "cells.csv": tables.cells_csv,
    },
    "json": {"compatibility.json": tables.compatibility_json},
    "html": {"compatibility.html": pages.compatibility_html},
}
"""Each format's files, and what spells them."""

DEFAULT_FORMATS = ("md", "csv", "html")


def write(results: Results, folder: Path, formats: tuple[str, ...] = DEFAULT_FORMATS) -> list[Path]:
    """Write the files of the formats into a folder; all are spelled before any is written.

    Raises EquivError where the folder cannot be written to.
    """
    texts = {
        folder / name: spell(results) for word in formats for name, spell in FORMATS[word].items()
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_files(texts)
    except OSError as error:
        reason = error.strerror or str(error)
        raise EquivError(f"-o {folder}: cannot be written to ({reason}); name another") from None
    return list(texts)


def replace_files(texts: Mapping[Path, str]) -> None:
    """Write each text beside its file, then rename them all: a failure leaves what was there."""
    written: dict[Path, Path] = {}
    try:
        for path, text in texts.items():
            handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            written[path] = Path(beside)
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            os.chmod(beside, 0o644)
        for path in texts:
            if path.is_dir():  # found before the first is replaced
                raise IsADirectoryError(21, f"{path.name} is a folder")
        for path, beside_path in written.items():
            os.replace(beside_path, path)
    finally:
        for beside_path in written.values():
            with contextlib.suppress(FileNotFoundError):
                beside_path.unlink()
