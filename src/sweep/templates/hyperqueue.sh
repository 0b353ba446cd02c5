#!/bin/bash
# Chunks of a sweep as tasks of HyperQueue. UNTESTED: no HyperQueue was at hand; written after
# the manual. Run this file where `hq` finds its server; it returns when all is merged.
hq submit --name {{ name }} --array 0-{{ last }} --cpus {{ cpus }} --wait \
{% for option in options %}    {{ option }} \
{% endfor %}    --stdout {{ logs }}/%{TASK_ID}.out --stderr {{ logs }}/%{TASK_ID}.err \
    -- {{ program }} sweep run-chunk {{ directory }} --list {{ list }} --threads {{ cpus }}
exec {{ program }} sweep merge {{ directory }}
