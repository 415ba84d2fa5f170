"""Where calls may go: every address of a name is judged, default deny for everything that is not public.

An allow rule names host, network and port together. A name alone would follow whoever controls its DNS; a network alone
would let any name point into it.
"""

import ipaddress
import re
from typing import Self

from engine.errors import BanjieError
from engine.records import record

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

HOST = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?")

# Link-local and multicast, "this network", and the metadata services of clouds, which hand out credentials to whoever
# asks from the machine (Alibaba and Azure have theirs outside the link-local range).
_NEVER = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "169.254.0.0/16",
        "100.100.100.200/32",
        "168.63.129.16/32",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/128",
        "fe80::/10",
        "fd00:ec2::/32",
        "ff00::/8",
    )
)
# IPv6 ranges that carry an IPv4 address inside, and would reach it past the IPv4 rules.
_TUNNELS = tuple(
    ipaddress.ip_network(text)
    for text in ("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "100::/64")
)
# Not public either, though Python's tables call them so: old site-local addresses, examples, the anycast of 6to4 relays.
_NOT_PUBLIC = tuple(ipaddress.ip_network(text) for text in ("fec0::/10", "3fff::/20", "192.88.99.0/24"))
_LOOPBACK_6 = ipaddress.ip_address("::1")


class PolicyRefused(BanjieError):
    """A call may not go where the model wants it to go. Trying again does not help; an administrator can allow it."""

    status = 403
    code = "outgoing-refused"


@record(kw_only=False)
class AllowRule:
    """One place inside the intranet that may be called: a host ("api.gov.cn" or "*.gov.cn"), a network, and ports."""

    host: str
    network: Network
    ports: frozenset[int]

    def matches(self, host: str, address: Address, port: int) -> bool:
        """Whether this rule allows the address that ``host`` resolved to."""
        fits = host == self.host or (self.host.startswith("*.") and host.endswith(self.host[1:]))
        return fits and port in self.ports and address.version == self.network.version and address in self.network

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``host network ports``, e.g. ``api.gov.cn 10.1.0.0/16 443,8443``; raises ValueError with the reason."""
        parts = text.split()
        if len(parts) != 3:
            raise ValueError(f"{text!r}: expected 'host network ports', as in 'api.example.cn 10.1.0.0/16 443'")
        host = parts[0].lower()
        bare = host.removeprefix("*.")
        if not HOST.fullmatch(bare) and not _is_address(bare):
            raise ValueError(f"{text!r}: {host!r} is no host name")
        ports = frozenset(int(port) for port in parts[2].split(","))
        if not all(0 < port < 65536 for port in ports):
            raise ValueError(f"{text!r}: a port is between 1 and 65535")
        return cls(host, ipaddress.ip_network(parts[1]), ports)


@record(kw_only=False)
class OutgoingPolicy:
    """What may be called: the allow rules, and public addresses by https on port 443 unless ``public`` is False."""

    allow: tuple[AllowRule, ...] = ()
    public: bool = True

    @classmethod
    def parse(cls, text: str, *, public: bool = True) -> Self:
        """Read rules separated by semicolons or line ends; raises ValueError with the reason."""
        rules = (part.strip() for part in re.split(r"[;\n]", text))
        return cls(tuple(AllowRule.parse(rule) for rule in rules if rule), public)

    def judge(self, scheme: str, host: str, address: str, port: int) -> None:
        """Raise PolicyRefused unless ``host``, which resolved to ``address``, may be called at ``port``."""
        judged = _plain(ipaddress.ip_address(address))
        if any(judged.version == network.version and judged in network for network in _NEVER):
            raise _refused(host, port, f"{judged} 永远不可访问", f"{judged} can never be called")
        if judged != _LOOPBACK_6 and any(judged.version == 6 and judged in network for network in _TUNNELS):
            raise _refused(host, port, f"{judged} 是隧道地址", f"{judged} is a tunnel address")
        if any(rule.matches(host, judged, port) for rule in self.allow):
            return
        if not self.public:
            raise _refused(host, port, "不在允许的清单中", "it is not on the list of allowed places")
        if not _is_public(judged):
            raise _refused(
                host, port, f"{judged} 不是公网地址，也不在允许的清单中", f"{judged} is not public and not on the list"
            )
        if scheme != "https" or port != 443:
            raise _refused(host, port, "公网只允许 https（443 端口）", "public addresses only by https on port 443")


def _is_public(address: Address) -> bool:
    if not address.is_global or address.is_private or address.is_reserved:
        return False
    return not any(address.version == network.version and address in network for network in _NOT_PUBLIC)


def _plain(address: Address) -> Address:
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped if mapped is not None else address


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _refused(host: str, port: int, zh: str, en: str) -> PolicyRefused:
    return PolicyRefused(
        f"不允许访问 {host}:{port}：{zh}。请管理员核对外部接口清单。",
        f"{host}:{port} may not be called: {en}. Ask an administrator to look at the list of outgoing places.",
        host=host,
        port=port,
    )
