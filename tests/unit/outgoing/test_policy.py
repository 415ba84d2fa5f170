"""Where calls may go."""

import pytest

from engine.outgoing import OutgoingPolicy, PolicyRefused

PUBLIC = OutgoingPolicy()


def refuses(
    policy: OutgoingPolicy, address: str, *, scheme: str = "https", host: str = "a.cn", port: int = 443
) -> bool:
    try:
        policy.judge(scheme, host, address, port)
    except PolicyRefused:
        return True
    return False


def test_a_public_address_may_be_called_by_https_only():
    assert not refuses(PUBLIC, "223.5.5.5")
    assert refuses(PUBLIC, "223.5.5.5", scheme="http", port=80)
    assert refuses(PUBLIC, "223.5.5.5", port=8443)


def test_public_addresses_can_be_switched_off():
    assert refuses(OutgoingPolicy(public=False), "223.5.5.5")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",  # shared address space of carriers
        "198.18.0.1",  # benchmarks
        "192.0.2.1",
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
        "169.254.169.254",  # metadata of most clouds
        "100.100.100.200",  # Alibaba
        "168.63.129.16",  # Azure
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fd00:ec2::254",  # AWS
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::7f00:1",  # NAT64 of 127.0.0.1
        "64:ff9b:1::a00:1",
        "2002:7f00:1::",  # 6to4 of 127.0.0.1
        "2001:0:7f00:1::",  # Teredo
        "fec0::1",  # site-local, as it once was
        "3fff::1",  # examples
        "192.88.99.1",  # relays of 6to4
    ],
)
def test_an_address_that_is_not_public_is_refused_by_default(address):
    assert refuses(PUBLIC, address)


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "100.100.100.200", "168.63.129.16", "fe80::1", "64:ff9b::7f00:1"]
)
def test_no_rule_can_open_metadata_and_tunnel_addresses(address):
    policy = OutgoingPolicy.parse("a.cn 0.0.0.0/0 443; a.cn ::/0 443")

    assert refuses(policy, address)


def test_a_rule_opens_one_name_in_one_network_at_its_ports():
    policy = OutgoingPolicy.parse("api.gov.cn 10.1.0.0/16 8080,8443\n*.intra.gov.cn 10.2.0.0/16 443")

    assert not refuses(policy, "10.1.2.3", scheme="http", host="api.gov.cn", port=8080)
    assert refuses(policy, "10.1.2.3", host="other.gov.cn", port=8443)
    assert refuses(policy, "10.3.0.1", host="api.gov.cn", port=8443)
    assert refuses(policy, "10.1.2.3", host="api.gov.cn", port=443)
    assert not refuses(policy, "10.2.0.1", host="x.intra.gov.cn")
    assert refuses(policy, "10.2.0.1", host="intra.gov.cn")
    assert refuses(policy, "10.2.0.1", host="evilintra.gov.cn")


def test_a_rule_for_ipv4_counts_for_the_mapped_form_too():
    assert not refuses(OutgoingPolicy.parse("a.cn 10.0.0.0/8 443"), "::ffff:10.0.0.1")


@pytest.mark.parametrize(
    "text",
    [
        "a.cn",
        "a.cn 10.0.0.0/8",
        "a.cn 10.0.0.0/99 443",
        "a.cn 10.1.1.1/8 443",
        "a.cn 10.0.0.0/8 0",
        "a_b! 10.0.0.0/8 1",
    ],
)
def test_a_rule_that_cannot_be_read_is_an_error_and_not_ignored(text):
    with pytest.raises(ValueError, match=r"expected|network|port|host"):
        OutgoingPolicy.parse(text)


def test_a_refusal_names_the_place_and_the_way_out():
    with pytest.raises(PolicyRefused) as caught:
        PUBLIC.judge("https", "db.intra", "10.0.0.5", 443)

    assert "db.intra:443" in caught.value.zh
    assert "管理员" in caught.value.zh
    assert "10.0.0.5" in caught.value.en
