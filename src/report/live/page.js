// Unpacks plotly.js and puts a live plot over the drawing of every figure that has data,
// when it comes near the window. Where that cannot be done the drawings stay.
(async () => {
  "use strict";
  const figures = [...document.querySelectorAll("figure:has(script.spec)")];
  const packed = document.getElementById("plotly");
  if (!("DecompressionStream" in window) || figures.length === 0) return;
  const bytes = Uint8Array.from(atob(packed.textContent), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const library = document.createElement("script");
  library.textContent = await new Response(stream).text();
  document.head.append(library);

  const plots = [];
  const hidden = new Map(); // by heading of a legend: which of its entries are hidden
  let following = false;
  const shown = (plot) => {
    const out = hidden.get(plot.layout.meta);
    return plot.data.map((t) => (out && out.has(t.legendgroup) ? "legendonly" : true));
  };
  // A cycle that is hidden in one figure is hidden in all that have cycles.
  const follow = async (plot) => {
    const heading = plot.layout.meta;
    if (!heading || following) return;
    following = true;
    const out = plot.data.filter((t) => t.visible === "legendonly");
    hidden.set(heading, new Set(out.map((t) => t.legendgroup)));
    const others = plots.filter((p) => p !== plot && p.layout.meta === heading);
    await Promise.all(others.map((p) => Plotly.restyle(p, { visible: shown(p) })));
    following = false;
  };

  const draw = async (figure) => {
    const spec = JSON.parse(figure.querySelector("script.spec").textContent);
    const frame = figure.querySelector(".frame");
    const plot = document.createElement("div");
    plot.className = "live";
    frame.append(plot);
    const out = hidden.get(spec.layout.meta);
    for (const trace of spec.data) {
      if (out && out.has(trace.legendgroup)) trace.visible = "legendonly";
    }
    const layout = {
      font: { family: "Helvetica, Arial, Liberation Sans, sans-serif", size: 12, color: "#1e1e1e" },
      paper_bgcolor: "#fff",
      plot_bgcolor: "#fff",
      dragmode: "zoom",
      hoverlabel: { bgcolor: "#fff", bordercolor: "#666", font: { size: 12, color: "#1e1e1e" }, align: "left" },
      ...spec.layout,
      margin: { l: 66, r: 18, t: 12, b: 50, ...(spec.layout.margin || {}) },
    };
    await Plotly.newPlot(plot, spec.data, layout, {
      responsive: true,
      displaylogo: false,
      showTips: false,
      displayModeBar: "hover",
      modeBarButtons: [["toImage", "zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]],
      toImageButtonOptions: { format: "svg", filename: figure.id },
    });
    frame.classList.add("answers");
    plots.push(plot);
    plot.on("plotly_restyle", () => follow(plot));
  };

  document.body.classList.add("live-page");
  const watch = new IntersectionObserver(
    (entries) => {
      for (const entry of entries.filter((e) => e.isIntersecting)) {
        watch.unobserve(entry.target);
        draw(entry.target);
      }
    },
    { rootMargin: "400px" },
  );
  figures.forEach((figure) => watch.observe(figure));
})();
