"""The lines that forms about agreed items show: indicators to fill in or to assess, competencies with what is expected."""

from __future__ import annotations

from typing import Any

from batch.agreed import kpis, rated, rules_of
from batch.components import Kpi, ability_of
from batch.core.records import Statement
from batch.forms.layout import ABILITY, KPI, LEVEL, NOTE
from batch.i18n import Speaker
from batch.scheme import Scheme, Stage

_SPARE, _LEAST_LINES = 2, 6  # empty lines of an agreement beyond those filled in; how many lines there are at least


def item_lines(
    scheme: Scheme,
    stage: Stage,
    agreement: Statement[Any] | None,
    own: Statement[Any] | None,
    say: Speaker,
    notes: Statement[Any] | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """Lines by table: ``kpi`` and ``ability``. An agreement has spare lines; an appraisal shows the agreed ones only.

    ``own``: the person's own appraisal, whose levels a superior sees beside the cells to fill in; ``notes``: those so far,
    for a form of notes (table ``note``).
    """
    kpi, competency = rules_of(scheme)
    agreeing = stage.kind == "agreement"
    own_items = {item.key: item for item in own.items} if own is not None and stage.by != "subject" else {}
    tables: dict[str, list[dict[str, Any]]] = {}
    if stage.kind == "notes":
        written = list(notes.items) if notes else []
        tables["note"] = [
            {"key": f"{NOTE}.{n}", **({name: one.text(name) for name in ("date", "note", "help")} if one else {})}
            for n, one in enumerate([*written, *[None] * max(_SPARE, _LEAST_LINES - len(written))], 1)
        ]
    if kpi is not None:
        agreed = kpis(agreement) if agreement else [] if agreeing else [Kpi("", "")]  # the masters are tried out on nobody
        lines = max(_LEAST_LINES, len(agreed) + _SPARE)
        spare = [Kpi("", "")] * (min(lines, kpi.most) - len(agreed)) if agreeing else []
        tables["kpi"] = [
            {
                "key": f"{KPI}.{n}" if agreeing else one.key,
                "title": one.title,
                "goal": one.goal,
                "unit": one.unit,
                "target": {str(level): text for level, text in enumerate(one.targets, 1)},
                "targets": "\n".join(f"{level} = {text}" for level, text in enumerate(one.targets, 1)),
                "weight": one.weight or None,
                "own": own_items[one.key].number(LEVEL) if one.key in own_items else None,
                "own_result": own_items[one.key].text("result") if one.key in own_items else "",
            }
            for n, one in enumerate([*agreed, *spare], 1)
        ]
    if competency is not None:
        found = rated(competency, agreement)
        typed = {item.key: item.number("expected") for item in agreement.items} if agreement else {}
        tables["ability"] = [
            {
                "key": f"{ABILITY}.{one.key}",
                "title": ability_of(competency, one.key).name(say.lang),
                "expected": one.expected,
                "standard": ability_of(competency, one.key).expected,
                "agreed": typed.get(f"{ABILITY}.{one.key}"),
                "weight": ability_of(competency, one.key).weight,
                "own": own_items[k].number(LEVEL) if (k := f"{ABILITY}.{one.key}") in own_items else None,
            }
            for one in found
        ]
    return tables
