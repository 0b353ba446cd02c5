#!/bin/bash
# Chunks of a sweep, one line of the list for each element of the array.
#SBATCH --job-name={{ name }}
#SBATCH --array=0-{{ last }}{% if at_once %}%{{ at_once }}{% endif %}
#SBATCH --output={{ logs }}/%A_%a.out
#SBATCH --cpus-per-task={{ cpus }}
{% for option in options -%}
#SBATCH {{ option }}
{% endfor -%}
exec {{ program }} sweep run-chunk {{ directory }} --list {{ list }} --threads "${SLURM_CPUS_PER_TASK:-1}"
