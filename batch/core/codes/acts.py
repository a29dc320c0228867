"""Who may speak, and on what."""

from __future__ import annotations

from batch.core.codes.code import Code

CODES: dict[str, Code] = {
    "review.not-reviewer": Code(
        "error",
        "{author} is not the reviewer of {staff_id} in this week ({reviewer} is); the row has no effect.",
        "The reviewer fills in the row on their own sheet; if the roster is wrong, correct supervisor_id or delegations.",
    ),
    "review.flag-unanswered": Code(
        "warning", "Not answered for {staff_id}: {fields}.", "Choose yes or no; a blank counts as neither."
    ),
    "approval.not-authority": Code(
        "error",
        "{author} does not hold the authority to approve {staff_id} ({approver} does); the row has no effect.",
        "The right authority decides on their own sheet; if the roster is wrong, correct units or delegations.",
    ),
    "approval.vacant": Code(
        "error",
        "Nobody holds the post that approves {staff_id}: {authority}.",
        "Fill in head_id or leader_id in roster.xlsx, sheet units, or add a delegation.",
    ),
    "review.vacant": Code(
        "error",
        "Nobody can review {staff_id}: the supervisor is missing or not in service.",
        "Correct supervisor_id in roster.xlsx, or add a delegation.",
    ),
    "approval.stale": Code(
        "warning",
        "The review of {staff_id} was changed after {author} had decided; the decision no longer holds.",
        "{author} decides again on the new approval sheet.",
    ),
    "approval.early": Code(
        "error",
        "A decision about {staff_id} came without a review that it could refer to; it has no effect.",
        "Wait for the review, then decide on the sheet issued after it.",
    ),
    "approval.one-sheet": Code(
        "info", "{author} both reviews and approves {staff_id}; the review was the approval too.", "Nothing to do."
    ),
    "approval.adjusted": Code(
        "info", "{author} adjusted the total of {staff_id} from {before} to {after}. Reason: {reason}", "Nothing to do."
    ),
    "approval.returned": Code(
        "info",
        "{author} returned the review of {staff_id} to {reviewer}. Reason: {reason}",
        "{reviewer} reviews again on the new sheet.",
    ),
}
