"""The only room that knows a spreadsheet's traps."""
