"""The week that the report tests share."""

from __future__ import annotations

import pytest

from batch.reports.view import WeekView
from tests.reports.office import week_view


@pytest.fixture(scope="session")
def view() -> WeekView:
    """48 people, 7 units, five weeks."""
    return week_view()
