"""Fuzzing of the reader: whatever the bytes, there is a reading or the code of a finding, and what was read can be judged.

Run: ``make fuzz`` (SECONDS=1800 for long). The first byte of an input chooses what the others are: a whole file, or one part
of a sound form, so that the search is not spent on breaking zip archives. Inputs that escape are kept in .fuzz/.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["batch.sheet", "batch.forms.extract"]):
    from batch.core.codes import CODES
    from batch.forms.extract import from_body, read_form, to_body
    from batch.sheet.package import Unreadable
    from batch.validate import judge

from batch.assess import assess
from batch.core.period import Week
from batch.core.records import Receipt
from tests.builders import filled, issuer_of, review_values, roster_of, rules_of, self_values
from tests.corpus import hostile, people
from tests.corpus.package import BOOK, RELS, SHEET, STRINGS, STYLES, package, parts_of
from tests.corpus.people import shared_strings

HEADER = "xl/worksheets/sheet2.xml"
PARTS = (SHEET, HEADER, STRINGS, BOOK, RELS, STYLES)
WEEK = Week(2025, 23)
WORDS = ['<c r="XFD1048576"', 't="e"', 't="s"', 't="str"', 't="b"', "<f>", "</f>", "<v>", "</v>", 's="1"', "<is><t>", "score.quality",
         "#key", "task.1", "&#x1;", "1e999", "NaN", "<row r=", "</row>", 'r="A1"', "numFmtId=", "%", "<!DOCTYPE", "fullCalcOnLoad"]  # fmt: skip


class Target:
    """The sound forms that inputs change, and the rules that judge them."""

    def __init__(self, folder: Path) -> None:
        self.rules = rules_of(roster_of(folder))
        issuer, cases = issuer_of(self.rules, Path("none")), assess(WEEK, [], self.rules).cases
        own = next(f.data for f in issuer.self_forms(WEEK, cases, {}) if f.addressee == "C1")
        sheet = next(f.data for f in issuer.review_sheets(WEEK, cases, {}, {}) if f.addressee == "T1")
        scores = review_values({"C1": (30.4, 39.8, 19.8, "Không", "Không")})
        self.forms = {"self": filled(own, self_values(30.4, "39,8", 19.8)), "review": filled(sheet, scores)}
        self.parts = [parts_of(shared_strings(rich=bool(n))(data)) for n, data in enumerate(self.forms.values())]

    def file(self, data: bytes) -> bytes:
        """The file that an input stands for."""
        chosen, rest = divmod(data[0] if data else 0, len(self.parts))
        if chosen % (len(PARTS) + 1) == len(PARTS):
            return data[1:]
        return package({**self.parts[rest], PARTS[chosen % (len(PARTS) + 1)]: data[1:]})

    def seeds(self) -> list[bytes]:
        """Inputs to begin with: every part as it is, and the small files of the corpus."""
        found = [
            bytes([chosen * len(self.parts) + form]) + parts[name]
            for form, parts in enumerate(self.parts)
            for chosen, name in enumerate(PARTS)
        ]
        whole = bytes([len(PARTS) * len(self.parts)])
        slow = ("zip-bomb", "reader-", "million", "sheets-", "dense", "formatted", "xls-far", "ods-repeated", "overlapping")
        for case in (*people.cases(), *hostile.cases()):
            if not case.name.startswith(slow) and "overlapping" not in case.name:
                data = case.build(self.forms[case.form])
                if len(data) < 12_000:
                    found.append(whole + data)
                    found += [bytes([0]) + part for name, part in _parts(data).items() if name == SHEET]
        return found

    def __call__(self, data: bytes) -> None:
        """One input. Whatever is raised here has escaped."""
        try:
            reading = read_form(self.file(data))
        except Unreadable as err:
            assert err.code in CODES
            return
        assert from_body(to_body(reading)) == reading
        judged = judge(Receipt("x", "form.xlsx", 1, "2025-06-06T16:00+07:00", 1, reading), self.rules)
        for attempt in judged.attempts:
            if attempt.statement:
                caps = {c.id: c.max for c in self.rules.scheme.criteria}
                assert all(0 <= score <= caps[key] for key, score in attempt.statement.scores.items())


def _parts(data: bytes) -> dict[str, bytes]:
    try:
        return parts_of(data)
    except Exception:  # a broken archive is a seed as a whole only
        return {}


def main() -> None:
    """Fuzz with libFuzzer's options; seeds and the word list are written into the folder that is named last."""
    with tempfile.TemporaryDirectory() as folder:
        target = Target(Path(folder))
        found = Path(".fuzz")
        (found / "inputs").mkdir(parents=True, exist_ok=True)
        for n, seed in enumerate(target.seeds()):
            (found / "inputs" / f"seed{n:04d}").write_bytes(seed)
        words = "\n".join('"' + word.replace('"', '\\"') + '"' for word in WORDS)
        (found / "words").write_text(words + "\n", encoding="utf-8")
        options = [
            "-max_len=60000",
            "-timeout=120",
            "-rss_limit_mb=3000",
            f"-dict={found}/words",
            f"-artifact_prefix={found}/",
        ]
        atheris.Setup([sys.argv[0], *options, *sys.argv[1:], str(found / "inputs")], target)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
