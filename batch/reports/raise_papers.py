"""The papers of a salary increase as workbooks ready to print: A4, the office's font, Thai digits where it wants them.

Every text is written as a text, so nothing that people typed becomes a formula. Amounts are numbers with a fixed format:
copies for reading, as everything was decided in decimals before. The bytes depend on the view and the language alone.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from xlsxwriter.worksheet import Worksheet

from batch.raises.engine import NONE, Award, Outcome
from batch.raises.whatif import spread
from batch.reports.paper import COUNT, POINTS, Paper, even, lines_of
from batch.reports.raises import RaiseView, percent_text, rate_lines, table_text
from batch.reports.styled import StyledBook
from batch.reports.workbook import HEAD, open_book

if TYPE_CHECKING:
    from batch.i18n import Speaker

BAHT, SATANG = "#,##0", "#,##0.00"
_DECIMALS = 2  # of a percentage or score, unless one in its column needs more
_PARAGRAPH = "\u2003" * 4  # the first line of a paragraph begins further in
_FILLED: dict[str, Any] = {"role": "sum"}


@dataclass(frozen=True)
class Column:
    """A column of a list: header, width in characters, what it shows of an award, and how."""

    head: str
    width: float
    value: Callable[[int, Award], object]
    style: Mapping[str, Any] = field(default_factory=dict)
    total: Callable[[Sequence[Award]], Decimal] | None = None


class RaisePaper(Paper):
    """The papers of a salary increase: wording and signature as the rules say."""

    def __init__(self, view: RaiseView, say: Speaker, book: StyledBook) -> None:
        super().__init__(say, book, view.rules.papers.font, view.plan.thai_digits)
        self.view = view

    def filled(self, text: str, award: Award | None = None) -> str:
        """A wording of the rules with its placeholders filled in."""
        return self.digits(text.format_map(self.view.texts(self.say, award)))

    def signed(self, sheet: Worksheet, row: int, span: Sequence[float], first: int) -> int:
        """The block for the signature, in the right half."""
        for text in self.view.rules.papers.signature:
            row = self.line(sheet, row, span, self.filled(text), first, role="signature")
        return row


def _book(view: RaiseView, title: str) -> AbstractContextManager[tuple[StyledBook, io.BytesIO]]:
    return open_book(title, view.office.name, view.period)


# --- the account and the lists ----------------------------------------------------------------------------------------


def lists(view: RaiseView, say: Speaker) -> bytes:
    """The account of all raises, and the lists of those not raised, at the ceiling, with special compensation, retiring."""
    papers = view.rules.papers
    with _book(view, papers.account_title) as (book, target):
        paper = RaisePaper(view, say, book)
        money = _columns(view, say)
        short = [c for c in money if c.head not in (say("Type of position"), say("Base"), say("Note"))]
        why = [*money[:7], _result(view, say), Column(say("Reason"), 44, lambda _, a: view.reasons(a, say))]
        _list(paper, say("Raised"), papers.account_title, view.raised, money, papers.account_head)
        _list(paper, say("Not raised"), say("People not raised, with the reasons"), view.not_raised, why)
        _list(paper, say("At the ceiling"), say("People whose salary is at the ceiling"), view.at_ceiling, short)
        _list(paper, say("Special compensation"), say("People with special compensation"), view.special, money)
        if view.retirees:
            day = say("Retiring; raised on {day}", day=say.long_date(view.period.end))
            _list(paper, say("Retiring"), f"{papers.account_title} ({day})", view.retirees, money)
        if view.unclear:
            what = Column(say("What is missing"), 44, lambda _, a: _missing(view, a, say))
            _list(paper, say("Undecided"), say("People nothing is decided about yet"), view.unclear, [*money[:4], what])
    return target.getvalue()


def _columns(view: RaiseView, say: Speaker) -> list[Column]:
    """The columns of บัญชีรายละเอียดการเลื่อนเงินเดือน."""
    rules, roster = view.rules, view.roster
    center: dict[str, Any] = {"align": "center"}
    baht, satang = {"num_format": BAHT}, {"num_format": SATANG}

    def level(award: Award) -> str:
        return rules.level_of(award.candidate.level).name(say.lang) if award.candidate.level else ""

    return [
        Column(say("No."), 5, lambda n, _: n, center),
        Column(say("Full name"), 24, lambda _, a: a.candidate.name),
        Column(say("Unit / position"), 27, lambda _, a: f"{roster.unit_name(a.candidate.unit_id)}\n{a.candidate.position}"),
        Column(
            say("Type of position"),
            10,
            lambda _, a: rules.type_of(a.candidate.level).name(say.lang) if a.candidate.level else "",
            center,
        ),
        Column(say("Level of the position"), 16, lambda _, a: level(a), center),
        Column(say("Position no."), 8, lambda _, a: a.candidate.position_no, center),
        Column(say("Salary before"), 11.5, lambda _, a: a.candidate.salary, baht),
        Column(say("Ceiling"), 10, lambda _, a: a.ceiling, baht),
        Column(say("Base"), 10, lambda _, a: a.amount.base, baht),
        Column(say("Percent"), 10.5, lambda _, a: a.percent, even((a.percent for a in view.outcome.awards), _DECIMALS)),
        Column(
            say("Raise"), 11, lambda _, a: a.amount.raised, satang, lambda some: sum((a.amount.raised for a in some), NONE)
        ),
        Column(
            say("Special compensation"),
            12.5,
            lambda _, a: a.amount.special or "",
            satang,
            lambda some: sum((a.amount.special for a in some), NONE),
        ),
        Column(say("New salary"), 12, lambda _, a: a.amount.new, {**baht, "bold": True}),
        _result(view, say),
        Column(say("Note"), 12, lambda _, a: say("at the ceiling") if a.at_ceiling else "", center),
    ]


def _result(view: RaiseView, say: Speaker) -> Column:
    return Column(say("Result of the appraisal"), 13.5, lambda _, a: view.band_name(a, say), {"align": "center"})


def _missing(view: RaiseView, award: Award, say: Speaker) -> str:
    who = award.candidate.staff_id
    found = [say.message(f) for f in view.findings if f.staff_id == who and say.severity(f) == "error"]
    return "\n".join(found) or say("Level or salary")


def _list(
    paper: RaisePaper,
    name: str,
    title: str,
    awards: Sequence[Award],
    columns: Sequence[Column],
    heads: Sequence[str] = ("{office}", "{round}"),
) -> None:
    """A titled list on its own sheet, with sums under the columns that have one, and the signature."""
    say, widths = paper.say, [c.width for c in columns]
    sheet = paper.sheet(name, widths, landscape=True)
    row = paper.line(sheet, 0, widths, title, role="title")
    for text in heads:
        row = paper.line(sheet, row, widths, paper.filled(text), role="subtitle")
    top = row
    row = paper.head(sheet, row, [c.head for c in columns], widths)
    for number, award in enumerate(awards, 1):
        row = paper.row(sheet, row, [(c.value(number, award), dict(c.style)) for c in columns], widths)
    if not awards:
        row = paper.line(sheet, row, widths, say("Nobody."), role="text", italic=True, align="center")
    elif any(c.total for c in columns):
        cells: list[tuple[object, dict[str, Any]]] = [
            (c.total(awards) if c.total else "", {**c.style, **_FILLED}) for c in columns
        ]
        cells[1] = (say("Sum of {count} people", count=str(len(awards))), _FILLED)
        row = paper.row(sheet, row, cells, widths)
    sheet.repeat_rows(top)
    sheet.freeze_panes(top + 1, 2)
    half = len(columns) // 2 if len(columns) > 6 else 1
    row = paper.signed(sheet, row + 2, widths[half:], half)
    sheet.print_area(0, 0, row - 1, len(columns) - 1)


# --- announcements ----------------------------------------------------------------------------------------------------


def announcement(view: RaiseView, say: Speaker) -> bytes:
    """The announcement of the rates, and that of the names in the best bands; no scores, no money."""
    papers = view.rules.papers
    with _book(view, papers.announcement_title) as (book, target):
        paper = RaisePaper(view, say, book)
        _rates(paper)
        _names(paper)
    return target.getvalue()


def _announced(paper: RaisePaper, sheet: Worksheet, widths: Sequence[float], subject: str, texts: Sequence[str]) -> int:
    papers = paper.view.rules.papers
    row = paper.line(sheet, 0, widths, paper.filled(papers.announcement_title), role="title")
    row = paper.line(sheet, row, widths, paper.filled(subject), role="subtitle", bold=True)
    row += 1
    for text in texts:
        row = paper.line(sheet, row, widths, _PARAGRAPH + paper.filled(text), role="wording", valign="top")
    return row + 1


def _rates(paper: RaisePaper) -> None:
    view, say, papers = paper.view, paper.say, paper.view.rules.papers
    widths = [28.0, 28.0, 28.0]
    sheet = paper.sheet(say("Rates"), widths)
    row = _announced(paper, sheet, widths, papers.announcement_subject, papers.announcement)
    for lines, pools in _rate_groups(view, say):
        if len(view.plan.pools) > 1:
            row = paper.line(sheet, row, widths, say("Pool: {pools}", pools=pools), role="heading")
        row = paper.head(sheet, row, [say("Result of the appraisal"), say("Score"), say("Percent of the base")], widths)
        for cells in lines:
            row = paper.row(sheet, row, [(text, {"align": "center", "font_size": 16}) for text in cells], widths)
        row += 1
    row = paper.line(sheet, row, widths, _PARAGRAPH + paper.filled(papers.announcement_close), role="wording")
    row = paper.signed(sheet, row + 2, widths[1:], 1)
    sheet.print_area(0, 0, row - 1, len(widths) - 1)


def _rate_groups(view: RaiseView, say: Speaker) -> list[tuple[list[tuple[str, str, str]], tuple[str, ...]]]:
    """The rates as announced, once for all pools that have the same."""
    groups: list[tuple[list[tuple[str, str, str]], tuple[str, ...]]] = []
    for use in view.outcome.pools:
        lines, name = rate_lines(view, use, say), use.pool.name(say.lang)
        same = next((n for n, (known, _) in enumerate(groups) if known == lines), None)
        if same is None:
            groups.append((lines, (name,)))
        else:
            groups[same] = (lines, (*groups[same][1], name))
    return groups


def _names(paper: RaisePaper) -> None:
    """One table, so that the head stands on every sheet of paper, and in every line the band."""
    view, say, papers = paper.view, paper.say, paper.view.rules.papers
    heads = [say("No."), say("Full name"), say("Position"), say("Unit"), say("Result of the appraisal")]
    widths = [7.0, 28.0, 27.0, 25.0, 13.0]
    sheet = paper.sheet(say("Names"), widths)
    top = _announced(paper, sheet, widths, papers.names_subject, papers.names)
    row = paper.head(sheet, top, heads, widths)
    sheet.repeat_rows(top)
    for band_id in papers.publish_bands:
        band = view.scheme.band(band_id)
        people = view.in_band(band)
        text = say("{band}: {count} people", band=band.name(say.lang), count=str(len(people)))
        row = paper.line(sheet, row, widths, text, role="sum", indent=1)
        for number, award in enumerate(people, 1):
            one = award.candidate
            texts = (one.name, one.position, view.roster.unit_name(one.unit_id))
            centred = {"align": "center"}
            cells = [(number, centred), *((t, {}) for t in texts), (band.name(say.lang), centred)]
            row = paper.row(sheet, row, cells, widths)
    row = paper.signed(sheet, row + 2, widths[2:], 2)
    sheet.print_area(0, 0, row - 1, len(widths) - 1)


# --- pool use ---------------------------------------------------------------------------------------------------------


def pools(view: RaiseView, say: Speaker) -> bytes:
    """How each pool came about, what was spent, and what becomes of the rest."""
    title = say("Use of the money for the salary increase")
    with _book(view, title) as (book, target):
        paper = RaisePaper(view, say, book)
        uses = view.outcome.pools
        widths = [52.0, *[18.0 for _ in uses], 18.0]
        sheet = paper.sheet(say("Pools"), widths, landscape=len(uses) > 2)
        row = paper.line(sheet, 0, widths, title, role="title")
        row = paper.line(sheet, row, widths, paper.filled("{office}"), role="subtitle")
        row = paper.line(sheet, row, widths, paper.filled("{round}"), role="subtitle")
        row = paper.head(sheet, row + 1, [say("Item"), *(u.pool.name(say.lang) for u in uses), say("All pools")], widths)
        day = say.long_date(view.rules.reference_day(view.period))
        money = {"num_format": SATANG}
        lines: list[tuple[str, list[Decimal | int], dict[str, Any]]] = [
            (say("People in pay on {day}", day=day), [u.people for u in uses], {"num_format": COUNT}),
            (say("Their salaries (baht a month)"), [u.salaries for u in uses], money),
            (say("Granted"), [u.granted for u in uses], money),
            (say("Held back"), [u.held_back for u in uses], money),
            (say("Brought in from another pool"), [u.carried_in for u in uses], money),
            (say("Available"), [u.available for u in uses], {**money, **_FILLED}),
            (say("People raised"), [u.raised for u in uses], {"num_format": COUNT}),
            (say("Spent"), [u.spent for u in uses], {**money, **_FILLED}),
            (say("Left"), [u.left for u in uses], {**money, **_FILLED}),
        ]
        for text, values, style in lines:
            total = sum(values[1:], values[0])
            label: dict[str, Any] = {key: style[key] for key in _FILLED if key in style}
            row = paper.row(sheet, row, [(text, label), *((v, style) for v in (*values, total))], widths)
        for text in pool_notes(view, say):
            row = paper.line(sheet, row, widths, text, role="note")
        row = paper.signed(sheet, row + 2, widths[1:], 1)
        sheet.print_area(0, 0, row - 1, len(widths) - 1)
    return target.getvalue()


def pool_notes(view: RaiseView, say: Speaker) -> list[str]:
    """How each pool is made up, which rates hold in it, and what becomes of the rest."""
    texts = []
    names = {pool.id: pool.name(say.lang) for pool in view.plan.pools}
    for use in view.outcome.pools:
        pool = use.pool
        rest = (
            say("what is left lapses")
            if pool.remainder == "lapse"
            else say("what is left goes to '{pool}'", pool=names[pool.remainder])
        )
        texts.append(
            say(
                "{pool}: {percent}% of the salaries, less {held}% held back; rates: {table}; {rest}.",
                pool=names[pool.id],
                percent=pool.percent,
                held=pool.hold_back,
                table=table_text(use.table, use.multiplier, say),
                rest=rest,
            )
        )
    return texts


# --- the personal notice ----------------------------------------------------------------------------------------------


def notice(view: RaiseView, award: Award, say: Speaker) -> bytes:
    """What one person is told: their own figures, or why there is no raise."""
    papers, one = view.rules.papers, award.candidate
    with _book(view, papers.notice_title) as (book, target):
        paper = RaisePaper(view, say, book)
        widths = [42.0, 22.0, 22.0]
        sheet = paper.sheet(say("Personal notice"), widths)
        row = paper.line(sheet, 0, widths, papers.notice_title, role="title", font_size=20)
        row = paper.line(sheet, row, widths, view.office.name, role="subtitle") + 1
        for label, text in (
            (say("Addressed to"), one.name),
            (say("Position"), " ".join((one.position, view.rules.level_of(one.level).name(say.lang)))),
            (say("Unit"), view.roster.unit_name(one.unit_id)),
        ):
            row = paper.line(sheet, row, widths, f"{label}: {text}", role="wording")
        row += 1
        for text in papers.notice if award.raised else papers.notice_none:
            row = paper.line(sheet, row, widths, _PARAGRAPH + paper.filled(text, award), role="wording", valign="top")
        row += 1
        for label, value, style in _figures(view, award, say):
            high = lines_of(value, 38) if isinstance(value, str) else 1
            sheet.set_row(row, 5 + 25 * high)
            paper.put(sheet, row, 0, label, font_size=16)
            look = paper.look("text", font_size=16, **{"indent": 0, **style})
            sheet.merge_range(row, 1, row, 2, "", look)
            paper.put(sheet, row, 1, value, font_size=16, **style)
            row += 1
        row = paper.line(sheet, row + 1, widths, papers.notice_foot, role="note")
        row = paper.signed(sheet, row + 2, widths[1:], 1)
        sheet.print_area(0, 0, row - 1, len(widths) - 1)
    return target.getvalue()


def _figures(view: RaiseView, award: Award, say: Speaker) -> list[tuple[str, object, dict[str, Any]]]:
    one, amount = award.candidate, award.amount
    right: dict[str, Any] = {"align": "right"}
    money = {"num_format": SATANG, **right}
    result = view.band_name(award, say)
    if one.score is not None:
        result = say("{band} ({score} points)", band=result, score=percent_text(one.score, say))
    lines: list[tuple[str, object, dict[str, Any]]] = [(say("Result of the appraisal"), result, right)]
    if not award.raised:
        reasons: list[tuple[str, object, dict[str, Any]]] = [
            (say("Salary"), one.salary, money),
            (say("Reason"), view.reasons(award, say), {"align": "left", "indent": 1}),
        ]
        return [*lines, *reasons]
    lines += [
        (say("Base (baht)"), amount.base, money),
        (say("Percent of the base"), award.percent, {**even([award.percent], _DECIMALS), **right}),
        (say("Salary before (baht)"), one.salary, money),
        (say("Raise (baht)"), amount.raised, money),
    ]
    if amount.special:
        lines.append((say("Special compensation (baht)"), amount.special, money))
    return [*lines, (say("New salary (baht)"), amount.new, {**money, "bold": True})]


# --- what if ----------------------------------------------------------------------------------------------------------


def what_if(view: RaiseView, outcomes: Sequence[Outcome], say: Speaker) -> bytes:
    """Rate tables side by side: cost by pool, distribution by band, and each person's figures. For the leaders only."""
    title = say("Rate tables compared")
    with _book(view, title) as (book, target):
        paper = RaisePaper(view, say, book)
        _compared(paper, title, outcomes)
        _distribution(paper, outcomes)
        _people(paper, outcomes)
    return target.getvalue()


def _compared(paper: RaisePaper, title: str, outcomes: Sequence[Outcome]) -> None:
    say = paper.say
    heads = [
        say("Rate table"),
        say("Pool"),
        say("Rates"),
        say("Available"),
        say("Spent"),
        say("Left"),
        say("Multiplier"),
        say("Verdict"),
    ]
    widths = [28.0, 26.0, 28.0, 14.0, 14.0, 14.0, 11.0, 48.0]
    sheet = paper.sheet(say("Cost"), widths, landscape=True)
    row = paper.line(sheet, 0, widths, title, role="title")
    top = paper.line(sheet, row, widths, paper.filled("{office} {round}"), role="subtitle")
    row = paper.head(sheet, top, heads, widths)
    money = {"num_format": SATANG}
    for outcome in outcomes:
        for use in outcome.pools:
            verdict = "\n".join(verdicts(outcome, use.pool.name(say.lang), say))
            texts = (outcome.table.name(say.lang), use.pool.name(say.lang), use.table.name(say.lang))
            figures = (use.available, use.spent, use.left)
            number = use.multiplier if use.multiplier is not None else ""
            cells: list[tuple[object, dict[str, Any]]] = [
                *((t, {}) for t in texts),
                *((f, money) for f in figures),
                (number, {"num_format": "0.0000", "align": "right"}),
                (verdict, {}),
            ]
            row = paper.row(sheet, row, cells, widths)
    sheet.repeat_rows(top)
    sheet.print_area(0, 0, row - 1, len(widths) - 1)


def verdicts(outcome: Outcome, pool: str, say: Speaker) -> list[str]:
    """What forbids an outcome, as far as it concerns this pool; or that nothing does."""
    found = [
        say.message(p) for p in outcome.problems if all(key != "pool" or say.value(value) == pool for key, value in p.params)
    ]
    return found or [say("May be announced.")]


def _distribution(paper: RaisePaper, outcomes: Sequence[Outcome]) -> None:
    view, say = paper.view, paper.say
    heads = [say("Rate table"), say("Result of the appraisal"), say("People"), say("Raised")]
    heads += [say("Lowest percent"), say("Mean percent"), say("Highest percent"), say("Spent")]
    widths = [28.0, 20.0, 10.0, 10.0, 13.0, 13.0, 13.0, 16.0]
    sheet = paper.sheet(say("Distribution"), widths, landscape=True)
    row = paper.head(sheet, 0, heads, widths)
    spreads = [(outcome, spread(outcome, view.scheme)) for outcome in outcomes]
    percent = even((p for _, lines in spreads for line in lines for p in (line.lowest, line.highest)), _DECIMALS)
    mean = even([], _DECIMALS)  # it was rounded to so many
    for outcome, lines in spreads:
        for line in lines:
            figures = [
                (line.lowest, percent),
                (line.mean, mean),
                (line.highest, percent),
                (line.spent, {"num_format": SATANG}),
            ]
            cells: list[tuple[object, dict[str, Any]]] = [
                *((t, {}) for t in (outcome.table.name(say.lang), line.band.name(say.lang))),
                *((n, {}) for n in (line.people, line.raised)),
                *((number if line.raised else "", style) for number, style in figures),
            ]
            row = paper.row(sheet, row, cells, widths)
    sheet.repeat_rows(0)
    sheet.freeze_panes(1, 0)
    sheet.print_area(0, 0, row - 1, len(widths) - 1)


def _people(paper: RaisePaper, outcomes: Sequence[Outcome]) -> None:
    """Everybody's percentage and cost under each table; what differs from the first table is set off."""
    say = paper.say
    whose = [say("Staff code"), say("Full name"), say("Score"), say("Salary before")]
    shown = [say("percent"), say("new salary")]
    special = any(award.amount.special for outcome in outcomes for award in outcome.awards)
    if special:
        shown.append(say("special"))
    each = [11.0, 12.0, 11.0][: len(shown)]
    widths = [10.0, 28.0, 10.0, 12.0, *(each * len(outcomes))]
    sheet = paper.sheet(say("People"), widths, landscape=True)
    names = [outcome.table.name(say.lang) for outcome in outcomes]
    row = paper.head(sheet, 1, [*whose, *(shown * len(outcomes))], widths)
    look = paper.look("head", align="center")
    sheet.set_row(0, 4 + POINTS * max(lines_of(name, sum(each)) for name in names))
    for column, text in enumerate(whose):
        sheet.merge_range(0, column, 1, column, text, look)
    for number, name in enumerate(names):
        first = len(whose) + number * len(shown)
        sheet.merge_range(0, first, 0, first + len(shown) - 1, paper.digits(name), look)
    score = even((award.candidate.score for award in outcomes[0].awards), _DECIMALS)
    percents = [even((award.percent for award in outcome.awards), _DECIMALS) for outcome in outcomes]
    for awards in zip(*(o.awards for o in outcomes), strict=True):
        one, first = awards[0].candidate, awards[0]
        cells: list[tuple[object, dict[str, Any]]] = [
            (one.staff_id, {"align": "center"}),
            (one.name, {}),
            (one.score if one.score is not None else "", score),
            (one.salary, {"num_format": BAHT}),
        ]
        for award, percent in zip(awards, percents, strict=True):
            set_off = {"bold": True, "bg_color": HEAD} if award.amount != first.amount else {}
            cells += [
                (award.percent, {**percent, **set_off}),
                (award.amount.new, {"num_format": BAHT, **set_off}),
                *([(award.amount.special or "", {"num_format": SATANG, **set_off})] if special else []),
            ]
        row = paper.row(sheet, row, cells, widths)
    sheet.repeat_rows(0, 1)
    sheet.freeze_panes(2, 2)
    sheet.print_area(0, 0, row - 1, len(widths) - 1)
