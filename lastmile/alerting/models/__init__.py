"""Warnings (alert), their frozen issues (frozen), the ledger of telling and answering (ledger), its sums (tally).

What is running now is in running, the doors to knock on in visit, neighbours who are asked before in neighbours, what
stands on paper in paper, who must answer and is called until they do in calls, parts of SMS at a centre in smpp, tests
of who can be reached in readiness, how many messages people got in fatigue, what loudspeakers play in loudspeaker.
Warnings of others that come in are in sources, those whom ours are pushed to in subscribers, groups whose
robots get a card in chat, other deployments above
and below in deployments; what was destroyed of a warning afterwards, and what is held back from it, in ending.
"""

from __future__ import annotations

from lastmile.alerting.models.account import ChannelAccount
from lastmile.alerting.models.alert import (
    WARNS,
    Alert,
    AlertEvent,
    ApprovalRule,
    Group,
    Kind,
    LocalNote,
    Review,
    State,
    Template,
)
from lastmile.alerting.models.calls import AttemptState, Call, CallAttempt, CallEntry, CallState, Ladder
from lastmile.alerting.models.chat import ChatGroup, ChatNote
from lastmile.alerting.models.deployments import Deployment, DeploymentReceipt, ReportedCall, ReportedTally
from lastmile.alerting.models.ending import Destruction, Hold
from lastmile.alerting.models.fatigue import MessageMonth, MessageShare, MessageSource
from lastmile.alerting.models.follower import Follower, Told
from lastmile.alerting.models.ledger import Cause, Fact, Manifest, Receipt, Sent
from lastmile.alerting.models.loudspeaker import (
    Play,
    PlayKind,
    PlayReport,
    PlayState,
    Speech,
    TerminalHub,
    TerminalState,
)
from lastmile.alerting.models.neighbours import CellAsk, CellDoor, CellRound, CellRule, Stage
from lastmile.alerting.models.paper import DoorCodes, PaperEntry, PaperPrint
from lastmile.alerting.models.plan_area import PlanArea
from lastmile.alerting.models.policy import ChannelRule
from lastmile.alerting.models.readiness import ChannelCheck, Probe, ReadinessPlan, ReadinessRound
from lastmile.alerting.models.running import DutyRun, PublicEpoch, Rest, Standstill, Worker
from lastmile.alerting.models.site_answer import SiteAnswer
from lastmile.alerting.models.smpp import PartState, SmppPart
from lastmile.alerting.models.sources import Proposal, Received, Relayed, Source, SourceItem, SourceRule
from lastmile.alerting.models.subscribers import Delivery, Subscription
from lastmile.alerting.models.tally import ChannelTally, Curve, Failure, PendingPlace, PendingReceipt, Standing, Tally
from lastmile.alerting.models.visit import Reason, Visit, VisitRound, VisitRule, Whom

__all__ = [
    "WARNS",
    "Alert",
    "AlertEvent",
    "ApprovalRule",
    "AttemptState",
    "Call",
    "CallAttempt",
    "CallEntry",
    "CallState",
    "Cause",
    "CellAsk",
    "CellDoor",
    "CellRound",
    "CellRule",
    "ChannelAccount",
    "ChannelCheck",
    "ChannelRule",
    "ChannelTally",
    "ChatGroup",
    "ChatNote",
    "Curve",
    "Delivery",
    "Deployment",
    "DeploymentReceipt",
    "Destruction",
    "DoorCodes",
    "DutyRun",
    "Fact",
    "Failure",
    "Follower",
    "Group",
    "Hold",
    "Kind",
    "Ladder",
    "LocalNote",
    "Manifest",
    "MessageMonth",
    "MessageShare",
    "MessageSource",
    "PaperEntry",
    "PaperPrint",
    "PartState",
    "PendingPlace",
    "PendingReceipt",
    "PlanArea",
    "Play",
    "PlayKind",
    "PlayReport",
    "PlayState",
    "Probe",
    "Proposal",
    "PublicEpoch",
    "ReadinessPlan",
    "ReadinessRound",
    "Reason",
    "Receipt",
    "Received",
    "Relayed",
    "ReportedCall",
    "ReportedTally",
    "Rest",
    "Review",
    "Sent",
    "SiteAnswer",
    "SmppPart",
    "Source",
    "SourceItem",
    "SourceRule",
    "Speech",
    "Stage",
    "Standing",
    "Standstill",
    "State",
    "Subscription",
    "Tally",
    "Template",
    "TerminalHub",
    "TerminalState",
    "Told",
    "Visit",
    "VisitRound",
    "VisitRule",
    "Whom",
    "Worker",
]
