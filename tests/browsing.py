"""One browser for all tests that read pages over HTTP: without scripts, with cookies, and sending what Chromium sends."""

import asyncio
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx

from tests.form import TOKEN, Fields, Form, Upload, body_in_parts
from tests.page import Page

CHROMIUM = {
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "accept-language": "en-GB,en;q=0.9",
    "upgrade-insecure-requests": "1",
}

REDIRECTS_MAX = 10

Field = tuple[str, Any]
"""A name and what is sent under it."""


def _sent(fields: Fields, page: Page) -> list[Field]:
    """With the page's token, unless they have one."""
    given = fields if TOKEN in fields else {TOKEN: page.token, **fields}
    return [(name, one) for name, some in given.items() for one in ([some] if isinstance(some, str) else some)]


class Browser:
    """A person's browser over the connection of a client, whose cookies it leaves alone."""

    def __init__(self, http: httpx.AsyncClient, **headers: str) -> None:
        self.http = httpx.AsyncClient(
            transport=http._transport, base_url=http.base_url, timeout=http.timeout, headers=headers
        )
        self._own = headers
        self.page = Page("")
        self.path = ""
        self.status = 0
        self.answer: httpx.Response | None = None

    @property
    def source(self) -> str:
        """The page as it was sent."""
        assert self.answer is not None
        return self.answer.text

    def speaks(self, languages: str) -> None:
        """From now on the person reads these languages, as in Accept-Language."""
        self._own = self._own | {"accept-language": languages}

    async def open(self, path: str) -> Page:
        """Go there."""
        return await self._arrive(await self.http.get(path, headers=self._navigates("none")))

    async def follow(self, said: str) -> Page:
        """Press the link that says this."""
        return await self.open(self.page.link(said))

    async def press(
        self, button: str, fields: Fields | None = None, files: Iterable[tuple[str, Upload]] = (), *, to: str = ""
    ) -> Page:
        """Fill in the form of this button, and press it; `to` where more than one is called so."""
        return await self.send(self.page.form(button, to=to).fill(fields or {}, files))

    async def send(self, form: Form) -> Page:
        """Send a form of this page, or of one that was opened before."""
        sent, path = form.sent(), form.action or self.path
        if not form.posts:
            return await self.open(f"{path.partition('?')[0]}?{urlencode(sent)}")
        return await self._arrive(await self._post(path, sent, in_parts=form.with_files))

    async def forge(self, path: str, fields: Fields | None = None, files: Iterable[tuple[str, Upload]] = ()) -> Page:
        """Send what no form of this page sends, with its token: an old page, a script, somebody who tries."""
        sent = [*_sent(fields or {}, self.page), *((name, Upload(*upload)) for name, upload in files)]
        return await self._arrive(await self._post(path, sent, in_parts=bool(files)))

    async def post(self, path: str, fields: Fields, **headers: str) -> httpx.Response:
        """The same without files, and the answer before anything is followed."""
        return await self._post(path, _sent(fields, self.page), **headers)

    async def until(self, said: str) -> None:
        """Look at the page again until it says this: what the services do may take a while on a busy machine."""
        async with asyncio.timeout(30):
            while said not in self.page:
                await self.open(self.path)

    async def log_in(self, email: str, password: str, after: str = "/") -> Page:
        """Log in, and go on with this page."""
        await self.open(f"/login?{urlencode({'next': after})}")
        return await self.press("Log in", {"email": email, "password": password})

    async def _post(self, path: str, sent: list[Field], *, in_parts: bool = False, **headers: str) -> httpx.Response:
        boundary = f"----WebKitFormBoundary{uuid4().hex[:16]}"
        kind = f"multipart/form-data; boundary={boundary}" if in_parts else "application/x-www-form-urlencoded"
        content: Any = body_in_parts(sent, boundary) if in_parts else urlencode(sent)
        return await self.http.post(path, content=content, headers=self._sends({"content-type": kind} | headers))

    async def _arrive(self, answer: httpx.Response) -> Page:
        """Follow where the answer leads, and look at the page; an answer without one leaves the page as it is."""
        for _ in range(REDIRECTS_MAX):
            if not answer.is_redirect:
                break
            there = answer.url.join(answer.headers["location"])
            assert there.host == answer.url.host, f"it leads to another site: {there}"
            answer = await self.http.get(there, headers=self._navigates("same-origin"))
        else:
            raise AssertionError("it leads round and round")
        self.answer, self.status = answer, answer.status_code
        if answer.status_code != httpx.codes.NO_CONTENT:
            self.path = answer.url.path
            self.page = Page(answer.text if "html" in answer.headers.get("content-type", "") else "")
        return self.page

    def _navigates(self, site: str) -> dict[str, str]:
        about = {
            "sec-fetch-site": site,
            "sec-fetch-mode": "navigate",
            "sec-fetch-user": "?1",
            "sec-fetch-dest": "document",
        }
        return CHROMIUM | about | self._own

    def _sends(self, more: dict[str, str]) -> dict[str, str]:
        base = self.http.base_url
        whence = {"origin": str(base).rstrip("/"), "referer": str(base.join(self.path or "/"))}
        return self._navigates("same-origin") | whence | more
