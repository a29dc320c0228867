"""The ledger's database: what stands in the way of opening it."""

from __future__ import annotations

from batch.core.codes.code import Code

CODES: dict[str, Code] = {
    "config.ledger-newer": Code(
        "error",
        "This ledger is of version {found}; this program knows versions up to {known}.",
        "Another machine works with a newer appraise: install that version here too, then run again.",
    ),
    "config.ledger-driver": Code(
        "error",
        "The program that talks to PostgreSQL is not installed.",
        "Install it: pip install 'appraise[postgres]'",
    ),
    "config.ledger-password": Code(
        "error",
        "The environment variable {name}, which holds the ledger's password, is not set.",
        "Set it for the account that runs the program, or correct ledger_password_env in office.toml.",
    ),
    "config.ledger-away": Code(
        "error",
        "The ledger's server can't be reached: {problem}.",
        "See that the server and the network are up, or correct ledger in office.toml; then run again: nothing is left"
        " half-written.",
    ),
    "config.ledger-refused": Code(
        "error",
        "The ledger's server refuses: {problem}.",
        "Correct user and database in office.toml (ledger), the password in {name}, or ask for the right;"
        " see docs/ledger.md.",
    ),
    "run.ledger-held": Code(
        "error",
        "Another run is working on this ledger: process {pid} of {user} on {host}.",
        "Wait until it has ended, then start again.",
    ),
}
