"""What is folded says, once unfolded, what it said before."""

from __future__ import annotations

import pickle
from decimal import Decimal

from batch.core.folded import FoldedTasks, FoldedTexts, alike
from batch.core.records import Task

TEXTS = {"text.summary": "Đúng hạn\nหนึ่งวัน", "comment": 'ít "ngoặc" \\ \ud800', "empty": ""}
TASKS = (Task("Soạn", "Báo cáo", Decimal("2.50"), key_task=True), Task("Gửi"))


def test_texts_come_back_as_they_were() -> None:
    folded = FoldedTexts.of(TEXTS)
    assert isinstance(folded, FoldedTexts)
    assert list(folded.items()) == list(TEXTS.items())
    assert folded.get("text.summary") == TEXTS["text.summary"]
    assert folded.get("none", "–") == "–"
    assert "none" not in folded
    assert folded == TEXTS
    assert folded != {**TEXTS, "empty": " "}


def test_what_lies_beside_stays_as_it_is() -> None:
    folded = [FoldedTexts.of({"comment": f"Số {n} " * n}) for n in range(1, 1200)]
    assert [one["comment"] for one in folded] == [f"Số {n} " * n for n in range(1, 1200)]
    long = FoldedTexts.of({"comment": "dài" * 1_000_000})
    assert FoldedTexts.of({"comment": "ngắn"})["comment"] == "ngắn"
    assert long["comment"] == "dài" * 1_000_000


def test_another_process_gets_the_whole() -> None:
    tasks, texts = FoldedTasks.of(TASKS), FoldedTexts.of(TEXTS)
    assert pickle.loads(pickle.dumps(tasks)) == TASKS
    assert pickle.loads(pickle.dumps(texts)) == TEXTS
    assert str(pickle.loads(pickle.dumps(tasks))[0].quantity) == "2.50"


def test_numbers_keep_the_places_they_were_typed_with() -> None:
    alike({"quality": Decimal(8)})
    assert str(alike({"quality": Decimal("8.0")})["quality"]) == "8.0"
    assert alike({"quality": Decimal(8)}) is alike({"quality": Decimal(8)})
