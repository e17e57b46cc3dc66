"""Static files under names that tell their content: every one that a page leads to, imports between modules included."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from entrypoint.app import FOLDER
from entrypoint.web import assets as assets_module
from entrypoint.web.assets import HASHED, Assets
from tests.entrypoint.conftest import Visitor
from tests.page import Page

ROOT = Path(__file__).parents[2]
IMPORTED = re.compile(r'import\(?\s*(?:\{[^}]*\} from )?"\./([^"]+)"')


def _linked(html: str) -> list[str]:
    """The files that a page links."""
    found = Page(html).tree.css("[href^='/static/'], [src^='/static/']")
    return [str(node.attributes.get("href") or node.attributes.get("src")) for node in found]


async def _exact(browser: Visitor, url: str) -> str:
    answer = await browser.http.get(url)
    assert answer.status_code == 200, url
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable", url
    told = HASHED.fullmatch(url)
    assert told, url
    assert hashlib.sha256(answer.content).hexdigest().startswith(told["hash"]), url
    return answer.text


@pytest.mark.parametrize("page", ["/t/home", "/nowhere", "/api/docs"])
async def test_whatever_a_page_links_may_be_kept_for_a_year(browser: Visitor, page: str) -> None:
    linked = _linked((await browser.http.get(page)).text)
    assert any(url.endswith(".js") for url in linked)
    assert any(url.endswith(".css") for url in linked)
    for url in linked:
        if not url.endswith(".webmanifest"):
            await _exact(browser, url)


async def test_modules_import_each_other_by_such_names_too(browser: Visitor) -> None:
    page = (await browser.http.get("/t/home")).text
    waiting, seen = [url for url in _linked(page) if "/js/" in url], set[str]()
    while waiting:
        url = waiting.pop()
        text = await _exact(browser, url)
        assert "`./" not in text, f"{url}: a name that is put together cannot be told its hash"
        seen.add(url)
        waiting += [found for name in IMPORTED.findall(text) if (found := f"/static/js/{name}") not in seen]
    ours = {file.name for file in (FOLDER / "static" / "js").glob("*.js")}
    assert {re.sub(r"\.[0-9a-f]{16}", "", Path(url).name) for url in seen} == ours


async def test_other_names_are_kept_for_a_short_while_or_not(browser: Visitor) -> None:
    for name, keep in (("app", "public, max-age=300"), (f"app.{'0' * 16}", "no-cache")):
        answer = await browser.http.get(f"/static/js/{name}.js")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, keep)
    assert (await browser.http.get("/static/manifest.webmanifest")).headers["cache-control"] == "public, max-age=300"
    assert (await browser.http.get(f"/static/js/none.{'0' * 16}.js")).status_code == 404


async def test_each_coding_has_its_validator(browser: Visitor) -> None:
    url = "/static/css/souk.css"
    packed = await browser.http.get(url, headers={"accept-encoding": "gzip"})
    plain = await browser.http.get(url, headers={"accept-encoding": "gzip;q=0"})
    assert packed.headers["etag"] != plain.headers["etag"]
    assert "content-encoding" not in plain.headers
    for known in (packed.headers["etag"], f"W/{plain.headers['etag']}", f'"x", {plain.headers["etag"]}'):
        assert (await browser.http.get(url, headers={"if-none-match": known})).status_code == 304


def test_a_change_renames_all_that_use_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets_module, "URLS_KEPT_S", 0.0)
    (tmp_path / "a.js").write_text('import { b } from "./b.js";')
    (tmp_path / "b.js").write_text('const c = () => import("./c.js");')
    (tmp_path / "c.js").write_text("1")
    assets = Assets(tmp_path)
    before = {name: assets.url(f"{name}.js") for name in "abc"}
    (tmp_path / "c.js").write_text("22")
    assert all(assets.url(f"{name}.js") != before[name] for name in "abc")
    assert assets.url("c.js").removeprefix("/static/") in assets.get("b.js").content.decode().replace("./", "")
    with pytest.raises(FileNotFoundError):
        assets.find("none.js")


def test_the_edge_can_make_them_with_python_alone(tmp_path: Path) -> None:
    """As `misc/proxy/Dockerfile` does it: without what the shop has installed, and with no other module of it."""
    package = tmp_path / "entrypoint" / "web"
    package.mkdir(parents=True)
    for file in ("entrypoint/__init__.py", "entrypoint/web/__init__.py", "entrypoint/web/assets.py"):
        (tmp_path / file).write_bytes((ROOT / file).read_bytes())
    command = [sys.executable, "-S", "-m", "entrypoint.web.assets", str(ROOT / "entrypoint" / "static"), "made"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "made" / "css" / "souk.css").exists()
