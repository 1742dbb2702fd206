"""Every rule of the house, over the whole tree. What each rule means stands beside it, in `tests/house/rules/`."""

import pytest

from tests.house.rules import RULES
from tests.house.tree import ROOT, Rule, Tree

TREE = Tree(ROOT)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps(rule: Rule) -> None:
    broken = list(rule(TREE))
    assert not broken, f"{rule.__name__}:\n  " + "\n  ".join(broken)
