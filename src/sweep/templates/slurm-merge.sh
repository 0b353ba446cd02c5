#!/bin/bash
# After all elements, however they ended: merging checks by itself that nothing is missing.
#SBATCH --job-name={{ name }}-merge
#SBATCH --output={{ logs }}/merge-%j.out
{% for option in options -%}
#SBATCH {{ option }}
{% endfor -%}
exec {{ program }} sweep merge {{ directory }}
