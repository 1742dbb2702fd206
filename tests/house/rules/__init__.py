"""All rules of the house: each takes a tree and yields one sentence for every place that breaks it."""

from tests.house.rules import hooks, imports, layout, screens, sizes, texts, writing
from tests.house.tree import Rule

RULES: list[Rule] = [
    *imports.RULES,
    *layout.RULES,
    *sizes.RULES,
    *hooks.RULES,
    *writing.RULES,
    *screens.RULES,
    *texts.RULES,
]
