"""The papers of a round: everybody's summary of the appraisal (parts 1 to 5) with its enclosures; the workbook of all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from xlsxwriter.worksheet import Worksheet

from batch import history
from batch.agreed import rules_of
from batch.chain import speaker, waived
from batch.components import ability_of
from batch.core.period import Round
from batch.core.records import Case, Statement
from batch.reports.paper import POINTS, Paper, even
from batch.reports.round_view import RoundView, remarks, total_of
from batch.reports.view import SEVERITY_WORDS, rules_text
from batch.reports.workbook import LINE, open_book

if TYPE_CHECKING:
    from batch.i18n import Speaker

_FONTS = {"th": "TH SarabunPSK"}
_BLANK = "…………………………"
_TICKED, _EMPTY = "☑", "☐"  # as printed on the official form
_BOX: dict[str, Any] = {"border": 1, "border_color": LINE}


def _paper(view: RoundView, say: Speaker, book: Any) -> Paper:
    return Paper(say, book, _FONTS.get(view.office.language, "Times New Roman"), view.office.thai_digits)


def _tick(when: bool) -> str:
    return _TICKED if when else _EMPTY


# --- one person -------------------------------------------------------------------------------------------------------

_WIDTHS = [46.0, 16.0, 16.0, 20.0]


def appraisal(view: RoundView, case: Case[Round], say: Speaker) -> bytes:
    """The summary of one person's appraisal, parts 1 to 5, and the forms of results and competencies it rests on."""
    title = say("Summary of the appraisal")
    with open_book(title, view.office.name, view.period) as (book, target):
        paper = _paper(view, say, book)
        _parts(paper, view, case, title)
        if view.said(case, "agreement"):
            _results(paper, view, case)
            _abilities(paper, view, case)
    return target.getvalue()


def _parts(paper: Paper, view: RoundView, case: Case[Round], title: str) -> None:
    say, span = paper.say, _WIDTHS
    sheet = paper.sheet(say("Parts 1 to 3"), span)
    row = paper.line(sheet, 0, span, title, role="title", font_size=20)
    row = paper.line(sheet, row, span, say.period_label(view.period), role="subtitle")
    row = _part(paper, sheet, row, say("Part 1: the appraisee"))
    rounds = "      ".join(f"{_tick(view.period.number == n)} {say('Round {number}', number=str(n))}" for n in (1, 2))
    pay = _level(view, case)
    lines = [
        (say("Round of appraisal"), rounds),
        (say("Name of the appraisee"), f"{case.name} ({case.staff_id})"),
        (say("Position"), case.position),
        *([(say("Level of the position"), pay)] if pay else []),
        (say("Unit"), view.roster.unit_name(case.unit_id)),
        (say("Superior"), view.name_of(case.reviewer_id) or "–"),
        (say("Position of the superior"), view.position_of(case.reviewer_id) or "–"),
    ]
    for text, value in lines:
        row = _pair(paper, sheet, row, text, value)
    row = _part(paper, sheet, row, say("Part 2: the result"))
    row = _components(paper, view, case, sheet, row)
    row = _part(paper, sheet, row, say("Part 3: individual development plan"))
    review = case.review
    plan = review.texts if review else {}
    for text, key in (
        (say("Strengths"), "strengths"),
        (say("Knowledge, skills or competencies to develop"), "improve"),
        (say("How to develop"), "method"),
        (say("When to develop"), "period"),
    ):
        row = _pair(paper, sheet, row, text, plan.get(f"text.{key}", "") or "–")
    notes = view.said(case, "notes")
    for item in notes.items if notes else ():
        text = say("{note} (help: {help})", note=item.text("note"), help=item.text("help") or "–")
        row = _pair(paper, sheet, row, say("Follow-up, {day}", day=dt.date.fromisoformat(item.text("date"))), text)
    row = _history(paper, case, sheet, row)
    sheet.print_area(0, 0, row, len(span) - 1)
    sheet = paper.sheet(say("Parts 4 and 5"), span)  # a page of its own: no signature is torn from what it signs
    row = paper.line(sheet, 0, span, _about(view, case, say), align="center")
    row = _part(paper, sheet, row, say("Part 4: acknowledgement of the result"))
    row = _acknowledgement(paper, view, case, sheet, row)
    row = _part(paper, sheet, row, say("Part 5: opinions of the superiors above"))
    row = _opinions(paper, view, case, sheet, row)
    row = paper.line(sheet, row + 1, span, rules_text(view.scheme, say), role="note", font_size=10)
    sheet.print_area(0, 0, row - 1, len(span) - 1)


def _history(paper: Paper, case: Case[Round], sheet: Worksheet, row: int) -> int:
    """What a weekly evaluation came to meanwhile, which is no part of the result; nothing where there is none."""
    if case.history is None:
        return row
    row = _part(paper, sheet, row, history.title(paper.say))
    row = paper.line(sheet, row, _WIDTHS, history.caution(paper.say), italic=True, indent=1, **_BOX)
    for label, text in history.told(case.history, paper.say):
        row = _pair(paper, sheet, row, label, text)
    return row


def _level(view: RoundView, case: Case[Round]) -> str:
    person = view.roster.on(case.staff_id, view.roster.reference_day(view.period))
    return person.pay.level if person and person.pay else ""


def _part(paper: Paper, sheet: Worksheet, row: int, title: str) -> int:
    sheet.set_row(row, 7)
    return paper.line(sheet, row + 1, _WIDTHS, title, role="section")


def _pair(paper: Paper, sheet: Worksheet, row: int, text: str, value: str, **style: Any) -> int:
    """A label, and its value over the other columns."""
    paper.line(sheet, row, _WIDTHS[1:], value, 1, role="text", **style)
    paper.put(sheet, row, 0, text, bold=True)
    return row + 1


def _components(paper: Paper, view: RoundView, case: Case[Round], sheet: Worksheet, row: int) -> int:
    """Score (a) out of 100, weight (b), (a) × (b), and the level."""
    say, scheme = paper.say, view.scheme
    heads = [say("Component"), say("Score (a)"), say("Weight (b)"), say("Sum of scores (a) × (b)")]
    row = paper.head(sheet, row, heads, _WIDTHS)
    number = {**even([*case.scores.values(), case.total], 2), "align": "center"}
    for n, criterion in enumerate(scheme.criteria, 1):
        cap, points = criterion.points(case.group), case.scores.get(criterion.id)
        name = say("Component {number}: {name}", number=str(n), name=criterion.name(say.lang))
        share = points * 100 / cap if points is not None and cap else ""
        cells: list[tuple[object, dict[str, Any]]] = [
            (name, {}),
            (share, {**number, "num_format": "0.00"}),
            (say.percent(cap), {"align": "center"}),
            (points if points is not None else "", number),
        ]
        row = paper.row(sheet, row, cells, _WIDTHS)
    total = case.total if case.total is not None else ""
    bold = {"bold": True, **number}
    row = paper.row(
        sheet,
        row,
        [
            (say("Total"), {"bold": True, "align": "right"}),
            ("", {}),
            (say.percent(Decimal(100)), {"align": "center", "bold": True}),
            (total, bold),
        ],
        _WIDTHS,
    )
    levels = "     ".join(f"{_tick(case.band == band.id)} {band.name(say.lang)}" for band in scheme.bands)
    row = _pair(paper, sheet, row, say("Level of the result"), levels, bold=True)
    for text in remarks(view, case, say):
        row = _pair(paper, sheet, row, say("Note"), text)
    if case.state != "approved":
        row = _pair(paper, sheet, row, say("Not final"), view.state_text(case, say), italic=True)
    return row


def _acknowledgement(paper: Paper, view: RoundView, case: Case[Round], sheet: Worksheet, row: int) -> int:
    say = paper.say
    signed = view.said(case, "acknowledgement", "subject")
    refused = None if signed else view.said(case, "acknowledgement", "supervisor")
    told = say("I have been told the result and the development plan.")
    row = _pair(paper, sheet, row, say("Appraisee"), f"{_tick(signed is not None)} {told}")
    if signed and (comment := signed.texts.get("text.comment")):
        row = _pair(paper, sheet, row, say("Comments"), comment)
    told = say("The appraisee was told the result and signed.")
    row = _pair(paper, sheet, row, say("Superior"), f"{_tick(signed is not None)} {told}")
    told = say(
        "The appraisee was told the result on {day}, but did not sign; witness: {witness}.",
        day=_day(refused, say),
        witness=refused.texts.get("witness", "") if refused else _BLANK,
    )
    row = _pair(paper, sheet, row, "", f"{_tick(refused is not None)} {told}")
    day, superior = _day(signed or refused, say), case.reviewer_id
    own = (case.name, case.position, _day(signed, say))
    return _signatures(paper, sheet, row, own, (view.name_of(superior), view.position_of(superior), day))


def _day(act: Statement[Round] | None, say: Speaker) -> str:
    text = act.texts.get("told.date", "") if act else ""
    return say.long_date(dt.date.fromisoformat(text)) if text else _BLANK


def _opinions(paper: Paper, view: RoundView, case: Case[Round], sheet: Worksheet, row: int) -> int:
    say, signers = paper.say, []
    for stage in view.scheme.stages:
        answers = [s.kind for s in view.scheme.answered(stage)]
        if (
            stage.kind != "decision"
            or "agreement" in answers
            or (waived(view.scheme, stage, case) and stage.id not in case.acts)
        ):
            continue
        act = case.acts.get(stage.id)
        agreed = act is not None and act.decision == "approve"
        differs = act is not None and act.decision == "adjust"
        row = _pair(paper, sheet, row, stage.name(say.lang), f"{_tick(agreed)} {say('Agrees with the result')}")
        text = say("Differs, as follows: {reason}", reason=act.texts.get("reason", "") if act and differs else _BLANK)
        if act and differs:
            text = f"{text} ({say('total {total}', total=total_of(act))})"
        row = _pair(paper, sheet, row, "", f"{_tick(differs)} {text}")
        who = act.author if act else speaker(stage, case)
        on = say.long_date(dt.date.fromisoformat(act.receipt.received[:10])) if act else _BLANK
        signers.append((view.name_of(who), view.position_of(who), on))
    for at in range(0, len(signers), 2):
        left, right = signers[at], signers[at + 1] if at + 1 < len(signers) else None
        row = _signatures(paper, sheet, row, left, right)
    return row


def _signatures(
    paper: Paper, sheet: Worksheet, row: int, left: tuple[str, str, str], right: tuple[str, str, str] | None
) -> int:
    """Room for two to sign side by side: name, position, date."""
    look = paper.look("signature", **_BOX)
    sheet.set_row(row, POINTS * 5)

    def text(who: tuple[str, str, str] | None) -> str:
        if who is None:
            return ""
        name, position, day = who
        return paper.digits(f"\n{paper.say('Signed')} {_BLANK}\n({name or _BLANK})\n{position or _BLANK}\n{day}")

    sheet.write_string(row, 0, text(left), look)
    sheet.merge_range(row, 1, row, 3, "", look)
    sheet.write_string(row, 1, text(right), look)
    return row + 1


# --- the enclosures ---------------------------------------------------------------------------------------------------


def _heading(paper: Paper, view: RoundView, case: Case[Round], sheet: Worksheet, widths: Sequence[float], title: str) -> int:
    say = paper.say
    row = paper.line(sheet, 0, widths, title, role="title")
    row = paper.line(sheet, row, widths, say.period_label(view.period), align="center")
    return paper.line(sheet, row, widths, _about(view, case, say), align="center")


def _about(view: RoundView, case: Case[Round], say: Speaker) -> str:
    """Whose paper this is, for every sheet but the first."""
    named = {"name": case.name, "position": case.position, "unit": view.roster.unit_name(case.unit_id)}
    return say("Appraisee: {name}, {position}, {unit}", **named)


def _results(paper: Paper, view: RoundView, case: Case[Round]) -> None:
    """Indicators with targets, what was achieved, level, weight, and what they come to."""
    say = paper.say
    kpi, _ = rules_of(view.scheme)
    levels = kpi.levels if kpi else 5
    widths = [5.0, 36.0, 9.0, *[15.0] * levels, 26.0, 9.0, 9.0, 12.0]
    title = say("Form for setting and appraising results")
    sheet = paper.sheet(say("Results"), widths, landscape=True)
    row = _heading(paper, view, case, sheet, widths, title)
    heads = [
        say("No."),
        say("Indicator"),
        say("Goal served"),
        *(say("Level {number}", number=str(n)) for n in range(1, levels + 1)),
    ]
    heads += [say("What was achieved"), say("Level (a)"), say("Weight (b)"), say("Sum of scores (a) × (b)")]
    first = row
    row = paper.head(sheet, row, heads, widths)
    found = view.kpis(case)
    center = {"align": "center"}
    products = [one.level * one.weight for one in found if one.level is not None]
    level = {**even(one.level for one in found), **center}
    weight, score = {**even(one.weight for one in found), **center}, {**even(products), **center}
    for n, one in enumerate(found, 1):
        targets = [*one.targets, *[""] * levels][:levels]
        product: object = one.level * one.weight if one.level is not None else ""
        cells: list[tuple[object, dict[str, Any]]] = [
            (n, center),
            (one.title, {}),
            (one.goal, center),
            *((t, {"font_size": 12}) for t in targets),
            (one.result, {}),
            (one.level if one.level is not None else "", level),
            (one.weight, weight),
            (product, score),
        ]
        row = paper.row(sheet, row, cells, widths)
    weights = sum((one.weight for one in found), Decimal(0))
    done = all(one.level is not None for one in found)
    whole: object = sum(((one.level or 0) * one.weight for one in found), Decimal(0)) if done else ""
    blank: list[tuple[object, dict[str, Any]]] = [("", {})] * (levels + 4)
    blank[1] = (say("Sum"), {"bold": True, "align": "right"})
    row = paper.row(
        sheet, row, [*blank, ("", {}), (weights, {"bold": True, **weight}), (whole, {"bold": True, **score})], widths
    )
    _changed(paper, view, case, sheet, row, widths)
    sheet.repeat_rows(first)


def _changed(paper: Paper, view: RoundView, case: Case[Round], sheet: Worksheet, row: int, widths: Sequence[float]) -> None:
    """Why the agreement was changed in mid-round, if it was; and what the page ends with."""
    agreement = view.said(case, "agreement")
    if agreement and (reason := agreement.texts.get("text.amendment")):
        row = paper.line(sheet, row, widths, paper.say("Changed: {reason}", reason=reason), italic=True)
    sheet.print_area(0, 0, row, len(widths) - 1)


def _abilities(paper: Paper, view: RoundView, case: Case[Round]) -> None:
    """Competencies with what is expected and what was shown."""
    say = paper.say
    _, rules = rules_of(view.scheme)
    if rules is None:
        return
    widths = [6.0, 56.0, 16.0, 16.0]
    sheet = paper.sheet(say("Competencies"), widths)
    row = _heading(paper, view, case, sheet, widths, say("Form for setting and appraising competencies"))
    row = paper.head(sheet, row, [say("No."), say("Competency"), say("Level expected"), say("Level shown")], widths)
    center, found = {"align": "center"}, view.rated(case)
    levels = even(level for one in found for level in (one.expected, one.rating))
    for n, one in enumerate(found, 1):
        shown: object = one.rating if one.rating is not None else ""
        cells: list[tuple[object, dict[str, Any]]] = [
            (n, center),
            (ability_of(rules, one.key).name(say.lang), {}),
            (one.expected, {**levels, **center}),
            (shown, {**levels, **center}),
        ]
        row = paper.row(sheet, row, cells, widths)
    sheet.print_area(0, 0, row, len(widths) - 1)


# --- everybody --------------------------------------------------------------------------------------------------------


def summary(view: RoundView, say: Speaker) -> bytes:
    """The round as a workbook: everybody with their result, the levels by unit, and what to look at."""
    title = view.scheme.title.get(say.lang) or view.scheme.id  # type: ignore[call-overload]
    with open_book(title, view.office.name, view.period) as (book, target):
        paper = _paper(view, say, book)
        _people(paper, view, title)
        _units(paper, view, title)
        _findings(paper, view)
    return target.getvalue()


def _people(paper: Paper, view: RoundView, title: str) -> None:
    say, scheme = paper.say, view.scheme
    heads = [say("No."), say("Staff code"), say("Full name"), say("Position"), say("Unit"), say("Self")]
    heads += [*(c.name(say.lang) for c in scheme.criteria), say("Total"), say("Level"), say("State"), say("Remarks")]
    widths = [5.0, 9.0, 26.0, 26.0, 26.0, 9.0, *[16.0] * len(scheme.criteria), 10.0, 13.0, 28.0, 34.0]
    sheet = paper.sheet(say("Everybody's result"), widths, landscape=True)
    row = paper.line(sheet, 0, widths, title, role="title")
    row = paper.line(sheet, row, widths, say.period_label(view.period), align="center")
    top = row
    row = paper.head(sheet, row, heads, widths)
    number = {**even([], view.decimals), "align": "center"}

    def score(value: Decimal | None) -> object:
        return "" if value is None else value

    for n, case in enumerate(view.cases, 1):
        band = view.band(case)
        cells: list[tuple[object, dict[str, Any]]] = [
            (n, {"align": "center"}),
            (case.staff_id, {"align": "center"}),
            *((text, {}) for text in (case.name, case.position, view.roster.unit_name(case.unit_id))),
            (score(case.self_total), number),
            *((score(case.scores.get(c.id)), number) for c in scheme.criteria),
            (score(case.total), {"bold": True, **number}),
            (band.name(say.lang) if band else "", {"align": "center"}),
            (view.state_text(case, say), {"font_size": 12}),
            ("\n".join(remarks(view, case, say)), {"font_size": 12}),
        ]
        row = paper.row(sheet, row, cells, widths)
    sheet.repeat_rows(top)
    sheet.freeze_panes(top + 1, 3)
    sheet.print_area(0, 0, row - 1, len(widths) - 1)


def _units(paper: Paper, view: RoundView, title: str) -> None:
    say, bands = paper.say, view.scheme.bands
    heads = [say("Unit"), say("People"), *(band.name(say.lang) for band in bands), say("Mean total")]
    widths = [44.0, 10.0, *[13.0] * len(bands), 13.0]
    sheet = paper.sheet(say("By unit"), widths, landscape=True)
    top = paper.line(sheet, 0, widths, title, role="title")
    row = paper.head(sheet, top, heads, widths)
    sheet.repeat_rows(top)
    groups = [(view.roster.unit_name(unit), cases) for unit, cases in view.units()]
    for name, cases in [*groups, (say("All"), list(view.cases))]:
        counts, mean = view.spread(cases), view.mean(cases)
        style = {"bold": True} if cases == list(view.cases) else {}
        cells: list[tuple[object, dict[str, Any]]] = [(name, style), (len(cases), {"align": "center", **style})]
        cells += [(counts[band.id], {"align": "center", **style}) for band in bands]
        cells.append((mean if mean is not None else "", {"num_format": "0.00", "align": "center", **style}))
        row = paper.row(sheet, row, cells, widths)
    sheet.print_area(0, 0, row - 1, len(widths) - 1)


def _findings(paper: Paper, view: RoundView) -> None:
    say = paper.say
    widths = [12.0, 30.0, 60.0, 50.0, 40.0]
    sheet = paper.sheet(say("To look at"), widths, landscape=True)
    heads = [say("Severity"), say("Person"), say("What was found"), say("What to do"), say("Place")]
    row = paper.head(sheet, 0, heads, widths)
    for found in view.findings:
        who = view.roster.label(found.staff_id) if found.staff_id else ""
        texts = (say(SEVERITY_WORDS[say.severity(found)]), who, say.message(found), say.remedy(found), str(found.place))
        row = paper.row(sheet, row, [(text, {"font_size": 12}) for text in texts], widths)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.print_area(0, 0, row - 1, len(widths) - 1)
