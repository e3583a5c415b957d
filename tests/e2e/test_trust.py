"""A tablet on the network: it learns to trust the agent, is paired by a QR code, and has the whole app by https."""

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from e2e import axe
from e2e.faces import LANGUAGES, LOCALES, SIZES
from e2e.floor import Floor
from e2e.test_offline import _stored
from e2e.trust import launch, trusting
from plant import THREENOS, answers, end, free_port, wait_for
from playwright.sync_api import Browser, Error, Page, expect

#: A name that is no loopback name: without TLS a browser gives its pages no service worker and no camera.
NAME = "andon-3.test"
AT_HOME = f"--host-resolver-rules=MAP {NAME} 127.0.0.1"


@dataclass
class Secured:
    """An agent of station wind-2 with a certificate."""

    config: Path
    folder: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def authority(self) -> Path:
        return self.folder / "page-tls" / "ca.pem"

    def run(self, *args: str) -> "subprocess.CompletedProcess[str]":
        command = [self._command, *args, "--config", str(self.config)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)

    def start(self) -> None:
        with (self.folder / "agent.log").open("ab") as log:
            command = [self._command, "run", "--config", str(self.config)]
            self.process = subprocess.Popen(command, stderr=log, stdout=log)
        wait_for("the agent serves", lambda: answers("127.0.0.1", self.port))

    def kill(self) -> None:
        assert self.process is not None
        end(self.process, signal.SIGKILL)

    @property
    def _command(self) -> str:
        return str(Path(THREENOS).with_name("threenos-station"))


@pytest.fixture(scope="module")
def secured(floor: Floor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """Certified by one command, as its README says."""
    folder = tmp_path_factory.mktemp("secured")
    given = floor.ask("POST", "/stations/wind-2/credentials", None, "admin")
    floor.system.threenos("ca", "issue", NAME, "127.0.0.1", "--into", str(folder / "page-tls"))
    made = Secured(folder / "station.toml", folder, free_port())
    page = f'[page]\nport = {made.port}\nallow_hosts = ["{NAME}"]\ntls = "page-tls"\n'
    made.config.write_text(f'data = "data"\n{given["toml"]}\n{page}')
    made.start()
    yield made
    made.kill()


@pytest.fixture(scope="module")
def tablet(browser: Browser, secured: Secured, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A device on which the plant's authority was installed, and which ignores nothing."""
    found = trusting(browser, tmp_path_factory.mktemp("tablet"), secured.authority, AT_HOME)
    yield found
    found.close()


def opened(browser: Browser, language: str = "en") -> Page:
    width, height = SIZES["tablet"]
    context = browser.new_context(viewport={"width": width, "height": height}, locale=LOCALES[language])
    context.set_default_timeout(15_000)
    return context.new_page()


def test_a_scanned_code_pairs_a_tablet_that_trusts_and_the_page_lives_without_its_agent(
    secured: Secured, tablet: Browser
) -> None:
    """From the address in the QR code to the station's page by https, which opens anew with the agent dead."""
    told = json.loads(secured.run("pair", "--json").stdout)
    page = opened(tablet)
    assert told["url"].startswith(f"http://{NAME}:{secured.port}/pair#code=")
    page.goto(told["url"])
    page.wait_for_url(f"https://{NAME}:{secured.port}/station/wind-2")
    assert page.evaluate("() => isSecureContext && 'mediaDevices' in navigator")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    expect(page.locator(".strip .me dd")).to_have_text("Winder 2")
    expect(page.locator(".not-heard")).to_have_count(0, timeout=20_000)
    wait_for("it is remembered", lambda: _stored(page, "documents"))
    manifest = page.locator("link[rel=manifest]").get_attribute("href")
    described = page.evaluate("at => fetch(at).then(answer => answer.json())", manifest)
    assert (described["start_url"], described["short_name"]) == ("/station/wind-2", "Winder 2")
    assert page.context.new_cdp_session(page).send("Page.getAppManifest")["errors"] == []
    assert _hindrances(page) <= {"in-incognito"}, "what every test's browser is"
    secured.kill()
    try:
        page.reload()
        expect(page.locator(".not-heard")).to_contain_text("NOT HEARD")
        expect(page.locator(".strip .me dd")).to_have_text("Winder 2")
    finally:
        secured.start()
    expect(page.locator(".not-heard")).to_have_count(0, timeout=20_000)
    secured.run("pair", "--forget-all")
    page.goto(f"https://{NAME}:{secured.port}/station/wind-2")
    expect(page).to_have_url(f"https://{NAME}:{secured.port}/pair")
    page.context.close()


def _hindrances(page: Page) -> set[str]:
    """Why Chromium would not offer to install the page."""
    found = page.context.new_cdp_session(page).send("Page.getInstallabilityErrors")
    return {error["errorId"] for error in found["installabilityErrors"]}


def test_a_device_that_does_not_trust_is_refused_by_its_browser_and_taught_in_plain(
    browser: Browser, secured: Secured, tmp_path: Path
) -> None:
    """https is a certificate error there; the same QR code leads to the page that explains, and keeps its code."""
    stranger = launch(browser, tmp_path / "stranger", AT_HOME)
    page = opened(stranger)
    with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
        page.goto(f"https://{NAME}:{secured.port}/station/wind-2")
    page = opened(stranger)
    page.goto(f"http://{NAME}:{secured.port}/pair#code=12345678")
    expect(page).to_have_url(f"http://{NAME}:{secured.port}/trust#code=12345678")
    expect(page.locator("#trusted")).to_be_hidden()
    expect(page.locator("#go")).to_have_attribute("href", f"https://{NAME}:{secured.port}/pair#code=12345678")
    with page.expect_download() as loading:
        page.locator("#windows a").click()
    assert loading.value.suggested_filename == "threenos-ca.crt"
    stranger.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_trust_is_explained_in_both_languages_with_the_fingerprint(
    floor: Floor, secured: Secured, tablet: Browser, language: str
) -> None:
    """The fingerprint is the one that the server's own command says; whoever trusts already may go on."""
    page = opened(tablet, language)
    page.goto(f"http://{NAME}:{secured.port}/trust")
    shown = floor.system.threenos("ca", "show")
    assert page.locator("#fingerprint").inner_text() in shown
    title = {"en": "Let this tablet trust the station agent", "zh": "让本平板信任工位代理"}[language]
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.locator("#trusted")).to_be_visible()
    assert axe.findings(page) == []
    page.locator("#other").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text(title)
    page.context.close()


def test_the_agents_own_screen_shows_the_code_that_a_tablet_scans(secured: Secured, browser: Browser) -> None:
    """As a picture, as digits, and for ten minutes; another device sees the stations only, and only when paired."""
    page = opened(browser)
    page.goto(f"http://127.0.0.1:{secured.port}/")
    expect(page.locator("#stations a")).to_have_text(re.compile("Winder 2 绕线机2"))
    page.locator("#pair").click()
    expect(page.locator("#code")).to_have_text(re.compile(r"\d{4} \d{4}"))
    expect(page.locator("#left")).to_contain_text(re.compile(r"9:5\d|10:00"))
    assert page.locator("#qr").evaluate("e => e.decode().then(() => e.naturalWidth)") > 0
    page.context.close()
