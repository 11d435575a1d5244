"""A real browser without a screen: Debian's Chromium, driven by its own protocol over a pipe.

    with Browser(width=360, height=740, language="zh-CN") as page:
        page.open(url); page.press("button[value=not_me]"); page.text(); page.screenshot(path)
"""

import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import time

from support import processes


# The text of a page whose colour is nearest to what is behind it, as WCAG 2 measures: [ratio, text].
FAINTEST = """(() => {
  const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (c) => { c /= 255; return c <= 0.03928 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4) };
  const luminance = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const c = numbers(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] === 1) return c;
    }
    return [255, 255, 255];
  };
  let faintest = [99, ""];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const e = texts.currentNode.parentElement, text = texts.currentNode.textContent.trim();
    if (!text) continue;
    const [a, b] = [luminance(numbers(getComputedStyle(e).color)), luminance(behind(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < faintest[0]) faintest = [ratio, text];
  }
  return faintest;
})()"""


class _Refused(AssertionError):
    """What the browser was asked for cannot be had."""


class Browser:
    def __init__(self, width: int, height: int, language: str):
        self._folder = tempfile.mkdtemp(prefix="tocsin-browser-")
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        # The protocol is spoken on descriptors 3 and 4.
        command = ["/bin/bash", "-c", f'exec "$0" "$@" 3<&{to_browser} 4>&{from_browser}', "chromium", "--headless=new",
                   "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe",
                   f"--user-data-dir={self._folder}", f"--window-size={width},{height}", "--no-first-run",
                   "--disable-background-networking", "--disable-component-update", "about:blank"]
        self._process = processes.start(command, pass_fds=(to_browser, from_browser), stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self._number, self._session, self._held = 0, None, b""
        pages = lambda: [one["targetId"] for one in self._call("Target.getTargets")["targetInfos"] if one["type"] == "page"]  # noqa: E731
        (target, *_) = processes.wait_until(pages, "the browser's first page")
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2, mobile=width < 600)
        agent = self._call("Browser.getVersion", of_browser=True)["userAgent"]
        self._call("Emulation.setUserAgentOverride", userAgent=agent, acceptLanguage=language)
        self._call("Page.enable")

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_) -> None:
        processes.stop(self._process, 10)
        os.close(self._read)
        os.close(self._write)
        shutil.rmtree(self._folder, ignore_errors=True)

    def open(self, url: str) -> None:
        self.value("window.isLeft = true")  # What is there when the new page is not there yet.
        answer = self._call("Page.navigate", url=url)
        assert "errorText" not in answer, answer
        processes.wait_until(lambda: self.value("!window.isLeft && document.readyState === 'complete'"), f"{url} to be there")
        # A press before the first frame is thrown away.
        self.value("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(() => drawn(true))))")

    def prefer(self, scheme: str) -> None:
        """light or dark: how the reader has set the device."""
        self._call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def value(self, expression: str):
        """Of the page that is there: one that just makes way for another is asked again, which is the other then."""
        def ask() -> dict | None:
            try:
                return self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
            except _Refused as refused:
                if "context" in str(refused) or "navigated" in str(refused):
                    return None
                raise

        return processes.wait_until(ask, f"a page that says {expression}")["result"].get("value")

    def text(self) -> str:
        return self.value("document.body ? document.body.innerText : ''") or ""

    def press(self, selector: str) -> None:
        """A click of the mouse in the middle of the element, as a person does it."""
        place = self.value(f"(() => {{const e = document.querySelector({json.dumps(selector)}); e.scrollIntoView(); "
                           "const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]})()")
        for kind in ("mousePressed", "mouseReleased"):
            self._call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)

    def screenshot(self, path: pathlib.Path) -> None:
        taken = self._call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(taken["data"]))

    def _call(self, method: str, of_browser: bool = False, **parameters) -> dict:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session and not of_browser:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + 60 * processes.PATIENCE
        while True:
            while b"\0" in self._held:
                one, self._held = self._held.split(b"\0", 1)
                answer = json.loads(one)
                if answer.get("id") == self._number:
                    if "error" in answer:
                        raise _Refused(str(answer))
                    return answer["result"]
            assert time.monotonic() < deadline, f"the browser did not answer {method}"
            if select.select([self._read], [], [], 1)[0]:
                part = os.read(self._read, 1 << 20)
                assert part, "the browser ended"
                self._held += part
