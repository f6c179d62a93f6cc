"""A board server and a headless Chromium that views it. Marks tests that need them: `@needs_chromium`."""

from __future__ import annotations

import importlib.util
import io
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
PATIENCE = 60.0  # seconds: other tests may run at the same time

needs_chromium = pytest.mark.skipif(
    not (CHROMIUM and DRIVER and importlib.util.find_spec("selenium") and importlib.util.find_spec("nicegui")),
    reason="needs Chromium with its driver (apt install chromium chromium-driver), NiceGUI and Selenium",
)


@contextmanager
def board_server(folder: Path, *arguments: str) -> Iterator[str]:
    """Run `tengen play … --no-open` in `folder`; yields its address."""
    command = [sys.executable, "-m", "scripts.cli", "play", *arguments, "--no-open", "--port", "0"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    environment.pop("PYTEST_CURRENT_TEST", None)  # NiceGUI behaves differently under pytest
    log = folder / "server.log"
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=subprocess.STDOUT, env=environment)
    try:
        yield _address(process, log)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + 500  # kernels may have to be compiled first
    while time.monotonic() < until:
        if found := re.search(r"http://\S+", log.read_text()):
            return found[0]
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError(f"the board does not come up: {log.read_text()}")


class Tab:
    """A browser with one page."""

    def __init__(self, width: int = 1280, height: int = 800, scale: float = 1.0) -> None:
        from selenium import webdriver
        from selenium.webdriver.chrome.options import Options
        from selenium.webdriver.chrome.service import Service

        options = Options()
        options.binary_location = CHROMIUM or ""
        flags = ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "hide-scrollbars")
        for flag in (*flags, f"force-device-scale-factor={scale}"):
            options.add_argument(f"--{flag}")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(DRIVER))
        self.size(width, height)

    def size(self, width: int, height: int) -> None:
        """Set the viewport size, as of a phone or a screen."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 0, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def open(self, address: str) -> Tab:
        self.driver.get(address)
        self.until("document.querySelectorAll('.hit').length > 0 && window.tengenBoard")
        return self

    def js(self, expression: str) -> Any:
        return self.driver.execute_script(f"return {expression}")

    def until(self, expression: str, seconds: float = PATIENCE) -> float:
        """Wait until the expression is true; returns the seconds it took."""
        begun = time.monotonic()
        while time.monotonic() - begun < seconds:
            try:
                if self.js(expression):
                    return time.monotonic() - begun
            except Exception as error:
                last = error
            time.sleep(0.02)
        raise AssertionError(f"never came true: {expression}; {self.said()}; {locals().get('last', '')}")

    def point(self, point: int) -> None:
        """Click on a point of the board at its position on the page."""
        from selenium.webdriver.common.by import By

        self.driver.find_element(By.CSS_SELECTOR, f'.hit[data-point="{point}"]').click()

    def hover(self, point: int) -> None:
        """Move the mouse to a point of the board."""
        from selenium.webdriver.common.action_chains import ActionChains
        from selenium.webdriver.common.by import By

        square = self.driver.find_element(By.CSS_SELECTOR, f'.hit[data-point="{point}"]')
        ActionChains(self.driver).move_to_element(square).perform()

    def nudge(self, point: int) -> None:
        """Move the mouse to a place beside the middle of a point."""
        box = self.js(f"""document.querySelector('.hit[data-point="{point}"]').getBoundingClientRect().toJSON()""")
        place = {"type": "mouseMoved", "x": box["x"] + box["width"] / 3, "y": box["y"] + box["height"] / 3}
        self.driver.execute_cdp_cmd("Input.dispatchMouseEvent", place)

    def press(self, name: str) -> None:
        """Click on the control with this id; retry if it was redrawn between being found and clicked."""
        self._once_more(lambda: self._control(name).click())

    def choose(self, name: str, value: str) -> None:
        """Choose from a list, and wait until the server has redrawn it."""
        from selenium.webdriver.support.select import Select

        self._once_more(lambda: Select(self._control(name)).select_by_value(value))
        self.until(f"""document.querySelector('#{name} option[selected]')?.value === '{value}'""")

    def _control(self, name: str) -> Any:
        from selenium.webdriver.common.by import By

        return self.driver.find_element(By.ID, name)

    def _once_more(self, act: Callable[[], object], tries: int = 20) -> None:
        from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException

        for left in reversed(range(tries)):
            try:
                act()
                return
            except (StaleElementReferenceException, NoSuchElementException):
                if not left:
                    raise
                time.sleep(0.05)

    def keys(self, *keys: str) -> None:
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver).send_keys(*keys).perform()

    def said(self) -> str:
        return str(self.js("document.querySelector('.say')?.innerText"))

    def stones(self) -> int:
        return int(self.js("document.querySelectorAll('.stones .stone, .stones .sign').length"))

    def moves(self) -> int:
        return int(self.js("parseInt(document.querySelector('.count').innerText)"))

    def my_turn(self) -> None:
        self.until("document.querySelector('#board').dataset.turn !== 'none'")

    def shot(self, name: str) -> None:
        """Save a screenshot of the page for the docs, if TENGEN_SCREENSHOTS names a folder."""
        if folder := os.environ.get("TENGEN_SCREENSHOTS"):
            from PIL import Image

            corner = {"type": "mouseMoved", "x": 1, "y": 1}  # so that the mouse is not over the board
            self.driver.execute_cdp_cmd("Input.dispatchMouseEvent", corner)
            time.sleep(0.4)
            picture = Image.open(io.BytesIO(self.driver.get_screenshot_as_png())).convert("RGB")
            picture.save(Path(folder) / f"{name}.jpg", quality=88, subsampling=0, optimize=True)

    def errors(self) -> list[str]:
        """Errors logged by the browser."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]

    def close(self) -> None:
        self.driver.quit()
