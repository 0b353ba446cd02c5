#!/bin/bash
# Chunks of a sweep as an OpenPBS job array. UNTESTED: no PBS was at hand; written after the
# manual. Submit, then merge after it whatever happened:
#   job=$(qsub THIS_FILE)
#   echo "{{ program_plain }} sweep merge {{ directory_plain }}" | qsub -W depend=afterany:"$job"
#PBS -N {{ name }}
{% if last > 0 -%}
#PBS -J 0-{{ last }}{% if at_once %}%{{ at_once }}{% endif %}
{% endif -%}
#PBS -l select=1:ncpus={{ cpus }}
#PBS -j oe
#PBS -o {{ logs }}
{% for option in options -%}
#PBS {{ option }}
{% endfor -%}
# An array of one element is none in PBS: it has no index.
exec {{ program }} sweep run-chunk {{ directory }} --list {{ list }} --index "${PBS_ARRAY_INDEX:-0}" --threads {{ cpus }}
