"""The signatures that came after one: which fields are theirs, where they show themselves, and whether they cover what was signed."""

from collections.abc import Sequence

from digitise.verify import widgets
from digitise.verify.integrity import Checked
from digitise.verify.numbering import Place, inside
from digitise.verify.pictures import Box, Comparison, Pictures
from digitise.verify.structure import Structure

MAX_WIDGET_SHARE = 0.20  # of the page: a later signature field larger than this may hide content; seals take some 3 %
MAX_HIDDEN_INK = 0.02  # share of a page's ink that later signature fields may turn into paper
MAX_HIDDEN_THERE = (
    0.25  # share of the ink under a later field: a seal that is see-through hides none, an opaque sheet all
)


class Later:
    """What came after one signature of a file, as far as it is signatures."""

    def __init__(self, checked: Checked, signatures: Sequence[Checked], structure: Structure) -> None:
        self.signatures = [one for one in signatures if one.found.end > checked.found.end]
        self._structure = structure

    def __bool__(self) -> bool:
        return bool(self.signatures)

    @property
    def names(self) -> set[str]:
        """The names of their fields."""
        return {name for one in self.signatures for name in one.found.names}

    @property
    def only_timestamps(self) -> bool:
        """Say whether document timestamps came, and nothing else."""
        return bool(self.signatures) and all(one.found.is_timestamp for one in self.signatures)

    def places(self) -> list[Place]:
        """Return where they show themselves; a field that is too large to be a seal excuses nothing."""
        return [(page, place[0]) for page, place in self._shown() if page is not None and place[1] <= MAX_WIDGET_SHARE]

    def cover(self, signed_end: int, pictures: Pictures) -> bool:
        """Say whether a later field that is too large to be a seal hides what was signed; only then is anything drawn."""
        if all(page is not None and place[1] <= MAX_WIDGET_SHARE for page, place in self._shown()):
            return False
        comparison = pictures.compare(signed_end)
        return comparison.failed is not None or any(one.hidden_ink > MAX_HIDDEN_INK for one in comparison.differences)

    def hide_words(self, signed_end: int, pictures: Pictures) -> bool:
        """Say whether a later field turns words of the page under it into paper; a see-through seal does not."""
        return any(
            page is not None and pictures.hidden_under(signed_end, page, place[0]) > MAX_HIDDEN_THERE
            for page, place in self._shown()
        )

    def explains(self, comparison: Comparison) -> bool:
        """Say whether nothing looks different but their fields."""
        if comparison.failed is not None or comparison.pages_before != comparison.pages_after:
            return False
        places = self.places()
        return all(inside(box, one.page, places) for one in comparison.differences for box in one.boxes)

    def _shown(self) -> list[tuple[int | None, tuple[Box, float]]]:
        reader = self._structure.reader
        found = [(widgets.page_of(reader, name), widgets.place(reader, name)) for name in sorted(self.names)]
        return [(page, place) for page, place in found if place is not None]
