"""Goals from the top down, and the agreements that serve them."""

from __future__ import annotations

from batch.core.codes.code import Code

CODES: dict[str, Code] = {
    "goals.missing": Code(
        "error",
        "There is no goals.xlsx here.",
        "Put goals.xlsx beside office.toml: sheet goals, columns goal_id, parent_id, unit_id, title.",
    ),
    "goals.twice": Code(
        "error",
        "Goal '{found}' stands twice, here and in {other}; only the first row counts.",
        "Give each goal a code of its own.",
    ),
    "goals.unknown-parent": Code(
        "error",
        "There is no goal '{found}' that this one could serve; it is taken as a goal of the highest level.",
        "Write the code of a goal of this sheet into parent_id, or leave it empty.",
    ),
    "goals.loop": Code(
        "error",
        "These goals serve each other in a circle: {chain}; they are taken as goals of the highest level.",
        "Correct parent_id in one of them.",
    ),
    "goals.unknown-unit": Code("error", "There is no unit '{found}'.", "Write the code of a unit of roster.xlsx."),
    "goals.uncovered": Code(
        "warning",
        "Nobody's indicators serve the goal {goal_id}, {title} ({unit}).",
        "Agree on an indicator for it with somebody, or take the goal out.",
    ),
    "goals.indicator-astray": Code(
        "warning",
        "{name} ({staff_id}): the indicator '{indicator}' serves no goal of this round ({found}).",
        "Choose a goal of goals.xlsx for it; this changes the agreement, so it has to be agreed on again.",
    ),
    "goals.indicator-elsewhere": Code(
        "info",
        "{name} ({staff_id}): {count} indicators serve goal {goal_id} of another unit ({unit}).",
        "Nothing to do if that is meant.",
    ),
    "goals.weights": Code(
        "warning",
        "{name} ({staff_id}): the weights of the indicators sum to {found} instead of {wanted}.",
        "Correct the weights in the agreement.",
    ),
    "goals.no-agreement": Code(
        "warning",
        "{name} ({staff_id}) has no agreement for this round.",
        "Have the agreement filled in, agreed on and sent.",
    ),
}
