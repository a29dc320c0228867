"""The pages of a round: the summary for the leaders, and the secretary's index."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batch.core.collation import name_ranks
from batch.core.period import Round
from batch.goals import Coverage
from batch.pages import render
from batch.reports import html
from batch.reports.round_view import RoundView, remarks
from batch.reports.view import as_of_text, padded, rules_text
from batch.roster import Office, Roster
from batch.scheme import Band, Scheme
from batch.titles import file_title, is_form

if TYPE_CHECKING:
    from batch.i18n import Speaker


def summary(view: RoundView, goals: Coverage | None, say: Speaker) -> str:
    """The round as one page: how far it is, the levels, the goals if there are any, everybody with their result so far."""
    counts = view.spread(view.cases)
    most = max(counts.values(), default=0) or 1
    decimals = view.decimals
    decided = sum(case.state == "approved" for case in view.cases)
    figures = [
        (say("People"), str(len(view.cases))),
        (say("Decided"), str(decided)),
        (say("Not decided yet"), str(len(view.cases) - decided)),
        (say("Mean total"), say.number(view.mean(view.cases)) or "–"),
    ]
    names = [case.name for case in view.cases] + [view.name_of(f.staff_id) for f in view.findings if f.staff_id]
    return render(
        view.templates,
        "round.html.j2",
        _frame(view, say),
        view=view,
        figures=figures,
        as_of=as_of_text(view, say),
        bars=[(band, counts[band.id], counts[band.id] * 100 // most) for band in view.scheme.bands],
        units=[(view.roster.unit_name(u), c, view.spread(c), view.mean(c)) for u, c in view.units()],
        again=lambda band: _again(band, view),
        remarks=lambda case: "\n".join(remarks(view, case, say)),
        score=lambda value: say.number(padded(value, decimals)),
        goals=goals,
        state=lambda case: view.state_text(case, say),
        name_rank=name_ranks(names, view.office.language),
        **html.findings_shown(view.findings, view.name_of, say),
    )


def index(
    office: Office, scheme: Scheme, roster: Roster, period: Round, files: Iterable[str], own: Path, say: Speaker
) -> str:
    """The secretary's page: what lies in the outbox and who gets which of it, to fill in first.

    ``files``: the names of all that lies there, whichever command wrote it; ``own``: the office's page templates.
    """
    names = sorted(files)
    recipients: dict[str, list[tuple[str, str]]] = {}
    for path in sorted(names, key=lambda path: not is_form(path.rpartition("/")[2], scheme)):
        if path.startswith("for/"):
            _, addressee, name = path.split("/")
            recipients.setdefault(addressee, []).append((path, file_title(name, scheme, say, roster.called)))
    steps = [
        html.to_each(say),
        say("Put the filled forms that come back into the inbox, under any name, and run the program again."),
        say("Hand the summary to the leaders."),
    ]
    if "raises.xlsx" in names:
        steps.append(say("Have the order with the account of the salary increase signed; then publish the announcements."))
    frame = html.frame(office, scheme, period, rules_text(scheme, say), say)
    return "".join(html.outbox_page(own, frame, roster, period, recipients, names, steps, say))


def _again(band: Band, view: RoundView) -> str:
    """The class that tells a band from a better one of the same tone, or ''."""
    better = view.scheme.bands[: view.scheme.bands.index(band)]
    return " again" if any(one.tone == band.tone for one in better) else ""


def _frame(view: RoundView, say: Speaker) -> dict[str, Any]:
    return html.frame(view.office, view.scheme, view.period, rules_text(view.scheme, say), say)
