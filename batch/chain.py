"""The chain of acts of one case: who speaks at a stage, what an act refers to, what is done and what is due next.

All of it follows from the scheme's stages and from what stands, however many stages there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from batch.core.records import Case, Statement
from batch.scheme import Scheme, Stage

Acts = Mapping[str, Statement[Any]]  # what stands, by stage id
AMENDS = "amends:"  # before the agreement that a new one changes in mid-round
_HOLDER = {
    "subject": attrgetter("staff_id"),
    "supervisor": attrgetter("reviewer_id"),
    "authority": attrgetter("approver_id"),
    "committee": attrgetter("committee_id"),
}
_AND, _AFTER = "+", "/"  # between several acts that one refers to; before the return that a new act follows


def speaker(stage: Stage, case: Case[Any]) -> str:
    """Who may speak about this person at a stage; '' if nobody holds the post."""
    who: str = _HOLDER[stage.by](case)
    return who


def waived(scheme: Scheme, stage: Stage, case: Case[Any]) -> bool:
    """Whether a stage is asked nothing: the supervisor is the authority too, and one sheet is enough."""
    same = case.reviewer_id == case.approver_id != ""
    return stage.by == "authority" and same and scheme.reviewer_is_approver == "one_sheet"


def returned_by(scheme: Scheme, stage: Stage, acts: Acts) -> Statement[Any] | None:
    """The decision among ``acts`` that sends this stage's act back, or None: it sends back the first it refers to."""
    if not any(act.decision == "return" for act in acts.values()):  # as nearly always
        return None
    for later in scheme.stages:
        act = acts.get(later.id)
        if act is not None and act.decision == "return" and [s.id for s in scheme.answered(later)[:1]] == [stage.id]:
            return act
    return None


def done(scheme: Scheme, stage: Stage, case: Case[Any], acts: Acts) -> bool:
    """Whether a stage has said what it has to: itself, by another in its place, or because nothing is asked of it."""
    if stage.id in acts:
        return acts[stage.id].decision != "return" and returned_by(scheme, stage, acts) is None
    if any(other.instead_of == stage.id and other.id in acts for other in scheme.stages):
        return True
    return waived(scheme, stage, case) and all(done(scheme, s, case, acts) for s in scheme.answered(stage))


def binding(scheme: Scheme, stage: Stage, case: Case[Any], acts: Acts) -> str | None:
    """What an act of this stage must have seen to hold: '' if it refers to nothing; None: it can't be made yet.

    What it refers to must stand, and everything before it be done that is awaited: a decision about what it refers to is.
    """
    answered = scheme.answered(stage)
    if not answered:
        return ""
    before, named = scheme.stages[: scheme.place(stage)], {s.id for s in answered}
    earlier = {s.id: acts[s.id] for s in before if s.id in acts}
    for other in before:
        awaited = (
            not other.optional
            and other.kind not in ("report", "notes")
            and other.instead_of is None
            and other.id != stage.instead_of
        )
        if (awaited or other.id in named) and not done(scheme, other, case, earlier):
            return None
    return _AND.join(earlier[s.id].says for s in answered if s.id in earlier)


def seen(scheme: Scheme, stage: Stage, case: Case[Any]) -> str:
    """What a new form says that it answers: what it refers to, and the return that it follows."""
    acts = case.acts
    bound = binding(scheme, stage, case, acts) or ""
    if is_amendment(scheme, stage, case):
        return f"{AMENDS}{acts[stage.id].says}"
    back = returned_by(scheme, stage, acts)
    if back is None:
        return bound
    return f"{bound}{_AFTER}{back.says}" if bound else back.says


def is_amendment(scheme: Scheme, stage: Stage, case: Case[Any]) -> bool:
    """Whether a new form of this stage changes what was agreed and consented to: it then needs a reason."""
    if stage.kind != "agreement":
        return False
    acts = case.acts
    about_it = [s for s in scheme.stages if s.kind == "decision" and stage.id in {a.id for a in scheme.answered(s)}]
    return bool(about_it) and all(done(scheme, s, case, acts) for s in (stage, *about_it))


def holds(act: Statement[Any], bound: str) -> bool:
    """Whether an act has seen what it had to."""
    return not bound or act.seen.split(_AFTER)[0] == bound


def is_open(scheme: Scheme, stage: Stage, case: Case[Any], again: bool = False) -> bool:
    """Whether somebody has to act at this stage now; ``again``: or has acted, and may correct it."""
    acts, who = case.acts, speaker(stage, case)
    if case.state == "excused" or not who or binding(scheme, stage, case, acts) is None:
        return False
    if stage.by != "subject" and who == case.staff_id:
        return False
    if again or stage.kind == "notes":  # nobody is asked for notes: who wants to write some asks for the form
        return again
    rest = scheme.stages[scheme.place(stage) + 1 :]
    if stage.optional and any(later.id in acts for later in rest if later.kind != "notes"):  # nobody waits for it any more
        return False
    decided = stage.kind == "decision" and stage.id in acts  # who returned waits until they are answered
    replaced = next((s for s in scheme.stages if s.id == stage.instead_of), stage)
    return not decided and not done(scheme, replaced, case, acts)


def next_stage(scheme: Scheme, case: Case[Any], acts: Acts) -> Stage | None:
    """The stage that the case waits for: what was sent back, else the first one after the last that is done."""
    for stage in scheme.stages:
        if stage.id in acts and returned_by(scheme, stage, acts) is not None:
            return stage
    told = [n for n, stage in enumerate(scheme.stages) if stage.kind != "notes" and done(scheme, stage, case, acts)]
    last = max(told, default=-1)
    return next((s for s in scheme.stages[last + 1 :] if s.instead_of is None and s.kind != "notes"), None)
