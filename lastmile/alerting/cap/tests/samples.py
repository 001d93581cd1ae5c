"""The smallest message, to be spoilt by the tests in one place at a time."""

from __future__ import annotations

from lastmile.alerting.cap.findings import Finding
from lastmile.alerting.cap.names import NAMESPACE
from lastmile.alerting.cap.read import Reading, read

INFO = """<info><language>zh-CN</language><category>Met</category><event>暴雨</event><urgency>Immediate</urgency>
<severity>Extreme</severity><certainty>Likely</certainty><expires>2021-07-20T15:00:00+08:00</expires>
<headline>暴雨红色预警</headline><area><areaDesc>荥阳市</areaDesc>%s</area></info>"""
GEOCODE = "<geocode><valueName>CPEAS Geographic Code</valueName><value>410182000000</value></geocode>"
SENT = "2021-07-20T09:08:00+08:00"


def xml(
    *, sent: str = SENT, extra: str = "", info: str = INFO, area: str = GEOCODE, kind: str = "Alert", before: str = ""
) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<alert xmlns="{NAMESPACE}"><identifier>1</identifier>'
        f"<sender>a@b.cn</sender><sent>{sent}</sent><status>Actual</status><msgType>{kind}</msgType>"
        f"<scope>Public</scope>{extra}{info % area if '%s' in info else info}</alert>"
    )


def reading(text: str | bytes) -> Reading:
    return read(text if isinstance(text, bytes) else text.encode())


def codes(findings: list[Finding]) -> set[str]:
    return {finding.code for finding in findings}


def found(text: str | bytes) -> set[str]:
    return codes(reading(text).findings)
