"""Which entity tag to send back: the very one that came, but for one fault of Apache.

Apache's mod_deflate and mod_brotli mark the tag of a compressed answer (`"x-gzip"`) and do not
know it again when it comes back (Apache bugs 39727 and 45023): every poll would get the whole
document. Without the mark it is the tag that the server, or the application behind it, gave.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from connectors.contract import Outcome

if TYPE_CHECKING:
    from connectors.fetching.exchange import Exchange

_MARK = re.compile(r'-(gzip|br)"$')


def tag_to_send(known: str, exchange: Exchange) -> str:
    """The tag to send next time; `known` is what was sent, or would have been, this time.

    Of a marked tag the other form is tried when the server has answered the one that was sent
    with the same document in full; it does not know that form.
    """
    tag = exchange.header("etag")
    bare = _MARK.sub('"', tag)
    if bare == tag:
        return tag
    is_same_tag = known in {tag, bare}
    if is_same_tag and exchange.outcome is Outcome.NOT_MODIFIED:
        return known
    if is_same_tag and exchange.is_conditional and exchange.outcome is Outcome.UNCHANGED:
        return bare if known == tag else tag
    return bare if _is_marked_by_apache(tag, exchange) else tag


def _is_marked_by_apache(tag: str, exchange: Exchange) -> bool:
    mark = _MARK.search(tag)
    codings = exchange.header("content-encoding").lower()
    is_apache = exchange.header("server").lower().startswith("apache")
    return mark is not None and is_apache and mark[1] in codings
