"""A headless Chromium spoken to over its debugging pipe: no package beyond Python's own."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
]
PATIENCE = 60.0


class Silent(RuntimeError):
    """The browser does not answer."""


class Chromium:
    """One browser with one tab; what it complains of is in `complaints`."""

    def __init__(self, program, width=1180, height=900):
        self.profile = tempfile.mkdtemp(prefix="engobe-chromium-")
        to_browser, self.send_end = os.pipe()
        self.receive_end, from_browser = os.pipe()
        # The browser reads its orders from 3 and answers on 4.
        orders = os.dup2(to_browser, 103)
        answers = os.dup2(from_browser, 104)
        shell = 'exec "$0" "$@" 3<&103 4>&104'
        arguments = [*FLAGS, f"--user-data-dir={self.profile}", "about:blank"]
        self.process = subprocess.Popen(
            ["bash", "-c", shell, program, *arguments],
            pass_fds=(orders, answers),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for end in (to_browser, from_browser, orders, answers):
            os.close(end)
        self.number = 0
        self.asked = "start"
        self.received = b""
        self.complaints = []
        self.events = []
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.width = width
        self.size(width, height)

    def size(self, width, height):
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def close(self):
        try:
            self.session = None
            self.call("Browser.close")
            self.process.wait(10)
        except (OSError, RuntimeError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, **parameters):
        """Result of a method of the DevTools protocol."""
        self.number += 1
        number = self.number
        self.asked = method
        message = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        try:
            os.write(self.send_end, json.dumps(message).encode() + b"\0")
        except BrokenPipeError:
            raise Silent(f"the browser is gone ({method})") from None
        end = time.monotonic() + PATIENCE
        while True:
            answer = self.next(end)
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def next(self, end):
        """The next message; events are kept and judged on the way."""
        while b"\0" not in self.received:
            ready, _, _ = select.select([self.receive_end], [], [], max(0.0, end - time.monotonic()))
            part = os.read(self.receive_end, 1 << 20) if ready else b""
            if not part:
                raise Silent(f"the browser does not answer ({self.asked})")
            self.received += part
        line, self.received = self.received.split(b"\0", 1)
        message = json.loads(line)
        if "method" in message:
            self.events.append(message["method"])
            self.judge(message["method"], message["params"])
        return message

    def judge(self, method, given):
        if method == "Runtime.exceptionThrown":
            details = given["exceptionDetails"]
            what = details.get("exception", {}).get("description", details["text"])
            self.complaints.append(f"exception: {what}")
        elif method == "Runtime.consoleAPICalled" and given["type"] in ("error", "warning", "assert"):
            words = [str(a.get("value", a.get("description"))) for a in given["args"]]
            self.complaints.append(f"console {given['type']}: {' '.join(words)}")
        elif method == "Log.entryAdded" and given["entry"]["level"] == "error":
            self.complaints.append(f"log: {given['entry']['text']}")
        elif method == "Network.requestWillBeSent":
            address = given["request"]["url"]
            if not address.startswith(("file:", "data:", "blob:", "about:")):
                self.complaints.append(f"asks the network for {address}")

    def open(self, address):
        self.complaints.clear()
        self.events.clear()
        self.call("Page.navigate", url=address)
        end = time.monotonic() + PATIENCE
        while "Page.loadEventFired" not in self.events:
            self.next(end)

    def value(self, script):
        """What a script comes to, promises awaited."""
        found = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in found:
            details = found["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description", details["text"]))
        return found["result"].get("value")

    def until(self, script, seconds=PATIENCE):
        """Waits until a script comes to something true, and gives it."""
        end = time.monotonic() + seconds
        while True:
            found = self.value(script)
            if found or time.monotonic() > end:
                return found
            time.sleep(0.05)

    def mouse(self, kind, x, y, **more):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def click(self, x, y):
        for kind in ("mousePressed", "mouseReleased"):
            self.mouse(kind, x, y, button="left", clickCount=1)

    def drag(self, start, end):
        self.mouse("mouseMoved", *start)
        self.mouse("mousePressed", *start, button="left", clickCount=1)
        for step in range(1, 6):
            share = step / 5
            x, y = (a + share * (b - a) for a, b in zip(start, end))
            self.mouse("mouseMoved", x, y, button="left", buttons=1)
        self.mouse("mouseReleased", *end, button="left", clickCount=1)

    def screenshot(self, path):
        """The whole page as PNG."""
        height = min(self.value("document.documentElement.scrollHeight"), 16000)
        clip = {"x": 0, "y": 0, "width": self.width, "height": height, "scale": 1}
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def pdf(self, path):
        printed = self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(printed["data"]))
