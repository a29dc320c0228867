"""The outbox of a week: tables for machines, the manifest, and putting all of it on disk without leaving anything stale."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from batch.core.finding import Finding
from batch.core.records import Case
from batch.files import sha256, write_file
from batch.i18n import Speaker
from batch.scheme import Scheme

MANIFEST = "manifest.json"
MANIFESTS = "*/manifest*.json"  # all that a folder of the outbox may have: each command lists what it wrote
_RISKY = ("=", "+", "-", "@", "\t", "\r")


def results_csv(cases: Iterable[Case], scheme: Scheme) -> bytes:
    """results.csv: a row per person; decimals with a point, as entered; flags yes/no/empty."""
    criteria, flags = [c.id for c in scheme.criteria], [f.id for f in scheme.answered_flags]
    header = [
        *("period", "staff_id", "name", "unit_id", "role", "state", "self_total", *criteria, "total", "band"),
        *("reviewer_id", "approver_id", *flags, "failing_weeks", "meeting_required", "scheme", "scheme_hash"),
    ]
    rows = [
        [
            str(case.period),
            case.staff_id,
            case.name,
            case.unit_id,
            case.role,
            case.state,
            _number(case.self_total),
            *(_number(case.scores.get(c)) for c in criteria),
            _number(case.total),
            case.band,
            case.review.author if case.review else "",
            case.approval.author if case.approval and case.state == "approved" else "",
            *(_flag(case.flags.get(f)) for f in flags),
            str(case.failing_weeks),
            _flag(case.meeting_required),
            scheme.id,
            scheme.hash,
        ]
        for case in cases
    ]
    return table_csv([header, *rows])


def findings_csv(findings: Iterable[Finding], say: Speaker) -> bytes:
    """findings.csv: a row per finding, sentences in the language of the reports."""
    header = ["severity", "code", "file", "sheet", "cell", "staff_id", "message", "remedy"]
    rows = [
        [say.severity(f), f.code, f.place.file, f.place.sheet, f.place.cell, f.staff_id, say.message(f), say.remedy(f)]
        for f in findings
    ]
    return table_csv([header, *rows])


def _number(value: Decimal | None) -> str:
    return "" if value is None else format(value, "f")


def _flag(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"


def table_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """UTF-8 with BOM (Excel then shows Vietnamese and Thai); text that a spreadsheet would run as a formula is made text."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerows([[f"'{v}" if v.startswith(_RISKY) else v for v in row] for row in rows])
    return b"\xef\xbb\xbf" + stream.getvalue().encode("utf-8", "replace")


def is_current(folder: Path, basis: str) -> bool:
    """Whether the folder holds, unharmed, what a run on this basis would write."""
    manifest = _manifest(folder)
    if manifest.get("basis") != basis:
        return False
    try:
        return all(sha256((folder / o["name"]).read_bytes()) == o["sha256"] for o in manifest.get("outputs", []))
    except OSError:
        return False


def outputs_of(folder: Path) -> dict[str, str]:
    """What the last run wrote into a week's folder: file name → SHA-256."""
    return {output["name"]: output["sha256"] for output in _manifest(folder).get("outputs", [])}


def publish(folder: Path, files: Mapping[str, bytes], manifest: Mapping[str, Any], listed_in: str = MANIFEST) -> list[str]:
    """Write a week's files and, last, the manifest that lists them; returns the names that changed.

    ``listed_in``: the manifest's name, where the folder holds other files too, listed in another one.
    Each file appears whole or not at all. What an earlier run wrote and this one no longer does is removed.
    """
    changed = [name for name, data in files.items() if write_file(folder / name, data, durable=False)]
    for output in _manifest(folder, listed_in).get("outputs", []):
        stale = folder / output["name"]
        if output["name"] not in files and folder.resolve() in stale.resolve().parents and stale.is_file():
            stale.unlink()
            changed.append(output["name"])
            if not any(stale.parent.iterdir()):
                stale.parent.rmdir()
    outputs = [{"name": name, "sha256": sha256(data), "size": len(data)} for name, data in sorted(files.items())]
    text = json.dumps({**manifest, "outputs": outputs}, ensure_ascii=False, indent=1)
    write_file(folder / listed_in, text.encode() + b"\n")
    return sorted(changed)


def _manifest(folder: Path, name: str = MANIFEST) -> dict[str, Any]:
    try:
        found = json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    outputs = found.get("outputs") if isinstance(found, dict) else None
    sound = isinstance(outputs, list) and all(
        isinstance(o, dict) and isinstance(o.get("name"), str) and isinstance(o.get("sha256"), str) for o in outputs
    )
    return found if sound else {}
