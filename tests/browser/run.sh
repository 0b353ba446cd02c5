#!/usr/bin/env bash
# The pages of engobe in a real browser: made with a small scenario, opened in Chromium,
# pointed at, zoomed, printed.
#
#   tests/browser/run.sh [ENGOBE [DIRECTORY]]
#
# Default: target/release/engobe. Screenshots and PDF files are made if there is a DIRECTORY.
# Installs Debian's chromium if it may (ENGOBE_INSTALL=0: not). Says so and succeeds where
# there is none.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "${1:-$here/../../target/release/engobe}")

skip() {
    echo "test in a browser skipped: $1"
    exit 0
}

find_browser() {
    for name in chromium chromium-browser google-chrome; do
        command -v "$name" && return
    done
    return 1
}

command -v python3 > /dev/null || skip "it wants python3"
if ! find_browser > /dev/null; then
    [ "${ENGOBE_INSTALL:-1}" = 1 ] && [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null \
        || skip "chromium is not installed"
    { apt-get update -qq && apt-get install -y -qq chromium; } > /dev/null 2>&1 \
        || skip "chromium cannot be installed"
fi
browser=$(find_browser)

pages=$(mktemp -d /tmp/engobe-pages.XXXXXX)
trap 'rm -rf "$pages"' EXIT
scenario="$here/../../scenarios/quick.toml"
"$program" run "$scenario" --output "$pages/run" --quiet
"$program" microstructure "$scenario" --output "$pages/structure" --quiet
# Two numbers that vary, so that there is a map.
{
    cat "$scenario"
    printf '\n[sweep]\n"coating.thickness" = ["2 nm", "4 nm"]\n"coating.coverage" = ["60 %%", "90 %%"]\n'
} > "$pages/sweep.toml"
"$program" sweep run "$pages/sweep.toml" --output "$pages/sweep" --quiet
python3 -B "$here/check.py" ${2:+--into "$2"} "$browser" \
    "$pages/run/report.html" "$pages/run/analysis/analysis.html" \
    "$pages/structure/structure.html" "$pages/sweep/sweep.html"
