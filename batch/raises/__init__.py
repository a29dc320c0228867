"""The salary increase of a round: rules as data, who may be raised, how much, within the budget."""
