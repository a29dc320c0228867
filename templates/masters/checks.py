"""What a form says while it is filled in: drop-downs, input messages, limits, live totals and colours."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Border, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from sheet import label, value

RED = PatternFill("solid", fgColor="F4A6A6", bgColor="F4A6A6")
AMBER = PatternFill("solid", fgColor="FFD97A", bgColor="FFD97A")
BANDS = 8


def check_number(
    ws: Worksheet,
    where: str,
    high: str | None,
    prompt: str | None,
    error: str,
    *,
    title: str = "Score",
    whole: bool = False,
) -> None:
    """Accepts a number from 0 to `high` only."""
    rule = DataValidation(
        type="whole" if whole else "decimal",
        operator="greaterThanOrEqual" if high is None else "between",
        formula1="0",
        formula2=high,
        allow_blank=True,
        errorStyle="stop",
        showErrorMessage=True,
        showInputMessage=prompt is not None,
        errorTitle=label(title),
        error=error,
        promptTitle=label(title) if prompt is not None else None,
        prompt=prompt,
    )
    rule.add(where)
    ws.add_data_validation(rule)


def check_score(ws: Worksheet, where: str, cap_cell: str, criterion: str) -> None:
    """A score: a number from 0 to its cap, which stands in `cap_cell`."""
    text = f'{{{{ _("From 0 to {{max}} points, at most two decimals", max=cap.{criterion}) }}}}'
    check_number(ws, where, cap_cell, text, text)


def check_date(ws: Worksheet, where: str) -> None:
    """A date. Only a warning: on a computer set to another country 23/06/2025 stays text, which the program still reads."""
    rule = DataValidation(
        type="date",
        operator="between",
        formula1="36526",
        formula2="73415",
        allow_blank=True,
        errorStyle="warning",
        showErrorMessage=True,
        errorTitle=label("Date"),
        error=label("Enter a date as dd/mm/yyyy"),
    )
    rule.add(where)
    ws.add_data_validation(rule)


def check_list(ws: Worksheet, where: str, words: Sequence[str], prompt: str | None = None, *, title: str = "Choice") -> None:
    """A drop-down list of the office's words."""
    rule = DataValidation(
        type="list",
        formula1='"' + ",".join(value(f"words.{word}") for word in words) + '"',
        allow_blank=True,
        errorStyle="stop",
        showErrorMessage=True,
        showInputMessage=prompt is not None,
        errorTitle=label(title),
        error=label("Choose from the list"),
        promptTitle=label(title) if prompt is not None else None,
        prompt=label(prompt) if prompt is not None else None,
    )
    rule.add(where)
    ws.add_data_validation(rule)


def note_input(ws: Worksheet, where: str, title: str, prompt: str) -> None:
    """A short message beside a free-text cell; nothing is refused."""
    rule = DataValidation(showInputMessage=True, promptTitle=label(title), prompt=label(prompt), allow_blank=True)
    rule.add(where)
    ws.add_data_validation(rule)


def when(ws: Worksheet, where: str, test: str, *, stop: bool = False, **look: PatternFill | Border) -> None:
    """A conditional format; `test` is written for the top left cell of `where`."""
    rule = FormulaRule(formula=[test], stopIfTrue=stop, **look)  # type: ignore[no-untyped-call]
    ws.conditional_formatting.add(where, rule)


def shade(ws: Worksheet, where: str, test: str, fill: PatternFill, *, stop: bool = False) -> None:
    """A conditional fill."""
    when(ws, where, test, stop=stop, fill=fill)


def wrong(cell: str, cap: str) -> str:
    """True for a filled cell that is no number, lies outside 0 and its cap, or has more than two decimals."""
    return f'IF({cell}="",FALSE,IF(ISNUMBER({cell}),OR({cell}<0,{cell}>{cap},ROUND({cell},2)<>{cell}),TRUE))'


def total(cells: Sequence[str], caps: Sequence[str]) -> str:
    """The sum of the scores, or nothing until all of them are there and sound.

    Counting comes first, in an IF of its own: comparing text with a cap would not fail, but mean nothing.
    """
    span = f"{cells[0]}:{cells[-1]}"
    over = ",".join(f"{cell}>{cap}" for cell, cap in zip(cells, caps, strict=True))
    fine = ",".join(f"ROUND({cell},2)<>{cell}" for cell in cells)
    return f'IF(COUNT({span})<{len(cells)},"",IF(OR(MIN({span})<0,{over},{fine}),"",ROUND(SUM({span}),2)))'


def band(cell: str) -> str:
    """The title of the band of a total: the last one whose lower bound is not above it."""
    low, name = f"_form!$D$1:$D${BANDS}", f"_form!$E$1:$E${BANDS}"
    return f'INDEX({name},SUMPRODUCT(({low}<={cell})*({low}<>"")))'
