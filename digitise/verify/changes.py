"""Step 3: what happened to the file after each signature: by objects, by meaning, by the tail, by the picture."""

import re
from dataclasses import dataclass, field
from typing import Any

from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, DiffResult, ModificationLevel
from pyhanko.sign.fields import MDPPerm

from digitise.model.verdicts import ChangeClass, Changes, Coverage
from digitise.verify import semantics, widgets
from digitise.verify.integrity import Checked
from digitise.verify.numbering import Place, inside, is_numbering
from digitise.verify.pictures import Comparison, Pictures
from digitise.verify.policy import Policy
from digitise.verify.reasons import Reason
from digitise.verify.source import Source
from digitise.verify.structure import FAULTS, Structure, reopened

MAX_WIDGET_SHARE = 0.20  # of the page: a later signature field larger than this may hide content; seals take some 3 %
MAX_TRAILER = 1 << 20  # bytes after a cross-reference table: a trailer has some 200
_OBJECT = re.compile(rb"\d+\s+\d+\s+obj\b")
MAX_HIDDEN_INK = 0.02  # share of a page's ink that later signature fields may turn into paper


@dataclass(slots=True)
class ChangesFound:
    """What came after one signature."""

    kind: ChangeClass = ChangeClass.NONE
    verdict: Changes = Changes.NONE
    reasons: list[Reason] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    picture: bytes | None = None  # PNG


class ChangeJudge:
    """Judges the changes after each signature of one file."""

    def __init__(self, source: Source, structure: Structure, signatures: list[Checked], policy: Policy) -> None:
        self._source = source
        self._structure = structure
        self._signatures = signatures
        self._policy = policy
        self._pictures = Pictures(source)
        self._tail: bool | None = None

    def close(self) -> None:
        """Free the drawn documents."""
        self._pictures.close()

    def judge(self, checked: Checked) -> ChangesFound:
        """Say what changed after one signature; never raises."""
        if checked.coverage is Coverage.WHOLE_FILE:
            return ChangesFound()
        if checked.coverage in (Coverage.PARTIAL, Coverage.UNCLEAR):
            return self._suspicious(checked, ChangesFound(ChangeClass.CONTENT))
        if self._source.ends_blank(checked.found.end):
            return ChangesFound()
        if not self.tail_untouched() or not self._structure_reaches_end(checked.found.end):
            return self._suspicious(checked, ChangesFound(ChangeClass.CONTENT, reasons=[Reason.TAIL_IGNORED]))
        if self._structure.reader is None or checked.revision is None or not checked.found.names:
            return self._look(checked, ChangesFound(ChangeClass.CONTENT), Reason.CHANGES_UNCLEAR)
        return self._by_objects(checked)

    def tail_untouched(self) -> bool:
        """The last startxref of the file is the one that was read, and nothing but blanks follows the last %%EOF."""
        if self._tail is None:
            reader, end = self._structure.reader, self._source.after_last_eof()
            read = reader.last_startxref if reader is not None else None
            self._tail = (
                end is not None
                and self._source.ends_blank(end)
                and (read is None or read == self._source.last_startxref())
            )
        return self._tail

    def _structure_reaches_end(self, signed_end: int) -> bool:
        """Say whether what follows the signature belongs to revisions that were read: the newest table lies in it, and nothing but the
        end of the file follows that table. Otherwise bytes were put there that no reader of this table sees, and another may."""
        reader = self._structure.reader
        if reader is None:
            return True
        try:
            newest = reader.xrefs.get_xref_container_info(reader.xrefs.total_revisions - 1)
        except FAULTS:
            return False
        if newest.start_location < signed_end:
            return False
        rest = self._source.read(newest.end_location, min(self._source.size - newest.end_location, MAX_TRAILER))
        return rest.count(b"startxref") == 1 and not _OBJECT.search(rest)

    def _by_objects(self, checked: Checked) -> ChangesFound:
        """Let pyHanko explain every rewritten object; where it cannot, compare what the two documents mean."""
        assert self._structure.reader is not None
        assert checked.revision is not None
        try:
            result = DEFAULT_DIFF_POLICY.review_file(
                self._structure.reader,
                checked.revision,
                field_mdp_spec=checked.found.locks,
                doc_mdp=checked.found.certifies,
            )
        except FAULTS as e:
            return self._by_meaning(checked, f"{type(e).__name__}: {e}"[:300])
        if not isinstance(result, DiffResult):
            return self._by_meaning(checked, str(result)[:300])
        kind, fields = self._kind(result)
        return self._judge(checked, kind, fields, {})

    def _kind(self, result: DiffResult) -> tuple[ChangeClass, list[str]]:
        level = result.modification_level
        if level <= ModificationLevel.LTA_UPDATES:
            return ChangeClass.VALIDATION_DATA, []
        if level is ModificationLevel.FORM_FILLING:
            names = {name for one in self._signatures for name in one.found.names}
            others = sorted(str(name) for name in result.changed_form_fields if name not in names)
            return (ChangeClass.FORM_FILLED if others else ChangeClass.FURTHER_SIGNATURE), others
        return ChangeClass.ANNOTATION, []

    def _by_meaning(self, checked: Checked, analysis: str) -> ChangesFound:
        details: dict[str, Any] = {"analysis": analysis}
        if "multiple contexts" in analysis:
            # an object that serves two places was replaced through one of them: meaning something else by that is the point
            return self._look(checked, ChangesFound(ChangeClass.ANNOTATION, details=details), Reason.CHANGES_UNCLEAR)
        assert checked.revision is not None
        try:
            reader = reopened(self._source, self._structure)
            old = reader.get_historical_resolver(checked.revision)
            new = reader.get_historical_resolver(reader.xrefs.total_revisions - 1)
            difference = semantics.compare(old, new)
        except FAULTS as e:
            details["comparison"] = f"{type(e).__name__}: {e}"[:200]
            return self._look(checked, ChangesFound(ChangeClass.CONTENT, details=details), Reason.CHANGES_UNCLEAR)
        if difference.what:
            details["comparison"] = "; ".join(difference.what)
        if checked.found.locks is not None and any(checked.found.locks.is_locked(name) for name in difference.fields):
            found = ChangesFound(difference.kind, reasons=[Reason.CHANGES_FORBIDDEN], details=details)
            return self._suspicious(checked, found)
        return self._judge(checked, difference.kind, difference.fields, details)

    def _judge(self, checked: Checked, kind: ChangeClass, fields: list[str], details: dict[str, Any]) -> ChangesFound:
        """Say what a change of this kind means for this signature."""
        found = ChangesFound(kind, details=details)
        if kind is ChangeClass.VALIDATION_DATA:
            found.verdict, found.reasons = Changes.PERMITTED, [Reason.VALIDATION_DATA_AFTER]
            return found
        permission = checked.found.certifies
        if permission is MDPPerm.NO_CHANGES:
            if self._only_timestamps_follow(checked) and kind is ChangeClass.FURTHER_SIGNATURE:
                found.verdict, found.reasons = Changes.PERMITTED, [Reason.VALIDATION_DATA_AFTER]
                return found
            found.reasons.append(Reason.CHANGES_FORBIDDEN)
            return self._suspicious(checked, found)
        if kind is ChangeClass.FURTHER_SIGNATURE:
            return self._further_signature(checked, found)
        if kind is ChangeClass.FORM_FILLED:
            return self._form_filled(checked, found, fields)
        otherwise = Reason.ANNOTATED if kind is ChangeClass.ANNOTATION else Reason.CHANGES_UNCLEAR
        return self._look(checked, found, otherwise)

    def _only_timestamps_follow(self, checked: Checked) -> bool:
        later = [one for one in self._signatures if one.found.end > checked.found.end]
        return bool(later) and all(one.found.is_timestamp for one in later)

    def _further_signature(self, checked: Checked, found: ChangesFound) -> ChangesFound:
        """A later signature may show itself, but not cover what was signed (the sneaky signature attack)."""
        later = [one for one in self._signatures if one.found.end > checked.found.end]
        if later and all(one.found.is_timestamp for one in later):
            found.reasons.append(Reason.VALIDATION_DATA_AFTER)
            found.kind = ChangeClass.VALIDATION_DATA
        else:
            found.reasons.append(Reason.SIGNED_AFTER)
        found.verdict = Changes.PERMITTED
        places = [widgets.place(self._structure.reader, name) for one in later for name in one.found.names]
        if all(place is None or place[1] <= MAX_WIDGET_SHARE for place in places):
            return found
        comparison = self._pictures.compare(checked.found.end)
        if any(one.hidden_ink > MAX_HIDDEN_INK for one in comparison.differences) or comparison.failed:
            found.reasons = [Reason.COVERED_BY_LATER_FIELD]
            return self._suspicious(checked, found, comparison)
        return found

    def _form_filled(self, checked: Checked, found: ChangesFound, fields: list[str]) -> ChangesFound:
        """Filling a form is what shadow attacks hide behind, so the picture decides whether anything visible changed."""
        found.details["fields"] = ", ".join(fields[:5])
        allowed = checked.found.certifies is not None and checked.found.certifies.value >= MDPPerm.FILL_FORMS.value
        comparison = self._pictures.compare(checked.found.end)
        if allowed or self._seen_same(checked, comparison):
            found.verdict = Changes.PERMITTED
            found.reasons.append(Reason.FORM_FILLED_AS_ALLOWED if allowed else Reason.FORM_FILLED)
            return found
        if comparison.differences and self._is_numbering(checked, comparison):
            found.verdict, found.reasons = Changes.PERMITTED, [Reason.NUMBERED_AFTER]
            return found
        found.reasons.append(Reason.FORM_REPAINTED if comparison.differences else Reason.FORM_FILLED)
        return self._suspicious(checked, found, comparison)

    def _seen_same(self, checked: Checked, comparison: Comparison) -> bool:
        """Say whether nothing looks different but the fields of later signatures."""
        if comparison.failed is not None or comparison.pages_before != comparison.pages_after:
            return False
        places = self._later_places(checked)
        return all(inside(box, one.page, places) for one in comparison.differences for box in one.boxes)

    def _later_places(self, checked: Checked) -> list[Place]:
        """Return where later signatures show themselves; a field that is too large to be a seal excuses nothing."""
        reader, found = self._structure.reader, []
        for name in [name for one in self._signatures if one.found.end > checked.found.end for name in one.found.names]:
            place, page = widgets.place(reader, name), widgets.page_of(reader, name)
            if place is not None and page is not None and place[1] <= MAX_WIDGET_SHARE:
                found.append((page, place[0]))
        return found

    def _is_numbering(self, checked: Checked, comparison: Comparison) -> bool:
        rule = self._policy.numbering
        later = [one for one in self._signatures if one.found.end > checked.found.end]
        return rule is not None and is_numbering(
            rule,
            self._policy.roles,
            checked,
            later,
            comparison,
            self._pictures,
            self._later_places(checked),
            self._source.size,
        )

    def _look(self, checked: Checked, found: ChangesFound, otherwise: Reason) -> ChangesFound:
        """Let the picture name what a suspicious update did; `otherwise` where nothing visible changed."""
        comparison = self._pictures.compare(checked.found.end)
        if comparison.failed is not None:
            found.reasons.append(otherwise)
        elif comparison.pages_before != comparison.pages_after:
            found.reasons.append(Reason.PAGES_CHANGED)
        elif not comparison.differences:
            found.reasons.append(otherwise)
        else:
            over = all(not one.without_annotations for one in comparison.differences)
            found.kind = ChangeClass.ANNOTATION if over else ChangeClass.CONTENT
            if self._is_numbering(checked, comparison):
                found.verdict, found.reasons = Changes.PERMITTED, [*found.reasons, Reason.NUMBERED_AFTER]
                return found
            found.reasons.append(Reason.ANNOTATED if over else Reason.CONTENT_CHANGED)
        return self._suspicious(checked, found, comparison)

    def _suspicious(self, checked: Checked, found: ChangesFound, comparison: Comparison | None = None) -> ChangesFound:
        """Mark as suspicious, and make the picture where there is something to see."""
        found.verdict = Changes.SUSPICIOUS
        end = checked.found.end
        if self._policy.pictures and 0 < end < self._source.size:
            comparison = comparison or self._pictures.compare(end)
            found.picture = self._pictures.show(comparison, end)
            if comparison.differences:
                found.details.setdefault("page", comparison.differences[0].page + 1)
        return found
