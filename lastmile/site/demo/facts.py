"""What is known of the replayed warning.

On 20 July 2021 Zhengzhou's observatory issued its third red rainstorm signal at 09:08; at about 10:40 a flash flood
entered the houses of the village Wangzongdian (王宗店村, 410182109211), where at least 23 people died or went missing,
after three red warnings and before any movement. The signals' wording is kept in what people received on their phones
for the first of them (19 July, 21:59); the same wording is used here, with the time of the third.
"""

from __future__ import annotations

from datetime import datetime

from lastmile.kernel.clock import BEIJING

CITY = "4101"
COUNTY = "410182"
VILLAGE = "410182109211"

SENT = datetime(2021, 7, 20, 9, 8, tzinfo=BEIJING)
FLOOD = datetime(2021, 7, 20, 10, 40, tzinfo=BEIJING)
ISSUER = "郑州市气象台"
HEADLINE = "郑州市气象台发布暴雨红色预警信号"
DESCRIPTION = (
    "郑州市气象台2021年07月20日09时08分发布暴雨红色预警信号：目前，郑州市区局部降水量已达50毫米以上，"
    "预计未来3小时内，降水持续，累积降水量将达100毫米以上，请注意防范。"
)
# The real signal named no action, no place to go and nobody to call. That is part of what went wrong; these are ours.
INSTRUCTION = (
    "立即离开河边、沟口和低洼处，到村委会所在的高处。\n不要涉水，不要返回取东西。\n帮助身边的老人和孩子一起走。"
)
SHELTER = "本村（社区）村委会或学校二楼以上"
CONTACT = "村（社区）值班电话，或拨打 119"
ENGLISH = {
    "headline": "Red rainstorm warning, Zhengzhou",
    "description": (
        "More than 50 mm of rain has fallen in parts of Zhengzhou. Rain goes on for the next 3 hours and will exceed "
        "100 mm in total."
    ),
    "instruction": "Leave river banks, gullies and low ground now; go to the village office on high ground.\n"
    "Do not wade. Do not go back for belongings.\nTake old people and children with you.",
}
