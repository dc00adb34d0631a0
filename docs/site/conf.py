"""The site that `make docs` builds: the guides in docs/, the pages of the roles, and what ansible-doc has."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

project = "fathom.containers"
title = html_title = html_short_title = project
author = "The fathom.containers contributors"
copyright = author  # noqa: A001 (Sphinx calls it so)

extensions = ["myst_parser", "sphinx_antsibull_ext"]
# Headings have the anchors that links within and between the pages use, as a forge makes them.
myst_heading_anchors = 4
# LICENSE and the like are no pages.
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}

default_role = "any"
nitpicky = True
# A page that is made of tables has them below its title, whatever their level.
suppress_warnings = ["myst.header"]

pygments_style = "ansible"
highlight_language = "YAML+Jinja"
html_theme = "sphinx_ansible_theme"
html_show_sphinx = False
html_copy_source = False
html_use_index = False

# What pages refer to that is no part of this site: Ansible's own pages, and files of the repository.
_ANSIBLE = "https://docs.ansible.com/projects/ansible/latest/"
_ANSIBLE_PAGES = {
    "action_plugins": "plugins/action.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}
_PLUGIN = re.compile(r"ansible_collections\.(ansible\.builtin|community\.docker)\.(\w+)$")
_REPOSITORY = "https://github.com/fathom-containers/fathom.containers/blob/main/"
# The site is built in .cache/docs of the checkout.
_CHECKOUT = Path(__file__).resolve().parent.parent.parent


def setup(app: Sphinx) -> None:
    app.connect("missing-reference", link_to_ansible)
    app.connect("doctree-read", link_to_repository)


def link_to_ansible(_app: Sphinx, _env: Any, node: nodes.Element, shown: nodes.TextElement) -> nodes.reference | None:
    """None for what is not Ansible's either, which is a warning then."""
    target = node["reftarget"]
    page = _ANSIBLE_PAGES.get(target)
    if plugin := _PLUGIN.match(target):
        page = f"collections/{plugin[1].replace('.', '/')}/{plugin[2]}.html"
    return nodes.reference("", "", shown, refuri=_ANSIBLE + page, internal=False) if page else None


def link_to_repository(app: Sphinx, doctree: nodes.document) -> None:
    """Links to files that are no pages; one to a file that is not there is left, and is a warning then."""
    folder = posixpath.dirname(app.env.docname)
    for node in list(doctree.findall(addnodes.pending_xref)):
        path = posixpath.normpath(posixpath.join(folder, node["reftarget"]))
        if node["reftype"] == "myst" and not path.startswith("..") and (_CHECKOUT / path).exists():
            node.replace_self(nodes.reference("", "", *node.children, refuri=_REPOSITORY + path, internal=False))
