"""What is believed of the deployment above grows by whole certificates."""

from __future__ import annotations

from lastmile.alerting.cap import keys
from lastmile.alerting.deployments import trusting
from lastmile.alerting.sources.trust import anchors_of


def test_where_there_is_no_more_room_the_oldest_goes_and_none_is_cut() -> None:
    one = keys.certificate()
    many = one * (2 * trusting.LONGEST // len(one))

    kept = trusting._whole(many)

    assert trusting.LONGEST - len(one) < len(kept) <= trusting.LONGEST + 1
    assert kept.count(trusting.END) == kept.count("-----BEGIN CERTIFICATE-----")
    assert trusting._whole(one) == one
    assert anchors_of(type("Source", (), {"anchors": kept})())  # all of it can be read
