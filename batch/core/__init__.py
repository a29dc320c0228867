"""Values that every other room speaks in: places, findings, periods, numbers, names, cases."""
