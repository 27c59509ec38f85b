"""Which written syllables Vietnamese can have: onset, rhyme, tone.

From the orthography: every native syllable is an optional onset, a rhyme, and one of six tones, of which only sắc and
nặng stand with a final c, ch, p, t. Some 6,800 syllables pass; about half are words.
"""

import re
import unicodedata
from functools import lru_cache

_ONSETS = " b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"
_RHYMES = """
    a ac ach ai am an ang anh ao ap at au ay ă ăc ăm ăn ăng ăp ăt â âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong
    op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơc ơi ơm ơn ơp ơt u ua uân uâng uât uây uc uê uêch uênh ui um un ung uơ uôc uôi
    uôm uôn uông uôp uôt up ut uy uya uych uyên uyêt uyn uynh uyp uyt uyu ư ưa ưc ưi ươc ươi ươm ươn ương ươp ươt ươu
    ưm ưng ưt ưu y yêm yên yêng yêt yêu
"""
ONSETS = frozenset(_ONSETS.split(" "))
RHYMES = frozenset(_RHYMES.split())
TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
STOPPED = ("c", "ch", "p", "t")
_WORD = re.compile(r"[^\W\d_]+")


def split_tone(syllable: str) -> tuple[str, str]:
    """Return the syllable without its tone mark, lower case NFC, and the tone's mark (empty for the level tone)."""
    tone = ""
    rest: list[str] = []
    for char in unicodedata.normalize("NFD", syllable.lower()):
        if char in TONES:
            tone += char
        else:
            rest.append(char)
    return unicodedata.normalize("NFC", "".join(rest)), tone


@lru_cache(maxsize=50_000)
def is_syllable(word: str) -> bool:
    """Say whether `word` can be a Vietnamese syllable."""
    bare, tone = split_tone(word)
    if len(tone) > 1:
        return False
    return any(_fits(onset, bare[len(onset) :], tone) for onset in _onsets(bare))


def _onsets(bare: str) -> list[str]:
    return [bare[:length] for length in (3, 2, 1, 0) if bare[:length] in ONSETS and len(bare[:length]) == length]


def _fits(onset: str, rhyme: str, tone: str) -> bool:
    if onset == "gi" and rhyme in ("", "n", "m", "êng", "êt"):  # gì, gìn, giết: the i belongs to both
        return True
    if onset == "qu":
        rhyme = rhyme if rhyme in RHYMES else "u" + rhyme
    if rhyme not in RHYMES:
        return False
    if onset in ("k", "gh", "ngh") and rhyme[0] not in "eêiy":
        return False
    if onset in ("c", "g", "ng") and rhyme[0] in "eêi" and not (onset == "g" and rhyme.startswith("i")):
        return False
    stopped = rhyme.endswith(STOPPED)
    return not stopped or tone in ("\u0301", "\u0323")


@lru_cache(maxsize=50_000)
def plausible(token: str) -> bool:
    """Say whether a token looks written by somebody: syllables, capitals, numbers, codes, with usual punctuation."""
    core = token.strip("()[]{}\"'“”‘’«».,;:!?…-–—/*•+")
    if not core:
        return False
    if any(char.isdigit() for char in core):
        return bool(re.fullmatch(r"[\w./,:%°-]+", core)) and not re.search(r"[a-zà-ỹ]\d", core)
    parts = _WORD.findall(core)
    if (
        not parts
        or (len(parts) == 1 and len(parts[0]) == 1 and not is_syllable(core))
        or re.search(r"[^\w./&,:;()-]", core)
    ):
        return False
    return all(is_syllable(part) or (part.isupper() and len(part) <= 12) for part in parts)
