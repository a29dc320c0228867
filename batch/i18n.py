"""Three languages from gettext catalogues, with English as the source.

Catalogues are kept as readable ``.po`` files and compiled in memory; nothing binary is committed.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from batch.core.codes import CODES
from batch.core.finding import Finding, Moment, Money, Phrase, Titles
from batch.core.period import BUDDHIST, Period, Round, Term, Week

LANGUAGES = ("vi", "th", "en")
Lang = Literal["vi", "th", "en"]


@lru_cache
def _catalogue(lang: str) -> NullTranslations:
    source = Path(__file__).parent / "locale" / lang / "LC_MESSAGES" / "appraise.po"
    if not source.exists():
        return NullTranslations()
    compiled = io.BytesIO()
    with source.open("rb") as stream:
        write_mo(compiled, read_po(stream, locale=lang))
    compiled.seek(0)
    return Translations(compiled)


_MANY = {
    **{"people": "person", "entries": "entry"},
    **{f"{word}s": word for word in ("week", "person-week", "file", "form", "result", "task", "line", "original", "error")},
    **{f"{word}s": word for word in ("warning", "point", "decimal", "month", "time", "indicator", "goal", "member")},
    **{f"{word}s": word for word in ("period", "second", "comparison")},
}
_VERBS = {"have": "has", "are": "is", "were": "was", "repeat": "repeats", "get": "gets", "name": "names", "serve": "serves"}
_COUNTED = re.compile(rf"\{{(\w+)\}} ((?:filled )?)({'|'.join(_MANY)})\b(?: ({'|'.join(_VERBS)})\b)?")


def _singular(text: str, params: Mapping[str, Any]) -> str:
    """'{count} people have …' as '{count} person has …' where there is one.

    gettext's plural forms know one number a message, ours have up to three; Vietnamese and Thai nouns have one form.
    """

    def one(match: re.Match[str]) -> str:
        name, before, noun, verb = match.groups()
        if str(params.get(name)) != "1":
            return match[0]
        return f"{{{name}}} {before}{_MANY[noun]}" + (f" {_VERBS[verb]}" if verb else "")

    return _COUNTED.sub(one, text)


class Speaker:
    """Renders texts, numbers, dates, periods and findings in one language."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self._catalogue = _catalogue(lang)
        self._names: dict[Period, str] = {}  # a period stands in many places of its pages
        self._labels: dict[Period, str] = {}
        self._moments: dict[str, str] = {}  # files come in by the thousand at one moment

    def __call__(self, message: str, **params: Any) -> str:
        """Translate an English message and fill its ``{placeholders}``."""
        text: str = self._catalogue.gettext(message) if message else ""
        if self.lang == "en":
            text = _singular(text, params)
        return text.format(**{k: self.value(v) for k, v in params.items()}) if params else text

    def value(self, value: Any) -> str:
        """A placeholder's value: numbers and dates the way this language writes them."""
        if type(value) is str or type(value) is int:  # most are
            return str(value)
        if isinstance(value, bool):
            return self("yes") if value else self("no")
        if isinstance(value, Money):
            return self.money(value)
        if isinstance(value, Decimal):
            return self.number(value)
        if isinstance(value, (Week, Term, Round)):
            return self.period_name(value)
        if isinstance(value, Phrase):
            return self(value)
        if isinstance(value, Moment):
            return self.moment(value)
        if isinstance(value, Titles):
            titles = dict(value)
            return titles.get(self.lang) or titles.get("en", "")
        if isinstance(value, tuple):
            return ", ".join(self._runs(value))
        if isinstance(value, dt.date):
            return self.date(value)
        return str(value)

    def _runs(self, items: tuple[Any, ...]) -> list[str]:
        """Each item; of four weeks or more in a row only the first and the last."""
        texts: list[str] = []
        run: list[Any] = []
        for item in (*items, None):
            if run and not (isinstance(item, Week) and isinstance(run[-1], Week) and item == run[-1].plus(1)):
                texts += [f"{self.value(run[0])} – {self.value(run[-1])}"] if len(run) > 3 else map(self.value, run)
                run = []
            run.append(item)
        return texts

    def number(self, value: Decimal | int | None) -> str:
        """38.5 → '38,5' in Vietnamese, '38.5' in Thai and English; None → ''."""
        if value is None:
            return ""
        text = format(value, "f") if isinstance(value, Decimal) else str(value)
        return text.replace(".", ",") if self.lang == "vi" else text

    def money(self, value: Decimal, fine: bool = False) -> str:
        """1234.5 → '1,234.50' (Vietnamese: '1.234,50'); whole amounts without decimals, unless ``fine``: in a column
        where others have some."""
        return self.grouped(value, 2 if fine or value % 1 else 0)

    def grouped(self, value: Decimal | int, decimals: int = 0) -> str:
        """With a mark at every thousand and so many decimals: 5606.5 → '5,606.50' (Vietnamese: '5.606,50')."""
        text = f"{value:,.{decimals}f}"
        return (text.translate(str.maketrans(",.", ".,")) if self.lang == "vi" else text).replace("-", "−")

    def date(self, day: dt.date, year: bool = True) -> str:
        """2025-06-02 → '02/6/2025' (Vietnamese office style), '2/6/2568' (Thai, Buddhist era), '2 June 2025'."""
        if self.lang == "vi":  # official style: a leading zero for days under 10 and for months 1 and 2
            text = f"{day.day:02d}/{day.month:02d}" if day.month < 3 else f"{day.day:02d}/{day.month}"
            return f"{text}/{day.year}" if year else text
        if self.lang == "th":
            return f"{day.day}/{day.month}/{day.year + 543}" if year else f"{day.day}/{day.month}"
        return f"{day.day} {day:%B} {day.year}" if year else f"{day.day} {day:%b}"

    def moment(self, iso: str) -> str:
        """An ISO date and time → '16:00 ngày 06/6/2025', '6/6/2568 16.00 น.', '16:00 6 June 2025'."""
        if iso not in self._moments:
            self._moments[iso] = self._moment(iso) if iso else ""
        return self._moments[iso]

    def _moment(self, iso: str) -> str:
        when = dt.datetime.fromisoformat(iso)
        day, clock = self.date(when.date()), self.clock(f"{when:%H:%M}")
        if self.lang == "th":
            return f"{day} {clock} น."
        return f"{clock} ngày {day}" if self.lang == "vi" else f"{clock} {day}"

    def clock(self, time: str) -> str:
        """'16:00' → '16.00' in Thai, where it stands before น.; as it is in Vietnamese and English."""
        return time.replace(":", ".") if self.lang == "th" else time

    def percent(self, value: Decimal | int) -> str:
        """21.5 → '21,5%' in Vietnamese, '21.5%' in Thai and English; none of them has a space there (Unicode CLDR)."""
        return f"{self.number(value)}%"

    def iso_date(self, text: str) -> str:
        """An ISO date as text → the language's date; '' → ''."""
        return self.date(dt.date.fromisoformat(text)) if text else ""

    def week_name(self, week: Week) -> str:
        """'Tuần 23/2025': short and unambiguous."""
        year = week.year + 543 if self.lang == "th" else week.year
        return self("Week {number}/{year}", number=str(week.number), year=str(year))

    def week_label(self, week: Week) -> str:
        """'Tuần 23 (từ 02/6/2025 đến 08/6/2025)'."""
        return self("Week {number} ({start} to {end})", number=str(week.number), start=week.start, end=week.end)

    def period_name(self, period: Period) -> str:
        """'Tuần 23/2025', 'Tháng 6/2025', 'Quý II/2025', '6 tháng đầu năm 2025', 'Năm 2025'."""
        name = self._names.get(period)
        if name is None:
            name = self._names[period] = self._named(period)
        return name

    def _named(self, period: Period) -> str:
        if isinstance(period, Week):
            return self.week_name(period)
        if isinstance(period, Round):
            return self.round_name(period)
        year = str(period.year + BUDDHIST if self.lang == "th" else period.year)
        if period.kind == "year":
            return self("Year {year}", year=year)
        if period.kind == "half":
            return (
                self("First half of {year}", year=year) if period.number == 1 else self("Second half of {year}", year=year)
            )
        if period.kind == "quarter":
            number = ("I", "II", "III", "IV")[period.number - 1] if self.lang == "vi" else str(period.number)
            return self("Quarter {number} of {year}", number=number, year=year)
        month = Locale.parse(self.lang).months["format"]["wide"][period.number]
        name = self("{month} {year}", month=month, year=year)
        return name[:1].upper() + name[1:]

    def period_label(self, period: Period) -> str:
        """The period with its days: 'Tháng 6/2025 (từ 01/6/2025 đến 30/6/2025)'."""
        if isinstance(period, Week):
            return self.week_label(period)
        if period not in self._labels:
            days = {"start": period.start, "end": period.end}
            self._labels[period] = self("{period} ({start} to {end})", period=self.period_name(period), **days)
        return self._labels[period]

    def long_date(self, day: dt.date) -> str:
        """As papers write it: '1 เมษายน 2568', 'ngày 01 tháng 4 năm 2025', '1 April 2025'."""
        if self.lang == "vi":
            return f"ngày {day.day:02d} tháng {day.month if day.month > 2 else f'{day.month:02d}'} năm {day.year}"
        month = Locale.parse(self.lang).months["format"]["wide"][day.month]
        return f"{day.day} {month} {day.year + BUDDHIST if self.lang == 'th' else day.year}"

    def round_name(self, period: Round) -> str:
        """'รอบที่ 1 ปีงบประมาณ พ.ศ. 2568': fiscal years go by the Buddhist era in every language, as the key does."""
        return self(
            "Round {number} of the fiscal year B.E. {year}", number=str(period.number), year=str(period.year + BUDDHIST)
        )

    def message(self, finding: Finding) -> str:
        """What is wrong, found and allowed."""
        return self(CODES[finding.code].message, **self._particulars(finding))

    def remedy(self, finding: Finding) -> str:
        """What to do about it."""
        return self(CODES[finding.code].remedy, **self._particulars(finding))

    def _particulars(self, finding: Finding) -> dict[str, Any]:
        """What fills the placeholders. Where a finding names a ``person``, that stands in the place of the code alone.

        A ``problem`` comes in the words of whatever met it, on several lines, with a full stop or without: it is put on one
        line and left to the sentence around it to end.
        """
        found = dict(finding.params)
        found["staff_id"] = found.pop("person", finding.staff_id)
        if "problem" in found:
            said = " ".join(self.value(found["problem"]).split()).rstrip(" .:;,!?")
            found["problem"] = said or self("no reason was given")
        return found

    def severity(self, finding: Finding) -> str:
        """error, warning or info: the stable word, not translated."""
        return CODES[finding.code].severity
