"""``python -m batch`` is the ``appraise`` command."""

from batch.cli import main

main()
