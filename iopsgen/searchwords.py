"""The words that the search knows texts by: folded, so that case, accents and spelling variants make no difference, in every script.

`search.js` of the default theme does the same with what somebody types, with the tables that the index hands on; a test holds the two together.
"""

import re
from functools import lru_cache
from unicodedata import normalize

LONGEST = 32  # code points of a word that count
CELLS = 32  # what words are sorted into by how they begin

# Accents, vowel points, joiners and other signs that people leave out. Named one by one: what a mark is differs between versions of Unicode.
SIGNS = (
    "\u00ad\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u200b-\u200f\u2060\ufeff"
)
LETTERS = {
    **dict(zip("ςıøđłðħʼٱىیکةہ", "σiodldh'اييكهه", strict=True)),
    **dict(zip("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789", strict=True)),
    **{"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"},
}
# Scripts that put no space between words: Thai, Lao, Burmese, Khmer, Japanese, Chinese; and Korean, whose words take endings.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3041-\u3096\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
JOINED = "\u0900-\u0963\u0966-\u0dff"  # scripts of India and Sri Lanka, whose vowel signs belong to the word
_SIGN = re.compile(f"[{SIGNS}]")
_LETTER = str.maketrans(LETTERS)
_RUNS = re.compile(f"[{UNSPACED}]+|(?:[^\\W_{UNSPACED}]|[{JOINED}])+")
_IS_UNSPACED = re.compile(f"[{UNSPACED}]")
_PLAIN_RUNS = re.compile("[a-z0-9]+")


def fold(text: str) -> str:
    """The text as it is compared: lower case, without accents, one spelling of what is written in several."""
    if text.isascii():
        return text.lower()
    return normalize("NFC", _SIGN.sub("", normalize("NFKD", text)).lower().translate(_LETTER))


def words_of(text: str) -> list[str]:
    """The words of a text, folded, in its order. Where words are not set apart: every two characters that follow each other, and the last."""
    if text.isascii():
        return [word[:LONGEST] for word in _PLAIN_RUNS.findall(text.lower())]
    found: list[str] = []
    for run in _RUNS.findall(fold(text)):
        if _IS_UNSPACED.match(run):
            found += (run[at : at + 2] for at in range(len(run)))
        else:
            found.append(run[:LONGEST])
    return found


def cell_of(word: str) -> int:
    """Which of the CELLS a word belongs to: by its first two characters, so that all words which go on from there are together."""
    return _cell_of(word[:1] if _IS_UNSPACED.match(word) else word[:2])


@lru_cache(maxsize=65536)
def _cell_of(start: str) -> int:
    return sum(ord(sign) * factor for sign, factor in zip(start, (89, 1), strict=False)) % 257 % CELLS
