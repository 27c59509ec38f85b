"""Step 3: what happened to the file after each signature: by objects, by meaning, by the tail, by the picture."""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, DiffResult, ModificationLevel
from pyhanko.sign.fields import MDPPerm

from digitise.model.verdicts import ChangeClass, Changes, Coverage
from digitise.verify import forms, semantics
from digitise.verify.equality import Equal
from digitise.verify.integrity import Checked
from digitise.verify.later import Later
from digitise.verify.numbering import is_numbering
from digitise.verify.pictures import Comparison, Pictures
from digitise.verify.policy import Policy
from digitise.verify.reasons import Reason
from digitise.verify.source import Source
from digitise.verify.structure import FAULTS, Structure, reopened

PAGES_TO_BE_SURE = 12  # drawn where the meaning is the same already: a second opinion, not the evidence
MAX_TRAILER = 1 << 20  # bytes after a cross-reference table: a trailer has some 200
_OBJECT = re.compile(rb"\d+\s+\d+\s+obj\b")
logging.getLogger("pyhanko.sign.diff_analysis").setLevel(logging.CRITICAL)  # a traceback for every change it finds


@dataclass(slots=True)
class ChangesFound:
    """What came after one signature."""

    kind: ChangeClass = ChangeClass.NONE
    verdict: Changes = Changes.NONE
    reasons: list[Reason] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    picture: bytes | None = None  # PNG
    on_pages_only: bool = False  # everything that changed is drawn on pages, so that pictures tell all of it


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
        if checked.found.usage_rights:
            return ChangesFound(
                verdict=Changes.PERMITTED
            )  # it lets a viewer fill, annotate and sign: what came after is its purpose
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
        kind, fields = self._kind(checked, result)
        return self._judge(checked, max(kind, self._by_other_rules(checked), key=semantics.gravity), fields, {})

    def _later(self, checked: Checked) -> Later:
        return Later(checked, self._signatures, self._structure)

    def _kind(self, checked: Checked, result: DiffResult) -> tuple[ChangeClass, list[str]]:
        level = result.modification_level
        if level <= ModificationLevel.LTA_UPDATES:
            return ChangeClass.VALIDATION_DATA, []
        if level is ModificationLevel.FORM_FILLING:
            names = {str(name) for name in result.changed_form_fields} - self._later(checked).names
            others = [one.name for one in self._really_changed(checked, names)]
            return (ChangeClass.FORM_FILLED if others else ChangeClass.FURTHER_SIGNATURE), others
        return ChangeClass.ANNOTATION, []

    def _by_other_rules(self, checked: Checked) -> ChangeClass:
        """Return what it means that the form's own fonts or defaults changed, by which fields are drawn; pyHanko lets them."""
        assert self._structure.reader is not None
        assert checked.revision is not None
        try:
            old = forms.form_of(self._structure.reader.get_historical_resolver(checked.revision).root)
            changed = forms.defaults_changed(Equal(), old, forms.form_of(self._structure.reader.root))
        except FAULTS:
            return ChangeClass.ANNOTATION
        return ChangeClass.NONE if changed is None else forms.default_kind(changed)

    def _really_changed(self, checked: Checked, names: Iterable[str]) -> list[forms.FieldChange]:
        """Return what changed of these fields; pyHanko also names fields that it only had to look at. All, where that cannot be told."""
        names = sorted(names)
        try:
            old, new = self._revisions(checked)
            return forms.field_changes(old.root, new.root, names)
        except FAULTS:
            return [forms.FieldChange(name, value=True, look=True) for name in names]

    def _revisions(self, checked: Checked) -> tuple[Any, Any]:
        """Return the signed revision and the newest one, read leniently: what dangles is null."""
        assert checked.revision is not None
        reader = reopened(self._source, self._structure)
        old = reader.get_historical_resolver(checked.revision)
        return old, reader.get_historical_resolver(reader.xrefs.total_revisions - 1)

    def _by_meaning(self, checked: Checked, analysis: str) -> ChangesFound:
        details: dict[str, Any] = {"analysis": analysis}
        if "multiple contexts" in analysis:
            # an object that serves two places was replaced through one of them: meaning something else by that is the point
            return self._look(checked, ChangesFound(ChangeClass.ANNOTATION, details=details), Reason.CHANGES_UNCLEAR)
        later = self._later(checked)
        try:
            difference = semantics.compare(*self._revisions(checked), later.names)
        except FAULTS as e:
            details["comparison"] = f"{type(e).__name__}: {e}"[:200]
            return self._look(checked, ChangesFound(ChangeClass.CONTENT, details=details), Reason.CHANGES_UNCLEAR)
        if difference.what:
            details["comparison"] = "; ".join(difference.what)
        if checked.found.locks is not None and any(checked.found.locks.is_locked(name) for name in difference.fields):
            found = ChangesFound(difference.kind, reasons=[Reason.CHANGES_FORBIDDEN], details=details)
            return self._suspicious(checked, found)
        harmless = difference.kind in (ChangeClass.VALIDATION_DATA, ChangeClass.FURTHER_SIGNATURE)
        if harmless and not later.explains(self._pictures.compare(checked.found.end, most=PAGES_TO_BE_SURE)):
            # nothing that we compare is different, and yet it looks different: what we do not compare decides
            return self._look(checked, ChangesFound(ChangeClass.CONTENT, details=details), Reason.CHANGES_UNCLEAR)
        return self._judge(
            checked, difference.kind, difference.fields, details, on_pages_only=not difference.beyond_pages
        )

    def _judge(
        self,
        checked: Checked,
        kind: ChangeClass,
        fields: list[str],
        details: dict[str, Any],
        *,
        on_pages_only: bool = True,
    ) -> ChangesFound:
        """Say what a change of this kind means for this signature."""
        found = ChangesFound(kind, details=details, on_pages_only=on_pages_only)
        if kind is ChangeClass.VALIDATION_DATA:
            found.verdict, found.reasons = Changes.PERMITTED, [Reason.VALIDATION_DATA_AFTER]
            return found
        permission = checked.found.certifies
        if permission is MDPPerm.NO_CHANGES:
            if self._later(checked).only_timestamps and kind is ChangeClass.FURTHER_SIGNATURE:
                found.verdict, found.reasons = Changes.PERMITTED, [Reason.VALIDATION_DATA_AFTER]
                return found
            found.reasons.append(Reason.CHANGES_FORBIDDEN)
            return self._suspicious(checked, found)
        if kind is ChangeClass.FURTHER_SIGNATURE:
            return self._further_signature(checked, found)
        if kind is ChangeClass.FORM_FILLED:
            return self._form_filled(checked, found, fields)
        otherwise = {ChangeClass.ANNOTATION: Reason.ANNOTATED, ChangeClass.CONTENT: Reason.UNSEEN_CHANGED}
        return self._look(checked, found, otherwise.get(kind, Reason.CHANGES_UNCLEAR))

    def _further_signature(self, checked: Checked, found: ChangesFound) -> ChangesFound:
        """A later signature may show itself, but not cover what was signed (the sneaky signature attack)."""
        later = self._later(checked)
        if not later:
            return self._look(
                checked, ChangesFound(ChangeClass.ANNOTATION, details=found.details), Reason.CHANGES_UNCLEAR
            )
        if later.only_timestamps:
            found.reasons.append(Reason.VALIDATION_DATA_AFTER)
            found.kind = ChangeClass.VALIDATION_DATA
        else:
            found.reasons.append(Reason.SIGNED_AFTER)
        found.verdict = Changes.PERMITTED
        if later.cover(checked.found.end, self._pictures):
            found.reasons = [Reason.COVERED_BY_LATER_FIELD]
            return self._suspicious(checked, found)
        if later.hide_words(checked.found.end, self._pictures):
            found.reasons = [Reason.HIDDEN_BY_LATER_FIELD]
            return self._suspicious(checked, found)
        return found

    def _form_filled(self, checked: Checked, found: ChangesFound, fields: list[str]) -> ChangesFound:
        """Filling a form is what shadow attacks hide behind, so the picture decides whether anything visible changed."""
        found.details["fields"] = ", ".join(fields[:5])
        comparison = self._pictures.compare(checked.found.end)
        seen_same = self._later(checked).explains(comparison)
        changed = self._really_changed(checked, fields)
        if seen_same and changed and all(one.waits for one in changed):
            found.verdict, found.reasons = Changes.PERMITTED, [Reason.FIELD_EMPTY]  # prepared for the next signer
            return found
        allowed = checked.found.certifies is not None and checked.found.certifies.value >= MDPPerm.FILL_FORMS.value
        if allowed and not seen_same and any(not one.value for one in changed):
            allowed = False  # a field whose value stayed, and that looks different: that is not filling it in
        if allowed or seen_same:
            found.verdict = Changes.PERMITTED
            found.reasons.append(Reason.FORM_FILLED_AS_ALLOWED if allowed else Reason.FORM_FILLED)
            return found
        if comparison.differences and self._is_numbering(checked, found, comparison):
            found.verdict, found.reasons = Changes.PERMITTED, [Reason.NUMBERED_AFTER]
            return found
        found.reasons.append(Reason.FORM_REPAINTED if comparison.differences else Reason.FORM_FILLED)
        return self._suspicious(checked, found, comparison)

    def _is_numbering(self, checked: Checked, found: ChangesFound, comparison: Comparison) -> bool:
        rule = self._policy.numbering
        later = self._later(checked)
        return (
            rule is not None
            and found.on_pages_only
            and is_numbering(
                rule,
                self._policy.roles,
                checked,
                later.signatures,
                comparison,
                self._pictures,
                later.places(),
                self._source.size,
            )
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
            if self._is_numbering(checked, found, comparison):
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
