"""The page of xmr-serve in headless Chromium, for serve_page.sh: in a folder with models. Prints what is wrong."""
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

failures = []


def check(condition, what):
    if not condition:
        failures.append(what)
        print(f"serve_page.py:{sys._getframe(1).f_lineno}: {what}")


@contextlib.contextmanager
def server():
    process = subprocess.Popen(["xmr-serve", "-m", "tags=served.npz", "-m", "other.npz", "-m", "typing.npz", "--port", "0",
                                "--log", "log.jsonl"], stderr=subprocess.PIPE, text=True)
    try:
        yield process, re.search(r"http://\S+", process.stderr.readline()).group()
    finally:
        process.terminate()
        process.wait(20)


@contextlib.contextmanager
def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,900"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
    try:
        yield driver
    finally:
        driver.quit()


class Page:
    def __init__(self, driver, url):
        self.driver, self.url = driver, url
        driver.get(url)
        self.wait(lambda: self.all(".pane .models button"), "models")

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def texts(self, selector):
        return self.driver.execute_script("return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)", selector)

    def wait(self, condition, what, seconds=10):
        end = time.time() + seconds
        while time.time() < end:
            if value := condition():
                return value
            time.sleep(0.02)
        check(False, f"waited for {what}")
        return None

    @property
    def field(self):
        return self.one("#q")

    @property
    def value(self):
        return self.field.get_property("value")

    def type(self, *keys):
        self.field.send_keys(*keys)

    def set(self, text):
        self.type(Keys.CONTROL, "a")
        self.type(Keys.BACKSPACE, text)

    def completions(self):
        return [option.get_attribute("aria-label") for option in self.all("[role=option]")]

    def completes(self, prefix, previous=""):
        """The completions, when they are those of xmr-predict."""
        session = [chip.removesuffix("✕") for chip in self.texts(".chip")][-4:]
        check((session or [""])[-1] == previous, f"the last query is {previous!r}, not {session}")
        line = "\t".join([""] * (4 - len(session)) + session + [prefix])
        expected = predict("typing.npz", line, "-k", "8", "--typos", "1",
                           "--columns", "previous4,previous3,previous2,previous,prefix")
        self.wait(lambda: self.field.get_attribute("aria-expanded") == "true" and self.completions() == expected,
                  f"completions of {prefix}: {expected}")
        return expected

    def keys(self, pane=1):
        return self.texts(f".pane:nth-child({pane}) .key")

    def press(self, text, pane=1):
        next(button for button in self.all(f".pane:nth-child({pane}) .models button, #compare") if button.text == text).click()


def predict(model, text, *arguments):
    out = subprocess.run(["xmr-predict", "-q", "-m", model, "--format", "jsonl", *arguments], input=text + "\n", text=True,
                         stdout=subprocess.PIPE, check=True).stdout
    return [label["key"] for label in json.loads(out)["labels"]]


def completes_and_searches(page):
    page.type("libg")
    shown = page.completes("libg")
    check(page.texts("[role=option] b")[0] == shown[0].removeprefix("libg"), "the typed part is set off")
    check(page.texts("#ghost") == [shown[0]], "the first completion is behind the typed text")
    # Arrows choose, and the field names the option for screen readers.
    page.type(Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    check(page.value == shown[1], f"chosen {page.value}")
    active = page.field.get_attribute("aria-activedescendant")
    check(page.one(f"#{active}").get_attribute("aria-selected") == "true", "the active option is selected")
    page.type(Keys.ARROW_UP, Keys.ARROW_UP)
    check(page.value == "libg" and page.field.get_attribute("aria-activedescendant") is None, "back at the typed text")
    page.type(Keys.ARROW_DOWN, Keys.ESCAPE)
    check(page.value == "libg" and page.field.get_attribute("aria-expanded") == "false", "Escape closes and restores")
    page.type(Keys.ESCAPE)
    check(page.value == "", "Escape clears")
    page.type("libg")
    page.completes("libg")
    page.type(Keys.TAB)
    check(page.value == shown[0] and page.driver.switch_to.active_element == page.field, "Tab takes the completion")
    page.type(Keys.ENTER)
    check(page.texts(".chip") == [f"{shown[0]}✕"], "the search is a chip")
    check(page.field.get_attribute("aria-expanded") == "false", "Enter closes the list")
    # The session is what completion sees.
    page.set("l")
    page.completes("l", previous=shown[0])
    page.one(".chip button").click()
    check(page.texts(".chip") == [], "a chip is removed")
    page.completes("l")
    # A click takes a completion and searches.
    page.set("libx")
    taken = page.completes("libx")[2]
    page.all("[role=option]")[2].click()
    check((page.value, page.texts(".chip")) == (taken, [f"{taken}✕"]), "a click takes a completion")
    # Enter without a completion searches for the typed text.
    page.set("chess game")
    page.type(Keys.ENTER)
    page.wait(lambda: page.keys() == predict("served.npz", "chess game"), "results while typing")
    check(re.fullmatch(r".+ in the model, .+ on the wire.*", page.texts(".timing")[0]), f"timing {page.texts('.timing')}")
    page.wait(lambda: page.driver.current_url.endswith("/?q=chess+game&model=tags"), f"address, not {page.driver.current_url}")


def drops_late_answers(page):
    # The answer to a first key is held back until that to a later one has come.
    page.driver.execute_script("""
      const fetched = window.fetch;
      window.fetch = async (address, options) => {
        const reply = await fetched(address, { ...options, signal: undefined });
        if (/(q|prefix)=p(&|$)/.test(address)) await new Promise((done) => setTimeout(done, 500));
        return reply;
      };""")
    page.set("p")
    page.type("ython")
    page.wait(lambda: page.keys() == predict("served.npz", "python"), "results of the last key")
    time.sleep(0.8)
    check(page.keys() == predict("served.npz", "python"), "a late answer is dropped")
    page.completes("python", previous="chess game")
    page.type(Keys.ESCAPE)


def explains(page):
    page.set("chess game")
    page.type(Keys.ENTER)
    page.wait(lambda: page.keys() == predict("served.npz", "chess game"), "results")
    button = page.all(".why")[1]
    button.click()
    page.wait(lambda: page.all(".reasons"), "reasons")
    check(button.get_attribute("aria-expanded") == "true", "the button tells that the reasons are open")
    check("game" in page.texts(".reasons dt"), f"reasons {page.texts('.reasons dt')}")
    check(page.keys()[1] in page.texts(".reasons h3")[-1], "the last level is the label")
    button.click()
    check(not page.all(".reasons"), "reasons are closed")


def switches_and_compares(page):
    page.press("other")
    page.wait(lambda: page.keys() == predict("other.npz", "chess game"), "results of the other model")
    check("other" in page.texts(".card summary")[0], "the card of the other model")
    page.press("tags")
    page.wait(lambda: page.keys() == predict("served.npz", "chess game"), "results of the first model")
    page.press("Side by side")
    page.wait(lambda: page.keys(2) == predict("other.npz", "chess game"), "the second pane")
    first, second = page.keys(1), page.keys(2)
    moved = sum(key not in first or first.index(key) != place for place, key in enumerate(second))
    check(len(page.texts(".move")) == moved, f"{moved} answers moved: {page.texts('.move')}")
    page.set("editor")
    page.wait(lambda: page.keys(1) == predict("served.npz", "editor") and page.keys(2) == predict("other.npz", "editor"), "both panes")
    page.type(Keys.ESCAPE)
    page.press("Side by side")
    check(len(page.all(".pane")) == 1, "one pane again")


def reloads(page):
    shutil.copy("other.npz", "new.npz")
    os.rename("new.npz", "served.npz")
    end = time.time() + 10
    while time.time() < end and page.keys() != predict("other.npz", "chess game"):
        page.set("chess game")
        page.type(Keys.ENTER)
        time.sleep(0.1)
    check(page.keys() == predict("other.npz", "chess game"), "results after the reload")


def themes_and_widths(page):
    ground = lambda: page.driver.execute_script("return getComputedStyle(document.body).backgroundColor")
    colours = set()
    for scheme in ("light", "dark"):
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        colours.add(ground())
    check(len(colours) == 2, f"light and dark: {colours}")
    page.one("#theme").click()
    check(page.driver.execute_script("return document.documentElement.dataset.theme") == "light", "theme is chosen")
    for width in (320, 390, 768, 1280):
        page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500})
        check(page.driver.execute_script("return document.documentElement.scrollWidth <= innerWidth"), f"the page is wider than {width} pixels")


def asks_nobody_else(driver, url):
    for entry in driver.get_log("browser"):
        check(entry["level"] not in ("SEVERE", "WARNING"), f"console: {entry['message']}")
    requests = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    addresses = [entry["params"]["request"]["url"] for entry in requests if entry["method"] == "Network.requestWillBeSent"]
    check(len(addresses) > 20, "requests are logged")
    strangers = [address for address in addresses if not address.startswith((url, "data:"))]
    check(not strangers, f"requests to others: {strangers}")


shutil.copy("tags.npz", "served.npz")
with server() as (process, address), browser() as driver:
    page = Page(driver, address)
    completes_and_searches(page)
    drops_late_answers(page)
    explains(page)
    switches_and_compares(page)
    reloads(page)
    themes_and_widths(page)
    asks_nobody_else(driver, address)
codes = [json.loads(line)["code"] for line in open("log.jsonl", encoding="utf-8")]
check(set(codes) == {200}, f"codes {set(codes)}")
sys.exit(bool(failures))
