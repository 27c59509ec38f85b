"""The records clerk's pages: the register, the confirmation before signing, certified copies."""

import re
from datetime import date

from PIL import Image, ImageDraw

from digitise.model.outgoing import NewOutgoing
from digitise.model.people import LOCAL_OPERATOR
from digitise.sign.key_ring import KeyRing
from digitise.sign.keys import KeyEntry
from digitise.sign.known_keys import tell_keys
from digitise.web.render import day
from tests.pki import PKI
from tests.pki.responders import pem
from tests.web.conftest import World


def test_a_batch_is_confirmed_after_looking(filled: World) -> None:
    client = filled.signed_in("minh")
    page = client.get("/outgoing?state=waiting").text
    ids = re.findall(r'name="id" value="(\w+)"', page)
    check = client.get("/sign/check", params={"id": ids, "profile": "issue"}).text
    assert "Chưa có chữ ký của người có thẩm quyền" in check
    refused = client.post("/sign/confirm", data={"id": ids, "profile": "issue"})
    assert refused.status_code == 422
    sent = {"id": ids, "profile": "issue", "seen": "yes"}
    first = client.post("/sign/confirm", data=sent, follow_redirects=False).headers["location"]
    assert client.post("/sign/confirm", data=sent, follow_redirects=False).headers["location"] == first
    assert f"Xong 0 trên {len(ids)}" in client.get(first).text


def test_the_confirmation_shows_where_the_signature_will_be(filled: World) -> None:
    data = filled.services.settings.data
    seal = Image.new("RGBA", (300, 300))
    ImageDraw.Draw(seal).ellipse((10, 10, 290, 290), outline=(190, 0, 0, 255), width=12)
    seal.save(data / "seal.png")
    (data / "signing.toml").write_text('[profile.issue]\nkey = "ubnd"\nimage = "seal.png"\n')
    client = filled.signed_in("minh")
    waiting = re.findall(r'name="id" value="(\w+)"', client.get("/outgoing?state=waiting").text)
    html = client.get("/sign/check", params={"id": waiting, "profile": "issue", "number": "7"}).text
    picture = re.search(r'<image href="(/sign/look/issue\.png)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"', html)
    assert picture is not None
    assert float(picture[2]) > 595 * 0.3  # the signer stands in the right half, the seal over the left third of it
    assert abs(float(picture[4]) - 36 * 72 / 25.4) < 0.1  # at its real size
    assert client.get(picture[1]).content.startswith(b"\x89PNG")
    assert re.search(r"<text [^>]*>07</text>", html)
    assert "ubnd" in html
    other = {"id": waiting, "profile": "issue", "issued_on": "01/02/1999"}
    refused = re.search(r'<div class="notice bad"><p>([^<]+)', client.get("/sign/check", params=other).text)
    assert refused is not None  # said before anybody confirms, in the words of the page
    assert "năm 2018" in refused[1]
    assert "01/02/1999" in refused[1]


def test_the_confirmation_tells_that_a_number_is_used(filled: World) -> None:
    client = filled.signed_in("minh")
    (ident, *_) = re.findall(r'name="id" value="(\w+)"', client.get("/outgoing?state=waiting").text)
    draft = filled.services.outgoing.get(ident)
    taken = NewOutgoing(draft.unit, draft.kind, "đã ban hành", number=41, symbol="QĐ-UBND", issued_on=date(2026, 3, 5))
    holder = filled.services.outgoing.add(taken, LOCAL_OPERATOR).id
    form = {"id": ident, "profile": "issue", "symbol": "QĐ-UBND", "issued_on": "05/03/2026"}
    assert holder in client.get("/sign/check", params={**form, "number": "41"}).text
    assert holder not in client.get("/sign/check", params={**form, "number": "42"}).text


def test_the_confirmation_tells_the_certificate_and_when_it_ends(filled: World) -> None:
    data = filled.services.settings.data
    with PKI() as pki:
        seal = pki.organisation("Ủy ban nhân dân phường Hồng Gai", "5700100002")
    (data / "ubnd.pem").write_bytes(pem(seal))
    keys = KeyRing({"ubnd": KeyEntry("ubnd", "pkcs12", {"pin": "prompt", "certificate": str(data / "ubnd.pem")})})
    tell_keys(keys, filled.services.known_keys, filled.services.clock)  # as the sign worker does
    (data / "signing.toml").write_text('[profile.issue]\nkey = "ubnd"\n')
    client = filled.signed_in("minh")
    waiting = re.findall(r'name="id" value="(\w+)"', client.get("/outgoing?state=waiting").text)
    html = client.get("/sign/check", params={"id": waiting, "profile": "issue"}).text
    assert "Ủy ban nhân dân phường Hồng Gai" in html
    assert day(seal.certificate.not_valid_after_utc) in html  # in Vietnam it may be tomorrow already


def test_the_register_is_searched_without_diacritics_and_by_number(filled: World) -> None:
    client = filled.signed_in("minh")
    page = client.get("/outgoing", params={"q": "cai cach hanh chinh dot 7"}).text
    assert "Về việc triển khai nhiệm vụ cải cách hành chính đợt 7" in page
    assert "đợt 8<" not in page
    assert "Không có văn bản nào" in client.get("/outgoing", params={"q": "khongcogi"}).text


def test_a_certified_copy_of_a_digitised_paper_goes_into_the_register(filled: World) -> None:
    client = filled.signed_in("minh")
    address = f"/documents/{filled.documents[0]}/copy"
    assert "Hãy nhập mã đơn vị" in client.post(address, data={"unit": ""}).text
    made = client.post(address, data={"unit": "P0"}, follow_redirects=False)
    assert made.status_code == 303
    assert "Xem và ký văn bản này" in client.get(made.headers["location"]).text
    again = client.post(address, data={"unit": "P0"}, follow_redirects=False)
    assert again.headers["location"] == made.headers["location"]
