"""Date phrases and what they mean, seen from the day of publication.

A row of a table is a sentence with its phrases in ⟦brackets⟧, the day of publication, and for each phrase the EDTF
text; after it the first and last day where they are closer than the text says, and after `<` the past meaning.
"""

from __future__ import annotations

import datetime as dt
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from ahocorasick_rs import AhoCorasick
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract import calendar
from pipeline.extract.date_grammar import grammar
from pipeline.extract.dates import DateSpan, read_dates
from pipeline.extract.lexicon import Tables, languages, load_tables, read_tables
from storage.edtf import contains, parse_edtf
from storage.errors import RuleError

EN, ES = load_tables("en"), load_tables("es")

DAYS = """
It premieres ⟦March 27⟧.                                   2026-03-20  2026-03-27 < 2025-03-27
It premieres ⟦March 20⟧ on the network                     2026-03-20  2026-03-20 < 2026-03-20
It premieres ⟦March 19⟧                                    2026-03-20  2027-03-19 < 2026-03-19
season two premiered ⟦March 4⟧                             2026-03-10  2027-03-04 < 2026-03-04
The film opens ⟦January 9⟧.                                2026-12-28  2027-01-09 < 2026-01-09
The film opened ⟦December 19⟧.                             2027-01-04  2027-12-19 < 2026-12-19
it returns ⟦Feb. 29⟧                                       2026-03-20  2028-02-29 < 2024-02-29
it returns ⟦February 29⟧                                   2028-02-29  2028-02-29 < 2028-02-29
arrives on ⟦27 March⟧ on the streamer                      2026-03-20  2026-03-27 < 2025-03-27
The show returns ⟦29 May⟧.                                 2026-03-20  2026-05-29 < 2025-05-29
until then, ⟦5 June⟧, nothing                              2026-03-20  2026-06-05 < 2025-06-05
⟦Mar. 27, 2027⟧ is the day                                 2026-03-20  2027-03-27
⟦Sept. 25⟧ is the day                                      2026-03-20  2026-09-25 < 2025-09-25
⟦Sept 25, 2026⟧                                            2026-03-20  2026-09-25
dropping ⟦Dec 3⟧                                           2026-03-20  2026-12-03 < 2025-12-03
⟦the 27th of March⟧                                        2026-03-20  2026-03-27 < 2025-03-27
on ⟦the 1st of May 2027⟧                                   2026-03-20  2027-05-01
on ⟦March 27th⟧                                            2026-03-20  2026-03-27 < 2025-03-27
on ⟦March the 27th⟧                                        2026-03-20  2026-03-27 < 2025-03-27
⟦1st May⟧ sees its return                                  2026-03-20  2026-05-01 < 2025-05-01
the finale on ⟦May 29, 2026⟧, at nine                      2026-03-20  2026-05-29
⟦27 March 2027⟧                                            2026-03-20  2027-03-27
⟦27 March, 2027⟧                                           2026-03-20  2027-03-27
out ⟦27 march 2027⟧                                        2026-03-20  2027-03-27
out ⟦may 29, 2027⟧                                         2026-03-20  2027-05-29
on ⟦Friday, March 27⟧ at 9                                 2026-03-20  2026-03-27
on ⟦Friday 27 March⟧                                       2026-03-20  2026-03-27
on ⟦Fri., March 27⟧                                        2026-03-20  2026-03-27
⟦Wednesday, March 18⟧                                      2026-03-20  2026-03-18
⟦Thursday, June 4, 2026⟧                                   2026-03-20  2026-06-04
⟦this Friday, March 27⟧                                    2026-03-23  2026-03-27
the ⟦July 31⟧ premiere                                     2026-03-20  2026-07-31 < 2025-07-31
⟦May 8⟧ Release Date Set                                   2026-03-20  2026-05-08 < 2025-05-08
ahead of ⟦May 8⟧ release                                   2026-03-20  2026-05-08 < 2025-05-08
ITS RETURN IS ⟦MAY 8⟧                                      2026-03-20  2026-05-08 < 2025-05-08
Toy Tale 5 ⟦June 19⟧                                       2026-03-20  2026-06-19 < 2025-06-19
Season 2 ⟦March 27⟧                                        2026-03-20  2026-03-27 < 2025-03-27
dated ⟦2026-07-03⟧                                         2026-03-20  2026-07-03
dated ⟦3/27/2027⟧                                          2026-03-20  2027-03-27
dated ⟦27/3/2027⟧                                          2026-03-20  2027-03-27
dated ⟦05/05/2027⟧                                         2026-03-20  2027-05-05
dated ⟦6/19/26⟧                                            2026-03-20  2026-06-19
⟦11/22/63⟧                                                 2026-03-20  1963-11-22
dated ⟦27.03.2026⟧                                         2026-03-20  2026-03-27
coming to theaters on ⟦3/27⟧                               2026-03-20  2026-03-27 < 2025-03-27
⟦next Tuesday, March 31⟧                                   2026-03-23  2026-03-31
opens on ⟦Friday the 13th⟧                                 2026-03-20  2026-11-13 < 2026-03-13
(⟦March 27⟧)                                               2026-03-20  2026-03-27 < 2025-03-27
"⟦March 27⟧"                                               2026-03-20  2026-03-27 < 2025-03-27
the network’s ⟦March 27⟧ bow                               2026-03-20  2026-03-27 < 2025-03-27
"""

MONTHS = """
out in ⟦March 2027⟧                                        2026-03-20  2027-03
⟦May 2028⟧                                                 2026-03-20  2028-05
in ⟦may 2028⟧                                              2026-03-20  2028-05
in ⟦Sept. 2026⟧                                            2026-03-20  2026-09
in ⟦October, 2026⟧                                         2026-03-20  2026-10
in ⟦October of 2026⟧                                       2026-03-20  2026-10
in ⟦March of next year⟧                                    2026-03-20  2027-03
in ⟦June this year⟧                                        2026-03-20  2026-06
the third season premieres in ⟦May⟧                        2026-03-20  2026-05 < 2025-05
it comes back in ⟦March⟧                                   2026-03-20  2026-03 < 2026-03
it was renewed in ⟦February⟧                               2026-03-20  2027-02 < 2026-02
it will be back in ⟦January⟧                               2026-12-10  2027-01 < 2026-01
it was shot in ⟦December⟧                                  2027-01-10  2027-12 < 2026-12
arrives ⟦this May⟧                                         2026-03-20  2026-05
arrives ⟦this March⟧                                       2026-03-20  2026-03
Arrives ⟦This January⟧                                     2026-12-20  2027-01
it ended ⟦this February⟧                                   2026-03-20  2026-02
arrives ⟦next March⟧                                       2026-03-20  2027-03
arrives ⟦next January⟧                                     2026-12-20  2027-01
it was renewed ⟦last April⟧                                2026-03-20  2025-04
it was renewed ⟦last March⟧                                2026-03-20  2025-03
⟦this coming August⟧                                       2026-03-20  2026-08
⟦mid-March⟧                                                2026-03-01  2026-03 2026-03-11..2026-03-20 < 2025-03
in ⟦early March⟧                                           2026-03-20  2027-03 2027-03-01..2027-03-10 < 2026-03
in ⟦early June⟧                                            2026-03-20  2026-06 2026-06-01..2026-06-10 < 2025-06
in ⟦late June⟧                                             2026-03-20  2026-06 2026-06-21..2026-06-30 < 2025-06
in ⟦late February 2027⟧                                    2026-03-20  2027-02 2027-02-21..2027-02-28
in ⟦mid May 2027⟧                                          2026-03-20  2027-05 2027-05-11..2027-05-20
at ⟦the end of April⟧                                      2026-03-20  2026-04 2026-04-21..2026-04-30 < 2025-04
in ⟦the last week of April⟧                                2026-03-20  2026-04 2026-04-21..2026-04-30 < 2025-04
at ⟦the beginning of April 2027⟧                           2026-03-20  2027-04 2027-04-01..2027-04-10
in the middle of nowhere in ⟦April⟧                        2026-03-20  2026-04 < 2025-04
moved to ⟦October⟧                                         2026-03-20  2026-10 < 2025-10
set for ⟦November⟧                                         2026-03-20  2026-11 < 2025-11
Sets ⟦July⟧ Debut                                          2026-03-20  2026-07 < 2025-07
Gets ⟦November⟧ Release Date                               2026-03-20  2026-11 < 2025-11
ahead of its ⟦May⟧ premiere                                2026-03-20  2026-05 < 2025-05
returns ⟦next month⟧                                       2026-03-20  2026-04
returns ⟦next month⟧                                       2026-12-20  2027-01
left the platform ⟦last month⟧                             2027-01-05  2026-12
coming ⟦this month⟧                                        2026-03-20  2026-03
⟦later this month⟧                                         2026-03-20  2026-03 2026-03-20..2026-03-31
⟦earlier this month⟧                                       2026-03-20  2026-03 2026-03-01..2026-03-20
⟦early next month⟧                                         2026-03-20  2026-04 2026-04-01..2026-04-10
at ⟦the end of the month⟧                                  2026-03-20  2026-03 2026-03-21..2026-03-31
"""

WINDOWS = """
coming in ⟦spring 2027⟧                                    2026-03-20  2027-21
coming in the ⟦spring of 2027⟧!                            2026-03-20  2027-21
coming ⟦Summer 2026⟧                                       2026-03-20  2026-22
Coming ⟦summer⟧                                            2026-03-20  2026-22 < 2025-22
⟦this coming summer 2026⟧                                       2026-03-20  2026-22
Lands in ⟦Summer '27⟧                                      2026-03-20  2027-22
the ⟦summer of ’27⟧                                        2026-03-20  2027-22
⟦fall 2026⟧ TV                                             2026-03-20  2026-23
⟦Fall, 2026⟧                                               2026-03-20  2026-23
⟦autumn 2026⟧                                              2026-03-20  2026-23
⟦winter 2026⟧                                              2026-03-20  2026-24
⟦winter 2026-27⟧                                           2026-03-20  2026-24
⟦winter 2026/2027⟧                                         2026-03-20  2026-24
for ⟦the Spring 2026⟧ lineup                               2026-03-20  2026-21
in ⟦the fall⟧                                              2026-03-20  2026-23 < 2025-23
in ⟦spring⟧                                                2026-03-20  2026-21 < 2026-21
by then, over ⟦the summer⟧,                                2026-03-20  2026-22 < 2025-22
throughout ⟦the summer⟧.                                   2026-03-20  2026-22 < 2025-22
returns ⟦this fall⟧                                        2026-03-20  2026-23
returns ⟦this spring⟧                                      2026-03-20  2026-21
returns ⟦this spring⟧                                      2026-12-20  2027-21
ended ⟦this spring⟧                                        2026-06-20  2026-21
returns ⟦this summer⟧                                      2026-01-20  2026-22
it was a hit ⟦this summer⟧                                 2026-10-20  2026-22
returns ⟦this winter⟧                                      2026-03-20  2026-24
returns ⟦this winter⟧                                      2027-01-20  2026-24
returns ⟦this winter⟧                                      2026-12-02  2026-24
returns ⟦next spring⟧                                      2026-10-20  2027-21
returns ⟦next summer⟧                                      2026-03-20  2027-22
returns ⟦next winter⟧                                      2026-03-20  2026-24
returns ⟦next winter⟧                                      2026-10-20  2027-24
it was ordered ⟦last fall⟧                                 2026-03-20  2025-23
it was ordered ⟦last winter⟧                               2026-03-20  2025-24
it was ordered ⟦last spring⟧                               2026-03-20  2025-21
a hit of ⟦this past summer⟧                                2026-10-20  2026-22
⟦the coming fall⟧                                          2026-03-20  2026-23
⟦late spring 2026⟧                                         2026-03-20  2026-21 2026-05-01..2026-05-31
⟦early summer⟧                                             2026-03-20  2026-22 2026-06-01..2026-06-30 < 2025-22
⟦later this summer⟧                                        2026-07-10  2026-22 2026-07-10..2026-08-31
⟦late next summer⟧                                         2026-07-10  2027-22 2027-08-01..2027-08-31
at ⟦the end of the summer⟧                                 2026-03-20  2026-22 2026-08-01..2026-08-31 < 2025-22
Lands ⟦Fall⟧ Release Date                                  2026-03-20  2026-23 < 2025-23
New Look at ⟦Summer⟧ Release                               2026-03-20  2026-22 < 2025-22
its ⟦winter⟧ premiere                                      2026-03-20  2026-24 < 2025-24
in ⟦Q3 2026⟧                                               2026-03-20  2026-35
in ⟦2026 Q3⟧                                               2026-03-20  2026-35
in ⟦Q3⟧                                                    2026-03-20  2026-35 < 2025-35
in ⟦Q1⟧                                                    2026-03-20  2026-33 < 2026-33
in ⟦Q1⟧                                                    2026-11-20  2027-33 < 2026-33
in ⟦Q4 of 2027⟧                                            2026-03-20  2027-36
in ⟦Q2 this year⟧                                          2026-03-20  2026-34
in ⟦the third quarter of 2026⟧                             2026-03-20  2026-35
in ⟦the first quarter of next year⟧                        2026-03-20  2027-33
in ⟦the fourth quarter of the year⟧                        2026-03-20  2026-36
in ⟦the final quarter of this year⟧                        2026-03-20  2026-36
in ⟦the first half of 2027⟧                                2026-03-20  2027-01/2027-06
in ⟦the second half of next year⟧                          2026-03-20  2027-07/2027-12
in ⟦the back half of 2026⟧                                 2026-03-20  2026-07/2026-12
in ⟦H1 2027⟧                                               2026-03-20  2027-01/2027-06
in ⟦H2 2026⟧                                               2026-03-20  2026-07/2026-12
⟦the holiday season 2026⟧                                  2026-03-20  2026-11/2026-12
the ⟦2026 holiday season⟧                                  2026-03-20  2026-11/2026-12
in time for ⟦the holidays⟧                                 2026-03-20  2026-11/2026-12 < 2025-11/2025-12
⟦this holiday season⟧                                      2026-03-20  2026-11/2026-12
⟦next month⟧                                               2026-01-31  2026-02
⟦this week⟧                                                2026-03-20  2026-03-16/2026-03-22
⟦next week⟧                                                2026-03-22  2026-03-23/2026-03-29
⟦next week⟧                                                2026-12-30  2027-01-04/2027-01-10
⟦last week⟧                                                2026-03-20  2026-03-09/2026-03-15
⟦this weekend⟧                                             2026-03-17  2026-03-20/2026-03-22
⟦next weekend⟧                                             2026-03-17  2026-03-27/2026-03-29
⟦this past weekend⟧                                        2026-03-17  2026-03-13/2026-03-15
⟦last quarter⟧                                             2026-03-17  2025-36
⟦next quarter⟧                                             2026-11-17  2027-33
⟦this quarter⟧                                             2026-11-17  2026-36
the ⟦weekend of May 29⟧                                    2026-03-17  2026-05-29/2026-05-31 < 2025-05-29/2025-06-01
the ⟦week of April 6, 2026⟧                                2026-03-17  2026-04-06/2026-04-12
⟦Thanksgiving week⟧                                        2026-03-20  2026-11-23/2026-11-29 < 2025-11-24/2025-11-30
"""

YEARS = """
It is due in ⟦2027⟧                                        2026-03-20  2027
⟦2027⟧ release                                             2026-03-20  2027
⟦2026⟧’s best                                              2026-03-20  2026
(⟦2019⟧)                                                   2026-03-20  2019
set in ⟦1969⟧                                              2026-03-20  1969
sometime in ⟦2026⟧                                         2026-03-20  2026
⟦early 2027⟧                                               2026-03-20  2027 2027-01-01..2027-04-30
⟦mid-2026⟧                                                 2026-03-20  2026 2026-05-01..2026-08-31
⟦mid 2026⟧                                                 2026-03-20  2026 2026-05-01..2026-08-31
⟦late 2026⟧                                                2026-03-20  2026 2026-09-01..2026-12-31
⟦mid-to-late 2027⟧                                         2026-03-20  2027 2027-05-01..2027-12-31
⟦early-to-mid 2027⟧                                        2026-03-20  2027 2027-01-01..2027-08-31
⟦mid/late 2027⟧                                            2026-03-20  2027 2027-05-01..2027-12-31
⟦early in 2027⟧                                            2026-03-20  2027 2027-01-01..2027-04-30
at ⟦the end of 2026⟧                                       2026-03-20  2026 2026-09-01..2026-12-31
at ⟦the start of 2027⟧                                     2026-03-20  2027 2027-01-01..2027-04-30
at ⟦the top of 2027⟧                                       2026-03-20  2027 2027-01-01..2027-04-30
⟦later in 2026⟧                                            2026-03-20  2026 2026-03-20..2026-12-31
a ⟦later 2026⟧ date                                        2026-03-20  2026 2026-03-20..2026-12-31
⟦later this year⟧                                          2026-03-20  2026 2026-03-20..2026-12-31
⟦Later This Year⟧                                          2026-12-31  2026 2026-12-31..2026-12-31
⟦later in the year⟧                                        2026-03-20  2026 2026-03-20..2026-12-31
⟦earlier this year⟧                                        2026-03-20  2026 2026-01-01..2026-03-20
⟦late last year⟧                                           2026-03-20  2025 2025-09-01..2025-12-31
⟦early next year⟧                                          2026-03-20  2027 2027-01-01..2027-04-30
⟦early in the new year⟧                                    2026-11-20  2027 2027-01-01..2027-04-30
⟦year-end 2026⟧                                            2026-03-20  2026 2026-09-01..2026-12-31
in ⟦the first few months of 2027⟧                          2026-03-20  2027 2027-01-01..2027-04-30
at ⟦the end of the year⟧                                   2026-03-20  2026 2026-09-01..2026-12-31
⟦this year⟧                                                2026-03-20  2026
⟦next year⟧                                                2026-12-31  2027
⟦last year⟧                                                2026-03-20  2025
⟦this year⟧’s big hit                                      2026-03-20  2026
in ⟦the 1970s⟧                                             2026-03-20  197X
a ⟦1980s⟧ cartoon                                          2026-03-20  198X
the ⟦'90s⟧ show                                            2026-03-20  199X
the ⟦’90s⟧ show                                            2026-03-20  199X
in ⟦the 90s⟧                                               2026-03-20  199X
in ⟦the early 2000s⟧                                       2026-03-20  200X 2000-01-01..2003-04-30
⟦this decade⟧                                              2026-03-20  202X
⟦next decade⟧                                              2026-03-20  203X
the ⟦2026-27⟧ season                                       2026-03-20  2026/2027
the ⟦2026–2027⟧ season                                     2026-03-20  2026/2027
the ⟦1999-00⟧ season                                       2026-03-20  1999/2000
from ⟦2011-2019⟧                                           2026-03-20  2011/2019
since ⟦2026-07⟧                                            2026-03-20  2026-07
"""

BOUNDS = """
⟦by the end of 2026⟧                                       2026-03-20  2026 2026-03-20..2026-12-31
⟦by the end of 2027⟧                                       2026-03-20  2027
⟦before the end of the year⟧                               2026-03-20  2026 2026-03-20..2026-12-31
⟦by the end of the year⟧                                   2026-03-20  2026 2026-03-20..2026-12-31
⟦by year's end⟧                                            2026-03-20  2026 2026-03-20..2026-12-31
⟦by the end of the month⟧                                  2026-03-20  2026-03 2026-03-20..2026-03-31
⟦before the year is out⟧                                   2026-03-20  2026 2026-03-20..2026-12-31
⟦before the month ends⟧                                    2026-03-20  2026-03 2026-03-20..2026-03-31
⟦by March 2027⟧                                            2026-03-20  ../2027-03
⟦by 2027⟧                                                  2026-03-20  ../2027
⟦by summer⟧                                                2026-03-20  ../2026-22 < ../2025-22
⟦by Friday⟧                                                2026-03-18  ../2026-03-20 < ../2026-03-13
⟦no later than June 5⟧                                     2026-03-18  ../2026-06-05 < ../2025-06-05
⟦before March 27⟧                                          2026-03-20  ../2026-03-26 < ../2025-03-26
⟦before June⟧                                              2026-03-20  ../2026-05 < ../2025-05
⟦before 2027⟧                                              2026-03-20  ../2026
⟦before spring 2027⟧                                       2026-03-20  ../2027-02
⟦before this weekend⟧                                      2026-03-17  ../2026-03-19
⟦before mid-March 2027⟧                                    2026-03-17  ../2027-03-10
⟦before January 2027⟧                                      2026-03-17  ../2026-12
⟦after Christmas⟧                                          2026-03-20  2026-12-25/.. < 2025-12-25/..
⟦after March 2027⟧                                         2026-03-20  2027-03/..
⟦no earlier than 2027⟧                                     2026-03-20  2027/..
⟦no earlier than fall 2026⟧                                2026-03-20  2026-23/..
⟦no sooner than next year⟧                                 2026-03-20  2027/..
⟦not before June⟧                                          2026-03-20  2026-06/.. < 2025-06/..
⟦not until 2028⟧                                           2026-03-20  2028/..
⟦not until late 2026⟧                                      2026-03-20  2026/.. 2026-09-01..9999-12-31
⟦2027 at the earliest⟧                                     2026-03-20  2027/..
⟦spring 2027 or later⟧                                     2026-03-20  2027-21/..
⟦as early as 2027⟧                                         2026-03-20  2027
⟦as soon as next year⟧                                     2026-03-20  2027
⟦as early as May 5⟧                                        2026-03-20  2026-05-05 < 2025-05-05
weekly ⟦until May 29⟧                                      2026-03-20  2026-05-29 < 2025-05-29
weekly ⟦through July 3, 2026⟧                              2026-03-20  2026-07-03
weekly ⟦till May⟧                                          2026-03-20  2026-05 < 2025-05
⟦around Christmas⟧                                         2026-03-20  2026-12-25~ < 2025-12-25~
⟦around March 2027⟧                                        2026-03-20  2027-03~
⟦circa 2027⟧                                               2026-03-20  2027~
⟦around next spring⟧                                       2026-03-20  2027-21~
"""

RELATIVE = """
⟦tomorrow⟧                                                 2026-12-31  2027-01-01
⟦tonight⟧ at nine                                          2026-03-20  2026-03-20
out ⟦today⟧                                                2028-02-29  2028-02-29
announced ⟦yesterday⟧                                      2026-03-01  2026-02-28
⟦tomorrow night⟧                                           2026-03-20  2026-03-21
it aired ⟦last night⟧                                      2026-03-20  2026-03-19
⟦the day after tomorrow⟧                                   2026-03-20  2026-03-22
on ⟦Friday⟧                                                2026-03-18  2026-03-20 < 2026-03-13
on ⟦Friday⟧                                                2026-03-20  2026-03-20 < 2026-03-20
⟦this Friday⟧                                              2026-03-20  2026-03-20
⟦This Friday⟧                                              2026-03-21  2026-03-27
⟦next Friday⟧                                              2026-03-18  2026-03-27
⟦next Friday⟧                                              2026-03-21  2026-03-27
⟦next Monday⟧                                              2026-03-18  2026-03-23
⟦last Friday⟧                                              2026-03-20  2026-03-13
⟦last Friday⟧                                              2026-03-21  2026-03-20
⟦this coming Sunday⟧                                       2026-03-22  2026-03-29
the network said ⟦Thursday⟧ that                           2026-03-20  2026-03-26 < 2026-03-19
in ⟦Sunday⟧'s episode                                      2026-03-20  2026-03-22 < 2026-03-15
⟦Sunday⟧ night at nine                                     2026-03-20  2026-03-22 < 2026-03-15
it returns ⟦in 4 days⟧                                     2026-03-20  2026-03-24
it returns ⟦in just 4 days⟧                                2026-12-30  2027-01-03
it returns ⟦in three weeks⟧                                2026-03-20  2026-04-10~
it returns ⟦in a week⟧                                     2026-03-20  2026-03-27~
it returns ⟦in two months⟧                                 2026-11-20  2027-01~
⟦in two weeks'⟧ time                                       2026-03-20  2026-04-03~
⟦two weeks from now⟧                                       2026-03-20  2026-04-03~
⟦two years away⟧                                           2026-03-20  2028~
⟦three days ago⟧                                           2026-03-02  2026-02-27
⟦a month ago⟧                                              2026-01-02  2025-12~
⟦two years ago⟧                                            2026-03-20  2024~
"""

HOLIDAYS = """
on ⟦Christmas Day⟧                                         2026-03-20  2026-12-25 < 2025-12-25
on ⟦Christmas Day 2027⟧                                    2026-03-20  2027-12-25
on ⟦Christmas Eve⟧                                         2026-12-25  2027-12-24 < 2026-12-24
at ⟦Christmas⟧                                             2026-03-20  2026-12-25 < 2025-12-25
⟦this Christmas⟧                                           2026-03-20  2026-12-25
⟦Christmas 2027⟧                                           2026-03-20  2027-12-25
by then, for ⟦Halloween⟧                                   2026-03-20  2026-10-31 < 2025-10-31
on ⟦Thanksgiving⟧                                          2026-03-20  2026-11-26 < 2025-11-27
⟦Thanksgiving Day 2027⟧                                    2026-03-20  2027-11-25
⟦Thanksgiving weekend⟧                                     2026-03-20  2026-11-26/2026-11-29 < 2025-11-27/2025-11-30
⟦Black Friday⟧                                             2026-03-20  2026-11-27 < 2025-11-28
⟦Valentine's Day⟧                                          2026-03-20  2027-02-14 < 2026-02-14
⟦Valentine’s Day⟧                                          2026-03-20  2027-02-14 < 2026-02-14
⟦New Year's Day⟧                                           2026-12-20  2027-01-01 < 2026-01-01
⟦New Year's Eve 2026⟧                                      2026-12-20  2026-12-31
⟦Memorial Day weekend⟧                                     2026-03-20  2026-05-22/2026-05-25 < 2025-05-23/2025-05-26
⟦Memorial Day weekend 2027⟧                                2026-03-20  2027-05-28/2027-05-31
⟦Labor Day⟧                                                2026-03-20  2026-09-07 < 2025-09-01
⟦Memorial Day⟧                                             2026-03-20  2026-05-25 < 2025-05-26
the ⟦Fourth of July⟧                                       2026-03-20  2026-07-04 < 2025-07-04
⟦July 4 weekend⟧                                           2026-03-20  2026-07-03/2026-07-05 < 2025-07-04/2025-07-06
⟦Easter Sunday⟧                                            2026-03-20  2026-04-05 < 2025-04-20
⟦Good Friday⟧                                              2026-03-20  2026-04-03 < 2025-04-18
⟦Mother's Day⟧                                             2026-03-20  2026-05-10 < 2025-05-11
⟦Father's Day⟧                                             2026-03-20  2026-06-21 < 2025-06-15
⟦MLK Day⟧                                                  2026-03-20  2027-01-18 < 2026-01-19
⟦May the Fourth⟧                                           2026-03-20  2026-05-04 < 2025-05-04
before the ⟦Christmas⟧ release                             2026-03-20  2026-12-25 < 2025-12-25
"""

SEVERAL = """
⟦March 27–29⟧                                              2026-03-20  2026-03-27/2026-03-29 < 2025-03-27/2025-03-29
⟦March 27-29, 2027⟧                                        2026-03-20  2027-03-27/2027-03-29
⟦27–29 March⟧                                              2026-03-20  2026-03-27/2026-03-29 < 2025-03-27/2025-03-29
⟦March 27 to May 29⟧                                       2026-03-20  2026-03-27/2026-05-29 < 2025-03-27/2025-05-29
⟦March 1 through May 29⟧                                   2026-03-20  2026-03-01/2026-05-29 < 2025-03-01/2025-05-29
⟦Dec. 18 to Jan. 8⟧                                        2026-03-20  2026-12-18/2027-01-08 < 2025-12-18/2026-01-08
⟦December 28, 2026 – January 3, 2027⟧                      2026-03-20  2026-12-28/2027-01-03
⟦December 28 – January 3, 2027⟧                            2026-03-20  2026-12-28/2027-01-03
⟦Feb 27-Mar 1⟧                                             2026-02-20  2026-02-27/2026-03-01 < 2025-02-27/2025-03-01
from ⟦March 27⟧ to ⟦May 29⟧                                2026-03-20  2026-03-27 < 2025-03-27 ; 2026-05-29 < 2025-05-29
⟦between June and August⟧                                  2026-03-20  2026-06/2026-08 < 2025-06/2025-08
⟦between March 27 and May 29⟧                              2026-03-20  2026-03-27/2026-05-29 < 2025-03-27/2025-05-29
⟦between 2021 and 2024⟧                                    2026-03-20  2021/2024
⟦June–August 2026⟧                                         2026-03-20  2026-06/2026-08
⟦December 2026 to February 2027⟧                           2026-03-20  2026-12/2027-02
⟦December to February 2027⟧                                2026-03-20  2026-12/2027-02
in ⟦May or June⟧                                           2026-03-20  2026-05/2026-06 < 2025-05/2025-06
⟦May or June 2027⟧                                         2026-03-20  2027-05/2027-06
⟦spring or summer 2027⟧                                    2026-03-20  2027-21/2027-22
⟦spring/summer 2027⟧                                       2026-03-20  2027-21/2027-22
⟦Q3/Q4 2026⟧                                               2026-03-20  2026-35/2026-36
⟦2026 or 2027⟧                                             2026-03-20  2026/2027
⟦late 2026 or early 2027⟧                                  2026-03-20  2026/2027 2026-09-01..2027-04-30
⟦late 2026/early 2027⟧                                     2026-03-20  2026/2027 2026-09-01..2027-04-30
⟦late spring or early summer 2027⟧                         2026-03-20  2027-21/2027-22 2027-05-01..2027-06-30
⟦June 5⟧, ⟦12⟧, and ⟦19, 2026⟧                             2026-03-20  2026-06-05 ; 2026-06-12 ; 2026-06-19
⟦June 5⟧ and ⟦12⟧                                          2026-03-20  2026-06-05 < 2025-06-05 ; 2026-06-12 < 2025-06-12
in ⟦May and June⟧                                          2026-03-20  2026-05/2026-06 < 2025-05/2025-06
a ⟦June-July⟧ window                                       2026-03-20  2026-06/2026-07 < 2025-06/2025-07
from ⟦April⟧ to ⟦August 2026⟧                              2026-03-20  2026-04 < 2025-04 ; 2026-08
⟦June 5⟧ and ⟦12, 2027⟧                                    2026-03-20  2027-06-05 ; 2027-06-12
⟦5⟧, ⟦12⟧ and ⟦19 June 2027⟧                               2026-03-20  2027-06-05 ; 2027-06-12 ; 2027-06-19
⟦29 May⟧ and ⟦5 June⟧                                      2026-03-20  2026-05-29 < 2025-05-29 ; 2026-06-05 < 2025-06-05
⟦29 May⟧ and ⟦5 June 2027⟧                                 2026-03-20  2027-05-29 ; 2027-06-05
⟦March 13⟧ and ⟦March 27⟧                                  2026-03-20  2026-03-13 < 2025-03-13 ; 2026-03-27 < 2025-03-27
⟦Dec. 26⟧ and ⟦Jan. 2, 2027⟧                               2026-03-20  2026-12-26 ; 2027-01-02
two episodes on ⟦March 27⟧, then weekly ⟦until May 29⟧     2026-03-20  2026-03-27 < 2025-03-27 ; 2026-05-29 < 2025-05-29
moved from ⟦2026⟧ to ⟦spring 2027⟧                         2026-03-20  2026 ; 2027-21
delayed from ⟦March 2026⟧ to ⟦May 2027⟧                    2026-03-20  2026-03 ; 2027-05
⟦2027⟧ - 2nd - 14                                           2026-03-20  2027
Season 5 may return in ⟦2026⟧                              2026-03-20  2026
on ⟦May 22⟧, not on ⟦May 29⟧                               2026-03-20  2026-05-22 < 2025-05-22 ; 2026-05-29 < 2025-05-29
in ⟦2026⟧, ⟦2027⟧ and ⟦2028⟧                               2026-03-20  2026 ; 2027 ; 2028
"""

SPANISH = """
Se estrena el ⟦27 de marzo⟧                                2026-03-20  2026-03-27 < 2025-03-27
Se estrena el ⟦27 de marzo de 2027⟧.                       2026-03-20  2027-03-27
el ⟦viernes 27 de marzo⟧                                   2026-03-20  2026-03-27
el ⟦viernes, 27 de marzo⟧                                  2026-03-20  2026-03-27
el ⟦1 de enero⟧                                            2026-12-28  2027-01-01 < 2026-01-01
el ⟦1º de mayo⟧                                            2026-03-20  2026-05-01 < 2025-05-01
⟦3/4/2027⟧                                                 2026-03-20  2027-04-03
⟦27.03.2027⟧                                               2026-03-20  2027-03-27
en ⟦enero de 2027⟧                                         2026-03-20  2027-01
en ⟦octubre del 2026⟧                                      2026-03-20  2026-10
llega en ⟦mayo⟧                                            2026-03-20  2026-05 < 2025-05
⟦otoño de 2026⟧                                            2026-03-20  2026-23
en ⟦la primavera de 2027⟧                                  2026-03-20  2027-21
⟦este verano⟧                                              2026-03-20  2026-22
⟦el próximo otoño⟧                                         2026-03-20  2026-23
⟦la próxima primavera⟧                                     2026-10-20  2027-21
⟦el invierno pasado⟧                                       2026-03-20  2025-24
⟦el próximo mes⟧                                           2026-03-20  2026-04
⟦el mes que viene⟧                                         2026-12-20  2027-01
⟦el próximo año⟧                                           2026-03-20  2027
⟦el año que viene⟧                                         2026-03-20  2027
⟦este año⟧                                                 2026-03-20  2026
⟦el año pasado⟧                                            2026-03-20  2025
⟦a finales de 2026⟧                                        2026-03-20  2026 2026-09-01..2026-12-31
⟦a principios de 2027⟧                                     2026-03-20  2027 2027-01-01..2027-04-30
⟦a mediados de abril⟧                                      2026-03-20  2026-04 2026-04-11..2026-04-20 < 2025-04
⟦a finales de año⟧                                         2026-03-20  2026 2026-09-01..2026-12-31
⟦el primer trimestre de 2027⟧                              2026-03-20  2027-33
⟦la segunda mitad de 2026⟧                                 2026-03-20  2026-07/2026-12
⟦dentro de tres semanas⟧                                   2026-03-20  2026-04-10~
⟦hace dos años⟧                                            2026-03-20  2024~
⟦mañana⟧                                                   2026-03-20  2026-03-21
el ⟦viernes⟧                                               2026-03-18  2026-03-20 < 2026-03-13
⟦este viernes⟧                                             2026-03-18  2026-03-20
⟦el próximo viernes⟧                                       2026-03-18  2026-03-20
⟦no antes de 2027⟧                                         2026-03-20  2027/..
⟦antes de junio⟧                                           2026-03-20  ../2026-05 < ../2025-05
⟦hasta el 29 de mayo⟧                                      2026-03-20  2026-05-29 < 2025-05-29
⟦antes de que acabe el año⟧                                2026-03-20  2026 2026-03-20..2026-12-31
⟦entre junio y agosto⟧                                     2026-03-20  2026-06/2026-08 < 2025-06/2025-08
del ⟦27 al 29 de marzo⟧                                    2026-03-20  2026-03-27/2026-03-29 < 2025-03-27/2025-03-29
⟦Navidad⟧ de nuevo                                         2026-03-20  2026-12-25 < 2025-12-25
⟦los años 70⟧                                              2026-03-20  197X
la temporada ⟦2026-27⟧                                     2026-03-20  2026/2027
llega en ⟦2027⟧                                            2026-03-20  2027
"""

UNRESOLVED = """
It returns ⟦March 27⟧                                      none        undated
It returns ⟦next spring⟧                                   none        undated
on ⟦Friday⟧                                                none        undated
⟦this year⟧                                                none        undated
⟦tomorrow⟧                                                 none        undated
⟦in three weeks⟧                                           none        undated
⟦March 27 to May 29⟧                                       none        undated
⟦June 5⟧ and ⟦12⟧                                          none        undated undated
⟦later this month⟧                                         none        undated
⟦next spring⟧                                              0001-01-01  absurd
⟦next spring⟧                                              1970-01-01  absurd
⟦March 27⟧                                                 9999-12-31  absurd
⟦in three weeks⟧                                           9999-12-31  absurd
on ⟦February 30⟧                                           2026-03-20  impossible
on ⟦31 June⟧                                               2026-03-20  impossible
on ⟦February 29, 2027⟧                                     2026-03-20  impossible
on ⟦13/13/2027⟧                                            2026-03-20  impossible
on ⟦2027-13-13⟧                                            2026-03-20  impossible
⟦30 February to 5 March 2027⟧                              2026-03-20  impossible
⟦2027 to 2026⟧                                             2026-03-20  impossible
on ⟦3/4/2027⟧                                              2026-03-20  ambiguous
on ⟦03.04.2027⟧                                            2026-03-20  ambiguous
on ⟦9/11⟧                                                  2026-03-20  ambiguous
⟦a year later⟧ it was over                                 2026-03-20  anaphoric
⟦35 Years Later⟧, it is back                               2026-03-20  anaphoric
⟦months later⟧ it was over                                 2026-03-20  anaphoric
two films ⟦7 months earlier⟧                               2026-03-20  anaphoric
⟦the following week⟧                                       2026-03-20  anaphoric
⟦the following Friday⟧                                     2026-03-20  anaphoric
⟦the previous year⟧                                        2026-03-20  anaphoric
⟦the same fall⟧                                            2026-03-20  anaphoric
more ⟦in the coming weeks⟧                                 2026-03-20  vague
more ⟦in the next few months⟧                              2026-03-20  vague
⟦a few years ago⟧                                          2026-03-20  vague
its first ⟦in ten years⟧                                   2026-03-20  duration
for the first time ⟦in three weeks⟧                        2026-03-20  duration
the best film ⟦in 38 Years⟧                                2026-03-20  duration
new episodes on ⟦Fridays⟧                                  2026-03-20  recurring
⟦every Sunday⟧                                             2026-03-20  recurring
⟦Sunday nights⟧                                            2026-03-20  recurring
"""

REJECTS = [
    "Season 5 may return",
    "Toy Tale 5 May Return",
    "Season 5 May Be the Last",
    "This May Be the End",
    "this may not be the end",
    "they may or may not come back",
    "The show may 5 be",
    "Fans March On Studio",
    "they march on the capital",
    "on the march again",
    "the march of the machines",
    "March of the Robots",
    "The March on Washington was filmed",
    "the fall of the house",
    "the fall of Rome",
    "in the fall of Rome",
    "stocks fall",
    "fall in love",
    "fall for it",
    "a fall from grace",
    "set to fall apart",
    "spring to life",
    "spring into action",
    "the spring of a watch",
    "Summer House is back",
    "Spring Break is cancelled",
    "The Winter Soldier is back",
    "winter is here",
    "Summer plays a doctor",
    "in the second act",
    "a second season",
    "the third quarter was lost",
    "the first half was dull",
    "a quarter of the cast",
    "half of them",
    "June Osborne escapes",
    "April O'Neil returns",
    "June plays his mother",
    "written by June Harlow",
    "the story of April Munroe",
    "an august cast",
    "August Wilkes directs",
    "Jan and Mar are friends",
    "the sun sets",
    "they sat down",
    "he wed her",
    "Saturday Night Live is on",
    "Friday Night Lights is back",
    "Wednesday Season 3 Gets a Director",
    "Jenna stars in Wednesday",
    "Joe Friday is back",
    "USA Today reports",
    "the Today show",
    "the world of tomorrow",
    "2,026 people",
    "$2026 in prizes",
    "€2000 prize",
    "2000 people came",
    "2000 episodes",
    "2000 more screens",
    "room 2046",
    "Flight 1999 crashed",
    "a 2049x screen",
    "1080p and 2160p",
    "12345",
    "1899 and 2100 are too far",
    "20266",
    "0.2026x",
    "season 2",
    "Season 2, Part 3",
    "episodes 5 and 6",
    "the top 10",
    "it costs 3.99",
    "a score of 9/10",
    "24/7",
    "9/11",
    "a 3-part drama",
    "at 10/9c",
    "in ten minutes",
    "in 3 parts",
    "two hours later than usual",
    "within reach",
    "soon",
    "there is no release date",
    "A Christmas special is dull",
    "Halloween Kills is back",
    "Easter eggs abound",
    "a holiday film",
    "Boxing clever",
    "Labor is cheap",
    "the years",
    "the week",
    "a month",
    "weekend",
    "year-old",
    "in the year",
    "the next years will tell",
    "Decades of work",
    "secondhand and mayhem and Marchand",
    "sunday-ish falls springs summers",
    "Q5 and H3",
    "now",
    "",
    " ",
    "...",
    "\x00\x00\x00",
    "👾 ０１２ ٣",
]

SPANISH_REJECTS = [
    "por la mañana",
    "una serie de verano",
    "la segunda temporada",
    "5 temporadas",
    "un mes",
    "martes de carnaval en marcha",
    "el año",
    "2000 episodios",
    "la parte 2027",
    "Marzorati dirige",
    "no tiene fecha de estreno",
]


def rows(table: str) -> list[object]:
    """One parameter set a row: the text, the day, and the values as written."""
    columns = [re.split(r"\s{2,}", line) for line in table.splitlines() if line]
    return [pytest.param(text, day, values, id=f"{text} @{day}") for text, day, values in columns]


def check(text: str, published: str, values: str, tables: Tables) -> None:
    spans = read_dates(text.replace("⟦", "").replace("⟧", ""), dt.date.fromisoformat(published), tables)
    plain = text.replace("⟦", "").replace("⟧", "")
    assert [plain[span.start : span.end] for span in spans] == re.findall("⟦(.*?)⟧", text)
    assert [say(span) for span in spans] == [" ".join(value.split()) for value in values.split(";")]


def say(span: DateSpan) -> str:
    """A span as the tables write it."""
    assert span.date is not None, span.form
    whole = parse_edtf(span.date.edtf)
    closer = f" {span.date.earliest}..{span.date.latest}" if span.date != whole else ""
    return span.date.edtf + closer + (f" < {span.past.edtf}" if span.past else "")


@pytest.mark.parametrize(
    ("text", "published", "values"),
    rows(DAYS + MONTHS + WINDOWS + YEARS + BOUNDS + RELATIVE + HOLIDAYS + SEVERAL),
)
def test_english_phrases_mean_their_dates(text: str, published: str, values: str) -> None:
    check(text, published, values, EN)


@pytest.mark.parametrize(("text", "published", "values"), rows(SPANISH))
def test_spanish_phrases_mean_their_dates(text: str, published: str, values: str) -> None:
    check(text, published, values, ES)


@pytest.mark.parametrize(("text", "published", "values"), rows(UNRESOLVED))
def test_a_date_that_cannot_be_told_says_why(text: str, published: str, values: str) -> None:
    plain = text.replace("⟦", "").replace("⟧", "")
    spans = read_dates(plain, None if published == "none" else dt.date.fromisoformat(published), EN)
    assert [plain[span.start : span.end] for span in spans] == re.findall("⟦(.*?)⟧", text)
    assert [(span.date, span.past, span.form) for span in spans] == [(None, None, form) for form in values.split()]


@pytest.mark.parametrize("text", REJECTS)
def test_what_only_looks_like_a_date_is_not_read(text: str) -> None:
    assert read_dates(text, dt.date(2026, 3, 20), EN) == []


@pytest.mark.parametrize("text", SPANISH_REJECTS)
def test_what_only_looks_like_a_spanish_date_is_not_read(text: str) -> None:
    assert read_dates(text, dt.date(2026, 3, 20), ES) == []


@pytest.mark.parametrize(
    "text", ["in March 2027", "spring 2027", "2027-03-27", "by 2027", "Christmas 2027", "the 1970s"]
)
def test_a_year_that_is_said_needs_no_publication(text: str) -> None:
    assert [span.date is not None for span in read_dates(text, None, EN)] == [True]
    assert read_dates(text, None, EN) == read_dates(text, dt.date(1, 1, 1), EN)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("March 27", "day"),
        ("in March", "month"),
        ("this fall", "season"),
        ("Q3 2026", "quarter"),
        ("H1 2027", "half"),
        ("in 2027", "year"),
        ("the 1970s", "decade"),
        ("this week", "week"),
        ("this weekend", "weekend"),
        ("Labor Day weekend", "weekend"),
        ("on Friday", "weekday"),
        ("Labor Day", "holiday"),
        ("the holidays", "holidays"),
        ("tomorrow", "near"),
        ("in three weeks", "offset"),
        ("two months ago", "ago"),
        ("March 27 to May 29", "range"),
        ("by Friday", "by"),
        ("before June", "before"),
        ("not before June", "not_before"),
        ("until May 29", "until"),
        ("around May 29", "about"),
    ],
)
def test_the_form_tells_the_sort_of_phrase(text: str, form: str) -> None:
    assert [span.form for span in read_dates(text, dt.date(2026, 3, 20), EN)] == [form]


WORDS = sorted(grammar(EN).codes | grammar(ES).codes)
PIECES = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(WORDS).map(str.capitalize),
    st.integers(0, 2100).map(str),
    st.sampled_from(
        [",", ".", "-", "–", "/", "'", "’s", "$", "(", ")", ":", "27th", "1970s", "90s", "2026-27", "\x00", "x"]
    ),
    st.text(max_size=4),
)
SENTENCES = st.lists(PIECES, max_size=14).flatmap(lambda pieces: st.sampled_from([" ".join(pieces), "".join(pieces)]))


@given(SENTENCES, st.none() | st.dates(), st.sampled_from([EN, ES]))
def test_any_text_gives_spans_inside_it_that_do_not_overlap(
    text: str, published: dt.date | None, tables: Tables
) -> None:
    end = 0
    for span in read_dates(text, published, tables):
        assert end <= span.start < span.end <= len(text)
        end = span.end
        for date in (span.date, span.past):
            if date is not None:
                assert date.earliest <= date.latest
                assert contains(parse_edtf(date.edtf), date)
        assert span.past is None or span.date is not None


@given(SENTENCES, st.sampled_from([EN, ES]))
def test_the_shortcuts_change_no_reading(text: str, tables: Tables) -> None:
    quick = grammar(tables)
    everywhere = re.compile("|".join(map(re.escape, quick.forms)))
    slow = replace(quick, gate=AhoCorasick([text or "x"]), start=everywhere)
    assert list(quick.phrases(text)) == list(slow.phrases(text))


@given(
    st.dates(dt.date(1990, 1, 1), dt.date(2099, 12, 31)),
    st.sampled_from(["March 27", "Friday", "in June", "Easter Sunday"]),
)
def test_the_next_is_never_over_and_the_last_has_begun(published: dt.date, phrase: str) -> None:
    (span,) = read_dates(f"It is on {phrase}" if phrase == "Friday" else phrase, published, EN)
    assert span.date is not None
    assert span.past is not None
    assert span.date.latest >= published >= span.past.earliest
    assert span.past.earliest <= span.date.earliest


PATHOLOGICAL = """
5, |March 5, |March |the |2026-|2026 or |late |the early |in the |this |Friday, |1/|until |between May and |5 and |27.
May 5 and May 6, |no earlier |the end of the |x |'|0|the day after |a few |in just |Memorial Day |mid-to-
"""


@pytest.mark.parametrize("piece", [piece for line in PATHOLOGICAL.strip().splitlines() for piece in line.split("|")])
def test_reading_takes_time_in_proportion_to_the_text(piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        runs = []
        for _ in range(3):
            start = time.process_time()
            read_dates(text, dt.date(2026, 3, 20), EN)
            runs.append(time.process_time() - start)
        return min(runs)

    seconds(100)
    assert seconds(8_000) < 10 * seconds(2_000) + 0.02


@pytest.mark.parametrize("language", languages())
def test_every_holiday_has_a_day_in_every_year(language: str) -> None:
    tables = load_tables(language)
    for table in ("holidays", "holiday_names"):
        for rule in tables.tables.get(table, {}).values():
            assert [calendar.holiday(str(rule), year).year for year in (1990, 2028, 2099)] == [1990, 2028, 2099]


@pytest.mark.parametrize(
    ("year", "easter"), [(1818, "03-22"), (1943, "04-25"), (2000, "04-23"), (2025, "04-20"), (2038, "04-25")]
)
def test_easter_is_where_the_tables_of_the_church_put_it(year: int, easter: str) -> None:
    assert calendar.holiday("easter", year).isoformat() == f"{year}-{easter}"


def test_a_holiday_rule_that_is_none_is_told() -> None:
    with pytest.raises(ValueError, match='holiday "11-thu" is not like'):
        calendar.holiday("11-thu", 2026)


@pytest.mark.parametrize(
    ("forms", "message"),
    [
        pytest.param('"{moths}": date', "moths", id="unknown-table"),
        pytest.param('"{months": date', "{months", id="open-brace"),
        pytest.param('"({months}": date', "date form", id="open-bracket"),
        pytest.param('"{months}?": date', "may be empty", id="empty"),
        pytest.param('"{a}": date', "recursion", id="part-of-itself"),
        pytest.param('"(?<={sure}){months}": date', "look-behind requires fixed-width", id="two-words-behind"),
    ],
)
def test_a_form_that_cannot_be_compiled_is_told(tmp_path: Path, forms: str, message: str) -> None:
    tables = ["months: {may: 5}", "sure: [of the, by]", "day_suffixes: [th]", "numeric_orders: [month day]"]
    text = "\n".join([*tables, 'date_parts: {a: "{months}{a}"}', ""])
    (tmp_path / "dates.yaml").write_text(f"{text}date_forms:\n  {forms}\n", encoding="utf-8")
    with pytest.raises(RuleError, match=re.escape(message)):
        grammar(read_tables(tmp_path))
