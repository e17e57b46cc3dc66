"""Downloads reach public addresses only, and only so much of what lies there."""

from collections.abc import AsyncIterator

import pytest

from souk.http import outbound
from souk.http.outbound import DownloadFailed, checked, is_public
from tests.elsewhere import PUBLIC, Elsewhere

LAMP = "shop.example/lamp.jpg"


@pytest.fixture
async def elsewhere() -> AsyncIterator[Elsewhere]:
    async with Elsewhere().running() as here:
        yield here


async def fetched(elsewhere: Elsewhere, address: str, bytes_max: int = 100) -> bytes:
    downloads = elsewhere.downloads()
    try:
        return await downloads.get(address, accept="image/*", bytes_max=bytes_max)
    finally:
        await downloads.close()


async def failure(elsewhere: Elsewhere, address: str) -> DownloadFailed:
    with pytest.raises(DownloadFailed) as failed:
        await fetched(elsewhere, address)
    return failed.value


@pytest.mark.parametrize(
    ("address", "public"),
    [
        (PUBLIC, True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("64:ff9b::5db8:d70e", True),  # NAT64 of a public one
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),  # where clouds keep their machines' secrets
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_names_in_any_script_are_asked_for_in_ascii() -> None:
    assert str(checked("https://bücher.example/ä b.jpg")) == "https://xn--bcher-kva.example/%C3%A4%20b.jpg"


async def test_what_was_looked_up_is_what_is_connected_to(elsewhere: Elsewhere) -> None:
    address = elsewhere.puts(LAMP, b"a lamp")
    elsewhere.names["shop.example"] = [PUBLIC, "127.0.0.1"]
    assert await fetched(elsewhere, address) == b"a lamp"
    assert elsewhere.connected == [PUBLIC]
    await failure(elsewhere, address)
    assert elsewhere.connected == [PUBLIC], "the second lookup led home, and nobody went there"


async def test_redirects_are_followed_to_public_places_only(elsewhere: Elsewhere) -> None:
    elsewhere.puts(LAMP, b"a lamp")
    moved = elsewhere.puts("old.example/a/1", (302, {"Location": "/b"}, b""))
    elsewhere.puts("old.example/b", (301, {"Location": f"http://{LAMP}"}, b""))
    assert await fetched(elsewhere, moved) == b"a lamp"
    elsewhere.names["home.example"] = ["192.168.0.1"]
    targets = (
        "http://127.0.0.1/",
        "http://home.example/",
        "file:///etc/passwd",
        "http://shop.example:22/",
        "http://[::1",
        "",
    )
    for target in targets:
        away = elsewhere.puts("old.example/away", (302, {"Location": target}, b""))
        assert "not open to everybody" in str(await failure(elsewhere, away)), target
    assert set(elsewhere.connected) == {PUBLIC}
    circle = elsewhere.puts("old.example/circle", (302, {"Location": "/circle"}, b""))
    assert "redirects too often" in str(await failure(elsewhere, circle))


@pytest.mark.parametrize("headers", [{"Content-Length": "101"}, {}])
async def test_no_more_is_read_than_is_wanted(elsewhere: Elsewhere, headers: dict[str, str]) -> None:
    address = elsewhere.puts(LAMP, (200, headers, b"x" * 101))
    assert str(await failure(elsewhere, address)).startswith("It is larger than")


@pytest.mark.parametrize(("status", "again"), [(404, False), (403, False), (429, True), (500, True), (503, True)])
async def test_an_answer_says_whether_a_later_try_may_do_better(elsewhere: Elsewhere, status: int, again: bool) -> None:
    failed = await failure(elsewhere, elsewhere.puts(LAMP, (status, {}, b"")))
    assert (str(failed), failed.again) == (f"It answers with {status}.", again)


async def test_who_is_slow_or_away_may_do_better_later(elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "DOWNLOAD_S_MAX", 0.2)
    slow = elsewhere.puts(LAMP, (200, {"Content-Length": "50"}, b"x"))
    elsewhere.pages["shop.example/lamp.jpg"] = [(200, {"Content-Length": "50"}, b"x")]
    assert (await failure(elsewhere, slow)).again
    elsewhere._port = 1
    away = await failure(elsewhere, slow)
    assert (str(away), away.again) == ("It cannot be reached.", True)
