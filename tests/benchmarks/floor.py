"""The floor under a week: its forms merely read by calamine, the files of its outbox merely compressed and written.

Run: ``python -m tests.benchmarks.floor INBOX OUTBOX TARGET``. Nothing is checked, judged, rendered or remembered.
"""

from __future__ import annotations

import io
import sys
import zipfile
from contextlib import suppress
from multiprocessing import Pool
from pathlib import Path

import python_calamine


def read(path: Path) -> int:
    """Every cell of a workbook."""
    cells = 0
    with suppress(python_calamine.CalamineError):  # of torn files
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
        for name in book.sheet_names:
            cells += sum(map(len, book.get_sheet_by_name(name).to_python(skip_empty_area=False)))
    return cells


def write(paths: tuple[Path, Path]) -> None:
    """The same file elsewhere; the parts of a workbook are compressed again."""
    source, target = paths
    data = source.read_bytes()
    if source.suffix == ".xlsx":
        packed = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as parts, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
            for name in parts.namelist():
                package.writestr(name, parts.read(name))
        data = packed.getvalue()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def main(inbox: Path, outbox: Path, target: Path) -> None:
    """Both, in two processes."""
    files = [path for path in outbox.rglob("*") if path.is_file()]
    with Pool(2) as pool:
        pool.map(read, [path for path in inbox.rglob("*") if path.is_file()], 64)
        pool.map(write, [(path, target / path.relative_to(outbox)) for path in files], 64)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
