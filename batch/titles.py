"""What each file of a recipient's folder is called, for the index, for mail and for the page itself.

A file is known by its name: ``slip-2025-W26.html``, ``returned-self-2025-W26-0101.xlsx``, ``meeting-2025-W26-0304.xlsx``,
``result-2025-06.html``, ``raise-2568-R1-1102.xlsx``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from batch.core.finding import Phrase
from batch.core.period import Period, parse_period
from batch.scheme import Scheme

if TYPE_CHECKING:
    from batch.i18n import Speaker

PAGE_TITLES: Mapping[str, Phrase] = {
    "slip": Phrase("Result slip"),
    "summary": Phrase("Summary of the appraisal"),
    "team": Phrase("Results of the people you supervise"),
    "unit": Phrase("Results of the people you approve"),
    "result": Phrase("Result of the period"),
    "work": Phrase("Job statistics of the people you supervise or approve"),
    "office": Phrase("The Office's page: obstacles, meetings, who waits for whom"),
    "raise": Phrase("Notice of the salary increase"),
}
BOOK_TITLES: Mapping[str, Phrase] = {  # of what lies beside a page of the same name
    "unit": Phrase("Results of the people you approve, as a workbook"),
}
SHARED: Mapping[str, Phrase] = {  # what lies at the top of an outbox, in the order of the index
    "summary.html": Phrase("Summary to read"),
    "summary.xlsx": Phrase("Summary workbook"),
    "goals.html": Phrase("Goals and who serves them"),
    "goals.xlsx": Phrase("Goals and who serves them, as a workbook"),
    "statistics.html": Phrase("Job statistics to read"),
    "statistics.xlsx": Phrase("Job statistics workbook"),
    "fairness.html": Phrase("How results were given"),
    "fairness.xlsx": Phrase("How results were given, as a workbook"),
    "what-if.html": Phrase("Rates compared"),
    "what-if.xlsx": Phrase("Rates compared, as a workbook"),
    "raises.html": Phrase("Salary increase to read"),
    "raises.xlsx": Phrase("Account of the salary increase and lists, to sign"),
    "announcement.xlsx": Phrase("Announcements of the rates and of the best results"),
    "pools.xlsx": Phrase("Use of the money for the salary increase"),
    "results.csv": Phrase("All results as data"),
    "findings.csv": Phrase("All findings as data"),
    "raises.csv": Phrase("Everybody's salary increase as data"),
    "raises-findings.csv": Phrase("Findings of the salary increase as data"),
}
GUIDES: Mapping[str, Phrase] = {
    "staff": Phrase("Guide for staff"),
    "supervisor": Phrase("Guide for direct supervisors"),
    "approver": Phrase("Guide for approving authorities"),
    "unit-head": Phrase("Guide for heads of units"),
    "secretary": Phrase("Guide for the secretary"),
}
RETURNED = "returned-"
AGAIN = "-again"
_FORM = re.compile(rf"({RETURNED})?(?P<form>.+?)-(?P<period>\d{{4}}-(?:W\d\d|R\d))-(?P<code>.+?)(?P<again>{AGAIN})?\.xlsx")


def is_form(name: str, scheme: Scheme) -> bool:
    """Whether a file of a recipient's folder is a form to fill in: some papers are named like one."""
    found = _FORM.fullmatch(name)
    return found is not None and bool(scheme.titles_of(found["form"]))


def file_title(name: str, scheme: Scheme, say: Speaker, called: Callable[[str], str], period: Period | None = None) -> str:
    """The title of a page or form by its file name (without folders), with its week if it is not that of the folder
    (``period``); an unknown name is its own title. ``called``: the name of whom or what a form is about, by its code."""
    found = _FORM.fullmatch(name)
    if found is None or not scheme.titles_of(found["form"]):
        kind = name.partition("-")[0]
        titles = {**PAGE_TITLES, **BOOK_TITLES} if name.endswith(".xlsx") else PAGE_TITLES
        return say(titles[kind]) if kind in titles else name
    title = scheme.form_title(found["form"], say.lang)
    stage = scheme.stage(found["form"])
    if stage is None or (stage.about_one and stage.by != "subject"):  # about a unit, or about one of several people
        title = f"{title}, {called(found['code'])}"
    if period and found["period"] != str(period):
        title = f"{title}, {say.period_name(parse_period(found['period']))}"
    if found[1]:
        return say("Returned for correction: {form}", form=title)
    return say("{form}, to correct what was sent", form=title) if found["again"] else title
