"""Article files to text: plain text as it stands, HTML without its furniture."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from stance.errors import InputError
from stance.files import is_folder, read_text, whole_text

SUFFIXES = (".txt", ".html", ".htm")
_LARGEST = 10 << 20  # bytes of a file
_LONGEST = 500_000  # characters: a hundred times an article, and what is read in seconds
_MOST_TAGS = 40_000  # of an HTML page; finding the article takes time as their square
_TAG = re.compile(r"<[A-Za-z]")
_MOJIBAKE = re.compile(r"â€|Ã[\x80-\xbf©¨]|Â[\xa0-\xbf]")


def read_article(path: Path | str) -> str:
    """The text of a .txt or .html article; offsets of quotations count in this text.

    Raises InputError when the file is no UTF-8 text, is too large, or is an HTML page without an article.
    """
    path = Path(path)
    text = read_text(path, _LARGEST)
    if path.suffix.lower() in (".html", ".htm"):
        from trafilatura import extract

        if len(_TAG.findall(text)) > _MOST_TAGS:
            raise InputError(f"{path}: more than {_MOST_TAGS:,} tags in this HTML; save the text of its article as .txt")
        body = extract(text, include_comments=False, favor_recall=True)
        if not body:
            raise InputError(f"{path}: no article text found in this HTML; save the page's text as .txt")
        text = body
    if _MOJIBAKE.search(text):
        import ftfy

        text = ftfy.fix_text(text, uncurl_quotes=False, unescape_html=False)
    if not text.strip():
        raise InputError(f"{path}: the file is empty")
    if len(text) > _LONGEST:
        raise InputError(f"{path}: more than {_LONGEST:,} characters, which is no article; split it")
    return text


def article_files(paths: Iterable[Path]) -> list[tuple[str, Path]]:
    """The articles among files and folders, each with a name of its own: a file's name, or its path below the folder.

    A folder is walked for .txt, .html and .htm, in sorted order; InputError if it holds none. Files
    are taken as they are named.
    """
    found: list[tuple[str, Path]] = []
    for path in paths:
        if is_folder(path):
            inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
            if not inside:
                raise InputError(f"{path}: no articles in this folder ({', '.join(SUFFIXES)})")
            found += [(whole_text(p.relative_to(path).as_posix()), p) for p in inside]
        else:
            found.append((whole_text(path.name), path))
    return found
