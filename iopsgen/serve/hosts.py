"""Which Host headers the preview answers to: a page of the web must not reach it under a name of its own (DNS rebinding)."""

import ipaddress
import re

_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\s:\[\]@/\\?#,]+))(?::[0-9]{0,5})?")
_ALWAYS = ("localhost", "127.0.0.1", "::1")


def is_allowed(header: str | None, asked: str, reached: str) -> bool:
    """Whether a request with this Host header (RFC 9110, 7.2) is answered, whatever its port.

    `asked` is the host that the preview was started with, `reached` the address of this machine at which the request arrived: it is
    allowed too, since an address, unlike a name, cannot be made to lead here by somebody else.
    """
    found = _HOST.fullmatch(header or "")
    if found is None:
        return False
    host = _plain(found[1] or found[2])
    return host in _ALWAYS or host in (_plain(asked), _plain(reached))


def _plain(host: str) -> str:
    """A host in the form in which two of them compare; "" for the one that means every address."""
    host = host.strip("[]").partition("%")[0].lower().removesuffix(".")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return "" if address.is_unspecified else str(address)
