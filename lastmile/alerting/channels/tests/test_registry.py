"""The one list of channels."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from lastmile.alerting.channels import registry
from lastmile.kernel.errors import NotFound


def test_only_channels_in_service_are_offered_in_the_order_of_trying(settings: Settings) -> None:
    settings.CHANNELS = ["email", "sms", "web"]
    assert registry.in_service() == ["email", "sms", "web"]
    assert list(registry.labels()) == registry.in_service()


def test_a_page_gets_no_manifest(settings: Settings) -> None:
    settings.CHANNELS = ["sms", "web"]
    assert registry.addressed() == ["sms"]


def test_an_unknown_name_is_refused_in_words() -> None:
    with pytest.raises(NotFound) as refused:
        registry.channel("pigeon")
    assert "pigeon" in str(refused.value.says)


def test_a_changed_setting_makes_the_channel_anew(settings: Settings) -> None:
    before = registry.channel("sms")
    assert registry.channel("sms") is before
    settings.SMS_GATEWAY_URL = "https://gateway.example.cn/batch"
    assert registry.channel("sms") is not before
    assert registry.channel("sms").settings()[0].value == "https://gateway.example.cn/batch"
