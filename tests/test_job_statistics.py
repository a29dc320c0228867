"""Job statistics: the rules one by one, and months computed twice by code that shares nothing but the input."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from batch import tallies
from batch import work as counting
from batch.assess import assess
from batch.catalogue import Catalogue, Product
from batch.core.finding import Place
from batch.core.period import Week
from batch.core.records import Case, Reading, Receipt, State, Statement, Task
from batch.job_statistics import Statistics
from batch.roster import Person, Roster, Span, Unit
from batch.scheme import StatisticsRules
from batch.tallies import together
from batch.validate import Attempt, Judged
from batch.work import Work
from tests.builders import rules_of

W = [Week(2025, n) for n in range(23, 28)]
RULES = StatisticsRules()
EVER, NEVER = dt.date(1900, 1, 1), dt.date.max


def product(code: str, name: str, coefficient: str, group: str = "N1", **more: Any) -> Product:
    dates = {"start": more.pop("start", EVER), "end": more.pop("end", NEVER)}
    aliases = more.pop("aliases", ())
    return Product(code, name, aliases, "", group, Decimal(coefficient), more.pop("version", ""), **dates, place=Place())


CATALOGUE = Catalogue(
    (
        product("BC", "Báo cáo", "1.5", "N3", aliases=("Bản tin",)),
        product("CV", "Công văn", "1", version="v1", end=dt.date(2025, 6, 15)),
        product("CV", "Công văn", "1.25", version="v2", start=dt.date(2025, 6, 16)),
        product("TT", "Tờ trình", "2", version="v1", end=dt.date(2025, 6, 11)),
        product("TT", "Tờ trình", "3", version="v2", start=dt.date(2025, 6, 12)),
    )
)


def day(n: int, month: int = 6) -> dt.date:
    return dt.date(2025, month, n)


def task(text: str = "Soạn báo cáo", made: str = "Báo cáo", quantity: str | None = "2", **more: Any) -> Task:
    """A task finished on its due date, unless ``more`` says otherwise."""
    fields = {"due": day(5), "done": day(5), **more}
    return Task(text, made, None if quantity is None else Decimal(quantity), **fields)


def case(week: Week, *tasks: Task, who: str = "A", state: State = "approved", **more: Any) -> Case:
    receipt = Receipt("", "", 0, "", 0, None)
    report = Statement("self", who, who, week, {}, {}, "", {}, tasks, "", "", {}, receipt)
    fields = {"unit_id": "U1", "position": "Chuyên viên", "role": "civil_servant", "report": report, **more}
    return Case(period=week, staff_id=who, name=f"Tên {who}", state=state, **fields)


def work(*cases: Case, rules: StatisticsRules = RULES, catalogue: Catalogue = CATALOGUE) -> Work:
    by_week: dict[Week, dict[str, Case]] = {}
    for one in cases:
        by_week.setdefault(one.period, {})[one.staff_id] = one
    return Work(by_week, catalogue, rules, lambda week: week.days[4], lambda role: f"[{role}]")


def month(*cases: Case, **more: Any) -> Statistics:
    return work(*cases, **more).of(W)


# --- coefficients and quantities ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("precedence", "made", "own", "converted", "declared", "unstated"),
    [
        (["catalogue", "form"], "Báo cáo", "2", "6.0", "0", 0),  # 4 × 1.5, never 4 × 1.5 × 2
        (["catalogue", "form"], "Bảng kê", "2", "8", "8", 0),
        (["catalogue", "form"], "Bảng kê", None, "0", "0", 1),
        (["catalogue"], "Bảng kê", "2", "0", "0", 1),
        (["form", "catalogue"], "Báo cáo", "2", "8", "8", 0),
        (["form", "catalogue"], "Báo cáo", None, "6.0", "0", 0),
        (["form"], "Báo cáo", None, "0", "0", 1),
        (["form", "catalogue"], "Báo cáo", "0", "0", "0", 0),  # nothing is a coefficient too, not a missing one
    ],
)
def test_one_coefficient_is_applied_once_by_the_schemes_precedence(
    precedence: list[Any], made: str, own: str | None, converted: str, declared: str, unstated: int
) -> None:
    one = task(made=made, quantity="4", complexity=None if own is None else Decimal(own))
    found: Any = month(case(W[0], one), rules=StatisticsRules(coefficient=precedence)).whole
    assert (found.converted, found.declared, found.quantity) == (Decimal(converted), Decimal(declared), 4)
    assert found.unstated == unstated


def test_the_version_in_force_on_the_last_working_day_counts() -> None:
    found: Any = month(case(W[1], task("a", "Công văn", "10")), case(W[2], task("b", "công  VĂN", "10")))
    assert found.whole.converted == Decimal("10") + Decimal("12.5")
    assert [(line.entry.version, line.tally.tasks) for line in found.products if line.entry] == [("v1", 1), ("v2", 1)]


def test_an_alias_stands_for_its_product_and_what_is_unknown_is_listed_not_guessed() -> None:
    tasks = [task("a", "bản tin"), task("b", "Báo cáo nhanh"), task("c", "báo cáo  NHANH"), task("d", "")]
    found: Any = month(case(W[0], *tasks))
    assert [line.name for line in found.products] == ["Báo cáo"]
    assert [(line.name, line.tally.tasks) for line in found.unlisted] == [("Báo cáo nhanh", 2), ("", 1)]
    assert (found.whole.listed, found.group("N3").tasks) == (1, 1)


def test_quantities_are_those_of_finished_tasks_and_a_missing_one_is_not_one() -> None:
    found: Any = month(case(W[0], task("a"), task("b", done=None), task("c", quantity=None))).whole
    assert (found.tasks, found.finished, found.quantity, found.converted, found.unstated) == (3, 2, 2, 3, 1)


def test_large_amounts_are_added_without_rounding() -> None:
    many = "999999999999.123456789012345"
    found: Any = month(case(W[0], *(task(str(n), quantity=many) for n in range(3)))).whole
    assert Fraction(found.converted) == Fraction(many) * 3 * Fraction(3, 2)


# --- in time, key tasks, kinds ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "done", "timing"),
    [
        (day(5), day(5), "on_time"),
        (day(5), day(4), "on_time"),
        (day(5), day(6), "late"),
        (day(8), None, "overdue"),  # the Sunday of week 23
        (day(9), None, ""),  # not due by then
        (None, day(5), ""),
        (None, None, ""),
    ],
)
def test_a_task_is_in_time_late_overdue_or_none_of_it(due: dt.date | None, done: dt.date | None, timing: str) -> None:
    found: Any = month(case(W[0], task(due=due, done=done))).whole
    assert {name: getattr(found, name) for name in ("on_time", "late", "overdue")} == {
        name: int(name == timing) for name in ("on_time", "late", "overdue")
    }


def test_shares_are_exact_and_of_the_right_whole() -> None:
    tasks = [
        task("a", key_task=True, kind="regular"),
        task("b", key_task=True, kind="ad_hoc", done=day(6)),
        task("c", done=None, kind="regular"),
        task("d", due=None),
    ]
    found: Any = month(case(W[0], *tasks)).whole
    assert (found.on_time_share, found.key_share, found.ad_hoc_share) == (Fraction(1, 3), Fraction(1), Fraction(1, 3))


def test_shares_of_nothing_are_nothing() -> None:
    found: Any = month(case(W[0], report=None), case(W[0], who="B")).whole
    assert (found.people, found.person_weeks, found.tasks) == (1, 1, 0)
    assert (found.on_time_share, found.key_share, found.ad_hoc_share, found.per_head) == (None, None, None, 0)
    assert together(()).per_head is None


# --- which weeks, which people ------------------------------------------------------------------------------------


def test_only_approved_weeks_count_unless_the_scheme_counts_every_report() -> None:
    cases = [
        case(W[0], task("a"), who="A"),
        case(W[0], task("b"), who="B", state="reviewed"),
        case(W[0], task("c"), who="C", state="excused"),
        case(W[0], task("d"), who="D", state="returned"),
        case(W[0], who="E", state="missing", report=None),
    ]
    approved, reported = (month(*cases, rules=StatisticsRules(weeks=w)) for w in ("approved", "reported"))
    assert [head.staff_id for head in approved.heads] == ["A"]
    assert [head.staff_id for head in reported.heads] == ["A", "B", "D"]
    assert sum(approved.due.values()) == 4  # all but the excused one


def test_a_transfer_counts_where_each_week_was_served_and_the_person_once() -> None:
    cases = [
        case(W[0], task("a", quantity="2")),
        case(W[1], task("b", quantity="4"), unit_id="U2", position="Trưởng phòng"),
        case(W[1], task("c", quantity="6"), who="B", unit_id="U2"),
    ]
    found: Any = month(*cases)
    assert {g.key: (g.tally.people, g.tally.person_weeks, g.tally.converted) for g in found.units} == {
        "U1": (1, 1, 3),
        "U2": (2, 2, 15),
    }
    assert [(g.name, g.tally.converted) for g in found.positions] == [("Chuyên viên", 12), ("Trưởng phòng", 6)]
    assert [(head.staff_id, head.unit_id, g.tally.converted) for head, g in found.people] == [("A", "U2", 9), ("B", "U2", 9)]
    assert (found.whole.people, found.whole.person_weeks, found.whole.converted) == (2, 3, 18)
    assert found.side_by_side["chuyên viên", "U2"].per_head == 9


def test_a_position_is_one_whichever_way_it_is_written_and_an_empty_one_is_the_role() -> None:
    found: Any = month(case(W[0], who="A"), case(W[0], who="B", position="CHUYÊN  viên"), case(W[0], who="C", position=""))
    assert [(g.name, g.tally.people) for g in found.positions] == [("Chuyên viên", 2), ("[civil_servant]", 1)]


# --- nothing counts twice -----------------------------------------------------------------------------------------


def test_a_task_carried_over_is_one_task_and_its_products_count_once() -> None:
    open_, finished = task(done=None, due=day(13)), task(done=day(12), due=day(13))
    found: Any = month(case(W[0], open_), case(W[1], finished))
    assert (found.whole.tasks, found.whole.finished, found.whole.quantity, found.continued) == (1, 1, 2, {"A": 1})
    first: Any = work(case(W[0], open_), case(W[1], finished)).of(W[:1]).whole
    assert (first.tasks, first.finished, first.quantity) == (1, 0, 0)  # the first week knows nothing of the second


def test_a_finished_task_told_again_counts_in_the_week_that_told_it_first() -> None:
    again = [case(week, task("SOẠN  báo cáo" if n else "Soạn báo cáo")) for n, week in enumerate(W[:3])]
    found: Any = work(*again)
    assert [found.of([week]).whole.quantity for week in W[:3]] == [2, 0, 0]
    assert found.of(W[1:3]).whole.tasks == 0  # also where the first week lies in another month
    assert found.of(W).repeated == {"A": 2}


def test_the_same_words_with_another_date_or_person_are_other_work() -> None:
    cases = [case(W[0], task()), case(W[1], task(due=day(12), done=day(12))), case(W[1], task(), who="B")]
    assert month(*cases).whole.quantity == 6
    undated = [case(week, task(due=None, done=week.start)) for week in W[:2]]
    assert month(*undated).whole.quantity == 4


def test_more_of_the_same_on_the_same_day_counts_as_far_as_it_is_more() -> None:
    found: Any = month(
        case(W[0], task(quantity="5"), task(quantity="7")),
        case(W[1], task(quantity="7"), task(quantity="3"), task(quantity="5")),
    )
    assert (found.whole.tasks, found.whole.quantity) == (3, 15)


def test_a_line_that_stands_twice_in_a_report_counts_once_but_another_quantity_is_another_line() -> None:
    found: Any = month(case(W[0], task(), task(), task(quantity="3")))
    assert (found.whole.tasks, found.whole.quantity, found.doubled) == (2, 5, {"A": 1})


def test_lines_without_task_and_product_are_no_tasks() -> None:
    assert month(case(W[0], Task("", key_task=False, kind="regular"))).whole.tasks == 0


def test_what_concerns_some_people_alone_adds_up_with_the_rest() -> None:
    found: Any = month(case(W[0], task("a"), task("a"), who="A"), case(W[0], task("b", quantity="3"), who="B", unit_id="U2"))
    mine, rest = found.of_people(["A"]), found.of_people(["B", "C"])
    assert {part.staff_id for part in mine.made} == {"A"} and mine.doubled == {"A": 1} and rest.doubled == {}
    assert mine.whole.converted + rest.whole.converted == found.whole.converted
    assert [group.key for group in mine.units] == ["U1"] and dict(mine.due) == {"A": 1}


# --- months and years, computed twice ---------------------------------------------------------------------------------------
# The program goes from submitted forms (with corrections) over assess() to the statistics. The reference below goes from the
# raw facts, in a plain and slow way: it uses no roster, assessment, catalogue or statistics code.

PEOPLE = ("P1", "P2", "P3")
SPAN = tuple(Week(2025, n) for n in range(20, 28))
TEXTS, MADE = ("Soạn", "Rà soát"), ("Báo cáo", "BẢN TIN", "Công văn", "Tờ trình", "Bảng kê", "")
SWITCH, THURSDAY = dt.date(2025, 6, 16), dt.date(2025, 6, 12)


@dataclass
class Facts:
    """Some weeks as they happened."""

    span: Sequence[Week] = SPAN
    off: set[dt.date] = field(default_factory=set)  # holidays
    leave: list[tuple[str, dt.date, dt.date]] = field(default_factory=list)
    moves: dict[str, dt.date] = field(default_factory=dict)  # who becomes head of division in U2, on which day
    reports: dict[tuple[str, Week], list[list[Task]]] = field(default_factory=dict)  # each corrects the one before
    approved: set[tuple[str, Week]] = field(default_factory=set)


def happened(seed: int, span: Sequence[Week] = SPAN) -> Facts:
    chance, facts = Random(seed), Facts(span)
    first, last = span[0].start, span[-1].end
    rest = chance.choice(span).start  # a week without a working day, and a holiday here and there
    if len(span) > len(SPAN):  # and one that ends the day before a product's new version
        facts.off = {rest + dt.timedelta(n) for n in range(7)} | {THURSDAY, THURSDAY + dt.timedelta(1)}
    facts.off |= {day for week in span for day in week.days if chance.random() < 0.06}

    def some_day(week: Week, spread: int = 10) -> dt.date:
        return week.start + dt.timedelta(chance.randint(-3, spread))

    for who in PEOPLE:
        if chance.random() < 0.5:
            facts.moves[who] = first + dt.timedelta(chance.randrange((last - first).days))
        for _ in range(1 + len(span) // 20):
            start = first + dt.timedelta(chance.randrange((last - first).days))
            facts.leave.append((who, start, start + dt.timedelta(chance.randrange(12))))
        before: list[Task] = []
        for week in span:
            if chance.random() < 0.1:
                continue
            versions = []
            for _ in range(chance.choice((1, 1, 1, 2, 3))):
                tasks = []
                for _ in range(chance.randrange(6)):
                    if before and chance.random() < 0.45:  # carried over, told again, or copied with a change
                        old = chance.choice(before)
                        new: dict[str, Any] = {"quantity": Decimal(chance.randrange(4))} if chance.random() < 0.3 else {}
                        tasks.append(replace(old, done=old.done or chance.choice((None, some_day(week))), **new))
                        continue
                    tasks.append(
                        Task(
                            chance.choice(TEXTS),
                            chance.choice(MADE),
                            chance.choice((None, Decimal(1), Decimal(3), Decimal("0.5"))),
                            chance.choice((None, Decimal("1.2"), Decimal(2))),
                            chance.choice((None, True, False)),
                            chance.choice((None, some_day(week))),
                            chance.choice((None, some_day(week, 5))),
                            kind=chance.choice(("", "regular", "ad_hoc")),
                        )
                    )
                versions.append(tasks)
            facts.reports[who, week] = versions
            before = [*before, *versions[-1]][-8:]
            if chance.random() < 0.8:
                facts.approved.add((who, week))
    return facts


# the plain, slow way ...


def working(facts: Facts, week: Week) -> list[dt.date]:
    return [day for n in range(5) if (day := week.start + dt.timedelta(n)) not in facts.off]


def away(facts: Facts, who: str, week: Week) -> bool:
    """On leave on every working day, or there is none."""
    return all(any(w == who and a <= d <= b for w, a, b in facts.leave) for d in working(facts, week))


def place_of(facts: Facts, who: str, week: Week) -> tuple[str, str]:
    moved = who in facts.moves and working(facts, week)[-1] >= facts.moves[who]
    return ("U2", "Trưởng phòng") if moved else ("U1", "Chuyên viên")


def worth(one: Task, last: dt.date) -> Fraction | None:
    known = {"báo cáo": "1.5", "bản tin": "1.5", "công văn": "1" if last < SWITCH else "1.25"}
    known["tờ trình"] = "2" if last < THURSDAY else "3"
    coefficient = known.get(one.product.lower()) or one.complexity
    return None if coefficient is None else Fraction(coefficient)


def about(one: Task) -> tuple[object, ...]:
    return one.task.lower(), one.product.lower(), one.due


def lines_of(facts: Facts, who: str, week: Week) -> list[Task]:
    """What the week's last version says, if the week counts; each line once."""
    if (who, week) not in facts.approved or away(facts, who, week) or (who, week) not in facts.reports:
        return []
    lines: list[Task] = []
    for one in facts.reports[who, week][-1]:
        if one not in lines:
            lines.append(one)
    return lines


def fresh(facts: Facts, who: str, week: Week, seen: dict[tuple[str, Week], list[Task]]) -> list[Task]:
    """Of the finished lines of a week, those that no earlier week told."""
    if (who, week) in seen:
        return seen[who, week]
    left = [one for one in lines_of(facts, who, week) if one.done]
    told = [one for earlier in facts.span if earlier < week for one in fresh(facts, who, earlier, seen)]
    for exactly in (True, False):  # first those that say the same quantity, then any
        for old in list(told):
            for one in list(left):
                same = about(one) == about(old) and one.done == old.done
                if same and (one.quantity == old.quantity or not exactly):
                    left.remove(one)
                    told.remove(old)
                    break
    seen[who, week] = left
    return left


def expect(facts: Facts, weeks: Sequence[Week]) -> dict[tuple[str, str, str], dict[str, object]]:
    """By person, unit and position."""
    expected: dict[tuple[str, str, str], dict[str, object]] = {}
    seen: dict[tuple[str, Week], list[Task]] = {}
    for who in PEOPLE:
        for week in weeks:
            if (who, week) not in facts.approved or away(facts, who, week) or (who, week) not in facts.reports:
                continue
            mine = fresh(facts, who, week, seen)
            for one in lines_of(facts, who, week):
                later = [x for w in weeks if w > week for x in lines_of_spoken(facts, who, w, seen)]
                if one.done is None and about(one) not in map(about, later):
                    mine = [*mine, one]
            mine = [one for one in mine if one.task or one.product]
            sums = expected.setdefault((who, *place_of(facts, who, week)), dict.fromkeys(FIGURES, Fraction(0)))
            for name, figure in FIGURES.items():
                sums[name] = sums[name] + sum((Fraction(figure(one, working(facts, week)[-1])) for one in mine), Fraction(0))  # type: ignore[operator]
            sums["person_weeks"] = sums.get("person_weeks", 0) + 1  # type: ignore[operator]
    return expected


def lines_of_spoken(facts: Facts, who: str, week: Week, seen: dict[tuple[str, Week], list[Task]]) -> list[Task]:
    """What a week says that counts in it: its unfinished lines, and its finished ones that are new."""
    return [*(x for x in lines_of(facts, who, week) if not x.done), *fresh(facts, who, week, seen)]


FIGURES: Mapping[str, Any] = {
    "tasks": lambda one, last: 1,
    "finished": lambda one, last: bool(one.done),
    "on_time": lambda one, last: bool(one.done and one.due and one.done <= one.due),
    "late": lambda one, last: bool(one.done and one.due and one.done > one.due),
    "overdue": lambda one, last: bool(not one.done and one.due and one.due <= Week.of(last).end),
    "key_tasks": lambda one, last: one.key_task is True,
    "regular": lambda one, last: one.kind == "regular",
    "ad_hoc": lambda one, last: one.kind == "ad_hoc",
    "listed": lambda one, last: one.product.lower() in ("báo cáo", "bản tin", "công văn", "tờ trình"),
    "quantity": lambda one, last: (one.done and one.quantity) or 0,
    "converted": lambda one, last: (one.done and one.quantity and Fraction(one.quantity) * (worth(one, last) or 0)) or 0,
    "unstated": lambda one, last: bool(one.done and (one.quantity is None or worth(one, last) is None)),
}


# ... and the program's


def roster_of(facts: Facts) -> Roster:
    start = dt.date(2020, 1, 1)
    spells = [Person(who, who, "commission_leader", "", "U1", "R", "", start, None, Place()) for who in ("R", "H")]
    for who in PEOPLE:
        person = Person(who, who, "civil_servant", "Chuyên viên", "U1", "R", "", start, None, Place())
        if who in facts.moves:
            spells.append(replace(person, end=facts.moves[who] - dt.timedelta(days=1)))
            person = replace(person, unit_id="U2", position="Trưởng phòng", start=facts.moves[who])
        spells.append(person)
    units = tuple(Unit(u, u, "department", "", "H", "", start, None, Place()) for u in ("U1", "U2"))
    calendar = dict.fromkeys(facts.off, ("holiday", ""))
    return Roster(tuple(spells), units, (), tuple(Span(who, a, b, "leave") for who, a, b in facts.leave), calendar)


def said(stage: str, who: str, author: str, week: Week, run: int, **more: Any) -> Judged:
    content = f"{stage}{who}{week}{run}"
    receipt = Receipt(content, f"{stage}.xlsx", 1, "", run, Reading({"token": "signed"}, "", (), {}, content))
    scores = dict.fromkeys(("quality", "progress", "conduct"), Decimal(18))
    fields = {"decision": "", "texts": {}, "tasks": (), "seen": "", "says": content, "places": {}, **more}
    statement = Statement(stage, who, author, week, scores, {}, receipt=receipt, **fields)
    return Judged(receipt, week, (Attempt(stage, who, author, week, receipt, statement),))


def judged_of(facts: Facts, week: Week) -> list[Judged]:
    found = []
    for (who, then), versions in facts.reports.items():
        if then == week:
            found += [said("self", who, who, week, run, tasks=tuple(tasks)) for run, tasks in enumerate(versions, 1)]
    for who, then in sorted(facts.approved, key=str):
        if then == week:
            found += [
                said("review", who, "R", week, 1, says="r"),
                said("approval", who, "H", week, 2, decision="approve", seen="r"),
            ]
    return found


def rows_of(found: Any) -> tuple[Any, ...]:
    return found.whole, found.units, found.positions, found.people, found.products, found.unlisted, found.continued


def agree(seeds: Sequence[int], span: Sequence[Week]) -> None:
    """The program and the plain reckoning, over a week, some weeks and all of them."""
    for seed in seeds:
        facts = happened(seed, span)
        rules = rules_of(roster_of(facts))
        cases = {week: assess(week, judged_of(facts, week), rules).cases for week in span}
        everything = Work(cases, CATALOGUE, RULES, rules.roster.reference_day, str)
        for weeks in ([span[3]], span[2:6], span):
            found = everything.of(weeks)
            wanted = expect(facts, weeks)
            by: dict[tuple[str, str, str], list[Any]] = {}
            for head in found.heads:
                by.setdefault((head.staff_id, head.unit_id, head.position), [[], []])[1].append(head)
            for part in found.served:
                by[part.staff_id, part.unit_id, part.position][0].append(part.sums)
            got = {
                key: {name: Fraction(getattr(together(*parts), name)) for name in (*FIGURES, "person_weeks")}
                for key, parts in by.items()
            }
            assert got == wanted, (seed, weeks)
            for groups in (found.units, found.positions, [group for _, group in found.people]):
                for name in (*FIGURES, "person_weeks"):  # no table loses or doubles anything
                    assert sum(getattr(group.tally, name) for group in groups) == getattr(found.whole, name), (seed, name)
        backwards = Work(cases, CATALOGUE, RULES, rules.roster.reference_day, str)
        for weeks in (span, span[2:6], [span[3]], span[4:]):  # whatever was asked for before
            assert rows_of(backwards.of(weeks)) == rows_of(everything.of(weeks)), (seed, weeks)
        parts = [everything.of([week]).whole for week in span]
        for name in ("finished", "on_time", "late", "quantity", "converted"):  # weeks add up to the term
            assert sum(getattr(part, name) for part in parts) == getattr(everything.of(span).whole, name), (seed, name)


def test_generated_months_agree_with_the_plain_reckoning() -> None:
    agree(range(60), SPAN)


def test_generated_years_agree_with_the_plain_reckoning() -> None:
    """With holidays, leave, transfers, corrections, and a new version of a product in the middle."""
    agree(range(3), [Week(2025, 1).plus(n) for n in range(52)])


@pytest.mark.parametrize("fault", ["repeats", "coefficient"])
def test_the_reference_can_tell_a_wrong_program(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """The comparison above is worth something: it fails if repeats count, or the coefficient is applied twice."""
    if fault == "repeats":
        monkeypatch.setattr(counting, "_beyond", lambda items, before: list(items))
    else:
        adds = tallies.adds
        twice = lambda *args: (sums := adds(*args))._replace(converted=sums.converted * 2)  # noqa: E731
        monkeypatch.setattr(counting, "adds", twice)
    with pytest.raises(AssertionError):
        test_generated_months_agree_with_the_plain_reckoning()
