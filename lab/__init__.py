"""What tests, demo and bench run against: container engine, packages, collections, images and hosts under test."""

from __future__ import annotations

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


class LabError(Exception):
    """Something that this machine lacks; the message says what, and the way out."""
