"""The one cell map of every form: which field stands under which row key and column key.

The writer (masters, stamping) and the reader (extraction, validation) both go by this, so they can't drift apart. What is
scored and flagged comes from the scheme.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from batch.scheme import Scheme

Kind = Literal["score", "text", "yes_no", "mark", "decision", "date", "amount", "count", "task_kind"]

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
    if stage.by == "subject":
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
    if stage.by == "supervisor":
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
            *(Field(f"score.{c}", "score", None, f"score.{c}") for c in criteria),
            Field("reason", "text", None, "reason"),
        ),
    )
