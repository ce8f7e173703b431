# SPDX-License-Identifier: Apache-2.0
"""都道府県の位置 — hundredths of a degree of each prefectural office, enough to tell a flight from a walk."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

EARTH_KM = 6371

# 都道府県番号: (latitude, longitude) in hundredths of a degree.
OFFICES = {
    "01": (4306, 14135), "02": (4082, 14074), "03": (3970, 14115), "04": (3827, 14087), "05": (3972, 14010),
    "06": (3824, 14036), "07": (3775, 14047), "08": (3634, 14045), "09": (3657, 13988), "10": (3639, 13906),
    "11": (3586, 13965), "12": (3561, 14012), "13": (3569, 13969), "14": (3545, 13964), "15": (3790, 13902),
    "16": (3670, 13721), "17": (3659, 13663), "18": (3607, 13622), "19": (3566, 13857), "20": (3665, 13818),
    "21": (3539, 13672), "22": (3498, 13838), "23": (3518, 13691), "24": (3473, 13651), "25": (3500, 13587),
    "26": (3502, 13576), "27": (3469, 13552), "28": (3469, 13518), "29": (3469, 13583), "30": (3423, 13517),
    "31": (3550, 13424), "32": (3547, 13305), "33": (3466, 13393), "34": (3440, 13246), "35": (3419, 13147),
    "36": (3407, 13456), "37": (3434, 13404), "38": (3384, 13277), "39": (3356, 13353), "40": (3361, 13042),
    "41": (3325, 13030), "42": (3274, 12987), "43": (3279, 13074), "44": (3324, 13161), "45": (3191, 13142),
    "46": (3156, 13056), "47": (2621, 12768),
}  # fmt: skip


def kilometres(one: str, other: str) -> int:
    """距離 — between the offices of two prefectures; 0 within one, and where a place is not known.

    >>> kilometres("13", "27"), kilometres("13/a", "13/b"), kilometres("13", "")
    (394, 0, 0)
    """
    here, there = OFFICES.get(one[:2]), OFFICES.get(other[:2])
    if here is None or there is None or here == there:
        return 0
    north, east = (radians(each / 100) for each in here)
    north_2, east_2 = (radians(each / 100) for each in there)
    half = sin((north_2 - north) / 2) ** 2 + cos(north) * cos(north_2) * sin((east_2 - east) / 2) ** 2
    return int(2 * EARTH_KM * asin(sqrt(half)))
