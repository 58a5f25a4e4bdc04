"""The night: five stages in their order, each a row, worked on by beat's tasks, by run_day, or by both.

The way through, in the order of the walk:

* `schedule` plants the times once; operators move them. `windows` says, as a pure function, which are due.
* `runs` opens one row a stage and date, lets one caller take it up, counts it and closes it.
* `stages` is what is done: one body a stage, whoever calls. `progress` is how far it is, counted from the
  rows: done, failed, or left (due, in other hands, or waiting for a moment).
* `canary` watches a large sync: one copy first, then a few; it stops the run and asks where too much fails.
* `run_day` goes through the stages in one process and waits for whatever other processes hold.
* `panel` shows tonight and the last nights on the console's front page; `summary` says in the morning what
  did not go as planned.
"""
