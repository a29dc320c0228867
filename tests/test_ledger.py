from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batch.core.finding import Place, UserError, finding
from batch.core.records import Cell, Reading, Receipt, Row
from batch.forms.extract import from_body, to_body
from batch.forms.keys import HEADER_KEYS
from batch.ledger import Ledger, Source, chain
from tests.postgres import SECRET, Server

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
KEYS = st.text("abc._", min_size=1, max_size=8)
CELLS = st.builds(Cell, st.sampled_from("nsbd"), TEXT, st.sampled_from(["A1", "AA17"]))
ROWS = st.builds(Row, st.one_of(st.just(""), KEYS), st.integers(1, 10**6), st.dictionaries(KEYS, CELLS, max_size=4))
HEADERS = st.fixed_dictionaries(dict.fromkeys(HEADER_KEYS, TEXT)).filter(lambda h: any(h.values()))
READINGS = st.builds(
    Reading,
    header=st.one_of(st.just({}), HEADERS),
    sheet=TEXT,
    rows=st.lists(ROWS, max_size=4).map(tuple),
    columns=st.dictionaries(KEYS, st.sampled_from(["A", "BC"]), max_size=4),
    content=TEXT,
)
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)


@st.composite
def receipts(draw: st.DrawFn) -> Receipt:
    name = draw(NAMES)
    fault = finding(
        draw(st.sampled_from(["file.unreadable", "file.stray-cell"])),
        Place(name),
        **draw(st.dictionaries(st.sampled_from(["problem", "cell"]), TEXT, max_size=2)),
    )
    reading = draw(st.one_of(st.none(), READINGS))
    return Receipt(
        sha256=draw(st.text("0123456789abcdef", min_size=8, max_size=64)),
        name=name,
        size=draw(st.integers(0, 2**40)),
        received=draw(st.datetimes()).isoformat(),
        run=draw(st.integers(1, 1000)),
        reading=reading,
        fault=fault if reading is None else None,
    )


def receipt(name: str, run: int = 1) -> Receipt:
    reading = Reading(
        dict.fromkeys(HEADER_KEYS, "x"), "Tự đánh giá", (Row("a", 1, {"b": Cell("s", "Hoà", "B1")}),), {"b": "B"}, name
    )
    return Receipt(f"sha-{name}", name, 7, "2025-06-06T16:00+07:00", run, reading)


class Kept:
    """A ledger of one kind, and its table as whoever administers it sees it."""

    def __init__(self, source: Source, server: Server | None = None) -> None:
        self.source, self.server = source, server

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        if self.server:
            return self.server.sql(statement, database=self.source.url.rpartition("/")[2])
        with closing(sqlite3.connect(self.source.path)) as db, db:
            return db.execute(statement).fetchall()

    def rows(self) -> list[tuple[object, ...]]:
        return self.execute("SELECT seq, run, at, kind, key, body, hash FROM entry ORDER BY seq")


@pytest.fixture(params=["sqlite", "postgresql"])
def another(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Kept]:
    """Makes new ledgers of a kind."""
    if request.param == "sqlite":
        numbers = count()
        return lambda: Kept(Source(tmp_path / f"{next(numbers)}.db"))
    server: Server = request.getfixturevalue("postgres")
    monkeypatch.setenv("LEDGER", SECRET)
    return lambda: Kept(Source(tmp_path / "none.db", server.url(server.fresh()), "LEDGER"), server)


@pytest.fixture
def kept(another: Callable[[], Kept]) -> Kept:
    return another()


@pytest.fixture
def source(kept: Kept) -> Source:
    return kept.source


def test_what_was_added_is_there_in_order_after_reopening(source: Source) -> None:
    first, second = [receipt("b.xlsx"), receipt("a.xlsx")], [receipt("c.xlsx", 2)]
    with Ledger.open(source) as ledger:
        assert list(ledger.receipts()) == []
        assert ledger.next_run() == 1
        ledger.add(first)
        assert ledger.next_run() == 2
    with Ledger.open(source) as ledger:
        ledger.add(second)
        assert list(ledger.receipts()) == first + second
        assert ledger.next_run() == 3


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.lists(receipts(), max_size=4, unique_by=lambda r: r.sha256))
def test_any_receipts_round_trip(source: Source, given_receipts: list[Receipt]) -> None:
    with Ledger.open(source) as ledger:
        before = list(ledger.receipts())
        ledger.add(given_receipts)
        assert list(ledger.receipts()) == before + given_receipts


@given(READINGS)
def test_a_reading_survives_json(reading: Reading) -> None:
    assert from_body(json.loads(json.dumps(to_body(reading)))) == reading


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET body = '{}' WHERE seq = 1",
        "UPDATE entry SET run = run + 1",
        "UPDATE entry SET hash = 'x' WHERE seq = 2",
        "UPDATE entry SET seq = 4 WHERE seq = 2",
        "DELETE FROM entry WHERE seq = 2",
        "DELETE FROM entry",
        "INSERT INTO entry VALUES (1, 1, '', 'file', 'k', '{}', 'h')",
        "INSERT INTO entry VALUES (4, 1, '', 'file', 'k', '{}', 'h')",  # leaves a gap
        "INSERT INTO entry SELECT 3, run, at, kind, key, body, hash FROM entry WHERE seq = 2",
    ],
)
def test_entries_can_be_neither_changed_nor_removed_nor_slipped_in(statement: str, kept: Kept) -> None:
    refused(kept, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE OR REPLACE entry SET seq = 2 WHERE seq = 1",
        "INSERT OR REPLACE INTO entry VALUES (1, 1, '', 'file', 'k', '{}', 'h')",
        "INSERT OR REPLACE INTO entry SELECT 3, run, at, kind, key, body, hash FROM entry WHERE seq = 2",
    ],
)
def test_sqlite_replaces_no_entry(statement: str, tmp_path: Path) -> None:
    refused(Kept(Source(tmp_path / "ledger.db")), statement)


@pytest.mark.parametrize("statement", ["TRUNCATE entry", "SET session_replication_role = replica; DELETE FROM entry"])
def test_postgresql_empties_no_table(
    statement: str, postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEDGER", SECRET)
    refused(Kept(Source(tmp_path, postgres.url(postgres.fresh()), "LEDGER"), postgres), statement)


def refused(kept: Kept, statement: str) -> None:
    with Ledger.open(kept.source) as ledger:
        ledger.add([receipt("a"), receipt("b")])
    before = kept.rows()
    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.IntegrityError)):
        kept.execute(statement)
    assert kept.rows() == before and len(before) == 2


def test_a_batch_is_added_whole_or_not_at_all(source: Source) -> None:
    def broken() -> object:
        yield receipt("b", 2)
        raise OSError("the disk is full")

    with Ledger.open(source) as ledger:
        ledger.add([receipt("a")])
        with pytest.raises(OSError, match="full"):
            ledger.add(broken())  # type: ignore[arg-type]
        assert list(ledger.receipts()) == [receipt("a")]
        ledger.add([receipt("c", 2)])
        assert [r.name for r in ledger.receipts()] == ["a", "c"]


def recomputed(rows: list[tuple[object, ...]]) -> list[str]:
    previous, hashes = "", []
    for row in rows:
        previous = chain(previous, row[:6])
        hashes.append(previous)
    return hashes


def test_the_chain_can_be_recomputed_over_several_runs(kept: Kept) -> None:
    with Ledger.open(kept.source) as ledger:
        ledger.add([receipt("a"), receipt("b")])
        ledger.add([])
        ledger.add([receipt("c", 2)])
    rows = kept.rows()
    assert len(rows) == 3
    assert recomputed(rows) == [row[6] for row in rows]


@pytest.mark.parametrize("column", range(6))
def test_a_change_of_any_column_shows_in_the_chain(column: int, kept: Kept) -> None:
    with Ledger.open(kept.source) as ledger:
        ledger.add([receipt("a"), receipt("b"), receipt("c")])
    rows = kept.rows()
    value = rows[0][column]
    forged = [*rows[0]]
    forged[column] = value + 1 if isinstance(value, int) else f"{value} "
    hashes = recomputed([tuple(forged), *rows[1:]])
    assert all(was != now for was, now in zip([row[6] for row in rows], hashes, strict=True))


def test_a_missing_or_swapped_entry_shows_in_the_chain(kept: Kept) -> None:
    with Ledger.open(kept.source) as ledger:
        ledger.add([receipt("a"), receipt("b"), receipt("c")])
    rows = kept.rows()
    for forged in (rows[1:], [rows[0], rows[2]], [rows[1], rows[0], rows[2]]):
        assert recomputed(forged) != [row[6] for row in forged]


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(b"this is no database, only some text" * 50)
    with pytest.raises(UserError) as caught, Ledger.open(Source(path)):
        pass
    assert (caught.value.finding.code, caught.value.finding.place.file) == ("config.ledger-unreadable", str(path))
