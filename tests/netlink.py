"""`python -m tests.netlink` captures anew what rtnetlink says of interfaces, into tests/unit/fixtures/netlink.json.

In a network namespace of its own, with interfaces of the kinds that containers have; beside the kernel's bytes stands
what `ip` made of them. Needs root and iproute2.
"""

from __future__ import annotations

import json
import os
import platform
import socket
import struct
import subprocess
import sys
from pathlib import Path

TARGET = Path(__file__).with_name("unit") / "fixtures" / "netlink.json"

# Names are free text but for slashes, colons and spaces.
STRANGE = "{{7*7}}<b>\x1b\u202e"
# Of the kernel's linux/netlink.h, rtnetlink.h and net_namespace.h.
_NLMSG_DONE, _NLM_F_REQUEST, _NLM_F_DUMP = 3, 0x1, 0x300
_RTM_GETLINK, _RTM_GETADDR, _RTM_GETNSID, _NETNSA_FD = 18, 22, 90, 3
_COMMANDS = """
link set lo up
link add eth0 mtu 1450 address 02:42:ac:11:00:02 type veth peer name fathom-capture
addr add 172.17.0.2/16 broadcast 172.17.255.255 dev eth0
addr add 2001:db8::2/64 dev eth0 nodad
addr add fe80::42/64 dev eth0 nodad
link set fathom-capture netns HOST
link set eth0 up
link add pair0 type veth peer name pair1
link set pair0 up
link add br0 type bridge
link set pair0 master br0
link add ifb0 type ifb
addr add 10.9.8.7 peer 10.9.8.6/32 scope link dev ifb0
addr add 10.9.8.5/24 scope 77 dev ifb0
link set ifb0 up
link add mac0 link eth0 type macvlan mode bridge
link add STRANGE type bridge
tuntap add tun0 mode tun
"""


def main() -> None:
    if sys.argv[1:]:
        print(json.dumps(_capture(int(sys.argv[1]))))
        return
    host = os.open("/proc/self/ns/net", os.O_RDONLY)
    inside = ["unshare", "--net", sys.executable, "-m", "tests.netlink", str(host)]
    done = subprocess.run(inside, stdout=subprocess.PIPE, pass_fds=[host], check=True)
    TARGET.write_text(json.dumps(json.loads(done.stdout), indent=1) + "\n", encoding="utf-8")


def _capture(host: int) -> dict[str, object]:
    for line in _COMMANDS.strip().splitlines():
        words = [
            {"STRANGE": STRANGE, "HOST": f"/proc/{os.getpid()}/fd/{host}"}.get(word, word) for word in line.split()
        ]
        subprocess.run(["ip", *words], check=True)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
        links = _dump(kernel, _RTM_GETLINK, bytes(16))
        addresses = _dump(kernel, _RTM_GETADDR, bytes(8))
        kernel.send(_message(_RTM_GETNSID, 0, bytes(4) + struct.pack("=HHI", 8, _NETNSA_FD, host)))
        number = kernel.recv(65536)
    told = subprocess.run(["ip", "-json", "-details", "addr"], stdout=subprocess.PIPE, check=True).stdout
    version = subprocess.run(["ip", "-V"], stdout=subprocess.PIPE, check=True, text=True).stdout.strip()
    return {
        "captured_on": f"Linux {platform.release()} {platform.machine()}, {version}",
        "byteorder": sys.byteorder,
        "links": links.hex(),
        "addresses": addresses.hex(),
        "number_of_host": number.hex(),
        # iproute2 writes control characters of names as they are.
        "ip": json.loads(told, strict=False),
    }


def _dump(kernel: socket.socket, kind: int, body: bytes) -> bytes:
    kernel.send(_message(kind, _NLM_F_DUMP, body))
    whole = b""
    # The last message is 20 bytes: a length, its kind, flags, two numbers, and how it went.
    while whole[-16:-14] != struct.pack("=H", _NLMSG_DONE):
        whole += kernel.recv(65536)
    return whole


def _message(kind: int, flags: int, body: bytes) -> bytes:
    return struct.pack("=IHHII", 16 + len(body), kind, _NLM_F_REQUEST | flags, 1, 0) + body


if __name__ == "__main__":
    main()
