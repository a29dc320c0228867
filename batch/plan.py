"""What an outbox is to hold: what belongs to its period, and whether anything there has to be made anew.

The same for a week and for a round; which files there are, and what else they depend on, a :class:`Filling` knows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, Protocol

from batch import __version__
from batch.assess import Assessment
from batch.core.finding import Finding
from batch.core.made import Digester
from batch.core.period import Evaluated, P
from batch.core.records import Case, Readings, Receipt, Statement
from batch.desk import Setup
from batch.due import due_forms, path_of, still_asked_for
from batch.files import sha256
from batch.inbox import Arrival
from batch.outbox import Box, Maker
from batch.validate import Judged


@dataclass(frozen=True)
class Plan:
    """What a run makes of one week or round: how each file is made (none, if it is as it was), and the manifest's facts."""

    box: Box
    week: Evaluated
    cases: tuple[Case[Any], ...]
    findings: tuple[Finding, ...]
    files: Mapping[str, Maker]
    manifest: Mapping[str, Any]
    basis: str
    made_from: Mapping[str, str] = field(default_factory=dict)  # digests of what files are made from, where it is known


@dataclass(frozen=True)
class Belonging(Generic[P]):
    """Everything that belongs to one period. ``mine``: its files; ``inputs``: what became of each, for the manifest."""

    setup: Setup
    box: Box
    period: P
    now: str
    judged: Sequence[Judged[Any]]
    assessed: Mapping[Any, Assessment[Any]]
    mine: Sequence[Judged[Any]]
    cases: tuple[Case[P], ...]
    findings: tuple[Finding, ...]
    inputs: Sequence[Mapping[str, Any]]

    @property
    def assessment(self) -> Assessment[P]:
        """The period as it is decided."""
        found: Assessment[P] = self.assessed[self.period]
        return found

    @cached_property
    def digester(self) -> Digester:
        """What tells of a file of the period whether it has to be made again."""
        return Digester(_common(self))

    @property
    def as_of(self) -> str:
        """When the newest file of the period came, '' if none has."""
        return max((one.receipt.received for one in self.mine), default="")


class Filling(Protocol[P]):
    """What an outbox of one kind of period holds."""

    def facts(self, found: Belonging[P]) -> list[Any]:
        """What the files depend on beside what every period's do, as plain data."""

    def first(self, found: Belonging[P]) -> Mapping[str, Maker]:
        """Of the files, those that take long to be made and don't wait for the rest to be planned."""

    def files(self, found: Belonging[P], forms: Mapping[str, Maker]) -> dict[str, Maker]:
        """How each file is made, by name; ``forms``: those of them that are to be filled in."""


def plan_for(
    filling: Filling[P],
    setup: Setup,
    box: Box,
    period: P,
    judged: Sequence[Judged[Any]],
    assessed: Mapping[Any, Assessment[Any]],
    arrivals: Sequence[Arrival],
    readings: Readings,
    now: str,
    ahead: Mapping[str, Maker],
    begin: Callable[[Mapping[str, Maker]], None],
) -> Plan:
    """What the period is to hold by everything that has come; ``files`` is empty if it holds that already.

    ``ahead``: how the forms are made that are handed out in advance. ``begin`` gets those of the files that may be begun
    before the others are planned.
    """
    found = _belonging(setup, box, period, judged, assessed, arrivals, now)
    assessment = found.assessment
    basis = _basis(found, [filling.facts(found), [*ahead]])
    if box.is_current(basis):
        return Plan(box, period, found.cases, found.findings, {}, {}, basis)
    begin(filling.first(found))
    extra = still_asked_for(setup, period, judged, assessed, box.listing.asked_for, now)
    due = due_forms(setup, period, judged, assessed, readings, now)
    forms = {**{path_of(form): form.make for form in due}, **ahead, **{path_of(form): form.make for form in extra}}
    evidence = [{"name": name, "sha256": digest} for name, digest in sorted(assessment.evidence.items())]
    manifest = {
        "program": f"appraise {__version__}",
        "period": str(period),
        "scheme": assessment.scheme.id,
        "scheme_hash": assessment.scheme.hash,
        "closed": assessment.closed_at,
        "roster_sha256": setup.roster_hash,
        "basis": basis,
        "inputs": found.inputs,
        **({"evidence": evidence} if evidence else {}),
        **({"ahead": len(ahead)} if ahead else {}),
        "issued": {path_of(form): list(form.corrects) for form in extra},
    }
    files, digester = filling.files(found, forms), found.digester
    made_from = {name: digest for name, make in files.items() if (digest := digester.of(make))}
    return Plan(box, period, found.cases, found.findings, files, manifest, basis, made_from)


def _belonging(
    setup: Setup,
    box: Box,
    period: P,
    judged: Sequence[Judged[Any]],
    assessed: Mapping[Any, Assessment[Any]],
    arrivals: Sequence[Arrival],
    now: str,
) -> Belonging[P]:
    assessment: Assessment[P] = assessed[period]
    present = {arrival.sha256 for arrival in arrivals}
    # What says nothing about anybody (unreadable, refused) is reported while it lies in the inbox; a form stays on record.
    mine = [j for j in judged if j.period in (period, None) and (j.attempts or j.receipt.sha256 in present)]
    loose = [f for j in mine if not j.attempts for f in j.findings]
    known = {j.receipt.sha256 for j in mine}
    return Belonging(
        setup=setup,
        box=box,
        period=period,
        now=now,
        judged=judged,
        assessed=assessed,
        mine=mine,
        cases=tuple(assessment.cases.values()),
        findings=tuple(sorted({*assessment.findings, *loose, *setup.own_findings}, key=Finding.sort_key)),
        inputs=_inputs_of(mine, assessment, [a for a in arrivals if a.sha256 in known]),
    )


def _common(found: Belonging[Any]) -> str:
    """A digest of what the forms and pages of everybody are made from alike."""
    assessment, scheme = found.assessment, found.assessment.scheme.model_dump(mode="json")
    facts = [*found.setup.facts, scheme, assessment.closed_at, sorted(assessment.evidence.items()), str(found.period)]
    return sha256(json.dumps(facts, ensure_ascii=False).encode())


def _basis(found: Belonging[Any], more: Sequence[Any]) -> str:
    """A digest of everything the period's outputs depend on: if it has not changed, there is nothing to render."""
    assessment = found.assessment
    facts = [
        *(*found.setup.facts, assessment.scheme.model_dump(mode="json"), assessment.closed_at),
        *(list(found.inputs), sorted(assessment.evidence.items())),
        [[f.code, str(f.place), f.staff_id, repr(f.params)] for f in found.findings],
        *more,
    ]
    return sha256(json.dumps(facts, ensure_ascii=False).encode())


def said_of(act: Statement[Any] | None) -> list[str]:
    """What a page may show of a statement: what it says, and where and when it came."""
    return [act.says, act.receipt.sha256, act.receipt.name, act.receipt.received] if act else []


def _inputs_of(
    mine: Sequence[Judged[Any]], assessment: Assessment[Any], arrivals: Sequence[Arrival]
) -> list[dict[str, Any]]:
    """Every file of the period and what became of it, by name; a second copy in the inbox is named too."""
    entries = []
    for one in mine:
        receipt = one.receipt
        entries.append((receipt.name, receipt, _fate(one, assessment)))
    first = {receipt.sha256: receipt for _, receipt, _ in entries}
    for arrival in arrivals:
        receipt_of = first.get(arrival.sha256)
        if receipt_of is not None and arrival.name != receipt_of.name:
            entries.append((arrival.name, receipt_of, "identical-copy"))
    return [
        {"name": name, "sha256": r.sha256, "size": r.size, "received": r.received, "fate": fate}
        for name, r, fate in sorted(entries, key=lambda entry: (entry[0], entry[1].sha256))
    ]


def _fate(one: Judged[Any], assessment: Assessment[Any]) -> str:
    """counted, replaced, conflict, returned (faulty), no-effect, identical-copy, refused or unreadable."""
    receipt: Receipt = one.receipt
    if receipt.reading is None:
        return "unreadable"
    if not one.attempts:
        return "refused" if one.findings else "empty"
    if fate := assessment.fates.of(receipt.sha256):
        return fate
    return "returned" if any(attempt.statement is None for attempt in one.attempts) else "no-effect"
