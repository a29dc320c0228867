"""Rules, plans and candidates for the tests of the salary increase, from little texts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

from batch.core.finding import Place, finding
from batch.core.period import Round
from batch.files import resource
from batch.raises.engine import Candidate, Ceiling, Scales
from batch.raises.rules import Plan, Rules, load_round, parse

R1 = Round(2025, 1)
SIMPLE = """
ceiling = "own"
apply = "main"
[[pools]]
id = "all"
title = { en = "All" }
percent = 3
[[rates]]
id = "main"
mode = "fixed"
title = { en = "Fixed" }
steps = [{ min = 90, percent = 3.6 }, { min = 80, percent = 3.1 }, { min = 70, percent = 2.6 }, { min = 60, percent = 2 }]
[[rates]]
id = "linear"
mode = "linear"
title = { en = "Linear" }
steps = [{ min = 90, low = 3.1, high = 4 }, { min = 60, low = 1.5, high = 3 }]
[[rates]]
id = "fit"
mode = "fit"
of = "linear"
title = { en = "Fit" }
"""


def rules() -> Rules:
    """The shipped rules."""
    return parse(Rules, rules_text(), "rules.toml")


def rules_text() -> str:
    """The shipped rules as an office would copy them."""
    return resource("raises", "th-halfyear.toml").read_text(encoding="utf-8")


def plan(text: str = SIMPLE) -> Plan:
    """A plan from its text."""
    return parse(Plan, text, "plan.toml")


def planned(folder: Path, text: str) -> Plan:
    """A plan through its file, checked against the shipped rules."""
    path = folder / "raises" / f"{R1}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return load_round(folder, R1, "th-halfyear")[1]


def scales(of: Plan, ceiling: Ceiling | None = None) -> Scales:
    """What amounts rest on from 1 April 2568."""
    law = rules()
    rows = {row.level: row for row in law.table(dt.date(2025, 4, 1)).rows}
    return Scales(law, rows, ceiling or of.ceiling, {table.id: table for table in of.rates})


def candidate(who: str, level: str, salary: object, score: object, *, barred: bool = False, pool: str = "all") -> Candidate:
    """Somebody; a score below 60 has its reason, as the judge would give it."""
    points = Decimal(str(score))
    reason = finding("raise.low-score", Place(), who, score=points, least=Decimal(60))
    reasons = (reason,) if barred or points < 60 else ()
    return Candidate(who, f"Name {who}", "", "U1", level, "", Decimal(str(salary)), pool, points, reasons)
