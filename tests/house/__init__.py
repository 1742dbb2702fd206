"""The architecture as tests: a rule that is not executed is an opinion."""
