# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import string
import time

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.images.secrets import MASK, looks_secret, mask
from hypothesis import given
from hypothesis import strategies as st

SECRET_NAMES = [
    *("PASSWORD", "passwd", "DB_PASS", "dbPassword", "MYSQL_PWD", "SECRET", "client-secret", "NPM_TOKEN", "token"),
    *("API_KEY", "apikey", "SSH_KEY", "sshKey", "KEY", "signing.key", "AWS_SECRET_ACCESS_KEY", "CREDENTIALS", "creds"),
    *("AUTH", "BASIC_AUTH", "authorization", "PRIVATE", "privateFile", "PASSPHRASE", "GPG_KEYS", "--password", "JWT"),
    *("GH_PAT", "githubPat", "X-Api-Key", "Proxy-Authorization"),
]
HARMLESS_NAMES = [
    *("PATH", "PWD", "OLDPWD", "AUTHOR", "KEYBOARD", "MONKEYBAR", "FOO", "HOME", "NODE_VERSION", "LANG", "--host"),
    *("maintainer", "org.opencontainers.image.authors", "KEYRING", "COMPASSION", "PYTHON_PIP_VERSION", "x", "SPIN"),
    *("PATTERN", "GOPATH", "--key-file", "--passwordfile", "--password-stdin", "--no-auth", "--recv-keys", "--user"),
]
SECRET = "hunter2"
# By the line that an engine shows: the same without the secret.
LINES = {
    "classic-arg": (f"/bin/sh -c #(nop)  ARG TOKEN={SECRET}", f"/bin/sh -c #(nop)  ARG TOKEN={MASK}"),
    "classic-env": (
        f"/bin/sh -c #(nop)  ENV PASSWORD={SECRET} with blanks FOO=bar",
        f"/bin/sh -c #(nop)  ENV PASSWORD={MASK} FOO=bar",
    ),
    "classic-label": (f"/bin/sh -c #(nop)  LABEL api.token={SECRET}", f"/bin/sh -c #(nop)  LABEL api.token={MASK}"),
    "another-shell": (f"/bin/bash -c #(nop)  ENV KEY=x {SECRET}", f"/bin/bash -c #(nop)  ENV KEY={MASK}"),
    "classic-arguments": (
        f"|2 TOKEN={SECRET} with blanks VERSION=1.2 /bin/sh -c make install",
        f"|2 TOKEN={MASK} VERSION=1.2 /bin/sh -c make install",
    ),
    "last-argument": (f"|1 TOKEN=a {SECRET} /bin/sh -c make", f"|1 TOKEN={MASK} /bin/sh -c make"),
    "assignment-in-argument": (f"|1 TOKEN=a B={SECRET} /bin/sh -c make", f"|1 TOKEN={MASK} /bin/sh -c make"),
    "no-shell": (f"|1 TOKEN=a {SECRET} make install", f"|1 TOKEN={MASK}"),
    "buildkit-run": (
        f"RUN |1 NPM_TOKEN={SECRET} /bin/bash -euo pipefail -c npm ci # buildkit",
        f"RUN |1 NPM_TOKEN={MASK} /bin/bash -euo pipefail -c npm ci # buildkit",
    ),
    "buildkit-env": (f"ENV API_KEY={SECRET} PORT=80", f"ENV API_KEY={MASK} PORT=80"),
    "in-a-command": (
        f"/bin/sh -c export API_KEY='a {SECRET}' && TOKEN={SECRET} make",
        f"/bin/sh -c export API_KEY={MASK} && TOKEN={MASK} make",
    ),
    "quoted-piecewise": (f'TOKEN=a\\ b\'c d\'"e \\" f"{SECRET} g', f"TOKEN={MASK} g"),
    "quote-that-never-ends": (f"TOKEN='a {SECRET} b", f"TOKEN={MASK}"),
    "cut-off-in-an-escape": (f'TOKEN="a {SECRET}\\', f"TOKEN={MASK}"),
    "option": (f"curl --password={SECRET} --user=me", f"curl --password={MASK} --user=me"),
    "whole-assignment-in-quotes": (f'CMD ["env" "PASSWORD=a {SECRET}" "x"]', f'CMD ["env" "PASSWORD={MASK}" "x"]'),
    "name-in-quotes": (f'LABEL "my.key"="{SECRET} b" c=d', f'LABEL "my.key"={MASK} c=d'),
    "option-of-two-words": (
        f"/bin/sh -c curl --user me --password {SECRET} --token '{SECRET} b' x",
        f"/bin/sh -c curl --user me --password {MASK} --token {MASK} x",
    ),
    "option-over-two-lines": (f"RUN <<EOF\ncurl --token \\\n  {SECRET}\n", f"RUN <<EOF\ncurl --token \\\n  {MASK}\n"),
    "option-behind-an-option": (f"curl --token --password {SECRET}", f"curl --token --password {MASK}"),
    "list-of-the-classic-builder": (
        f'/bin/sh -c #(nop)  CMD ["x" "--token" "a \\" {SECRET}" "-v"]',
        f'/bin/sh -c #(nop)  CMD ["x" "--token" {MASK} "-v"]',
    ),
    "list": (f'CMD ["x", "--token", "{SECRET}"]', f'CMD ["x", "--token", {MASK}]'),
    "list-without-blanks": (f'["--token","{SECRET}","--user","me"]', f'["--token",{MASK},"--user","me"]'),
    "list-in-a-list": (
        f'["sh", "-c", "run [\\"--token\\", \\"a {SECRET}\\"]"]',
        f'["sh", "-c", "run [\\"--token\\", {MASK}]"]',
    ),
    "assignment-within-quotes": (
        f'["sh", "-c", "export TOKEN=\\"a {SECRET}\\" && make"]',
        f'["sh", "-c", "export TOKEN={MASK} && make"]',
    ),
    "option-in-a-variable": (f"ENV OPTS=--token {SECRET} A=b", f"ENV OPTS=--token {MASK} A=b"),
    "bearer": (f'curl -H "Authorization: Bearer {SECRET}" x', f'curl -H "Authorization: {MASK}" x'),
    "header-in-single-quotes": (f"curl -H 'X-Api-Key:{SECRET} b' x", f"curl -H 'X-Api-Key:{MASK}' x"),
    "header-within-quotes": (
        f'sh -c "curl -H \\"Authorization: Basic {SECRET}\\" x"',
        f'sh -c "curl -H \\"Authorization: {MASK}\\" x"',
    ),
    "header-as-a-word": (f"curl -H X-Api-Key:{SECRET} x", f"curl -H X-Api-Key:{MASK} x"),
    "header-behind-another": (
        f'curl -H "A: b; Authorization: Basic {SECRET}" x && make',
        f'curl -H "A: b; Authorization: {MASK} && make',
    ),
    "yaml": (f"RUN <<EOF\na: 1\npassword: a {SECRET}\nb: 2", f"RUN <<EOF\na: 1\npassword: {MASK}\nb: 2"),
    "yaml-in-quotes": (f"password: 'a {SECRET}'\nb: 2", f"password: {MASK}\nb: 2"),
    "json": (
        f"""echo '{{"user": "me", "password": "a {SECRET}", "port": 1}}'""",
        f"""echo '{{"user": "me", "password": {MASK}, "port": 1}}'""",
    ),
    "json-without-blanks": (f'{{"password":"{SECRET}","a":1}}', f'{{"password":{MASK},"a":1}}'),
    "json-within-quotes": (
        f'echo "{{\\"password\\": \\"a {SECRET}\\", \\"port\\": 1}}"',
        f'echo "{{\\"password\\": {MASK}, \\"port\\": 1}}"',
    ),
    "json-with-a-quote-within-quotes": (
        rf'"{{\"password\": \"a \\\" {SECRET}\", \"a\": 1}}"',
        rf'"{{\"password\": {MASK}, \"a\": 1}}"',
    ),
    "json-within-two-quotes": (
        rf'"sh -c \"echo {{\\\"password\\\": \\\"a {SECRET}\\\"}} x\""',
        rf'"sh -c \"echo {{\\\"password\\\": {MASK}}} x\""',
    ),
    "json-number": ('{"pin": 1234, "a": 1}', f'{{"pin": {MASK}, "a": 1}}'),
    "json-list": (f'{{"keys": ["a", "{SECRET}"], "a": 1}}', f'{{"keys": {MASK}, "a": 1}}'),
    "json-object": (f'{{"auth": {{"a": 1, "pwd": "{SECRET}"}}}}', f'{{"auth": {{"a": 1, "pwd": {MASK}}}}}'),
    "appended": (f"TOKEN+={SECRET}", f"TOKEN+={MASK}"),
    "address": (f"git clone https://me:{SECRET}@example.org/x", f"git clone https://me:{MASK}@example.org/x"),
    "address-with-more-of-a-kind": (f"https://me:p@{SECRET}@example.org/x", f"https://me:{MASK}@example.org/x"),
    "address-with-a-mail-address": (
        f"https://me@example.org:{SECRET}@example.org/x",
        f"https://{MASK}@example.org:{MASK}@example.org/x",
    ),
    "address-with-a-token": (f"git clone https://{SECRET}@example.org/x", f"git clone https://{MASK}@example.org/x"),
    "address-without-a-user": (f"redis://:{SECRET}@db:6379/0", f"redis://:{MASK}@db:6379/0"),
    "login": (f"curl -u me:{SECRET} x && make", f"curl -u me:{MASK} x && make"),
    "login-in-quotes": (f"curl --user 'me:a {SECRET}' x", f"curl --user 'me:{MASK}' x"),
    "login-behind-equals": (f'curl --proxy-user="me:a {SECRET}" x', f'curl --proxy-user="me:{MASK}" x'),
    "login-in-a-list": (f'["curl", "-u", "me:{SECRET}", "x"]', f'["curl", "-u", "me:{MASK}", "x"]'),
    "more-lines": (f"RUN <<EOF\nexport KEY={SECRET}\nmake\nEOF", f"RUN <<EOF\nexport KEY={MASK}\nmake\nEOF"),
}
names = st.sampled_from(SECRET_NAMES)
# What a builder writes bare: blanks, quotes and more, but not what would begin the next assignment.
values = st.text(st.characters(exclude_characters="=\0", exclude_categories=["Cs"]), min_size=1)
words = st.text(string.ascii_letters + string.digits + "+/$&;|()<>@:é☃", min_size=1)
PIECES = [
    *" \n\t='\"\\|@:/-_aN,]}[{&;",
    *("TOKEN=", "ENV ", "|1 ", " /bin/sh -c ", "://", "https://", "--token ", '"--token", ', "token: ", '\\"', " && "),
]
ORDINARY = [
    "",
    "ARG TOKEN",
    "ENV TOKEN=",
    "/bin/sh -c make PASSWORD= x",
    "|0 /bin/sh -c make",
    "a == b",
    "https://x:80/@y",
    "https://example.org/a?to=me@example.org",
    "git clone git@host:x && git clone ssh://git@host/x",
    "git clone git@token:x",
    "apt-key add - && apt-key adv --keyserver hkp://keys.example.org:80 --recv-keys 0123ABCD",
    "useradd --password-file /run/x && openssl req --key-file /x/y --passphrase-fd 0",
    "adduser --disabled-password --gecos '' app",
    "docker login --password-stdin example.org",
    "mysql --password --user=me && psql --password; true",
    "curl --token",
    "-v /srv/key:/key",
    "docker run -u 1000:1000 x && install --user me -g me && docker run --user app:1000 x",
    'if [ "$TOKEN" = "" ]; then exit 1; fi',
    "echo key, auth and a token of mine",
    'WORKDIR /app && CMD ["sleep" "1000"]',
    '{"auth": {"a": 1}}',
]


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_names_that_look_secret(name):
    assert looks_secret(name)
    assert looks_secret(f"MY_{name}")


@pytest.mark.parametrize("name", HARMLESS_NAMES)
def test_names_that_do_not(name):
    assert not looks_secret(name)
    assert mask(f"ENV {name}=value") == f"ENV {name}=value"


@pytest.mark.parametrize("kind", LINES)
def test_lines_of_builders(kind):
    line, expected = LINES[kind]
    assert mask(line) == expected
    assert mask(expected) == expected


@pytest.mark.parametrize("line", ORDINARY)
def test_lines_with_nothing_to_hide(line):
    assert mask(line) == line


def test_a_value_that_is_known_is_hidden_whole():
    line = "/bin/sh -c #(nop)  ENV PASSWORD=a B=hunter2 c FOO=bar"
    assert mask(line, ["PATH=/bin", "PASSWORD=a B=hunter2 c", "FOO=bar"]) == (
        f"/bin/sh -c #(nop)  ENV PASSWORD={MASK} FOO=bar"
    )
    assert mask("ENV TOKEN=", ["TOKEN=", "TOKEN"]) == "ENV TOKEN="


@given(names, values, st.sampled_from(["/bin/sh -c #(nop)  ENV ", "/bin/sh -c #(nop)  ARG ", "ENV ", "ARG ", "LABEL "]))
def test_no_bare_value_survives(name, value, instruction):
    assert mask(f"{instruction}{name}={value}") == f"{instruction}{name}={MASK}"
    assert mask(f"{instruction}A=1 {name}={value} B=2") == f"{instruction}A=1 {name}={MASK} B=2"


@given(names, values, st.sampled_from(["", "RUN "]), st.sampled_from(["/bin/sh -c", "/bin/bash -eu -o pipefail -c"]))
def test_no_build_argument_survives(name, value, run, shell):
    if " -c" in value:
        return
    assert mask(f"{run}|2 A=1 {name}={value} {shell} make") == f"{run}|2 A=1 {name}={MASK} {shell} make"


@given(names, words)
def test_no_word_survives(name, word):
    assert mask(f"/bin/sh -c {name}={word} make x=1") == f"/bin/sh -c {name}={MASK} make x=1"
    assert mask(f"/bin/sh -c {name}='{word} {word}' make") == f"/bin/sh -c {name}={MASK} make"


@given(names, words)
def test_no_option_header_or_field_survives(name, word):
    option = f"--{name.lstrip('-').replace('privateFile', 'private')}"
    # What a shell takes for itself has to be in quotes; a colon belongs to the name.
    shown = word if word[0] not in "&;|<>():" else f"'{word}'"
    assert mask(f"make {option} {shown} x") == f"make {option} {MASK} x"
    assert mask(f'["make", "{option}", "{word}"]') == f'["make", "{option}", {MASK}]'
    assert mask(f'curl -H "{name}: {word} {word}" x') == f'curl -H "{name}: {MASK}" x'
    assert mask(f'{{"{name}": "{word} {word}", "a": 1}}') == f'{{"{name}": {MASK}, "a": 1}}'


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_what_is_masked_stays_as_it_is(line):
    masked = mask(line)
    assert mask(masked) == masked


@given(st.text(), st.lists(st.text()))
def test_any_text_at_all(line, env):
    assert isinstance(mask(line, env), str)


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a=",
        "TOKEN=",
        'TOKEN="',
        "TOKEN=a ",
        "/a ",
        "/a -b",
        "://",
        "-",
        "/",
        "'",
        "\\'",
        "://a:b",
        " ",
        "|1 ",
        "a@",
        "--token ",
        "--token",
        "--token --a ",
        '"--token", ',
        '"--token",',
        "token: ",
        "token:",
        "token :",
        '"token": "',
        '\\"token\\": \\"',
        "key: [",
        "\\",
        "https://a",
        "https://a@",
        "a@a:",
        ",",
        " ,",
        "{",
        " &",
        "\\\n",
    ],
)
@pytest.mark.parametrize("head", ["", "|1 ", "|9 TOKEN=", "ENV ", "TOKEN='", "://a:", "a", "--token ", 'TOKEN=\\"'])
def test_long_lines_take_no_longer_than_they_are(head, piece):
    begin = time.process_time()
    mask(head + piece * (65536 // len(piece)))
    assert time.process_time() - begin < 3
