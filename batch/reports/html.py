"""The summary and the outbox index as single HTML files: no network, no server, for a screen, a phone and paper.

Everything a person typed passes Jinja's escaping. The one script is named by its hash in the page's content policy, so
that nothing else could run even if it got in.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from batch.collective import state_name as state_of_unit
from batch.core.finding import Finding
from batch.core.records import Case
from batch.files import resource
from batch.reports.view import (
    EXCUSED,
    SEVERITY_WORDS,
    Slot,
    WeekView,
    as_of_text,
    basis_text,
    key_figures,
    note_text,
    padded,
    percent,
    rules_text,
    slot_name,
    state_name,
    title_of,
    warning_texts,
)
from batch.scheme import Scheme
from batch.scope import OFFICE

if TYPE_CHECKING:
    from batch.i18n import Speaker

SEVERITY_MARKS = {"error": "✕", "warning": "!", "info": "i"}


def summary(view: WeekView, say: Speaker, template: str = "summary.html.j2") -> str:
    """The week's summary as one HTML page; another template may show the same otherwise."""
    return (
        environment()
        .get_template(template)
        .render(
            page(view, say),
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
            score=lambda value: say.number(padded(value, view.decimals)),
            percent=percent,
            sort_name=sort_name,
            findings=[_finding(view, found, say) for found in view.findings_by_severity],
            marks=SEVERITY_MARKS,
            unit_state=state_of_unit,
            unit_means={tally.key: tally.mean for tally in view.units},
            severity_words={key: say(word) for key, word in SEVERITY_WORDS.items()},
        )
    )


def index(view: WeekView, recipients: Mapping[str, Sequence[tuple[str, str]]], say: Speaker) -> str:
    """The secretary's page: what lies in the outbox and who gets which of it, grouped by unit.

    ``recipients`` maps a staff_id to (path relative to this page, label); paths are plain and are quoted here.
    """
    roster, day = view.roster, view.roster.reference_day(view.week)
    groups: dict[str, list[dict[str, Any]]] = {}
    for staff_id, files in recipients.items():
        person = roster.on(staff_id, day)
        office = staff_id == OFFICE
        line = {
            "staff_id": "" if office else staff_id,
            "name": person.name if person else say("The Office") if office else roster.name(staff_id),
            "position": person.position if person else "",
            "email": person.email if person else "",
            "rank": view.scheme.rank(person.role) if person else len(view.scheme.roles),
            "files": [(quote(href), label) for href, label in files],
        }
        groups.setdefault(OFFICE if office else person.unit_id if person else "", []).append(line)
    order = roster.unit_order
    units = [
        (
            say("The Office") if unit_id == OFFICE else roster.unit_name(unit_id) or say("Not in service this week"),
            sorted(lines, key=lambda p: (p["rank"], p["staff_id"])),
        )
        for unit_id, lines in sorted(
            groups.items(), key=lambda item: (item[0] != OFFICE, order.get(item[0], len(order)), item[0])
        )
    ]
    number = sum(len(some) for some in recipients.values())
    return (
        environment()
        .get_template("index.html.j2")
        .render(page(view, say), units=units, files=number, people=len(recipients) - (OFFICE in recipients))
    )


def page(view: WeekView, say: Speaker) -> dict[str, Any]:
    """What every page knows: the language, the words, header, week, and the script with its hash."""
    script, digest = page_script()
    return {
        "_": say,
        "say": say,
        "lang": say.lang,
        "office": view.office,
        "roster": view.roster,
        "scheme": view.scheme,
        "scheme_title": title_of(view.scheme, say.lang),
        "rules": rules_text(view.scheme, say),
        "week": view.week,
        "script": script,
        "script_hash": digest,
    }


@lru_cache
def environment() -> Environment:
    """Templates from the shipped folder; escaping is always on, and a name that doesn't exist is an error."""
    return Environment(
        loader=FileSystemLoader(str(resource("html"))),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )


@lru_cache
def page_script() -> tuple[Markup, str]:
    """The page's script, and its hash for the content policy. It is part of this program, so it is not escaped."""
    text = resource("html", "page.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Markup(text), f"sha256-{digest}"  # noqa: S704 (our own script, not input)


def range_text(scheme: Scheme, slot: Slot, say: Speaker) -> str:
    """'75 to under 90' for a band, '' for the rest."""
    if slot.band is None:
        return ""
    at = scheme.bands.index(slot.band)
    low = say.number(slot.band.min)
    if at == 0:
        return say("{low} to {high}", low=low, high=say.number(scheme.cap))
    return say("{low} to under {high}", low=low, high=say.number(scheme.bands[at - 1].min))


def sort_name(case: Case) -> str:
    """Vietnamese names sort by the given name (the last word), then by the rest; the script knows the alphabet."""
    rest, _, given = case.name.rpartition(" ")
    return f"{given} {rest}".strip()


def _finding(view: WeekView, found: Finding, say: Speaker) -> dict[str, Any]:
    """A finding in words."""
    return {
        "severity": say.severity(found),
        "message": say.message(found),
        "remedy": say.remedy(found),
        "place": found.place,
        "code": found.code,
        "person": view.roster.name(found.staff_id) if found.staff_id else "",
        "staff_id": found.staff_id,
    }
