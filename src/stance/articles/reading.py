"""Article files to text: plain text as it stands, HTML without its furniture."""

from __future__ import annotations

import re
from pathlib import Path

from stance.errors import InputError
from stance.files import read_text

_MOJIBAKE = re.compile(r"â€|Ã[\x80-\xbf©¨]|Â[\xa0-\xbf]")


def read_article(path: Path | str) -> str:
    """The text of a .txt or .html article; offsets of quotations count in this text.

    Raises InputError when the file is no UTF-8 text or an HTML page holds no article.
    """
    path = Path(path)
    text = read_text(path)
    if path.suffix.lower() in (".html", ".htm"):
        from trafilatura import extract

        body = extract(text, include_comments=False, favor_recall=True)
        if not body:
            raise InputError(f"{path}: no article text found in this HTML; save the page's text as .txt")
        text = body
    if _MOJIBAKE.search(text):
        import ftfy

        text = ftfy.fix_text(text, uncurl_quotes=False, unescape_html=False)
    if not text.strip():
        raise InputError(f"{path}: the file is empty")
    return text
