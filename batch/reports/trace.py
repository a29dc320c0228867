"""How one person's result came about, act by act, and the weeks before: on slips and wherever one goes down to a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, overload

from batch.core.number import most_places, plain
from batch.core.records import Case, Statement
from batch.forms.layout import AGREE
from batch.reports.view import padded
from batch.scheme import Scheme
from batch.scope import Past

if TYPE_CHECKING:
    from batch.i18n import Speaker

_DECISIONS = {"approve": "Approved", "adjust": "Adjusted by the approver", "return": "Returned"}


@dataclass(frozen=True)
class Step:
    """One line of the trace: which act, by whom, when received, with which scores, and what was said.

    ``cells``: name and number of each criterion, in the order of the scheme. All numbers of a trace have as many decimals
    as the one that needs most.
    """

    title: str
    who: str
    when: str
    scores: Mapping[str, Decimal]
    total: Decimal | None
    words: str
    cells: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Panel:
    """A person on a page one can go down to: the case, its acts, the weeks before (newest first), the total as a sum.

    The sum shows the scores as they were given.
    """

    case: Case
    steps: Sequence[Step]
    past: Sequence[Past]
    sum: str

    def total_of(self, then: Past, say: Speaker) -> str:
        """The total of a week before, with as many decimals as those beside it."""
        return say.number(padded(then.total, most_places(one.total for one in self.past)))


class _Panels(Sequence[Panel]):
    """The panels of some people, each made when it is asked for: of everybody they are many, and shown once."""

    def __init__(self, cases: Sequence[Case], make: Callable[[Case], Panel]) -> None:
        self._cases, self._make = cases, make

    def __len__(self) -> int:
        return len(self._cases)

    @overload
    def __getitem__(self, at: int) -> Panel: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Panel]: ...

    def __getitem__(self, at: int | slice) -> Panel | Sequence[Panel]:
        return _Panels(self._cases[at], self._make) if isinstance(at, slice) else self._make(self._cases[at])


@dataclass(frozen=True)
class Group:
    """The people of one unit, to go down to."""

    unit_id: str
    name: str
    panels: Sequence[Panel]


class Tracer:
    """Writes traces under one scheme in one language."""

    def __init__(self, scheme: Scheme, say: Speaker) -> None:
        self._scheme = scheme
        self.say = say
        self._criteria = [(criterion.id, criterion.name(say.lang)) for criterion in scheme.criteria]
        self._titles = [stage.name(say.lang) for stage in scheme.stages]
        self._numbers: dict[tuple[Decimal | None, int], str] = {}  # a plain one: workers of a cluster get a tracer sent

    def panel(self, case: Case, past: Sequence[Past], name: Callable[[str], str]) -> Panel:
        """``name`` gives the names that may be said on the page, and '' for anybody else."""
        decimals = most_places(then.total for then in past)
        before = [replace(then, total=padded(then.total, decimals)) for then in past]
        return Panel(case, () if case.state == "excused" else self.steps(case, name), before, self.sum(case))

    def groups(
        self,
        cases: Iterable[Case],
        unit_name: Callable[[str], str],
        past: Callable[[str], Sequence[Past]],
        name: Callable[[str], str],
    ) -> list[Group]:
        """The people by unit, both in the order given. ``past``: a staff code's weeks before; ``name``: as for a panel."""

        def panel(case: Case) -> Panel:
            return self.panel(case, past(case.staff_id), name)

        by_unit: dict[str, list[Case]] = {}
        for case in cases:
            by_unit.setdefault(case.unit_id, []).append(case)
        return [Group(unit_id, unit_name(unit_id), _Panels(some, panel)) for unit_id, some in by_unit.items()]

    def _number(self, value: Decimal | None, decimals: int) -> str:
        """A score as text; few differ."""
        said = self._numbers.get((value, decimals))
        if said is None:
            said = self._numbers[value, decimals] = self.say.number(padded(value, decimals))
        return said

    def steps(self, case: Case, name: Callable[[str], str]) -> list[Step]:
        """The three acts; an act that hasn't come shows who it is expected of."""
        say = self.say
        first, second, third = self._titles
        nobody = say("Nobody holds this post")
        report, review, approval = case.report, case.review, case.approval
        given = [case.scores, *(said.scores for said in (report, review, approval) if said)]
        fine = most_places(score for scores in given for score in scores.values())
        steps = [
            self._step(first, case.name, report, "" if report else say("No valid form has come."), fine),
            self._step(
                second,
                name(case.reviewer_id) or nobody,
                review,
                self._remarks(review) if review else say("Not scored yet"),
                fine,
            ),
        ]
        who = name(case.approver_id) or nobody
        if approval is None and review and case.one_sheet:
            words, when = say("Approved with the review, on one sheet"), say.moment(review.receipt.received)
            return [*steps, self._shown(third, who, when, case.scores, case.total, words, fine)]
        if approval is None:
            return [*steps, self._step(third, who, None, say("Not decided yet"), fine)]
        words = "\n".join(part for part in (say(_DECISIONS[approval.decision]), approval.texts.get("reason", "")) if part)
        scores = case.scores if case.state == "approved" else {}
        when = say.moment(approval.receipt.received)
        return [*steps, self._shown(third, who, when, scores, case.total if scores else None, words, fine)]

    def sum(self, case: Case) -> str:
        """'30,4 + 39,8 + 19,8 = 90', as a total is an exact sum and nothing else."""
        if case.total is None:
            return ""
        number = self.say.number
        return f"{' + '.join(number(case.scores[c.id]) for c in self._scheme.criteria)} = {number(case.total)}"

    def _step(self, title: str, who: str, said: Statement | None, words: str, fine: int) -> Step:
        if said is None:
            return self._shown(title, who, "", {}, None, words, fine)
        total = plain(sum(said.scores.values(), Decimal(0))) if said.scores else None
        return self._shown(title, who, self.say.moment(said.receipt.received), said.scores, total, words, fine)

    def _shown(
        self, title: str, who: str, when: str, scores: Mapping[str, Decimal], total: Decimal | None, words: str, fine: int
    ) -> Step:
        cells = [(name, self._number(scores.get(one), fine)) for one, name in self._criteria]
        return Step(title, who, when, scores, padded(total, fine), words, cells)

    def _remarks(self, review: Statement) -> str:
        flags = [flag.name(self.say.lang) for flag in self._scheme.answered_flags if review.flags.get(flag.id)]
        agreed = [self.say("Agrees with the self-assessment")] if review.texts.get(AGREE) else []
        return "\n".join(part for part in (*agreed, *flags, review.texts.get("comment", "")) if part)
