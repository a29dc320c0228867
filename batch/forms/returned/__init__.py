"""Faulty forms on their way back to their authors: which ones, as what workbook, and what is marked on them."""
