"""Headless Chromium, driven over pipes by the DevTools protocol.

The protocol is JSON, one message up to a zero byte; so no driver and no
package is needed, only the browser.
"""

import base64
import contextlib
import itertools
import json
import os
import pathlib
import selectors
import shutil
import subprocess
import time

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 120  # that a step in the browser may take
FLAGS = (
    "--headless",
    "--no-sandbox",  # in containers there is none
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
KEYS = {
    "Tab": 9,
    "Enter": 13,
    "Escape": 27,
    "End": 35,
    "Home": 36,
    "ArrowLeft": 37,
    "ArrowRight": 39,
    " ": 32,
}


@contextlib.contextmanager
def chromium(folder, *flags):
    """Within it a browser runs; yields its one `Page`.

    Skips the test where there is no Chromium.

    Args:
        folder: an empty one, for what the browser remembers.
        *flags: of the command line, beside `FLAGS`.
    """
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if not program:
        pytest.skip("Chromium is missing: `apt-get install chromium`")
    read, their_write = os.pipe()
    their_read, write = os.pipe()

    # The browser reads commands from descriptor 3 and writes answers to 4.
    # Through the shell, whose redirections take any numbers.
    command = f'exec "$0" "$@" 3<&{their_read} 4>&{their_write}'
    process = subprocess.Popen(
        ["/bin/bash", "-c", command, program, *FLAGS]
        + [f"--user-data-dir={folder}", *flags, "about:blank"],
        pass_fds=(their_read, their_write),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(their_read)
    os.close(their_write)
    try:
        yield Page(read, write)
    finally:
        os.close(write)  # the browser ends with its pipe
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        os.close(read)


class BrowserError(AssertionError):
    """The browser refused a command, or a script of the page failed."""


class Page:
    """A page of the browser, and what it asked the network for.

    Attributes:
        requests: (method, URL) of what it and its workers asked for.
        errors: uncaught exceptions and errors of the console.
    """

    def __init__(self, read, write):
        self._read, self._write = read, write
        self._bytes, self._numbers = b"", itertools.count(1)
        self._session = None
        self.requests, self.errors, self._chooser = [], [], None
        (target,) = [
            target
            for target in self.call("Target.getTargets")["targetInfos"]
            if target["type"] == "page"
        ]
        attached = self.call(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True
        )
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.call(
            "Target.setAutoAttach",
            autoAttach=True,
            waitForDebuggerOnStart=True,
            flatten=True,
        )

    def call(self, method, _session=None, **parameters):
        """Gives a command and waits for its result, a dict."""
        number = self._send(method, _session or self._session, parameters)
        while True:
            message = self._receive(method)
            if message.get("id") == number:
                break
        if "error" in message:
            raise BrowserError(f"{method}: {message['error']['message']}")
        return message["result"]

    def open(self, url):
        """Opens a page and forgets what the last one did."""
        self.requests.clear()
        self.errors.clear()
        self.call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete'")

    def run(self, script):
        """The value of an expression of JavaScript; promises are awaited."""
        result = self.call(
            "Runtime.evaluate",
            expression=script,
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            reason = details.get("exception", {}).get("description")
            raise BrowserError(f"{script}: {reason or details['text']}")
        return result["result"].get("value")

    def wait(self, script, seconds=SECONDS):
        """Waits until an expression is true, and returns its value."""
        end = time.monotonic() + seconds
        while not (value := self.run(script)):
            if time.monotonic() > end:
                text = self.run("document.body.innerText")
                raise BrowserError(
                    f"In {seconds} seconds not true: {script}. Errors: "
                    f"{self.errors}. The page says: {text}"
                )
            time.sleep(0.05)
        return value

    def wait_for(self, happened, seconds=SECONDS):
        """Waits until a function without arguments returns something true."""
        end = time.monotonic() + seconds
        while not happened():
            if time.monotonic() > end:
                raise BrowserError(f"In {seconds} seconds it did not happen.")
            self.run("0")  # takes up what happened meanwhile
            time.sleep(0.05)

    def choose_file(self, selector, path):
        """Gives a file to an <input type="file">, as its dialog would."""
        node = self._node(selector)
        path = str(pathlib.Path(path).resolve())
        self.call("DOM.setFileInputFiles", nodeId=node, files=[path])

    def answer_chooser(self, path):
        """Gives a file to the dialog that the page has opened.

        `Page.setInterceptFileChooserDialog` must have been called.
        """
        self.wait_for(lambda: self._chooser)
        self.call(
            "DOM.setFileInputFiles",
            backendNodeId=self._chooser,
            files=[str(pathlib.Path(path).resolve())],
        )
        self._chooser = None

    def press(self, key):
        """Presses and releases a key of `KEYS`."""
        facts = {
            "key": key,
            "code": "Space" if key == " " else key,
            "windowsVirtualKeyCode": KEYS[key],
        }
        text = {"Enter": "\r", " ": " "}.get(key)
        down = {"text": text} if text else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", **down, **facts)
        self.call("Input.dispatchKeyEvent", type="keyUp", **facts)

    def phone(self, dark=False, width=390, height=844):
        """Makes it a phone's: its size in pixels, touch, light or dark."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2,
            mobile=True,
        )
        self.call("Emulation.setTouchEmulationEnabled", enabled=True)
        scheme = {"name": "prefers-color-scheme"}
        scheme["value"] = "dark" if dark else "light"
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def screenshot(self, path):
        """Writes what is seen as a .png file."""
        shot = self.call("Page.captureScreenshot", format="png")
        pathlib.Path(path).write_bytes(base64.b64decode(shot["data"]))

    def accessible(self):
        """(role, name) of all that a screen reader finds, in its order."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [
            (node["role"]["value"], node.get("name", {}).get("value", ""))
            for node in nodes
            if not node["ignored"]
        ]

    def _node(self, selector):
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        found = self.call("DOM.querySelector", nodeId=root, selector=selector)
        if not found["nodeId"]:
            raise BrowserError(f"The page has no {selector}.")
        return found["nodeId"]

    def _send(self, method, session, parameters):
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        return number

    def _receive(self, method):
        """The next message; those that nobody waits for are noted."""
        with selectors.DefaultSelector() as ready:
            ready.register(self._read, selectors.EVENT_READ)
            while b"\0" not in self._bytes:
                if not ready.select(SECONDS):
                    raise BrowserError(f"{method}: no answer from Chromium.")
                received = os.read(self._read, 2**20)
                if not received:
                    raise BrowserError(f"{method}: Chromium has ended.")
                self._bytes += received
        text, _, self._bytes = self._bytes.partition(b"\0")
        message = json.loads(text)
        self._note(message.get("method"), message.get("params", {}))
        return message

    def _note(self, event, facts):
        if event == "Network.requestWillBeSent":
            request = facts["request"]
            self.requests.append((request["method"], request["url"]))
        elif event == "Page.fileChooserOpened":
            self._chooser = facts["backendNodeId"]
        elif event == "Target.attachedToTarget" and self._session:
            # A worker waits until we listen to it, too.
            worker = facts["sessionId"]
            self._send("Network.enable", worker, {})
            self._send("Runtime.runIfWaitingForDebugger", worker, {})
        elif event == "Runtime.exceptionThrown":
            details = facts["exceptionDetails"]
            thrown = details.get("exception", {}).get("description")
            self.errors.append(thrown or details["text"])
        elif event == "Log.entryAdded" and facts["entry"]["level"] == "error":
            entry = facts["entry"]
            self.errors.append(f"{entry['text']} {entry.get('url', '')}")
