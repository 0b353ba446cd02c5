#!/usr/bin/env python3
"""Opens pages of engobe in Chromium and holds them against what a reader does with them.

    check.py [--into DIRECTORY] CHROMIUM PAGE...

Every figure with data must become a plot; pointing at a point must show its value; zooming
into a Nyquist plot must keep its axes equal; a cycle hidden in one figure must be hidden in
the others; print must show the drawings; nothing may be asked of the network and nothing
written to the console. Screenshots and PDF files, to be looked at, go into DIRECTORY if there
is one.

A page is checked once more in a new browser when the first stops answering: on a loaded
machine Chromium has been seen never to return a frame. A fault it finds stands.
"""

import argparse
import pathlib
import sys

from chromium import Chromium, Silent

# Functions that the checks below use, put into the page.
HELP = """
window.check = {
  plots: () => [...document.querySelectorAll(".live.js-plotly-plot")],
  // A point in the middle of the longest curve of a plot: its place in the window, and value.
  point: (plot) => {
    plot.scrollIntoView({ block: "center" });
    const box = plot.getBoundingClientRect();
    const traces = plot._fullData.filter((t) => t.visible === true && t.y);
    if (traces[0].type === "heatmap") {
      const X = plot._fullLayout.xaxis, Y = plot._fullLayout.yaxis;
      return { x: box.x + X._offset + 4, y: box.y + Y._offset + Y._length - 4, value: null };
    }
    traces.sort((a, b) => b.x.length - a.x.length);
    for (const trace of traces) {
      const X = plot._fullLayout[trace.xaxis.replace("x", "xaxis")];
      const Y = plot._fullLayout[trace.yaxis.replace("y", "yaxis")];
      const order = [...trace.x.keys()];
      const middle = Math.floor(order.length / 2);
      order.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle));
      for (const i of order) {
        if (trace.x[i] === null || trace.y[i] === null) continue;
        const x = X.d2p(trace.x[i]), y = Y.d2p(trace.y[i]);
        if (x < 1 || y < 1 || x > X._length - 1 || y > Y._length - 1) continue;
        return { x: box.x + X._offset + x, y: box.y + Y._offset + y, value: trace.y[i] };
      }
    }
    return null;
  },
  // Pixels per unit along both axes, and what they show.
  scale: (plot) => {
    const { xaxis: X, yaxis: Y } = plot._fullLayout;
    const per = (A) => A._length / Math.abs(A.range[1] - A.range[0]);
    return { x: per(X), y: per(Y), range: [...X.range, ...Y.range] };
  },
  box: (plot) => {
    plot.scrollIntoView({ block: "center" });
    const box = plot.getBoundingClientRect();
    const { xaxis: X, yaxis: Y } = plot._fullLayout;
    return [box.x + X._offset, box.y + Y._offset, X._length, Y._length];
  },
};
"""


class Page:
    def __init__(self, browser, path):
        self.browser = browser
        self.path = pathlib.Path(path).resolve()
        self.faults = []
        self.told = []

    def check(self, directory):
        b = self.browser
        b.open(self.path.as_uri())
        b.value(HELP)
        wanted = b.value("document.querySelectorAll('script.spec').length")
        b.value(
            "(async () => { for (let y = 0; y < document.body.scrollHeight; y += 500) {"
            " window.scrollTo(0, y); await new Promise((r) => setTimeout(r, 40)); } })()"
        )
        drawn = b.until(f"document.querySelectorAll('.answers').length === {wanted}")
        if not drawn:
            have = b.value("document.querySelectorAll('.answers').length")
            self.faults.append(f"{have} of {wanted} figures answer")
        self.told.append(f"{wanted} figures")
        self.hover()
        self.zoom()
        self.choose()
        if directory:
            b.value("window.scrollTo(0, 0)")
            b.mouse("mouseMoved", 2, 2)
            b.screenshot(directory / f"{self.path.stem}.png")
        self.printed(directory)
        size = self.path.stat().st_size
        self.told.append(f"{size / 1e6:.2f} MB")
        self.faults += b.complaints

    def hover(self):
        """Every plot says the value of a point that is pointed at."""
        b = self.browser
        for i in range(b.value("check.plots().length")):
            name = b.value(f"check.plots()[{i}].closest('figure').id")
            at = b.value(f"check.point(check.plots()[{i}])")
            if at is None:
                self.faults.append(f"{name}: no point is shown")
                continue
            b.mouse("mouseMoved", at["x"] + 3, at["y"] + 1)
            b.mouse("mouseMoved", at["x"], at["y"])
            words = b.until(
                f"[...check.plots()[{i}].querySelectorAll('.hoverlayer .hovertext')]"
                ".map((h) => h.textContent).join('|')",
                5,
            )
            digits = words and any(c.isdigit() for c in words)
            if not digits or ":" not in words:
                self.faults.append(f"{name}: pointing at {at} shows {words!r}")
        self.told.append("values on pointing")

    def zoom(self):
        """Equal axes are equal, also of what is zoomed into."""
        b = self.browser
        equal = 0
        for i in range(b.value("check.plots().length")):
            plot = f"check.plots()[{i}]"
            if not b.value(f"!!{plot}.layout.yaxis.scaleanchor"):
                continue
            equal += 1
            name = b.value(f"{plot}.closest('figure').id")
            before = b.value(f"check.before = check.scale({plot})")
            left, top, width, height = b.value(f"check.box({plot})")
            b.drag(
                (left + 0.15 * width, top + 0.4 * height),
                (left + 0.55 * width, top + 0.85 * height),
            )
            shown = f"check.scale({plot}).range.join() !== check.before.range.join()"
            if not b.until(shown, 5):
                self.faults.append(f"{name}: dragging does not zoom")
            after = b.value(f"check.scale({plot})")
            for when, scale in (("", before), (" when zoomed", after)):
                if abs(scale["x"] / scale["y"] - 1) > 0.005:
                    self.faults.append(f"{name}: {scale['x']} and {scale['y']} pixels a unit{when}")
            b.value(
                f"Plotly.relayout({plot}, {{ 'xaxis.range': check.before.range.slice(0, 2),"
                " 'yaxis.range': check.before.range.slice(2) }).then(() => 1)"
            )
        if equal:
            self.told.append(f"{equal} with equal axes, zoomed too")

    def choose(self):
        """What is hidden in one figure is hidden in those with the same legend."""
        b = self.browser
        alike = b.value(
            "(() => { const by = {}; check.plots().forEach((p, i) => { const m = p.layout.meta;"
            " if (m) (by[m] = by[m] || []).push(i); });"
            " return Object.values(by).find((l) => l.length > 1) || null; })()"
        )
        if alike is None:
            return
        first, other = (f"check.plots()[{i}]" for i in alike[:2])
        spot = b.value(
            f"(() => {{ {first}.scrollIntoView({{ block: 'center' }});"
            f" const r = {first}.querySelector('.legendtoggle').getBoundingClientRect();"
            " return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        count = f"{other}.data.filter((t) => t.visible === 'legendonly').length"
        b.click(*spot)
        if not b.until(f"{count} > 0", 5):
            self.faults.append("a curve hidden in one figure shows in the next")
        b.value("new Promise((r) => setTimeout(r, 500))")
        b.click(*spot)
        if not b.until(f"{count} === 0", 5):
            self.faults.append("a hidden curve does not come back")
        self.told.append("curves chosen by the legend")

    def printed(self, directory):
        """Paper shows the drawings, not the plots."""
        b = self.browser
        b.call("Emulation.setEmulatedMedia", media="print")
        wrong = b.value(
            "[...document.querySelectorAll('.frame')].filter((f) => {"
            " const live = f.querySelector('.live'), still = f.querySelector(':scope > svg');"
            " return (live && getComputedStyle(live).display !== 'none')"
            " || getComputedStyle(still).visibility !== 'visible'; }).length"
        )
        if wrong:
            self.faults.append(f"{wrong} figures would be printed as they stand on the screen")
        b.call("Emulation.setEmulatedMedia", media="")
        if directory:
            b.pdf(directory / f"{self.path.stem}.pdf")


def checked(program, path, directory):
    """A page after its check, in a browser of its own."""
    for last in (False, True):
        browser = Chromium(program)
        try:
            page = Page(browser, path)
            page.check(directory)
            return page
        except Silent as silence:
            print(f"{page.path.name}: {silence}{'' if last else ', once more'}", flush=True)
            if last:
                raise
        finally:
            browser.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--into", type=pathlib.Path, metavar="DIRECTORY")
    parser.add_argument("chromium")
    parser.add_argument("pages", nargs="+", metavar="page")
    given = parser.parse_args()
    if given.into:
        given.into.mkdir(parents=True, exist_ok=True)
    failed = False
    for path in given.pages:
        page = checked(given.chromium, path, given.into)
        failed |= bool(page.faults)
        verdict = "; ".join(page.faults) if page.faults else ", ".join(page.told)
        print(f"{page.path.name}: {'FAILED: ' if page.faults else ''}{verdict}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
