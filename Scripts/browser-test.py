#!/usr/bin/env python3
"""Opens the live page of a real training in Chromium, as a person would, and presses what can be pressed: the slider over
epochs, extend, compare, the log, stop after this epoch. Looks whether each did what it says, whether the page stays
as it was chosen after a reload, and whether the browser complained of anything.

    make build && Scripts/browser-test.py
    Scripts/browser-test.py --pictures shots    # keeps screenshots: desktop and phone, light and dark

Needs Chromium and its driver (Debian: chromium-driver) and Python 3.10. Speaks the WebDriver protocol (W3C) over loopback.
Ends with 1 if something is wrong, with 0 and a word where there is no driver.
"""

import argparse
import base64
import http.client
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / ".build/release/work"
TINY = [
    option
    for setting in ("folds.count=2", "model.kind=unet", "model.filters=4", "model.levels=2", "train.validate_every=1")
    for option in ("-S", setting)
]
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
# The key that a slider takes to its first step.
HOME = "\ue011"


class Failure(Exception):
    pass


class Browser:
    """One headless Chromium behind its driver."""

    ELEMENT = "element-6066-11e4-a52e-4f735466cecf"

    def __init__(self, driver):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(
            [driver, f"--port={self.port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.session = ""
        for _ in range(100):
            try:
                self.call("GET", "/status")
                break
            except OSError:
                time.sleep(0.1)
        options = {
            "browserName": "chrome",
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]},
        }
        made = self.call("POST", "/session", {"capabilities": {"alwaysMatch": options}})
        self.session = f"/session/{made['sessionId']}"

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            text = json.dumps(body if body is not None else {}) if method == "POST" else None
            connection.request(method, path, text, {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(answer, dict) and "error" in answer:
            raise Failure(f"{path}: {answer['error']}: {answer.get('message', '').splitlines()[0]}")
        return answer

    def ask(self, method, path, body=None):
        return self.call(method, self.session + path, body)

    def run(self, script, *arguments):
        return self.ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def open(self, address):
        self.ask("POST", "/url", {"url": address})

    def element(self, selector):
        found = self.ask("POST", "/element", {"using": "css selector", "value": selector})
        return f"/element/{found[self.ELEMENT]}"

    def click(self, selector):
        """As a person does who has the page in view; a part that is put in anew meanwhile is looked for again."""
        for attempt in range(5):
            try:
                self.run("document.querySelector(arguments[0]).scrollIntoView({block: 'center'})", selector)
                return self.ask("POST", self.element(selector) + "/click", {})
            except Failure as failure:
                if attempt == 4 or "stale" not in str(failure):
                    raise
                time.sleep(0.2)

    def type(self, selector, text):
        self.ask("POST", self.element(selector) + "/value", {"text": text})

    def text(self, selector="main"):
        return self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def wait(self, what, script, seconds=60):
        """Until a script gives something."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = self.run(script)
            if found:
                return found
            time.sleep(0.2)
        raise Failure(f"waited {seconds} seconds for {what}; the page says:\n{self.text()[:1500]}")

    def screenshot(self, file, size, dark):
        width, height = size
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.command("Emulation.setEmulatedMedia", {"features": features})
        self.command("Emulation.setDeviceMetricsOverride",
                     {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})
        time.sleep(0.3)
        wide = self.run("return document.documentElement.scrollWidth")
        picture = self.command("Page.captureScreenshot", {"captureBeyondViewport": True, "format": "png"})
        if file:
            file.write_bytes(base64.b64decode(picture["data"]))
        self.command("Emulation.clearDeviceMetricsOverride", {})
        self.command("Emulation.setEmulatedMedia", {"features": []})
        if wide > width:
            raise Failure(f"the page is {wide} pixels wide on a screen of {width}")

    def command(self, name, parameters):
        return self.ask("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def complaints(self):
        """What the console has of errors, such as scripts that the content policy stopped."""
        return [line["message"] for line in self.ask("POST", "/se/log", {"type": "browser"}) if line["level"] == "SEVERE"]

    def close(self):
        try:
            if self.session:
                self.ask("DELETE", "")
        finally:
            self.process.terminate()
            self.process.wait(10)


class Test:
    def __init__(self, folder, pictures):
        self.folder = folder
        self.pictures = pictures
        self.workspace = folder / "demo/salt"
        self.started = []

    def say(self, text):
        print(f"ok  {text}", flush=True)

    def start(self, *arguments):
        process = subprocess.Popen(
            [str(WORK), *arguments], stdout=subprocess.PIPE, stderr=open(self.folder / "errors.txt", "ab"), text=True)
        self.started.append(process)
        return process

    def prepare(self):
        """A finished run, to compare with, and one that trains."""
        made = subprocess.run(
            [str(WORK), "demo", "--folder", str(self.folder / "demo"), "--train", "60", "--test", "4", *TINY,
             "-S", "train.epochs=2"], capture_output=True, text=True)
        if made.returncode:
            raise Failure(f"work demo failed:\n{made.stdout}{made.stderr}")
        self.run = self.start(
            "run", "all", "--workspace", str(self.workspace), "--data", str(self.workspace / "served"), "--threads", "1",
            "--jobs", "1", *TINY, "-S", "train.epochs=600")
        server = self.start("serve", "--workspace", str(self.workspace), "--port", "0")
        self.address = server.stdout.readline().strip()
        if not self.address.startswith("http://127.0.0.1:"):
            raise Failure(f"work serve printed “{self.address}”")

    def record(self):
        runs = sorted((self.workspace / ".work/runs").glob("*/run.json"))
        return json.loads(runs[-1].read_text())

    def presses(self, browser):
        browser.open(self.address)
        browser.wait("the page to be live", "return document.getElementById('link').textContent === 'live'")
        browser.wait("a training with a button", "return !!document.getElementById('after-train@0')")
        browser.wait("its curves", "return !!document.querySelector('#curves svg')")
        self.say("the page follows a training, with curves and buttons")

        browser.wait("pictures of several epochs", "return document.getElementById('step')?.max > 2")
        browser.run("document.getElementById('step').focus()")
        browser.type("#step", HOME)
        # Of 600 epochs, twenty are shown.
        browser.wait("the first pictures", "return /epoch 30$/m.test(document.getElementById('pictures').innerText)")
        if "step=1" not in browser.run("return location.search"):
            raise Failure(f"the address has no step: {browser.run('return location.search')}")
        self.say("the slider goes to the first pictures, and the address says so")

        rows = browser.wait("two runs in the table",
                            "return [...document.querySelectorAll('#runs input[name=compare]')].map(x => x.id)"
                            ".filter((_, i, all) => all.length > 1)")
        for name in rows[:2]:
            browser.click(f"[id='{name}']")
            browser.wait("the choice to hold", f"return location.search.includes('{name.removeprefix('pick-')}')")
        browser.wait("what differs", "return document.querySelector('#compared table')?.innerText.includes('train.epochs')")
        self.say("two runs are compared, and what differs is listed")

        chosen = browser.run("return location.search")
        browser.ask("POST", "/refresh", {})
        browser.wait("the page after a reload", "return !!document.querySelector('#compared table')")
        if browser.run("return location.search") != chosen:
            raise Failure("a reload lost what was chosen")
        browser.wait("the first epoch after a reload", "return document.getElementById('step')?.value === '1'")
        self.say("a reload keeps what was chosen")

        for name, size in SIZES.items():
            for look in ("light", "dark"):
                file = self.pictures / f"{name}-{look}.png" if self.pictures else None
                browser.screenshot(file, size, look == "dark")
        self.say("nothing is wider than the screen, on desktop and phone, light and dark")

        browser.run("document.getElementById('epochs-train@0').value = '7'")
        browser.click("[id='extend-train@0']")
        browser.wait("more epochs", "return /epoch \\d+\\/607/.test(document.querySelector('main').innerText)")
        self.say("a training is extended by seven epochs")

        browser.click("[id='after-train@0']")
        self.accept(browser)
        browser.wait("the next fold", "return !!document.getElementById('after-train@1')", 120)
        item = next(one for one in self.record()["instances"] if one["instance"] == "train@0")
        if not item.get("course", {}).get("stopped_after"):
            raise Failure(f"the record doesn't say that train@0 was stopped: {item.get('course')}")
        self.say("a training stops after its epoch, and the pipeline goes on")

        browser.click("#stop-now")
        self.accept(browser)
        self.run.wait(60)
        if self.run.returncode != 130:
            raise Failure(f"the run that was stopped ended with {self.run.returncode}")
        browser.wait("the end", "return document.querySelector('#head .badge').innerText.includes('interrupted')")
        self.say("the run is stopped, and the page tells")

        complaints = browser.complaints()
        if complaints:
            raise Failure("the browser complains:\n" + "\n".join(complaints))
        self.say("the browser has nothing to complain of")

    def accept(self, browser):
        """Says yes where the page asks."""
        for _ in range(10):
            try:
                return browser.ask("POST", "/alert/accept", {})
            except Failure:
                time.sleep(0.1)

    def end(self):
        for process in self.started:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--pictures", type=Path, help="keep screenshots in this folder")
    options = parser.parse_args()
    driver = shutil.which("chromedriver")
    if not driver:
        print("no browser test: chromedriver is missing (Debian: apt-get install chromium-driver)")
        return 0
    if not WORK.exists():
        sys.exit("error: build first: make build")
    if options.pictures:
        options.pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="browser-test-") as folder:
        test = Test(Path(folder), options.pictures)
        browser = None
        try:
            test.prepare()
            browser = Browser(driver)
            test.presses(browser)
        except Failure as failure:
            print(f"error: {failure}")
            return 1
        finally:
            if browser:
                browser.close()
            test.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
