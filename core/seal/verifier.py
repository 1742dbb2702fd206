#!/usr/bin/env python3
"""Check an export of sealed books without trusting the program that wrote it.

    python verifier.py EXPORT.jsonl[.gz] --public-key HEX [--anchor FILE] [--json]

One file, the standard library only (Python 3.11 or newer), a second implementation of everything it checks. Take the
public key and the anchors ("seq chain" a line; `#` starts a remark) from where you keep them, never from the export.
Checked: each record against its leaf hash; seq without a gap; each block's root, chain hash and Ed25519 signature; each
entry sums to zero per unit, on accounts of that unit before it; every anchor is in the chain; nothing booked waits over
2 s for its seal. Exit code 0: all is well. 1: it is not, the first bad row and block are named. 2: wrong arguments.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256, sha512
from itertools import accumulate, repeat
from pathlib import Path
from typing import Any

Row = dict[str, Any]
MAX_TAIL = 2  # seconds that a record may wait for its seal
LISTED = 100  # problems of a sort told one by one; all are counted
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)


def sized(letter: str, text: str) -> str:
    """Type letter, length in bytes, colon, content."""
    return f"{letter}{len(text) if text.isascii() else len(text.encode())}:{text}"


def encoded(fields: list[tuple[str, str]], row: Row, *, parts: int = 0) -> str:
    """The fields of a row in their order; an error of UNREADABLE when it has others, or of other types."""
    if len(row) != len(fields) + parts:
        raise ValueError("a field is missing, or not sealed")
    out = []
    for name, letter in fields:
        value = row[name]
        if value is not None and type(value) is not (int if letter == "i" else str):
            raise TypeError(f"{name} is of another type")
        out.append("-" if value is None else sized(letter, str(value)))
    return "".join(out)


class Form:
    """How records of a kind are sealed: `id:i kind:s lines(no:i name:s)`. The text is part of each leaf."""

    def __init__(self, kind: str, text: str) -> None:
        self.start = sized("s", "atrium leaf 1") + sized("s", kind) + sized("s", text)
        self.fields = re.findall(r"(\w+):(\w)", re.sub(r"\(.*?\)", "", text))
        self.parts = [(name, re.findall(r"(\w+):(\w)", of)) for name, of in re.findall(r"(\w+)\(([^)]*)\)", text)]

    def leaf(self, record: Row) -> str:
        """The leaf hash of a record, in hexadecimal; an error of UNREADABLE when it is not of this form."""
        out = [self.start, encoded(self.fields, record, parts=len(self.parts))]
        for name, fields in self.parts:
            rows = sorted(sized("r", encoded(fields, row)) for row in record[name])
            out.append(f"l{len(rows)}:" + "".join(rows))
        return sha256("".join(out).encode()).hexdigest()

    def flaw(self, record: Row, stated: str | None) -> tuple[str, str] | None:
        """What is wrong with a record by itself: (code, words), or None. `stated`: its leaf hash if it is sealed."""
        try:
            if self.leaf(record) != stated and stated is not None:
                return "row_changed", "was changed after it was sealed"
            sums: dict[str, int] = defaultdict(int)
            for posting in record.get("postings", ()):
                sums[posting["unit"]] += posting["amount"]
        except UNREADABLE as error:
            return "row_malformed", f"is not of its form: {error}"
        return ("entry_unbalanced", "has postings that do not sum to zero") if any(sums.values()) else None


P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P)  # ROOT: a square root of -1
BASE = bytes.fromhex("58" + "66" * 31)
Point = tuple[int, int, int, int]
ZERO: Point = (0, 1, 1, 0)


def plus(a: Point, b: Point) -> Point:
    """The sum of two points, in extended coordinates."""
    (x1, y1, z1, t1), (x2, y2, z2, t2) = a, b
    s, t, u, v = (y1 - x1) * (y2 - x2), (y1 + x1) * (y2 + x2), 2 * t1 * t2 * D, 2 * z1 * z2
    e, f, g, h = (t - s) % P, (v - u) % P, (v + u) % P, (t + s) % P
    return e * f % P, g * h % P, f * g % P, e * h % P


def point(data: bytes) -> Point:
    """The point that 32 bytes stand for; ValueError when they stand for none."""
    sign, y = divmod(int.from_bytes(data, "little"), 2**255)
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if (v * x * x + u) % P == 0:
        x = x * ROOT % P
    if len(data) != 32 or y >= P or (v * x * x - u) % P or (x == 0 and sign):
        raise ValueError("this is no public key")
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P


@cache
def multiples(data: bytes) -> list[list[Point]]:
    """table[i][n] = n · 256^i · the point of these bytes, so that a multiplication is 32 additions."""
    base, table = point(data), []
    for _ in range(32):
        *row, base = accumulate(repeat(base, 256), plus, initial=ZERO)
        table.append(row)
    return table


def verifies(key: bytes, signature: bytes, *, message: bytes) -> bool:
    """Whether [s]B − [h]A is the point R of the signature."""
    r, s = signature[:32], signature[32:]
    if len(signature) != 64 or int.from_bytes(s, "little") >= L:
        return False
    h = int.from_bytes(sha512(r + key + message).digest(), "little") % L
    total, base, minus = ZERO, multiples(BASE), multiples(key[:31] + bytes([key[31] ^ 128]))
    for i, (n, m) in enumerate(zip(s, h.to_bytes(32, "little"), strict=True)):
        total = plus(plus(total, base[i][n]), minus[i][m])
    x, y = (value * pow(total[2], -1, P) % P for value in total[:2])
    return (y | (x & 1) << 255).to_bytes(32, "little") == r


class Books:
    """Takes the export line by line and keeps what is wrong with it."""

    def __init__(self, keys: Iterable[bytes], anchors: Iterable[tuple[int, str]] = ()) -> None:
        self.keys = {key.hex(): point(key) for key in keys}
        self.anchors = set(anchors)
        self.anchored = dict(self.anchors)
        self.forms, self.problems, self.count = dict[str, Form](), list[Row](), Counter[str]()
        self.blocks: list[tuple[int, int, str]] = []  # first seq, last seq, root
        self.leaves, self.units = list[bytes](), dict[int, str | None]()  # units of accounts; None: not to be trusted
        self.chain, self.last, self.ended, self.exported_at = "00" * 32, 0, False, EPOCH
        self.line = self.seq = self.closed = self.sealed = self.unsealed = 0

    def wrong(self, about: str, code: str, **names: Any) -> None:
        """Note a problem about a row, a block or the export."""
        self.count[about] += 1
        if self.count[about] <= LISTED:
            self.problems.append({"about": about, "code": code, **names, "line": self.line})

    def take(self, line: str) -> None:
        """One line of the export."""
        self.line += 1
        try:
            row = json.loads(line)
            if self.line == 1:
                self.exported_at = datetime.fromisoformat(row["exported_at"])
                self.forms = {name: Form(name.partition("/")[0], text) for name, text in row["forms"].items()}
            elif "block" in row:
                self.block(**row)
            elif "end" in row:
                self.ended = row["end"] == [len(self.blocks), self.sealed, self.unsealed]
            else:
                self.record(row)
        except UNREADABLE as error:
            self.wrong("export", "unreadable", text=f"line {self.line}: {type(error).__name__}: {error}")

    def block(self, block: int, first: int, *, count: int, key: str, signature: str, **stated: str) -> None:
        """A block: its place, its chain hash, its signature, its anchor."""
        chain, sealed_at, last = stated["chain"], stated["sealed_at"], first + count - 1
        numbers = (block, first, count, (datetime.fromisoformat(sealed_at) - EPOCH) // timedelta(microseconds=1))
        packed = b"".join(number.to_bytes(8, "big") for number in numbers) + bytes.fromhex(stated["root"])
        chained = sha256(b"atrium chain 1" + bytes.fromhex(self.chain) + packed).hexdigest() == chain
        message = f"atrium checkpoint 1\nblock {block}\nseq {last}\nchain {chain}\nsealed {sealed_at}\n".encode()
        signed = key not in self.keys or verifies(bytes.fromhex(key), bytes.fromhex(signature), message=message)
        follows = (block, first) == (len(self.blocks) + 1, self.last + 1) and count > 0
        anchored = last not in self.anchored or (last, chain) in self.anchors
        for code, right, text in (
            ("block_gap", follows, "does not follow the one before"),
            ("block_chain", chained, "was changed, or is not chained to the one before"),
            ("block_key", key in self.keys, "is signed with a key that you do not trust"),
            ("block_signature", signed, "has a false signature"),
            ("anchor_differs", anchored, "is not the one of your anchor: the books were rewritten"),
        ):
            if not right:
                self.wrong("block", code, text=f"block {block} {text}", block=block, first=first, last=last)
        self.anchors.discard((last, chain))
        self.blocks.append((first, last, stated["root"]))
        self.chain, self.last = chain, last

    def record(self, row: Row) -> None:
        """A record: its place, its leaf hash and sums; without a seal, its age."""
        seq, kind, record = row["seq"], row["form"].partition("/")[0], row["record"]
        number = row["id"] if record is None else record["id"]
        found = ("row_lost", "is gone") if record is None else self.forms[row["form"]].flaw(record, row.get("leaf"))
        posted = record["postings"] if kind == "entry" and not found else ()
        if astray := [p["account_id"] for p in posted if self.units.get(p["account_id"], 0) not in (p["unit"], None)]:
            found = "entry_astray", f"posts to {astray}: no account of that unit stands before it"
        self.unsealed += seq is None
        if seq is not None:
            self.place(seq, bytes.fromhex(row["leaf"]))
            if seq > self.last and not found:
                found = "row_unchained", "is in no block: the last blocks were cut off"
        elif kind != "account" and not found:
            age = (self.exported_at - datetime.fromisoformat(record["recorded_at"])).total_seconds()
            if not -60 <= age <= MAX_TAIL:
                found = "tail_old", f"is not sealed, {age:.1f} s after it was recorded"
        self.units |= {number: None if found else record["unit"]} if kind == "account" else {}
        if found:
            text = f"{kind} {number} (seq {seq or 'none yet'}) {found[1]}"
            self.wrong("row", found[0], text=text, kind=kind, id=number, seq=seq)

    def place(self, seq: int, leaf: bytes) -> None:
        """The next sealed record: it follows the one before, and blocks that end before it are closed."""
        if seq != self.seq + 1:
            self.missing(seq)
        while self.closed < len(self.blocks) and self.blocks[self.closed][1] < seq:
            self.close()
        self.seq, self.sealed = seq, self.sealed + 1
        self.leaves.append(leaf)

    def missing(self, seq: int) -> None:
        """The next record is not the one that should follow."""
        text = f"seq {self.seq + 1} to {seq - 1} are missing" if seq > self.seq else f"seq {seq} comes after {self.seq}"
        self.wrong("row", "row_missing", text=text, seq=min(self.seq + 1, seq))

    def close(self) -> None:
        """The last record of a block has been read: compare its root."""
        first, last, root = self.blocks[self.closed]
        self.closed += 1
        packed = b"atrium root 1" + first.to_bytes(8, "big") + b"".join(self.leaves)
        if sha256(packed).hexdigest() != root:
            text = f"block {self.closed} (seq {first} to {last}) was sealed from other records"
            self.wrong("block", "block_root", text=text, block=self.closed, first=first, last=last)
        self.leaves = []

    def read(self, path: str) -> Row:
        """The whole export, plain or gzip."""
        try:
            with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8", newline="\n") as export:
                for line in export:
                    self.take(line)
        except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
            self.wrong("export", "unreadable", text=f"the file cannot be read after line {self.line}: {error}")
        return self.finish()

    def finish(self) -> Row:
        """After the last line: what is still open, and the result."""
        if not self.ended:
            self.wrong("export", "cut_short", text="the export has not all the lines that its last line counts")
        if self.seq < self.last:
            self.missing(self.last + 1)
        while self.closed < len(self.blocks):
            self.close()
        for seq, _ in sorted(self.anchors):
            text = f"your anchor {seq} is not in these books, which end at {self.last}: cut off, or an old copy"
            self.wrong("export", "anchor_missing", text=text, seq=seq)
        first = {problem["about"]: problem for problem in reversed(self.problems)}
        result = {name: getattr(self, name) for name in ("sealed", "unsealed", "last", "chain", "problems")}
        result |= {f"first_bad_{about}": first.get(about) for about in ("row", "block")}
        return result | {"ok": not self.problems, "blocks": len(self.blocks), "problem_count": self.count.total()}


def anchors_in(path: str) -> set[tuple[int, str]]:
    """The anchors of a file, as (seq, chain)."""
    words = [line.partition("#")[0].lower().split() for line in Path(path).read_text("utf-8").splitlines()]
    return {(int(seq), chain) for seq, chain in filter(None, words)}


def told(result: Row) -> Iterator[str]:
    """The result in words."""
    yield f"{'OK' if result['ok'] else 'FAILED'}: {result['sealed']} records in {result['blocks']} blocks"
    yield f"{result['unsealed']} records not sealed yet; anchor to keep: {result['last']} {result['chain']}"
    firsts = filter(None, (result["first_bad_row"], result["first_bad_block"]))
    yield from (f"first bad {problem['about']}: {problem['text']}" for problem in firsts)
    yield from (f"line {problem['line']}: {problem['text']}" for problem in result["problems"])


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Check an export of sealed books.")
    parser.add_argument("export", help="the export, .jsonl or .jsonl.gz")
    parser.add_argument("--public-key", required=True, action="append", metavar="HEX", help="again for each older key")
    parser.add_argument("--anchor", metavar="FILE", help='lines "seq chain" that must be in the chain')
    parser.add_argument("--json", action="store_true", help="one JSON object instead of words")
    given = parser.parse_args(arguments)
    try:
        books = Books(map(bytes.fromhex, given.public_key), anchors_in(given.anchor) if given.anchor else ())
    except (OSError, ValueError) as error:
        parser.error(str(error))
    result = books.read(given.export)
    print(json.dumps(result, ensure_ascii=False) if given.json else "\n".join(told(result)))
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
