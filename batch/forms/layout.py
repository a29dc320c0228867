"""The one cell map of every form: which field stands under which row key and column key.

The writer (masters, stamping) and the reader (extraction, validation) both go by this, so they can't drift apart. What is
scored and flagged comes from the scheme.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from batch.scheme import Criterion, Scheme, Stage

Kind = Literal["score", "text", "yes_no", "mark", "decision", "date", "amount", "count", "task_kind", "number"]
KPI, ABILITY, NOTE = "kpi", "competency", "note"  # what the row keys of agreed items begin with
LEVEL, OWN = "level", "own"  # columns of an item: the level given on this form; the one the person gave themself, shown

SEEN = "seen"  # what the row answers: the review an approval decides on, or the return a new review follows
NAME = "name"
AGREE = "agree"  # 'yes' on a review row: the scores are those the person gave themself, as the row shows them
KIND = "kind"  # of a task: regular or ad hoc
OTHERS = "others"  # row key of the approval sheet: the decision for everybody whose own row has none

MAY_LACK = frozenset({AGREE, KIND})  # columns that a master may do without: a short cut, and what older forms don't ask

# English names of the fields that the scheme doesn't title; they are messages of the catalogues.
FIELD_NAMES: Mapping[str, str] = {
    "agree": "Agree with self-assessment",
    "key_task": "Key task",
    "kind": "Kind of work",
    "task": "Task",
    "product": "Product",
    "quantity": "Quantity",
    "complexity": "Complexity",
    "due": "Due date",
    "done": "Date finished",
    "outcome": "Outcome",
    "reason": "Reason",
    "decision": "Decision",
    "comment": "Comments of the supervisor",
    "meeting.date": "Date of the meeting",
    "meeting.participants": "Participants",
    "meeting.causes": "Causes",
    "meeting.measures": "Measures agreed",
    "meeting.review_by": "Measures to be reviewed by",
    "count.assigned": "Tasks assigned",
    "count.completed": "Tasks completed",
    "count.overdue": "Tasks overdue",
    "count.key_outstanding": "Key tasks outstanding",
    "title": "Indicator",
    "goal": "Goal served",
    "unit": "Unit of measure",
    "weight": "Weight",
    "target.1": "Target of level 1",
    "target.2": "Target of level 2",
    "target.3": "Target of level 3",
    "target.4": "Target of level 4",
    "target.5": "Target of level 5",
    "expected": "Level expected",
    "result": "What was achieved",
    "level": "Level reached",
    "date": "Date",
    "note": "What was found",
    "help": "Help agreed",
    "told.date": "Told on",
    "witness": "Witness",
    "text.amendment": "Reason for changing the agreement",
    "text.strengths": "Strengths",
    "text.improve": "Points to develop",
    "text.method": "How to develop",
    "text.period": "When to develop",
    "text.comment": "Comments",
    "text.summary": "Results of the week's work and its products",
    "text.conduct": "Working style, discipline and sense of responsibility",
    "text.obstacles": "Difficulties and obstacles",
    "text.proposals": "Proposals",
}


@dataclass(frozen=True)
class Field:
    """A field of a statement. ``row`` None: the subject's own row (forms with a row per person)."""

    name: str
    kind: Kind
    row: str | None
    column: str
    required: bool = False


@dataclass(frozen=True)
class Layout:
    """The fields of one form. ``per_person``: a row per person, keyed by staff_id; else the form is about its subject."""

    form: str
    per_person: bool
    fields: tuple[Field, ...]
    tasks: tuple[Field, ...] = ()
    identity: str = "staff_id"  # under which identity.… row the subject stands
    items: Mapping[str, tuple[Field, ...]] = field(
        default_factory=dict
    )  # tables of agreed items: what their row keys begin with
    bound: bool = False  # a form about one subject that refers to earlier acts: row and column 'seen'/'value'


def layout(scheme: Scheme, stage_id: str) -> Layout | None:
    """The layout of a form under a scheme, or None for an unknown one."""
    stage = scheme.stage(stage_id)
    criteria = [c.id for c in scheme.criteria]
    scored = (
        *(Field(f"score.{c}", "score", f"score.{c}", "self", required=True) for c in criteria),
        *(Field(f"note.{c}", "text", f"score.{c}", "note") for c in criteria),
        *(Field(f"text.{t}", "text", f"text.{t}", "value") for t in ("summary", "conduct", "obstacles", "proposals")),
    )
    if stage_id == "meeting" and scheme.meeting:
        kinds: dict[str, Kind] = {
            "date": "date",
            "participants": "text",
            "causes": "text",
            "measures": "text",
            "review_by": "date",
        }
        fields = (Field(f"meeting.{k}", kind, f"meeting.{k}", "value", k != "causes") for k, kind in kinds.items())
        return Layout(stage_id, per_person=False, fields=tuple(fields))
    if stage_id == "unit" and scheme.collective:
        counts = ("assigned", "completed", "overdue", "key_outstanding")
        fields = (Field(f"count.{c}", "count", f"count.{c}", "value") for c in counts)
        return Layout(stage_id, per_person=False, fields=(*fields, *scored), identity="unit_id")
    if stage is None:
        return None
    if stage.kind == "agreement":
        return _agreement(scheme, stage_id)
    if stage.kind == "appraisal":
        return _appraisal(scheme, stage)
    if stage.kind == "notes":
        said = (Field("date", "date", None, "date", True), Field("note", "text", None, "note", True))
        table = (*said, Field("help", "text", None, "help"))
        return Layout(stage_id, per_person=False, fields=(), items={NOTE: table})
    if stage.kind == "acknowledgement":
        return _acknowledgement(stage)
    if stage.kind == "report":
        return Layout(
            stage_id,
            per_person=False,
            fields=scored,
            tasks=(
                Field("task", "text", None, "task"),
                Field("product", "text", None, "product"),
                Field("quantity", "amount", None, "quantity"),
                Field("complexity", "amount", None, "complexity"),
                Field("key_task", "yes_no", None, "key_task"),
                Field(KIND, "task_kind", None, KIND),
                Field("due", "date", None, "due"),
                Field("done", "date", None, "done"),
                Field("outcome", "text", None, "outcome"),
                Field("reason", "text", None, "reason"),
            ),
        )
    if stage.kind == "review":
        return Layout(
            stage_id,
            per_person=True,
            fields=(
                *(Field(f"score.{c}", "score", None, f"score.{c}", required=True) for c in criteria),
                Field(AGREE, "mark", None, AGREE),
                *(Field(flag.id, "yes_no", None, flag.id) for flag in scheme.answered_flags),
                Field("comment", "text", None, "comment"),
            ),
        )
    return Layout(
        stage_id,
        per_person=True,
        fields=(
            Field("decision", "decision", None, "decision"),
            *(Field(f"score.{c}", "score", None, f"score.{c}") for c in criteria if "adjust" in stage.verdicts),
            Field("reason", "text", None, "reason"),
        ),
    )


def _agreement(scheme: Scheme, stage_id: str) -> Layout:
    """What is agreed at the start: indicators with the text of each level, and what is expected of each competency."""
    items: dict[str, tuple[Field, ...]] = {}
    for criterion in scheme.criteria:
        if criterion.kpi:
            items[KPI] = (
                Field("title", "text", None, "title", required=True),
                Field("goal", "text", None, "goal"),
                Field("unit", "text", None, "unit"),
                *(Field(f"target.{n}", "text", None, f"target.{n}", True) for n in range(1, criterion.kpi.levels + 1)),
                Field("weight", "number", None, "weight", required=True),
            )
        if criterion.competency:
            items[ABILITY] = (Field("expected", "number", None, "expected"),)
    note = Field("text.amendment", "text", "text.amendment", "value")
    return Layout(stage_id, per_person=False, fields=(note,), items=items, bound=True)


PLAN = ("strengths", "improve", "method", "period")  # the development plan, and what it rests on


def _appraisal(scheme: Scheme, stage: Stage) -> Layout:
    """The level of each agreed item; the superior may agree with the person's own where these are shown."""
    items: dict[str, tuple[Field, ...]] = {}
    for criterion in scheme.criteria:
        if criterion.kpi:
            items[KPI] = (Field("result", "text", None, "result"), Field(LEVEL, "number", None, LEVEL, required=True))
        if criterion.competency:
            items[ABILITY] = (Field(LEVEL, "number", None, LEVEL, required=True),)
    given = (Field(f"score.{c.id}", "score", f"score.{c.id}", "value", required=True) for c in outright(scheme))
    agree = (Field(AGREE, "mark", AGREE, "value"),) if stage.by != "subject" else ()
    texts = (Field(f"text.{t}", "text", f"text.{t}", "value") for t in (*PLAN, "comment"))
    return Layout(stage.id, per_person=False, fields=(*given, *agree, *texts), items=items, bound=True)


def outright(scheme: Scheme) -> list[Criterion]:
    """The criteria whose points are given outright, not by way of items."""
    return [c for c in scheme.criteria if not (c.kpi or c.competency)]


def _acknowledgement(stage: Stage) -> Layout:
    """That the person was told, and when; of one who refuses to sign, by the superior, with a witness."""
    if stage.about_one:
        fields = (
            Field("told.date", "date", "told.date", "value", required=True),
            Field("text.comment", "text", "text.comment", "value"),
        )
        return Layout(stage.id, per_person=False, fields=fields, bound=True)
    return Layout(
        stage.id,
        per_person=True,
        fields=(
            Field("told.date", "date", None, "told.date", required=True),
            Field("witness", "text", None, "witness", required=True),
            Field("comment", "text", None, "comment"),
        ),
    )
