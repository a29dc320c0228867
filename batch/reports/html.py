"""The summary and the outbox index as single HTML files: no network, no server, for a screen, a phone and paper.

Everything a person typed passes Jinja's escaping. The one script is named by its hash in the page's content policy, so
that nothing else could run even if it got in.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from markupsafe import Markup

from batch.collective import state_name as state_of_unit
from batch.core.collation import name_ranks
from batch.core.finding import Finding, Place
from batch.core.period import Evaluated, Period
from batch.core.records import STATE_NAMES, STATES, Case
from batch.files import resource
from batch.pages import render_parts
from batch.reports.trace import Tracer
from batch.reports.view import (
    EXCUSED,
    SEVERITY_WORDS,
    TREND_WEEKS,
    Slot,
    WeekView,
    as_of_text,
    basis_text,
    key_figures,
    note_text,
    padded,
    percent,
    range_text,
    rules_text,
    slot_id,
    slot_name,
    state_name,
    warning_texts,
)
from batch.rollups import PersonResult
from batch.roster import Office, Roster
from batch.scheme import Scheme
from batch.scope import OFFICE, Past, past_of
from batch.titles import GUIDES, SHARED, is_form

if TYPE_CHECKING:
    from batch.i18n import Speaker

Recipients = Mapping[str, Sequence[tuple[str, str]]]  # staff_id → (path relative to the page, label) of their files
SEVERITY_MARKS = {"error": "✕", "warning": "!", "info": "i"}


@dataclass(frozen=True)
class Filter:
    """A choice above a list: which ``data-`` attribute of a row it looks at, its label, value → what it is called."""

    key: str
    label: str
    options: Mapping[str, str]


class Found(NamedTuple):
    """A finding as a page shows it; ``person``: the name, or ''."""

    severity: str
    message: str
    remedy: str
    place: Place | None
    code: str
    person: str
    staff_id: str


class Addressee(NamedTuple):
    """Who gets which files: (quoted path, label) each, and of which of these a form is to be filled."""

    staff_id: str
    name: str
    position: str
    email: str
    rank: int
    files: Sequence[tuple[str, str]]
    to_fill: Collection[str]
    guides: Sequence[str]


def summary(view: WeekView, say: Speaker, template: str = "summary.html.j2") -> str:
    """The week's summary as one HTML page; another template may show the same otherwise."""
    return "".join(summary_parts(view, say, template))


def summary_parts(view: WeekView, say: Speaker, template: str = "summary.html.j2") -> Iterator[str]:
    """The same in parts, as they are made."""
    groups = Tracer(view.scheme, say).groups(
        view.cases,
        view.roster.unit_name,
        lambda staff_id: weeks_before(view, staff_id),
        lambda staff_id: view.roster.name(staff_id) if staff_id else "",
    )
    return render_parts(
        view.templates,
        template,
        page(view, say),
        unit_at={group.unit_id: n for n, group in enumerate(groups, 1)},
        groups=groups,
        view=view,
        slots=[slot for slot in view.slots if slot.id != EXCUSED],
        slot_of={slot.id: slot for slot in view.slots},
        figures=key_figures(view, say),
        as_of=as_of_text(view, say),
        basis=basis_text(view, say),
        slot_name=lambda slot: slot_name(slot, say),
        range_text=lambda slot: range_text(view.scheme, slot, say),
        state_name=lambda case: state_name(case, say),
        warnings=lambda case: warning_texts(view, case, say),
        note=lambda case: note_text(case, say),
        score=cache(lambda value: say.number(padded(value, view.decimals))),
        percent=percent,
        name_rank=names_shown(view.cases, view.findings, view.roster.name, view.office.language),
        filters=filters(view.cases, view.slots, view.roster.unit_name, say),
        slot_id=slot_id,
        **findings_shown(view.findings_by_severity, view.roster.name, say),
        unit_state=state_of_unit,
        unit_means={tally.key: tally.mean for tally in view.units},
    )


def index(
    view: WeekView, recipients: Recipients, files: Collection[str], guides: Mapping[str, Sequence[str]], say: Speaker
) -> str:
    """The secretary's page of a week (:func:`outbox_page`). ``guides``: staff_id → kinds of guide for them."""
    return "".join(index_parts(view, recipients, files, guides, say))


def index_parts(
    view: WeekView, recipients: Recipients, files: Collection[str], guides: Mapping[str, Sequence[str]], say: Speaker
) -> Iterator[str]:
    """The same in parts, as they are made."""
    steps = [
        to_each(say),
        say("Put the filled forms that come back into the inbox, under any name, and run the program again."),
        say("Hand the summary to the leaders."),
    ]
    return outbox_page(view.templates, page(view, say), view.roster, view.week, recipients, files, steps, say, guides)


def to_each(say: Speaker) -> str:
    """The first thing the secretary does with an outbox."""
    return say("Send each person the files in their row, and no others: a file holds only what that person may see.")


def outbox_page(
    own: Path | None,
    shared: Mapping[str, Any],
    roster: Roster,
    last: Evaluated,
    recipients: Recipients,
    files: Collection[str],
    steps: Sequence[str],
    say: Speaker,
    guides: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Iterator[str]:
    """The secretary's page, in parts: what lies in the outbox and who gets which of it, grouped by unit as of ``last``.

    ``own``: the office's page templates. ``recipients`` maps a staff_id to (path relative to this page, label); paths are
    plain and are quoted here. ``files``: all names in the outbox. ``guides``: which guides are for whom, of those that
    lie in the outbox.
    """
    day, scheme = roster.reference_day(last), shared["scheme"]
    groups: dict[str, list[Addressee]] = {}
    for staff_id, theirs in recipients.items():
        person = roster.on(staff_id, day)
        office = staff_id == OFFICE
        line = Addressee(
            staff_id="" if office else staff_id,
            name=person.name if person else say("The Office") if office else roster.name(staff_id),
            position=person.position if person else "",
            email=person.email if person else "",
            rank=scheme.rank(person.role) if person else len(scheme.roles),
            files=[(quote(href), label) for href, label in theirs],
            to_fill={quote(href) for href, _ in theirs if is_form(href.rpartition("/")[2], scheme)},
            guides=["secretary"] if office and guides else guides.get(staff_id, ()),
        )
        groups.setdefault(OFFICE if office else person.unit_id if person else "", []).append(line)
    order = roster.unit_order
    units = [
        (
            say("The Office") if unit_id == OFFICE else roster.unit_name(unit_id) or say("Not in service in this period"),
            sorted(lines, key=lambda p: (p.rank, p.staff_id)),
        )
        for unit_id, lines in sorted(
            groups.items(), key=lambda item: (item[0] != OFFICE, order.get(item[0], len(order)), item[0])
        )
    ]
    number = sum(len(some) for some in recipients.values())
    return render_parts(
        own,
        "index.html.j2",
        shared,
        steps=steps,
        units=units,
        top=[(name, say(title)) for name, title in SHARED.items() if name in files],
        by_unit=Filter("unit", say("Unit"), {unit: unit for unit, _ in units}),
        files=number,
        people=len(recipients) - (OFFICE in recipients),
        guides={kind: (f"guides/{kind}.html", say(title)) for kind, title in GUIDES.items()} if guides else {},
    )


def page(view: WeekView, say: Speaker) -> dict[str, Any]:
    """What every page of a week knows."""
    rules = rules_text(view.scheme, say)
    return {**frame(view.office, view.scheme, view.week, rules, say), "roster": view.roster, "week": view.week}


def frame(office: Office, scheme: Scheme, period: Period, rules: str, say: Speaker) -> dict[str, Any]:
    """What every page knows: the language, the words, header, period, and the script with its hash."""
    script, digest = page_script()
    return {
        "_": say,
        "say": say,
        "lang": say.lang,
        "office": office,
        "scheme": scheme,
        "criteria": [(criterion.id, criterion.name(say.lang)) for criterion in scheme.criteria],
        "scheme_title": scheme.named(say.lang),
        "rules": rules,
        "period": period,
        "script": script,
        "script_hash": digest,
    }


@lru_cache
def page_script() -> tuple[Markup, str]:
    """The page's script, and its hash for the content policy. It is part of this program, so it is not escaped."""
    text = resource("html", "page.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Markup(text), f"sha256-{digest}"  # noqa: S704 (our own script, not input)


def filters(cases: Iterable[Case], slots: Iterable[Slot], unit_name: Callable[[str], str], say: Speaker) -> list[Filter]:
    """What a list of people can be narrowed by: unit, band and state, each with what occurs among ``cases``."""
    cases = list(cases)
    found, states = {slot_id(case) for case in cases}, {case.state for case in cases}
    units = {case.unit_id: unit_name(case.unit_id) for case in cases}
    bands = {slot.id: slot_name(slot, say) for slot in slots if slot.id in found}
    return [
        Filter("unit", say("Unit"), units),
        Filter("band", say("Level"), bands),
        Filter("state", say("State"), {state: say(STATE_NAMES[state]) for state in STATES if state in states}),
    ]


def weeks_before(view: WeekView, staff_id: str) -> list[Past]:
    """What the weeks before came to for a person, newest first."""
    weeks = sorted((week for week in view.history if week < view.week), reverse=True)[: TREND_WEEKS - 1]
    return [past_of(view.history[week][staff_id]) for week in weeks if staff_id in view.history[week]]


def findings_shown(findings: Iterable[Finding], name_of: Callable[[str], str], say: Speaker) -> dict[str, Any]:
    """What the table of findings needs: each in words, its mark and the word for its severity, and a choice of these."""
    words = {key: say(word) for key, word in SEVERITY_WORDS.items()}
    return {
        "findings": [_finding(found, name_of, say) for found in findings],
        "marks": SEVERITY_MARKS,
        "severity_words": words,
        "severities": Filter("severity", say("Severity"), words),
    }


def names_shown(
    people: Iterable[Case | PersonResult], findings: Iterable[Finding], name_of: Callable[[str], str], lang: str
) -> Mapping[str, int]:
    """The place of each name among all that a page's tables of people and of findings show (:func:`name_ranks`)."""
    return name_ranks([p.name for p in people] + [name_of(f.staff_id) for f in findings if f.staff_id], lang)


def _finding(found: Finding, name_of: Callable[[str], str], say: Speaker) -> Found:
    return Found(
        severity=say.severity(found),
        message=say.message(found),
        remedy=say.remedy(found),
        place=found.place,
        code=found.code,
        person=name_of(found.staff_id) if found.staff_id else "",
        staff_id=found.staff_id,
    )
