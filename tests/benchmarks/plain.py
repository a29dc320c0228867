"""What an office would otherwise write: pandas.read_excel in a loop, groupby, to_excel.

Run: ``python -m tests.benchmarks.plain OFFICE TARGET PEOPLE``, of which ``PEOPLE`` are taken, the first ones. It makes the same
main outputs (a summary of everybody and of each unit, a file for each supervisor and unit, a slip for each person, and
everybody's form for the next week, as a run does) from the same forms, and trusts whatever stands in them: no signature, no
correction, no second opinion on who may decide. ``--no-forms`` leaves the forms out.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd

from batch.core.period import Week
from batch.files import resource

CRITERIA = ["quality", "progress", "conduct"]
BANDS = ((90, "excellent"), (75, "good"), (50, "completed"), (0, "failed"))


def form(path: Path) -> pd.DataFrame | None:
    """A form by its keys: rows from the first column, columns from the first row."""
    try:
        table = pd.read_excel(path, header=None, dtype=object, engine="openpyxl")
    except Exception as err:  # a torn file
        print(f"{path.name}: {err}")
        return None
    table.columns = pd.Index([str(key) for key in table.iloc[0]])
    table.index = pd.Index([str(key) for key in table.iloc[:, 0]])
    return table


def number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else float("nan")


def next_forms(people: pd.DataFrame, units: pd.Series[str], week: str, target: Path) -> None:
    """The master opened once, then for each person filled and saved: nothing is quicker with openpyxl."""
    book = openpyxl.load_workbook(resource("self.xlsx"))
    sheet = book.worksheets[0]
    row_of = {str(key): row for row, (key,) in enumerate(sheet.iter_rows(max_col=1, values_only=True), 1)}
    sheet["B9"] = week
    for staff_id, person in zip(people.index, people.to_dict("records"), strict=True):
        said = {
            "staff_id": staff_id,
            "name": person["name"],
            "position": person["position"],
            "unit": units[person["unit_id"]],
        }
        for key, value in said.items():
            sheet.cell(row_of[f"identity.{key}"], 4, value)
        book.save(target / f"self-{week}-{staff_id}.xlsx")


def main(office: Path, target: Path, count: int, forms: bool) -> None:
    people = pd.read_excel(office / "roster.xlsx", sheet_name="people", skiprows=[1], dtype=str, engine="openpyxl")
    people = people[people["role"] != "commission_leader"].head(count).set_index("staff_id")
    week = next(path for path in (office / "inbox").iterdir() if path.is_dir())
    own, given, decided = {}, {}, {}
    for staff_id in people.index:
        path = week / "self" / f"self-{week.name}-{staff_id}.xlsx"
        table = form(path) if path.exists() else None
        if table is not None:
            column = next(key for key in table.columns if "self" in key.split())
            own[staff_id] = sum(number(table.loc[f"score.{c}", column]) for c in CRITERIA)
    supervisors = sorted({*people["supervisor_id"].dropna()})
    for who in supervisors:
        path = week / "review" / f"review-{week.name}-{who}.xlsx"
        table = form(path) if path.exists() else None
        for key in table.index if table is not None else ():
            if key in people.index and table is not None:
                given[key] = [number(table.loc[key, f"score.{c}"]) for c in CRITERIA]
    for who in sorted({*people.index, *supervisors}):
        path = week / "approval" / f"approval-{week.name}-{who}.xlsx"
        table = form(path) if path.exists() else None
        for key in table.index if table is not None else ():
            if key in people.index and table is not None:
                decided[key] = table.loc[key, "decision"]
    people["self"] = pd.Series(own)
    people[CRITERIA] = pd.DataFrame.from_dict(given, orient="index", columns=CRITERIA)
    people["total"] = people[CRITERIA].sum(axis=1, skipna=False)
    people["band"] = [next((band for low, band in BANDS if total >= low), "") for total in people["total"]]
    people["decision"] = pd.Series(decided, dtype=object)
    target.mkdir(parents=True)
    with pd.ExcelWriter(target / "summary.xlsx", engine="openpyxl") as book:
        people.to_excel(book, sheet_name="people")
        people.groupby("unit_id")["total"].agg(["count", "mean"]).to_excel(book, sheet_name="units")
        people.groupby("band").size().to_frame("people").to_excel(book, sheet_name="bands")
    people.to_csv(target / "results.csv")
    for by in ("supervisor_id", "unit_id"):
        for key, group in people.groupby(by):
            group.to_excel(target / ("-".join((by, str(key))) + ".xlsx"), engine="openpyxl")
    for staff_id, person in zip(people.index, people.to_dict("records"), strict=True):
        pd.Series(person).to_frame().to_excel(target / ("slip-" + str(staff_id) + ".xlsx"), engine="openpyxl")

    if forms:
        units = pd.read_excel(office / "roster.xlsx", sheet_name="units", skiprows=[1], dtype=str, engine="openpyxl")
        next_forms(people, units.set_index("unit_id")["name"], str(Week.parse(week.name).plus(1)), target)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), "--no-forms" not in sys.argv)
