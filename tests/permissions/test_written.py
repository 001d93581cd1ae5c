"""What is committed about the API and the doors is what the code says."""

from __future__ import annotations

import pytest
from django.core.management import call_command


@pytest.mark.parametrize("command", ["openapi", "permissions"])
def test_the_document_is_what_the_code_says(command: str) -> None:
    call_command(command, check=True)
