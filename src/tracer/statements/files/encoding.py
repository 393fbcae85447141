"""Encoding: the bytes of a text file become text, strictly and without guessing."""

from __future__ import annotations

import codecs

from tracer.statements.reasons import BINARY, CUT_TEXT, NO_TEXT, refusal


def decode(content: bytes) -> tuple[str, str]:
    """
    Turn bytes into text by the first encoding that fits strictly.

    Parameters
    ----------
    content
        The whole file.

    Returns
    -------
    text, encoding
        utf-16 where a mark says so, else utf-8, else gb18030.

    Raises
    ------
    SheetError
        If the bytes are no text, or end in the middle of a character.

    Examples
    --------
    >>> decode("时间".encode("gbk"))
    ('时间', 'gb18030')
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        order = ["utf-16"]
    elif content.startswith(codecs.BOM_UTF8):
        # A file that says that it is UTF-8 and breaks off is no GB18030 gibberish.
        order = ["utf-8-sig"]
    else:
        order = ["utf-8-sig", "gb18030"]
    for encoding in order:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            _refuse_cut(content, error)
        else:
            return _plain(text), encoding.removesuffix("-sig")
    raise refusal(NO_TEXT)


def _refuse_cut(content: bytes, error: UnicodeDecodeError) -> None:
    # A cut UTF-8 file can pass as GB18030 gibberish: it is told apart by its good beginning.
    cut = error.reason in {
        "unexpected end of data",
        "incomplete multibyte sequence",
        "truncated data",
    }
    if cut and not content[: error.start].isascii():
        raise refusal(CUT_TEXT.about(encoding=error.encoding, at=error.start + 1))


def _plain(text: str) -> str:
    if "\x00" in text:
        raise refusal(BINARY)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
