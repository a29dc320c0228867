"""The wheel carries templates and schemes: installed apart from the checkout, it runs from any folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import NOW, ROOT, SAMPLE


def test_the_wheel_runs_from_any_folder(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(site),
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(site)}
    where = [sys.executable, "-c", "import batch; print(batch.__file__)"]
    found = subprocess.run(where, env=environment, cwd=elsewhere, capture_output=True, text=True, check=True)
    assert found.stdout.startswith(str(site)), "the wheel, not the checkout, is what runs"
    words = ["run", "2025-W27", "--office", str(SAMPLE), "--out", "out", "--now", NOW]
    done = subprocess.run(
        [sys.executable, "-m", "batch", *words], env=environment, cwd=elsewhere, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    made = {p.name for p in (elsewhere / "out" / "outbox" / "2025-W27").iterdir()}
    tables = {"results.csv", "findings.csv", "manifest.json"}
    pages = {"summary.xlsx", "summary.html", "statistics.xlsx", "statistics.html", "fairness.xlsx", "fairness.html"}
    assert made == {*pages, *tables, "index.html", "for", "guides"}
