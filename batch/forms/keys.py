"""The names by which a form is known again: the mark of its hidden map, its hidden sheet, its table of tasks.

Apart from :mod:`batch.forms.layout`, so that the processes that read files need to load nothing else.
"""

from __future__ import annotations

MARK = "#key"  # stands where the hidden key row and the hidden key column meet
HEADER_SHEET = "_form"
HEADER_KEYS = ("form", "period", "subject", "addressee", "scheme", "scheme_hash", "template", "corrects", "token")
TASK = "task"
