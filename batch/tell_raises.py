"""What the salary increase says on the terminal, line by line, and as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from batch.reports.raise_papers import verdicts
from batch.reports.raises import spent, table_text

if TYPE_CHECKING:
    from batch.i18n import Speaker
    from batch.raise_round import Done


def raised(done: Done, say: Speaker) -> Iterator[str]:
    """The round that was decided: people, money by pool, what needs looking at, where the papers are."""
    view = done.view
    yield say.round_name(view.period)
    yield "  " + say(
        "raised {raised}, not raised {not_raised}, undecided {undecided}; at the ceiling {ceiling}",
        raised=str(len(view.raised) + len(view.retirees)),
        not_raised=str(len(view.not_raised)),
        undecided=str(len(view.unclear)),
        ceiling=str(len(view.at_ceiling)),
    )
    for use in done.outcomes[0].pools:
        yield "  " + say(
            "{pool}: {spent} of {available} baht spent, {left} left",
            pool=use.pool.name(say.lang),
            spent=say.money(use.spent),
            available=say.money(use.available),
            left=say.money(use.left),
        )
    counts = Counter(say.severity(f) for f in view.findings)
    news = say("{count} files changed", count=len(done.changed)) if done.changed else say("nothing changed")
    yield (
        "  " + say("errors {errors}, warnings {warnings}", errors=counts["error"], warnings=counts["warning"]) + f"; {news}"
    )
    yield from (f"  {say.message(f)} {say.remedy(f)}" for f in view.findings if say.severity(f) == "error")
    yield say("Open the summary: {path}", path=done.folder / "raises.html")


def compared(done: Done, say: Speaker) -> Iterator[str]:
    """Every rate table: cost by pool, and what forbids it."""
    for outcome in done.outcomes:
        yield f"{outcome.table.name(say.lang)}: {say.money(outcome.spent)}"
        for use in outcome.pools:
            left = say("{left} left", left=say.money(use.left))
            said = "; ".join((left, *verdicts(outcome, use.pool.name(say.lang), say)))
            yield f"  {use.pool.name(say.lang)} ({table_text(use.table, use.multiplier, say)}): {said}"
    yield say("Open the comparison: {path}", path=done.folder / "what-if.html")


def as_data(done: Done) -> dict[str, Any]:
    """The same for other programs; amounts as text, exact."""
    view = done.view
    return {
        "period": str(view.period),
        "folder": str(done.folder),
        "changed": list(done.changed),
        "findings": [{"code": f.code, "staff_id": f.staff_id} for f in view.findings],
        "tables": [
            {
                "table": outcome.table.id,
                "people": len(outcome.awards),
                "raised": sum(a.raised for a in outcome.awards),
                "spent": str(spent(outcome.awards)),
                "problems": [p.code for p in outcome.problems],
                "pools": [
                    {
                        "pool": use.pool.id,
                        "table": use.table.id,
                        "salaries": str(use.salaries),
                        "available": str(use.available),
                        "spent": str(use.spent),
                        "left": str(use.left),
                        "multiplier": None if use.multiplier is None else str(use.multiplier),
                        "nearest": None if use.nearest is None else str(use.nearest),
                    }
                    for use in outcome.pools
                ],
            }
            for outcome in done.outcomes
        ],
    }
