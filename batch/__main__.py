"""``python -m batch`` is the ``appraise`` command."""

from batch.cli import program

program()
