"""A change of the trust set concerns the verdicts whose paths it touches, and no others."""

from digitise.verify.trust import Difference, TrustSet, entry_of
from tests.pki import Identity
from tests.unit.verify.world import Given, World


def certificate(one: Identity) -> TrustSet:
    return TrustSet().with_entries([entry_of(one.asn1_certificate)])


def test_an_anchor_that_is_retired_concerns_those_who_rely_on_it(world: World) -> None:
    verdict = world.verdict(Given(world.signed()))
    other = world.pki.authority("elsewhere", "Another Root", number=6).identity
    held = world.trust(other)
    without_root = held.without(entry_of(world.pki.root.identity.asn1_certificate).sha256)
    without_other = held.without(entry_of(other.asn1_certificate).sha256)
    assert Difference.between(held, without_root).touches(verdict)
    assert not Difference.between(held, without_other).touches(verdict)
    assert not Difference.between(without_other, held).touches(verdict)  # a valid path needs nothing more


def test_a_certificate_that_is_installed_concerns_those_who_lack_it(world: World) -> None:
    pdf = world.sign(world.blank, level="B-B", embed=[])
    lacking = world.trust(sub=False)
    verdict = world.verdict(Given(pdf, trust=lacking))
    assert Difference.between(lacking, world.trust()).touches(verdict)
    other = world.pki.authority("elsewhere", "Another Root", number=6).identity
    assert not Difference.between(lacking, world.trust(other, sub=False)).touches(verdict)
