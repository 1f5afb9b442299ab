"""Where an address leads: to github.com or to an Enterprise server, an account, a repository."""

from __future__ import annotations

import re
from typing import NamedTuple

from connectors.apis.places import default_scheme
from connectors.contract import AddressError

_NEWEST = "sort={}&direction=desc&per_page=100"
#: What is read of each repository. Issues come first: they say whose a thread is.
LISTS = {
    "issues": f"/issues?state=all&{_NEWEST.format('updated')}",
    "comments": f"/issues/comments?{_NEWEST.format('created')}",
    "releases": "/releases?per_page=100",
}
#: A name of a repository, as an address or an account's list gives it.
REPOSITORY_NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
_HOST = r"[\w-]+(?:\.[\w-]+)*\.?|\[[0-9A-Fa-f:.]+\]"
_URL = re.compile(rf"(https?)://((?:{_HOST})(?::[0-9]{{1,5}})?)/(.*)", re.IGNORECASE)
#: An account's name has neither dot nor colon.
_HOST_FIRST = re.compile(rf"()((?=[^/]*[.:])(?:{_HOST})(?::[0-9]{{1,5}})?)/(.*)")
_OWNER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98})")


class Place(NamedTuple):
    """Where an address leads: the interface, the server's name, the account, the repository."""

    api: str
    host: str
    owner: str
    repository: str  #: "" for an account with all its repositories

    def thread(self, repository: str, number: str | int) -> str:
        """Identifier of an issue and of what is said on it."""
        return f"{self.host}/{self.owner}/{repository}#{number}".lower()

    def list_url(self, name: str, repository: str) -> str:
        """First page of a list of a repository."""
        return f"{self.api}/repos/{self.owner}/{repository}{LISTS[name]}"


def place_of(address: str) -> Place:
    """Where an address leads: `owner`, `owner/repository`, or the URL of either.

    Raises:
        AddressError: it is none; the message shows what is expected.
    """
    url = _URL.fullmatch(address) or _HOST_FIRST.fullmatch(address)
    scheme, host, path = url.groups() if url else (None, "github.com", address)
    host = host.lower().removeprefix("www.")
    owner, _, repository = path.removesuffix("/").partition("/")
    repository = repository.removesuffix(".git")
    is_named = REPOSITORY_NAME.fullmatch(repository) or path.removesuffix("/") == owner
    if not _OWNER.fullmatch(owner) or not is_named:
        message = (
            f"{address!r} is no GitHub address: give an account or a repository, for example "
            "council, council/bridge or https://github.com/council/bridge"
        )
        raise AddressError(message)
    if host == "github.com":
        return Place("https://api.github.com", host, owner, repository)
    scheme = (scheme or "").lower() or default_scheme(host)
    return Place(f"{scheme}://{host}/api/v3", host, owner, repository)
