"""A document's HTML from plain data: every text is escaped, nothing is a template that anybody could edit.

The content is a mapping of texts that are already in the reader's language:
`lang`, `title`, `owner`, `made`, `facts` and `figures` (pairs), `parts` (`title`, `heads`, `rows`, `foot`, `empty`),
`chart` (`asset`, `sentence`), `notes`, `signatures` (pairs), `seal` (line, hash, advice), `foot`, `page` (three texts),
`missing` (said with the characters no font has, in the place of its line end).
A head is `{"text", "num"}`, a row `{"cells", "strong"}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any

STYLE = Path(__file__).resolve().parent / "paper.css"

Content = Mapping[str, Any]


def html(content: Content) -> str:
    """The whole document."""
    body = [
        _head(content),
        _pairs("facts", content.get("facts", ())),
        _pairs("big", content.get("figures", ())),
        _chart(content),
        *(_part(part) for part in content.get("parts", ())),
        _list(content.get("notes", ())),
        _signatures(content.get("signatures", ())),
        _seal(content.get("seal", ())),
    ]
    title = escape(content["title"])
    start = f'<!doctype html><html lang="{escape(content["lang"])}"><head><meta charset="utf-8"><title>{title}</title>'
    return f"{start}<style>{_margins(content)}</style></head><body>{''.join(body)}</body></html>"


def _margins(content: Content) -> str:
    """What stands at the foot of each page."""
    before, between, after = map(_css, content.get("page", ("", " / ", "")))
    left = f"@bottom-left {{ content: {_css(content.get('foot', ''))} }}"
    right = f"@bottom-right {{ content: {before} counter(page) {between} counter(pages) {after} }}"
    return f"@page {{ {left} {right} }}"


def _css(text: str) -> str:
    """A text as CSS writes it, inside a `style` element: no mark of either can end it early."""
    return '"' + "".join(c if c.isalnum() or c in " ,.-·，。：" else f"\\{ord(c):x} " for c in text) + '"'


def _head(content: Content) -> str:
    owner, made = escape(content.get("owner", "")), escape(content.get("made", ""))
    return f"<header><h1>{escape(content['title'])}</h1><p><b>{owner}</b><br>{made}</p></header>"


def _pairs(name: str, pairs: Iterable[Iterable[str]]) -> str:
    made = "".join(f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>" for label, value in pairs)
    return f'<dl class="{name}">{made}</dl>' if made else ""


def _chart(content: Content) -> str:
    chart = content.get("chart")
    if not chart:
        return ""
    sentence = escape(chart["sentence"], quote=True)
    image = f'<img src="asset:{escape(chart["asset"])}" alt="{sentence}">'
    return f"<figure>{image}<figcaption>{sentence}</figcaption></figure>"


def _part(part: Content) -> str:
    title = f"<h2>{escape(part['title'])}</h2>" if part.get("title") else ""
    if not part["rows"]:
        return f'{title}<p class="none">{escape(part.get("empty", ""))}</p>'
    nums = [head["num"] for head in part["heads"]]
    heads = "".join(f'<th scope="col"{_num(head["num"])}>{escape(head["text"])}</th>' for head in part["heads"])
    rows = "".join(_row(row["cells"], nums, strong=row.get("strong", False)) for row in part["rows"])
    foot = "".join(_row(cells, nums, strong=True) for cells in part.get("foot", ()))
    foot = f"<tfoot>{foot}</tfoot>" if foot else ""
    return f"{title}<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody>{foot}</table>"


def _row(cells: Iterable[str], nums: Iterable[bool], *, strong: bool) -> str:
    found: list[list[Any]] = [[escape(cell), _num(num), 1] for cell, num in zip(cells, nums, strict=True)]
    if strong:  # its word may be longer than the column it stands in
        while len(found) > 1 and not found[1][0]:
            found[0][2] += found.pop(1)[2]
    made = "".join(f"<td{num}{_span(span)}>{text}</td>" for text, num, span in found)
    return f'<tr class="sub">{made}</tr>' if strong else f"<tr>{made}</tr>"


def _span(columns: int) -> str:
    return f' colspan="{columns}"' if columns > 1 else ""


def _num(num: bool) -> str:
    return ' class="n"' if num else ""


def _list(notes: Iterable[str]) -> str:
    made = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return f'<ol class="notes">{made}</ol>' if made else ""


def _signatures(pairs: Iterable[Iterable[str]]) -> str:
    made = "".join(f"<div><span>{escape(who)}</span><span>{escape(when)}</span></div>" for who, when in pairs)
    return f'<div class="sign">{made}</div>' if made else ""


def _seal(seal: Iterable[str]) -> str:
    lines = [escape(line) for line in seal]
    if not lines:
        return ""
    line, digest, advice = lines
    return f'<p class="seal">{line} <code>{digest}</code><br>{advice}</p>'
