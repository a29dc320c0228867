"""Spreadsheet-driven batch processor for staff evaluation."""

__version__ = "0.1.0"
