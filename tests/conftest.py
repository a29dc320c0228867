"""What several tests need: the sample office evaluated once, and the real programs that open what we write."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.postgres import Server, running

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "sample_input" / "vn-weekly"
NOW = "2025-07-07T08:00"

settings.register_profile("patient", deadline=None)  # a busy machine is no fault of the program
settings.load_profile("patient")

Appraise = Callable[..., "subprocess.CompletedProcess[str]"]


def run_appraise(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The real command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "batch", *map(str, words)], capture_output=True, text=True, encoding="utf-8", cwd=cwd or ROOT
    )


@pytest.fixture(scope="session")
def sample_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """OUT after one run over the whole sample inbox, from scratch. Read-only by agreement."""
    out = tmp_path_factory.mktemp("sample") / "out"
    done = run_appraise("run", "--office", SAMPLE, "--out", out, "--now", NOW)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A real PostgreSQL server on loopback."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def soffice() -> str:
    found = shutil.which("soffice")
    if not found:
        pytest.skip("LibreOffice is not installed (Debian: apt-get install libreoffice-calc)")
    return found


@pytest.fixture(scope="session")
def convert(soffice: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[list[Path], str], list[Path]]:
    """Have LibreOffice convert files; returns the new ones, in order. Fails if it can't open one."""
    profile = tmp_path_factory.mktemp("libreoffice")

    def convert(paths: list[Path], kind: str) -> list[Path]:
        target = tmp_path_factory.mktemp("converted")
        named = []
        for n, path in enumerate(paths):  # one folder, so names must differ
            named.append(target / "in" / f"{n:04d}{path.suffix}")
            named[-1].parent.mkdir(exist_ok=True)
            shutil.copy(path, named[-1])
        words = [
            soffice,
            f"-env:UserInstallation=file://{profile}",
            "--headless",
            "--convert-to",
            kind,
            "--outdir",
            str(target),
        ]
        subprocess.run([*words, *map(str, named)], check=True, capture_output=True, timeout=300)
        made = [target / f"{path.stem}.{kind.split(':')[0]}" for path in named]
        assert all(path.exists() for path in made), "LibreOffice could not open every workbook"
        return made

    return convert
