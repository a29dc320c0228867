"""The one-page guides: what each kind of person has to do, when, what the program refuses, and what comes of it.

They speak of the office's own deadlines, caps, levels and words. A fault in a cell is said with the sentence of
the finding that such a cell makes. The pictures are of real forms, taken by ``templates/guides/pictures.py``.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from babel import Locale

from batch.collective import UNIT, UnitReport
from batch.core.finding import finding
from batch.core.period import Week
from batch.core.records import Case
from batch.files import resource
from batch.meetings import MEETING
from batch.pages import render
from batch.reports.html import frame
from batch.reports.view import rules_text
from batch.roster import Office
from batch.scheme import Scheme
from batch.titles import GUIDES

if TYPE_CHECKING:
    from batch.i18n import Speaker

FOLDER = "guides"  # in a week's outbox
_DAYS_PER_WEEK = 7


@dataclass(frozen=True)
class Refused:
    """Something typed that sends a row or form back, and why. ``field``: row key ('' for a person's row) and column key."""

    field: tuple[str, str]
    typed: str | int | float | None
    code: str
    params: Mapping[str, object]


def kinds(scheme: Scheme) -> list[str]:
    """The guides that make sense under a scheme."""
    return [kind for kind in GUIDES if kind != "unit-head" or scheme.collective]


def kinds_of(cases: Iterable[Case], units: Iterable[UnitReport]) -> dict[str, list[str]]:
    """Which guides are for whom: staff code → kinds, in the order of :data:`GUIDES`."""
    found: dict[str, set[str]] = {}
    for case in cases:
        for staff_id, kind in (
            (case.staff_id, "staff"),
            (case.reviewer_id, "supervisor"),
            (case.approver_id, "approver"),
        ):
            found.setdefault(staff_id, set()).add(kind)
    for unit in units:
        found.setdefault(unit.head_id, set()).add("unit-head")
        found.setdefault(unit.approver_id, set()).add("approver")
    return {staff_id: [kind for kind in GUIDES if kind in of] for staff_id, of in found.items() if staff_id}


def path_of(kind: str) -> str:
    """Where a guide lies in a week's outbox."""
    return f"{FOLDER}/{kind}.html"


def guide(kind: str, office: Office, scheme: Scheme, own: Path, say: Speaker) -> str:
    """A guide as one HTML page in the language of the office's forms. ``own``: the office's page templates."""
    shared = frame(office, scheme, Week(2025, 1), rules_text(scheme, say), say) | {"script": ""}
    edited = own.parent.is_dir() and any(own.parent.glob("*.xlsx"))
    return render(
        own if own.is_dir() else None,
        f"guide-{kind}.html.j2",
        shared,
        heading=say(GUIDES[kind]),
        by=lambda form: deadline_text(office, form, say),
        picture=lambda name: _picture(say.lang, name),
        differs=edited or scheme.id not in ("vn-weekly",),
        refused=[said(one, say) for one in refusals(kind, scheme, say)],
        remark=_remark(scheme, say),
        caps="; ".join(f"{c.name(say.lang)} 0–{say.number(c.max)}" for c in scheme.criteria),
        levels=[(band.name(say.lang), say.number(band.min)) for band in scheme.bands],
        streaks=[rule.name(say.lang) for rule in scheme.streaks if rule.meeting],
        forms={s.by: s.id for s in scheme.stages} | {"unit": UNIT, "meeting": MEETING},
        example=say.number(Decimal("36.5")),
    )


def deadline_text(office: Office, form: str, say: Speaker) -> str:
    """' by 17:00 on Friday', to end a sentence with; '' where the office sets no deadline for the form."""
    text = office.deadlines.get(form)
    if not text:
        return ""
    number, time = text.split()
    clock = say.clock(time)
    later, day = divmod(int(number) - 1, _DAYS_PER_WEEK)
    name = Locale.parse(say.lang).days["stand-alone"]["wide"][day]
    if say.lang == "vi":
        name = name[:1].lower() + name[1:]  # 'thứ Sáu' within a sentence
    if later == 0:
        return " " + say("by {time} on {day}", time=clock, day=name)
    if later == 1:
        return " " + say("by {time} on {day} of the following week", time=clock, day=name)
    return " " + say("by {time} on {day}, {weeks} weeks later", time=clock, day=name, weeks=str(later))


def refusals(kind: str, scheme: Scheme, say: Speaker) -> Sequence[Refused]:
    """What is refused cell by cell on the form that a guide is about; each can be typed and seen to come back."""
    first = scheme.criteria[0]
    name, cap = first.titles, first.max
    word = say("thirty")

    def score(typed: str | float | None, code: str, **params: object) -> Refused:
        return Refused((f"score.{first.id}", "self"), typed, code, {"field": name, **params})

    def number(typed: str | float | None, code: str, **params: object) -> Refused:
        return Refused(("", f"score.{first.id}"), typed, code, {"field": name, **params})

    fine = Decimal("30.125")
    if kind in ("staff", "unit-head"):
        own = [
            score(None, "value.missing"),
            score(float(cap + 1), "value.over-cap", found=cap + 1, cap=cap),
            score(-1, "value.negative", found=Decimal(-1), cap=cap),
            score(float(fine), "value.too-many-decimals", found=fine, decimals=scheme.decimals),
            score("1.234", "value.ambiguous-number", found="1.234"),
            score(word, "value.not-a-number", found=word),
        ]
        if kind == "staff":
            return [*own, score("95%", "value.not-a-number", found="95%")]
        count = {"field": say("Tasks assigned")}
        return [*own, Refused(("count.assigned", "value"), 12.5, "value.not-a-count", {**count, "found": Decimal("12.5")})]
    if kind == "supervisor":
        flag = scheme.answered_flags[0] if scheme.answered_flags else None
        unclear = say("partly")
        return [
            number(float(cap + 1), "value.over-cap", found=cap + 1, cap=cap),
            number("1.234", "value.ambiguous-number", found="1.234"),
            number(word, "value.not-a-number", found=word),
            Refused(("", f"score.{scheme.criteria[1].id}"), 30, "value.missing", {"field": name}),
            *(
                [Refused(("", flag.id), unclear, "value.not-yes-no", {"field": flag.titles, "found": unclear})]
                if flag
                else []
            ),
        ]
    if kind == "approver":
        decision = say("Decision")
        unclear = say("partly")
        return [
            Refused(("", "decision"), unclear, "value.unknown-decision", {"field": decision, "found": unclear}),
            Refused(("", "decision"), say("return"), "value.reason-missing", {}),
            Refused(("", "decision"), say("adjust"), "value.missing", {"field": name}),
            Refused(("", f"score.{first.id}"), 30, "value.decision-missing", {}),
        ]
    return []


def said(one: Refused, say: Speaker) -> str:
    """The sentence that a refused cell is marked with."""
    return say.message(finding(one.code, None, "", **one.params))


def _remark(scheme: Scheme, say: Speaker) -> str:
    """The whole remark on a cell marked red, as the returned form of the picture has it."""
    first = scheme.criteria[0]
    found = finding("value.over-cap", field=first.titles, found=first.max + 1, cap=first.max)
    return f"{say.message(found)} {say.remedy(found)}"


@lru_cache
def _picture(lang: str, name: str) -> str:
    """A picture of a form as a data URI."""
    data = resource("guides", lang, f"{name}.png").read_bytes()
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"
