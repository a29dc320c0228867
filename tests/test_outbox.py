"""How a manifest is written: as indented JSON, whatever its entries hold."""

from __future__ import annotations

import json
from pathlib import Path

from batch.core.period import Week
from batch.files import locked
from batch.ledger import Ledger, Source
from batch.outbox import Box
from batch.seals import Sealer


def test_a_manifest_is_indented_json_that_says_what_it_was_given(tmp_path: Path) -> None:
    odd = '},\n   {"name": "báo cáo ๑"}],\n "basis": [{}, {"": []}]'
    given = {
        "program": "appraise",
        "inputs": [{"name": odd, "size": 7, "fate": None}, {"name": "b.xlsx", "size": 8, "fate": "counted"}],
        "issued": {"for/1/a.xlsx": [odd, "x"], "for/2/a.xlsx": []},
        "evidence": [],
    }
    with locked(tmp_path) as store, Ledger.open(Source(tmp_path / "ledger.db")) as ledger:
        box = Box(store, Sealer(store, ledger), Week(2025, 23))
        box.publish([box.draft("results.csv", b"a"), box.draft("for/1/page.html", b"b")], given)
        text = (box.folder / "manifest.json").read_text(encoding="utf-8")
        assert [entry["name"] for entry in box.listing.entries] == ["for/1/page.html", "results.csv"]
        box.publish([box.draft("results.csv", b"a")], given)
        assert [entry["name"] for entry in box.listing.entries] == ["results.csv"]  # what stands there now, no earlier one
    found = json.loads(text)
    assert {key: found[key] for key in given} == given
    assert text == json.dumps(found, ensure_ascii=False, indent=1) + "\n"
