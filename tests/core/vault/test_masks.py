"""What is shown of a personal text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.vault import mask
from tests.core.vault.support import MANY, PHONE


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        ("phone", PHONE, "138****1234"),
        ("phone", "+8613812341234", "+86138****1234"),
        ("phone", "02112345678", "021****5678"),
        ("phone", "62345678", "****"),
        ("phone", "623456789", "****6789"),
        ("phone", "12345", "****45"),
        ("phone", "1234", "****"),
        ("name", "欧阳娜娜", "欧***"),
        ("name", "张三", "张*"),
        ("name", "张", "*"),
        ("name", "Anna  Smith", "A*** S***"),
        ("card", "6222021234567890", "****7890"),
        ("card", "12345678", "****"),
        ("email", "anna@example.org", "a***@example.org"),
        ("email", "@example.org", "****"),
        ("email", "anna", "****"),
        ("document", "310101199003071234", "310***********1234"),
        ("document", "E1234567", "****67"),
        ("plate", "沪A12345", "沪A***45"),
        ("plate", "沪A1", "****"),
        ("address", "上海市黄浦区南京东路1号", "上海市黄浦区****"),
        ("address", "黄浦区", "****"),
        ("shoe size", "42", "****"),
        ("phone", "", ""),
        ("phone", None, ""),
    ],
)
def test_masks(kind: str, text: str | None, shown: str) -> None:
    assert mask(kind, text) == shown
    assert mask(kind, text, clear=True) == (text or "")


@MANY
@given(
    st.sampled_from(["phone", "card", "document", "plate", "address", "name", "email"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="*"), min_size=1),
)
def test_a_mask_never_shows_the_text(kind: str, text: str) -> None:
    assert mask(kind, text) != text
