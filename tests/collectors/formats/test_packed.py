"""Packed files, and files that hold no text at all."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import json
import lzma
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import zstandard

from spillover import UnknownFormat
from tests.collectors.loading import load, written


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
def test_a_packed_file_is_read_and_one_that_breaks_off_says_so(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    rows = "".join(
        json.dumps({"platform": "youtube", "id": f"id{n:09}", "text": hashlib.sha256(b"%d" % n).hexdigest()}) + "\n"
        for n in range(4000)
    )
    whole = pack(rows.encode())
    assert len(load(written(tmp_path / "a.packed", whole)).posts) == 4000
    assert len(load(written(tmp_path / "b.packed", whole + pack(b'{"platform": "x", "id": "1"}\n'))).posts) == 4001
    with suppress(UnknownFormat):  # bzip2 gives nothing of a block that breaks off
        broken = load(written(tmp_path / "c.packed", whole[:-1000]))
        assert broken.rejects and len(broken.posts) < 4000


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7\n" + bytes(range(256)), "a PDF"),
        (b"\x37\xa4\x30\xec" + b'{"did":"x"}', "a dictionary"),
        (bytes(range(1, 256)) * 9, "binary data"),
        (gzip.compress(b"a.json".ljust(257, b"\0") + b"ustar\x00" + b"\0" * 300, mtime=0), "a tar archive"),
    ],
)
def test_what_holds_no_text_is_refused_as_what_it_is(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(UnknownFormat, match=f"a.bin: {said}.*;"):
        load(written(tmp_path / "a.bin", content))


def test_a_workbook_is_to_be_saved_as_a_table(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(UnknownFormat, match="an Excel workbook; save its sheet as CSV"):
        load(tmp_path / "a.xlsx")
