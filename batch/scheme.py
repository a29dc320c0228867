"""A scheme: the rules of one evaluation regime as a versioned data file, validated on loading.

Shipped schemes stand in ``templates/schemes``; an office may name its own copy. Decisions carry :attr:`Scheme.hash`, so
that a result can always be traced to the exact rules under which it was made.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import tomllib
from collections.abc import Collection
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from batch.core.finding import Place, Titles, UserError
from batch.core.number import plain
from batch.core.period import Kind, PeriodKind, WeeksBy
from batch.files import resource

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=40)]
Points = Annotated[Decimal, AfterValidator(plain)]  # 90.0 is 90, also for the hash
Title = dict[Literal["vi", "th", "en"], str]


# Rules that joined after schemes were in use, and what held before: a file without them says what it always said.
_LATER_RULES: dict[str, Any] = {
    "reviewer_is_approver": "two_steps",
    "groups": [],
    "max_for": {},
    "kpi": None,
    "competency": None,
    "act": None,
    "answers": [],
    "optional": False,
    "instead_of": None,
    "verdicts": ["approve", "adjust", "return"],
}


Bounds = tuple[tuple[int, int], ...]  # exact numbers, above and below the line, greatest first


@lru_cache(1 << 13)  # totals and means are many, and few differ
def place_of(above: int, below: int, bounds: Bounds) -> int:
    """Which is the first of these bounds that ``above`` / ``below`` reaches, counted from 0."""
    return next(at for at, (least, of) in enumerate(bounds) if above * of >= least * below)


class Model(BaseModel):
    """Part of a rules file: unknown keys are refused, nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Titled(Model):
    """A part with an id, and a title in each language."""

    id: Id
    title: Title

    @property
    def titles(self) -> Titles:
        """The title in every language, as a finding carries it."""
        return Titles(sorted(self.title.items()))

    def name(self, lang: str) -> str:
        """The title in ``lang``, else in English, else the id."""
        return self.title.get(lang) or self.title.get("en") or self.id  # type: ignore[call-overload]


class KpiRules(Model):
    """Weighted indicators, each at a level from 1 to ``levels``; the weights of one person sum to ``weights``.

    [law] Office of the Civil Service Commission's practice: Σ(level × weight) / (levels × Σweight) × the criterion's points.
    """

    levels: int = Field(default=5, ge=2, le=10)
    decimals: int = Field(default=2, ge=0, le=2)  # of a level that somebody reached between two targets
    weights: Points = Field(default=Decimal(100), gt=0)
    least: int = Field(default=1, ge=1, le=20)
    most: int = Field(default=10, ge=1, le=20)


class Ability(Titled):
    """A competency that everybody is rated in. ``weight`` counts on the scale 'rating' only."""

    expected: Points = Field(default=Decimal(3), gt=0)
    weight: Points = Field(default=Decimal(1), gt=0)


class Near(Model):
    """On the scale 'gap': a rating at most ``below`` the expected one earns ``points``."""

    below: Points = Field(ge=0)
    points: Points = Field(ge=0)


class CompetencyRules(Model):
    """A criterion scored by ratings of competencies, from 0 to ``levels``, on one of the scales in use.

    rating: Σ(rating × weight) / (levels × Σweight). gap: points by how far a rating lies below the expected one, Σ / (most
    points × n). hybrid: Σrating / Σexpected, never more than 1. Each times the criterion's points.
    """

    scale: Literal["rating", "gap", "hybrid"]
    levels: int = Field(default=5, ge=2, le=10)
    decimals: int = Field(default=0, ge=0, le=2)
    gap: list[Near] = [
        Near(below=Decimal(0), points=Decimal(3)),
        Near(below=Decimal(1), points=Decimal(2)),
        Near(below=Decimal(2), points=Decimal(1)),
    ]
    abilities: list[Ability] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        ids = [ability.id for ability in self.abilities]
        if twice := sorted({i for i in ids if ids.count(i) > 1}):
            raise ValueError(f"'abilities': '{twice[0]}' stands twice; every id may stand once")
        if high := [a.id for a in self.abilities if a.expected > self.levels]:
            raise ValueError(f"'abilities': '{high[0]}' expects more than the highest rating, {self.levels}")
        steps = [(near.below, near.points) for near in self.gap]
        if (
            not steps
            or steps != sorted(set(steps), key=lambda s: s[0])
            or [p for _, p in steps] != sorted({p for _, p in steps}, reverse=True)
        ):
            raise ValueError("'gap': from step to step 'below' must rise and 'points' must fall")
        return self


class Criterion(Titled):
    """A scored criterion; ``max`` is its cap in points, ``max_for`` another one for the people of a group.

    Its points are given outright, or come out of indicators (``kpi``) or of ratings (``competency``).
    """

    max: Points = Field(gt=0)
    max_for: dict[Id, Annotated[Points, Field(ge=0)]] = {}
    kpi: KpiRules | None = None
    competency: CompetencyRules | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if self.kpi and self.competency:
            raise ValueError(f"'{self.id}': either 'kpi' or 'competency', not both")
        return self

    def points(self, group: str = "") -> Decimal:
        """The cap for somebody of a group ('': of none)."""
        return self.max_for.get(group, self.max)


class Group(Titled):
    """People for whom the criteria weigh differently: those with this ``mark`` in the roster."""

    mark: Literal["probation"]


class Band(Titled):
    """A level; it begins at ``min`` points (inclusive) and ends below the next one."""

    min: Points = Field(ge=0)
    tone: Literal["best", "good", "fair", "bad"]


class Flag(Titled):
    """A yes/no fact about a week: answered by the reviewer, or set by a band if ``band`` is given."""

    band: Id | None = None


Act = Literal["report", "review", "decision", "agreement", "appraisal", "acknowledgement", "notes"]
Verdict = Literal["approve", "adjust", "return"]


class Stage(Titled):
    """One act of the chain: who speaks, the master workbook of the form they speak on, and what they say on it.

    ``act``: report (a person's scores, texts and tasks), review (a sheet: scores of many people), decision (a sheet:
    approve, adjust or return), agreement (indicators and competencies of one person), appraisal (levels of what was agreed),
    acknowledgement (of being told the result; by the superior, with a witness, of one who refuses to sign), notes (what was
    seen and agreed on the way; they decide nothing, and the form goes out when it is asked for).
    ``answers``: the earlier acts it refers to; when one of them is changed, it no longer holds. ``optional``: later acts
    don't wait for it. ``instead_of``: the earlier stage that needs nothing more once this one has spoken. ``verdicts``: what
    a decision may say.
    """

    by: Literal["subject", "supervisor", "authority", "committee"]
    template: str
    act: Act | None = None
    answers: list[Id] = []
    optional: bool = False
    instead_of: Id | None = None
    verdicts: list[Verdict] = ["approve", "adjust", "return"]

    @cached_property
    def kind(self) -> Act:
        """The act; where the file says nothing, what the speaker does in the chain of three."""
        usual: dict[str, Act] = {"subject": "report", "supervisor": "review"}
        return self.act or usual.get(self.by, "decision")

    @property
    def about_one(self) -> bool:
        """Whether its form is about one subject, not a sheet with a row a person."""
        return self.kind in ("report", "agreement", "appraisal", "notes") or (
            self.kind == "acknowledgement" and self.by == "subject"
        )


class Authority(Titled):
    """Who approves: the ``holder`` of the nearest unit, climbing the tree, whose kind is listed."""

    holder: Literal["leader_id", "head_id"]
    unit_kinds: list[str] = Field(min_length=1)


class Role(Titled):
    """A role; without an authority it is not evaluated."""

    authority: Id | None = None


class StreakRule(Titled):
    """Consequence of ``weeks`` consecutive weeks: all ``every_week`` flags in each, one of ``any_week`` in some week."""

    weeks: int = Field(ge=1, le=53)
    every_week: list[Id] = Field(min_length=1)
    any_week: list[Id] = []
    meeting: bool = False


class SideForm(Model):
    """A form beside the chain: the meeting record after a two-week failure."""

    template: str
    title: Title


class Collective(SideForm):
    """The units' own reports: which kinds of unit file one; approved by the unit's leader in charge."""

    unit_kinds: list[str] = Field(min_length=1)


class Cap(Titled):
    """At most the band ``at_most``, if the flag was set in so many weeks (by kind of period; a kind left out: no cap)."""

    flag: Id
    weeks: dict[Kind, Annotated[int, Field(ge=1, le=53)]] = Field(min_length=1)
    at_most: Id


class Quota(Titled):
    """In one office or unit, at most ``share`` as many people in ``band`` as in the bands ``of``; more is pointed out."""

    band: Id
    of: list[Id] = Field(min_length=1)
    share: Points = Field(ge=0, le=1)
    within: Literal["office", "unit"] = "office"
    periods: list[Kind] = Field(min_length=1)


class RollupRules(Model):
    """How months, quarters, half-years and years come out of the weeks."""

    weeks_by: WeeksBy
    least_weeks: dict[Kind, Annotated[int, Field(ge=1, le=53)]]
    least_share: Points = Field(ge=0, le=1)
    caps: list[Cap] = []
    quotas: list[Quota] = []

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [rule.id for rule in (*self.caps, *self.quotas)]
        if twice := sorted({i for i in ids if ids.count(i) > 1}):
            raise ValueError(f"'{twice[0]}' stands twice; every id may stand once")
        return self


class StatisticsRules(Model):
    """How job statistics come out of the task tables. They decide nothing, so no hash of the scheme covers them.

    ``weeks``: whose task tables count: of weeks that are approved, or of every valid self-report. ``coefficient``: where a
    task's conversion coefficient comes from, in order of precedence; the first that has one is used, alone. ``groups``: the
    complexity groups that a catalogue may name, lightest first.
    """

    weeks: Literal["approved", "reported"] = "approved"
    coefficient: list[Literal["catalogue", "form"]] = Field(default=["catalogue", "form"], min_length=1)
    groups: list[Annotated[str, Field(pattern=r"^\w{1,8}$")]] = Field(default=["N1", "N2", "N3", "N4", "N5"], max_length=9)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for key, names in (("coefficient", self.coefficient), ("groups", [group.casefold() for group in self.groups])):
            if twice := sorted({name for name in names if list(names).count(name) > 1}):
                raise ValueError(f"{key}: '{twice[0]}' stands twice; every one may stand once")
        return self


class FairnessRules(Model):
    """What the description of how results were given goes by; nothing of it decides a result.

    ``least_people``: a reviewer or approver of fewer people is not compared with the office. ``least_same``: the same total
    is worth a line when all of so many people got it in a week. ``boundary``: so many points above or below a band's lower
    bound is near. ``false_discoveries``: of the differences called more than chance, the share that may be chance after all.
    """

    least_people: int = Field(ge=3, le=100)
    least_same: int = Field(ge=2, le=100)
    boundary: Points = Field(ge=0)
    false_discoveries: Points = Field(gt=0, le=Decimal("0.2"))


class Scheme(Model):
    """The whole regime. Lists are in the order of the file: roles by rank, bands highest first.

    ``reviewer_is_approver``: where one person is both for somebody, two sheets, or a review that approves at once.
    """

    id: Id
    version: int = Field(ge=1)
    effective: dt.date
    period: PeriodKind
    decimals: int = Field(ge=0, le=4)
    legal_basis: str = ""
    title: Title
    criteria: list[Criterion] = Field(min_length=1)
    groups: list[Group] = []
    bands: list[Band] = Field(min_length=1, max_length=8)
    flags: list[Flag] = []
    stages: list[Stage] = Field(min_length=1)
    authority: list[Authority] = []
    roles: list[Role] = Field(min_length=1)
    streaks: list[StreakRule] = []
    meeting: SideForm | None = None
    collective: Collective | None = None
    reviewer_is_approver: Literal["two_steps", "one_sheet"] = "two_steps"
    rollup: RollupRules | None = None
    statistics: StatisticsRules = StatisticsRules()
    fairness: FairnessRules | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for key in ("criteria", "groups", "bands", "flags", "stages", "authority", "roles", "streaks"):
            ids = [item.id for item in getattr(self, key)]
            twice = sorted({i for i in ids if ids.count(i) > 1})
            if twice:
                raise ValueError(f"{key}: '{twice[0]}' stands twice; every id may stand once")
        self._check_stages()
        self._check_groups()
        mins = [b.min for b in self.bands]
        if mins != sorted(set(mins), reverse=True) or mins[-1] != 0:
            raise ValueError("bands: 'min' must fall from band to band, and the last must be 0")
        if mins[0] > self.cap:
            raise ValueError(f"bands: '{self.bands[0].id}' begins at {mins[0]}, above the highest total {self.cap}")
        bands, flags = {b.id for b in self.bands}, {f.id for f in self.flags}
        authorities = {a.id for a in self.authority}
        for flag in self.flags:
            if flag.band is not None and flag.band not in bands:
                raise ValueError(f"flags.{flag.id}.band: no band '{flag.band}'; there are {', '.join(sorted(bands))}")
        for role in self.roles:
            if role.authority is not None and role.authority not in authorities:
                raise ValueError(
                    f"roles.{role.id}.authority: no authority '{role.authority}'; there are {', '.join(sorted(authorities))}"
                )
        for rule in self.streaks:
            for flag_id in (*rule.every_week, *rule.any_week):
                if flag_id not in flags:
                    raise ValueError(f"streaks.{rule.id}: no flag '{flag_id}'; there are {', '.join(sorted(flags))}")
        for cap in self.rollup.caps if self.rollup else ():
            if cap.flag not in flags:
                raise ValueError(f"rollup.caps.{cap.id}: no flag '{cap.flag}'; there are {', '.join(sorted(flags))}")
        named = [(f"caps.{c.id}", c.at_most) for c in (self.rollup.caps if self.rollup else ())]
        named += [(f"quotas.{q.id}", b) for q in (self.rollup.quotas if self.rollup else ()) for b in (q.band, *q.of)]
        for where, band_id in named:
            if band_id not in bands:
                raise ValueError(f"rollup.{where}: no band '{band_id}'; there are {', '.join(sorted(bands))}")
        if self.fairness and self.fairness.boundary > self.cap:
            raise ValueError(f"fairness.boundary: {self.fairness.boundary} is above the highest total {self.cap}")
        return self

    def _check_stages(self) -> None:
        """A week has its three acts; a round has any, each referring to earlier ones, with one assessment that scores."""
        if self.period == "week":
            if [(s.by, s.kind) for s in self.stages] != [
                ("subject", "report"),
                ("supervisor", "review"),
                ("authority", "decision"),
            ]:
                raise ValueError("stages: needs three stages, by = 'subject', 'supervisor', 'authority', in this order")
            return
        before: list[str] = []
        for stage in self.stages:
            for other in (*stage.answers, *([stage.instead_of] if stage.instead_of else [])):
                if other not in before:
                    raise ValueError(f"stages.{stage.id}: no earlier stage '{other}'; there are {', '.join(before) or '–'}")
            before.append(stage.id)
        if sum(self.part(stage) == "review" for stage in self.stages) != 1:
            raise ValueError("stages: needs exactly one stage in which a supervisor scores (act 'review' or 'appraisal')")
        agreements = [stage.id for stage in self.stages if stage.kind == "agreement"]
        for stage in self.stages:
            if stage.kind == "appraisal" and (len(agreements) != 1 or agreements[0] not in stage.answers):
                raise ValueError(f"stages.{stage.id}: an appraisal needs one stage of act 'agreement' that it answers")

    def _check_groups(self) -> None:
        """Every group can reach the same total, so that the bands mean the same for all."""
        groups = {g.id for g in self.groups}
        for criterion in self.criteria:
            if unknown := sorted(criterion.max_for.keys() - groups):
                raise ValueError(
                    f"criteria.{criterion.id}.max_for: no group '{unknown[0]}'; there are {', '.join(sorted(groups))}"
                )
        for group in groups:
            if (cap := sum((c.points(group) for c in self.criteria), Decimal(0))) != self.cap:
                raise ValueError(f"groups.{group}: the criteria sum to {plain(cap)}, for all others to {plain(self.cap)}")

    @property
    def cap(self) -> Decimal:
        """The highest possible total."""
        return sum((c.max for c in self.criteria), Decimal(0))

    def part(self, stage: Stage) -> Literal["report", "review", "approval", ""]:
        """Which of the three acts that every report names this stage is: the last decision is the approval."""
        if stage.kind in ("report", "appraisal") and stage.by == "subject":
            return "report"
        if stage.kind in ("review", "appraisal"):
            return "review"
        last = next((s.id for s in reversed(self.stages) if s.kind == "decision"), None)
        return "approval" if last == stage.id else ""

    def answered(self, stage: Stage) -> list[Stage]:
        """The stages whose acts this one refers to: those it names; a decision that names none: the one before it."""
        return self._answered[stage.id]

    @cached_property
    def _answered(self) -> dict[str, list[Stage]]:
        """For everybody's every act this is asked, so it is worked out once."""
        return {
            stage.id: self.stages[max(0, n - 1) : n]
            if stage.kind == "decision" and not stage.answers
            else [other for other in self.stages if other.id in stage.answers]
            for n, stage in enumerate(self.stages)
        }

    def place(self, stage: Stage) -> int:
        """How many stages come before this one."""
        return self._places[stage.id]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {stage.id: n for n, stage in enumerate(self.stages)}

    def group_of(self, marks: Collection[str]) -> str:
        """The first group that one of a person's marks in the roster makes them belong to, or ''."""
        return next((g.id for g in self.groups if g.mark in marks), "")

    @cached_property
    def hash(self) -> str:
        """16 hex digits of a SHA-256 over the rules of a week: titles, comments and layout of the file don't count.

        The roll-ups' rules decide no week and stand on no form, so a change of theirs makes no form an old one; those of
        the fairness reports and the job statistics decide nothing at all, nor do notes taken on the way.
        """
        rules = self.model_dump(mode="json", exclude={"rollup", "fairness", "statistics"})
        return _digest({**rules, "stages": [stage for stage in rules["stages"] if stage["act"] != "notes"]})

    @cached_property
    def rollup_hash(self) -> str:
        """The like over the rules of a week and of the roll-ups: what a roll-up is decided by."""
        return _digest(self.model_dump(mode="json", exclude={"fairness", "statistics"}))

    @property
    def answered_flags(self) -> list[Flag]:
        """The flags the reviewer answers."""
        return [f for f in self.flags if f.band is None]

    def band_of(self, total: Decimal | Fraction) -> Band:
        """The band of an unrounded total or exact mean: the highest whose lower bound it reaches."""
        return self.bands[place_of(*total.as_integer_ratio(), self.bounds)]

    @cached_property
    def bounds(self) -> Bounds:
        """The lower bound of each band, highest first."""
        return tuple(band.min.as_integer_ratio() for band in self.bands)

    def band(self, band_id: str) -> Band:
        """The band with this id."""
        return next(b for b in self.bands if b.id == band_id)

    def role(self, role_id: str) -> Role | None:
        """The role with this id, or None."""
        return self._roles.get(role_id)

    @cached_property
    def _roles(self) -> dict[str, Role]:
        return {role.id: role for role in reversed(self.roles)}

    def rank(self, role_id: str) -> int:
        """The role's place in the file; unknown roles come last."""
        return next((n for n, r in enumerate(self.roles) if r.id == role_id), len(self.roles))

    @property
    def forms(self) -> list[str]:
        """Every form: of each stage, then the unit report and the meeting record where there are such."""
        beside = {"unit": self.collective, "meeting": self.meeting}
        return [*(stage.id for stage in self.stages), *(form for form, rules in beside.items() if rules)]

    def named(self, lang: str) -> str:
        """The scheme's title in a language, else in English, else its id."""
        titles = dict(self.title)
        return titles.get(lang) or titles.get("en") or self.id  # type: ignore[call-overload]

    def form_title(self, form: str, lang: str) -> str:
        """The title of any form: of a stage, the unit report, the meeting record."""
        title = dict(self.titles_of(form))
        return title.get(lang) or title.get("en") or form

    def titles_of(self, form: str) -> Titles:
        """The title of any form in every language."""
        side = {"unit": self.collective, "meeting": self.meeting}.get(form)
        titled = self.stage(form) or side
        return Titles(sorted(titled.title.items())) if titled else Titles()

    def stage(self, stage_id: str) -> Stage | None:
        """The stage with this id, or None."""
        return self._stages.get(stage_id)

    @cached_property
    def _stages(self) -> dict[str, Stage]:
        return {stage.id: stage for stage in reversed(self.stages)}


def _digest(rules: dict[str, Any]) -> str:
    plain = json.dumps(_stated(rules), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def _stated(value: Any) -> Any:
    """Without titles, and without later rules that say what always held."""
    if isinstance(value, dict):
        return {
            k: _stated(v)
            for k, v in value.items()
            if k not in ("title", "tone", "legal_basis") and not (k in _LATER_RULES and v == _LATER_RULES[k])
        }
    return [_stated(v) for v in value] if isinstance(value, list) else value


def load_scheme(name: str, office_dir: Path) -> Scheme:
    """Load a shipped scheme by name (``vn-weekly``) or an office's own by path (relative to the office's folder).

    Raises :class:`UserError` (``config.scheme-missing``, ``config.scheme-wrong``) naming the file, the key and the remedy.
    """
    own = office_dir / name
    path = own if name.endswith(".toml") else resource("schemes", f"{name}.toml")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as err:
        known = ", ".join(sorted(p.stem for p in resource("schemes").glob("*.toml")))
        raise UserError("config.scheme-missing", Place(str(path)), found=name, known=known) from err
    return parse_scheme(text, str(path))


def parse_scheme(text: str, path: str) -> Scheme:
    """Read a scheme's text; ``path`` names it in messages. Numbers are read as decimals, never as floats."""
    try:
        data: dict[str, Any] = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as err:
        raise UserError("config.toml", Place(path), problem=str(err)) from err
    try:
        return Scheme.model_validate(data)
    except ValidationError as err:
        key, problem, _ = problem_of(err)
        raise UserError("config.scheme-wrong", Place(path), key=key, problem=problem, count=err.error_count()) from err


def problem_of(err: ValidationError) -> tuple[str, str, str]:
    """The first fault of a rules file: its key, what is wrong, and pydantic's kind of error."""
    first = err.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    problem = first["msg"].removeprefix("Value error, ")
    if ": " in problem and (not key or problem.startswith("'")):
        at, problem = problem.split(": ", 1)
        key = ".".join(part for part in (key, at.strip("'")) if part)
    return key, problem, first["type"]
