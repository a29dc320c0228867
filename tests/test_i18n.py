from __future__ import annotations

import ast
import datetime as dt
import re
import string
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from babel.messages.pofile import read_po
from openpyxl.cell.rich_text import CellRichText

from batch.core.codes import CODES
from batch.core.finding import Finding, Moment, Money, Phrase, Titles
from batch.core.period import Week
from batch.core.records import STATES, Cell
from batch.core.value import read_decision, read_yes_no
from batch.forms.layout import FIELD_NAMES
from batch.i18n import _MANY, LANGUAGES, Speaker
from batch.reports.view import SEVERITY_WORDS

ROOT = Path(__file__).resolve().parents[1]
TRANSLATED = ("vi", "th")
SPEAKERS = {"say", "_", "Phrase"}
CALL = re.compile(r"""(?<![\w.])(?:say|_)\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")


def python_files() -> list[Path]:
    return sorted((ROOT / "batch").rglob("*.py"))


def spoken(node: ast.Call, speaks_itself: bool) -> bool:
    """Whether a call translates: ``say(...)``, ``self.say(...)``, ``Phrase(...)``, and ``self(...)`` in the speaker itself."""
    name = (
        node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
    )
    return name in SPEAKERS or (speaks_itself and name == "self")


def in_python() -> Iterator[str]:
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and spoken(node, path.name == "i18n.py"):
                yield from (
                    part.value
                    for part in ast.walk(node.args[0])
                    if isinstance(node.args[0], (ast.Constant, ast.IfExp))
                    and isinstance(part, ast.Constant)
                    and isinstance(part.value, str)
                )


def state_words() -> Iterator[str]:
    """The words of any table whose keys are exactly the states of a case."""
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Dict) and {k.value for k in node.keys if isinstance(k, ast.Constant)} == set(STATES):
                yield from (v.value for v in node.values if isinstance(v, ast.Constant) and isinstance(v.value, str))


def in_text(text: str) -> Iterator[str]:
    for match in CALL.finditer(text):
        yield str(ast.literal_eval(match[1]))


def in_pages() -> Iterator[str]:
    for path in sorted((ROOT / "templates" / "html").glob("*.j2")):
        yield from in_text(path.read_text(encoding="utf-8"))


def in_masters() -> Iterator[str]:
    for path in sorted((ROOT / "templates").glob("*.xlsx")):
        book = openpyxl.load_workbook(path, rich_text=True)
        for sheet in book.worksheets:
            texts = [sheet.title]
            for row in sheet.iter_rows():
                texts += ["".join(map(str, c.value)) if isinstance(c.value, CellRichText) else str(c.value) for c in row]
            for rule in sheet.data_validations.dataValidation:
                texts += [str(t) for t in (rule.formula1, rule.promptTitle, rule.prompt, rule.errorTitle, rule.error)]
            for margin in (*filter(None, (sheet.oddHeader, sheet.oddFooter)),):
                texts += [str(side.text) for side in (margin.left, margin.center, margin.right)]
            for text in texts:
                yield from in_text(text)


def everywhere() -> Iterator[tuple[str, str]]:
    for code, entry in CODES.items():
        yield from ((code, entry.message), (code, entry.remedy))
    yield from (("python", text) for text in in_python())
    yield from (("pages", text) for text in in_pages())
    yield from (("masters", text) for text in in_masters())
    yield from (("fields", text) for text in FIELD_NAMES.values())
    yield from (("severities", text) for text in SEVERITY_WORDS.values())
    yield from (("states", text) for text in state_words())
    yield from (("words", text) for text in ("yes", "no", "approve", "adjust", "return", "agree", "differ"))


@cache
def used() -> dict[str, str]:
    return {text: where for where, text in everywhere() if text}


@cache
def catalogue(lang: str) -> dict[str, str]:
    path = ROOT / "batch" / "locale" / lang / "LC_MESSAGES" / "appraise.po"
    with path.open("rb") as stream:
        entries = list(read_po(stream, locale=lang, abort_invalid=True))
    assert not any(entry.fuzzy for entry in entries if entry.id)
    return {str(entry.id): str(entry.string) for entry in entries if entry.id}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_the_collection_sees_every_kind_of_place() -> None:
    assert {"python", "pages", "masters", "fields", "states", "words", *CODES} <= set(used().values()) | {"fields", "words"}
    assert {"Summary of the weekly evaluation", "Self-report", "(Signature and full name)", "Scored"} <= set(used())
    assert "From 0 to {max} points, at most two decimals" in used()
    assert len(used()) > 200


@pytest.mark.parametrize("lang", TRANSLATED)
def test_everything_that_is_said_is_translated(lang: str) -> None:
    missing = {text: where for text, where in used().items() if not catalogue(lang).get(text)}
    assert missing == {}


@pytest.mark.parametrize("lang", TRANSLATED)
def test_translations_have_the_same_placeholders(lang: str) -> None:
    wrong = {text: said for text, said in catalogue(lang).items() if placeholders(text) != placeholders(said)}
    assert wrong == {}


@pytest.mark.parametrize("lang", TRANSLATED)
def test_no_translation_is_left_over(lang: str) -> None:
    left = set(catalogue(lang)) - set(used())
    assert left == set()


def test_both_catalogues_hold_the_same_messages() -> None:
    assert set(catalogue("vi")) == set(catalogue("th"))


def test_vietnamese_and_thai_are_not_mixed_up() -> None:
    thai = re.compile("[\u0e00-\u0e7f]")
    assert not [text for text in catalogue("vi").values() if thai.search(text)]
    untouched = {
        text for text, said in catalogue("th").items() if re.search("[a-z]{3} [a-z]{3}", text) and not thai.search(said)
    }
    assert untouched == set()


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_finding_can_be_said_with_its_particulars(code: str, lang: str) -> None:
    names = placeholders(CODES[code].message) | placeholders(CODES[code].remedy)
    found = Finding(code, staff_id="CB01", params=tuple((name, f"<{name}>") for name in sorted(names - {"staff_id"})))
    say = Speaker(lang)
    for text in (say.message(found), say.remedy(found)):
        assert text
        assert "{" not in text
    assert all(f"<{n}>" in say.message(found) for n in placeholders(CODES[code].message) - {"staff_id"})


@pytest.mark.parametrize("problem", ["it broke", "it broke.", "it broke:\n  in line 3.\n", "", Phrase("the disk is full")])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_another_program_says_ends_as_our_sentence_does(lang: str, problem: str) -> None:
    for code in (code for code in CODES if "problem" in placeholders(CODES[code].message)):
        names = placeholders(CODES[code].message) - {"staff_id", "problem"}
        text = Speaker(lang).message(Finding(code, params=(("problem", problem), *((name, "x") for name in sorted(names)))))
        assert "\n" not in text and ".." not in text and ":." not in text and "()" not in text, code
        assert lang == "th" or text.endswith((".", ").")), code  # Thai sentences end without a mark
        assert text.rstrip(".) ")[-1] not in ":,;", code


def test_a_moment_is_said_as_each_language_says_it() -> None:
    moments = {lang: Speaker(lang).value(Moment("2025-06-06T16:00:00+07:00")) for lang in LANGUAGES}
    assert moments == {"vi": "16:00 ngày 06/6/2025", "th": "6/6/2568 16.00 น.", "en": "16:00 6 June 2025"}


@pytest.mark.parametrize(("lang", "salary"), [("vi", "43.600,50"), ("th", "43,600.50"), ("en", "43,600.50")])
def test_money_in_messages_has_separators(lang: str, salary: str) -> None:
    amounts = {"salary": Money("43600.50"), "ceiling": Money("43600")}
    found = Finding("raises.above-ceiling", staff_id="1", params=(("name", "A"), *amounts.items()))
    assert salary in Speaker(lang).message(found)


# --- words that forms write and the reader takes back ------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_words_on_forms_are_read_back_in_every_language(lang: str) -> None:
    say = Speaker(lang)
    assert read_yes_no(Cell("s", say("yes"), "A1")) is True
    assert read_yes_no(Cell("s", say("no"), "A1")) is False
    for decision in ("approve", "adjust", "return"):
        assert read_decision(Cell("s", say(decision), "A1")) == decision
    words = [say(word) for word in ("yes", "no", "approve", "adjust", "return")]
    assert len(set(words)) == 5
    assert not any("," in word or '"' in word for word in words)


OFFICIAL = [
    "BÁO CÁO TỰ ĐÁNH GIÁ KẾT QUẢ CÔNG TÁC TUẦN",
    "BẢNG TỔNG HỢP KẾT QUẢ ĐÁNH GIÁ TUẦN",
    *(
        "STT",
        "Mã cán bộ",
        "Họ và tên",
        "Chức vụ",
        "Đơn vị",
        "Tổng điểm",
        "Mức xếp loại",
        "Tuần trước",
        "Cảnh báo",
        "Ghi chú",
    ),
    *(
        "Nội dung nhiệm vụ",
        "Nhiệm vụ trọng tâm",
        "Sản phẩm",
        "Số lượng",
        "Hệ số phức tạp",
        "Thời hạn",
        "Ngày hoàn thành",
        "Kết quả",
        "Lý do",
    ),
    *("Đã gửi", "Trả lại", "Đã cho điểm", "Đã phê duyệt", "Không đánh giá"),
    *("NGƯỜI TỰ ĐÁNH GIÁ", "NGƯỜI TRỰC TIẾP SỬ DỤNG", "CẤP CÓ THẨM QUYỀN PHÊ DUYỆT", "(Ký, ghi rõ họ tên)"),
]


@pytest.mark.parametrize("label", OFFICIAL)
def test_official_vietnamese_labels_are_used(label: str) -> None:
    assert label.casefold() in {said.casefold() for said in catalogue("vi").values()}


# --- values -------------------------------------------------------------------------------------------------------


def test_the_week_label_is_the_official_one() -> None:
    assert Speaker("vi").week_label(Week(2025, 23)) == "Tuần 23 (từ 02/6/2025 đến 08/6/2025)"


def test_years_are_buddhist_in_thai_only() -> None:
    assert "2568" in Speaker("th").week_label(Week(2025, 23))
    assert "2568" in Speaker("th").week_name(Week(2025, 23))
    assert "2025" in Speaker("vi").week_name(Week(2025, 23))
    assert Speaker("en").date(dt.date(2025, 6, 2)) == "2 June 2025"


@pytest.mark.parametrize(
    ("day", "said"),
    [(dt.date(2025, 2, 3), "03/02/2025"), (dt.date(2025, 6, 12), "12/6/2025"), (dt.date(2025, 11, 1), "01/11/2025")],
)
def test_vietnamese_dates_have_leading_zeros_only_where_the_rule_has_them(day: dt.date, said: str) -> None:
    assert Speaker("vi").date(day) == said


@pytest.mark.parametrize(("lang", "said"), [("vi", "38,5"), ("th", "38.5"), ("en", "38.5")])
def test_numbers_have_the_mark_of_the_language(lang: str, said: str) -> None:
    assert Speaker(lang).number(Decimal("38.5")) == said
    assert Speaker(lang).number(Decimal("4E+1")) == "40"
    assert Speaker(lang).number(None) == ""


def test_titles_of_the_scheme_are_said_in_the_readers_language_else_english() -> None:
    titles = Titles((("en", "Quality"), ("vi", "Chất lượng")))
    assert [Speaker(lang).value(titles) for lang in LANGUAGES] == ["Chất lượng", "Quality", "Quality"]


def test_typed_text_with_braces_is_never_taken_for_a_placeholder() -> None:
    found = Finding("value.not-a-date", params=(("field", "{found}"), ("found", "{x} %s {0}")))
    for lang in LANGUAGES:
        assert "{x} %s {0}" in Speaker(lang).message(found)


@pytest.mark.parametrize(
    ("message", "params", "text"),
    [
        ("{count} people", {"count": 1}, "1 person"),
        ("{count} people", {"count": "1"}, "1 person"),
        ("{count} people", {"count": 11}, "11 people"),
        ("of {people} people in {weeks} weeks", {"people": 33, "weeks": 1}, "of 33 people in 1 week"),
        ("{count} people have something new: {names}", {"count": 1, "names": "A"}, "1 person has something new: A"),
        ("{number} tasks are not", {"number": 1}, "1 task is not"),
        ("{errors} errors, {warnings} warnings", {"errors": 1, "warnings": 2}, "1 error, 2 warnings"),
        ("Outputs: {count} files of {periods} periods", {"count": 2, "periods": 1}, "Outputs: 2 files of 1 period"),
        (
            "{count} people get the same under every table; left out.",
            {"count": 1},
            "1 person gets the same under every table; left out.",
        ),
        (
            "{folder}: {people} people, {files} filled forms.",
            {"folder": "x", "people": 2, "files": 1},
            "x: 2 people, 1 filled form.",
        ),
    ],
)
def test_one_is_said_in_the_singular(message: str, params: dict[str, object], text: str) -> None:
    assert Speaker("en")(message, **params) == text
    assert message in used()
    for lang in TRANSLATED:  # one form
        one, many = (Speaker(lang)(message, **dict.fromkeys(params, n)) for n in (1, 2))
        assert one == many.replace("2", "1")


def test_every_plural_behind_a_number_is_known() -> None:
    """A word in -s behind a placeholder is a plural that has its singular, or one of the verbs that follow a name."""
    verbs = {
        "leaves",
        "runs",
        "sees",
        "decides",
        "does",
        "fills",
        "corrects",
        "holds",
        "looks",
        "keeps",
        "changes",
        "reviews",
    }
    verbs |= {"ends", "refers", "calls", "stands", "acts", "is", "was", "has"}
    known = {*_MANY, *verbs}
    unknown = {m[1] for text in used() for m in re.finditer(r"\{\w+\} (?:filled )?([a-z-]+s)\b", text) if m[1] not in known}
    assert unknown == set()


def test_lines_that_were_left_out_are_said_in_the_singular() -> None:
    said = [text for text in used() if text.startswith("{number} lines ")]
    assert len(said) == 3
    for text in said:
        one = Speaker("en")(text, number=1)
        assert one.startswith("1 line ") and not re.search(r"\b(they|and count)\b", one), one
