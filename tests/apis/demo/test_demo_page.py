"""The page in a real browser: python -m pytest -m slow tests/apis/demo/test_demo_page.py"""

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import cv2
import numpy as np
import pytest
from support.paths import ROOT

from mdetools.apis import load

CHROMIUM = Path("/usr/bin/chromium")
OPTIONS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
OPTIONS += (
    "--disable-component-update --disable-sync --use-gl=angle --use-angle=swiftshader --enable-unsafe-swiftshader"
)
PATIENCE = 90_000  # ms, of a busy machine

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.is_file(), reason=f"there is no browser at {CHROMIUM}"),
]
playwright = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser")
pytest.importorskip("gradio", reason="the page is made with gradio")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a page that runs in a process of its own, the folder of its files, and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("server")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "TMPDIR": str(folder)}
    log = (folder / "log.txt").open("w")
    command = [sys.executable, str(ROOT / "tools/demo.py"), "--port", str(port), "--device", "cpu"]
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    address, until = f"http://127.0.0.1:{port}/", time.monotonic() + 180
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.5)
    assert process.poll() is None, (folder / "log.txt").read_text()
    yield address, folder, process
    process.terminate()
    process.wait(20)
    log.close()
    assert "Traceback" not in (folder / "log.txt").read_text()
    assert not list(folder.glob("mdetools-demo-*"))  # nothing of the visitors stays


@pytest.fixture(scope="module")
def browser(server):
    with playwright.sync_playwright() as started:
        one = started.chromium.launch(executable_path=str(CHROMIUM), args=OPTIONS.split())
        yield one
        one.close()


@pytest.fixture
def page(browser, server):
    """A visitor's page, which is checked to have asked this machine alone."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    one, asked = context.new_page(), []
    one.on("request", lambda request: asked.append(urlsplit(request.url)))
    opened(one, server[0])
    yield one
    context.close()
    assert {part.hostname for part in asked if part.scheme not in ("data", "blob")} == {"127.0.0.1"}


def opened(one, address):
    one.goto(address)
    one.wait_for_selector(".stage .depth", timeout=PATIENCE)
    return ready(one)


def ready(one):
    """Waits for the values under the cursor."""
    one.wait_for_function(
        "(() => { const at = document.querySelector('.stage'); return at && at.dataset.values === "
        "at.closest('[data-loaded]')?.dataset.loaded })()",
        timeout=PATIENCE,
    )
    return one


def picture(path, size=(120, 160), seed=0):
    noise = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    cv2.imwrite(str(path), cv2.resize(noise, size[::-1], interpolation=cv2.INTER_CUBIC))
    return path


def bring(one, path):
    one.locator("#drop input[type=file]").set_input_files(str(path))


def says(one, text):
    playwright.expect(one.locator("#status")).to_contain_text(text, timeout=PATIENCE)


def test_a_page_that_is_loaded_again_shows_what_it_did(page, tmp_path):
    bring(page, picture(tmp_path / "photo.png"))
    says(page, "photo: 160 x 120 pixels")
    ready(page)
    shown = page.locator(".stage .depth").get_attribute("src").split("?")[0]
    page.reload()
    says(page, "photo: as before")
    assert page.locator(".stage .depth").get_attribute("src").split("?")[0] == shown


def test_a_visit(page, tmp_path):
    """Upload, read a depth, move the slider, change colours and range, take files home, turn the shape."""
    path = picture(tmp_path / "photo.png")
    bring(page, path)
    says(page, "photo: 160 x 120 pixels")
    ready(page)
    expected = load(device="cpu")(str(path))[0].map
    box = page.locator(".stage").bounding_box()
    for u, v in ((0.3, 0.2), (0.77, 0.6)):
        page.mouse.move(box["x"] + u * box["width"], box["y"] + v * box["height"])
        reading = page.locator(".reading")
        playwright.expect(reading).to_be_visible()
        x, y, value = (float(reading.get_attribute(f"data-{name}")) for name in ("x", "y", "value"))
        assert abs(x - u * 160) <= 1 and abs(y - v * 120) <= 1
        np.testing.assert_allclose(value, expected[int(y), int(x)], rtol=1e-4)
        assert reading.inner_text().endswith("relative")
    handle = page.locator(".divider").bounding_box()
    page.mouse.move(handle["x"] + 18, handle["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.25 * box["width"], handle["y"] + 100, steps=4)
    page.mouse.up()
    playwright.expect(page.locator(".divider")).to_have_attribute("aria-valuenow", "25")
    assert page.evaluate("getComputedStyle(document.querySelector('.depth')).clipPath").endswith("25%)")
    page.locator("#colormap input").click()
    page.get_by_role("option", name="magma").click()
    playwright.expect(page.locator(".stage .depth")).to_have_attribute("src", page_pattern("colormap=magma"))
    page.locator("#low input[type=number]").fill("200")
    page.locator("#low input[type=number]").press("Enter")
    playwright.expect(page.locator(".stage .depth")).to_have_attribute("src", page_pattern("low=200"))
    assert page.evaluate("getComputedStyle(document.querySelector('.depth')).clipPath").endswith("25%)")
    take_home(page, tmp_path, expected)
    turn(page)


def page_pattern(text):
    return re.compile(re.escape(text))


def take_home(page, folder, expected):
    """The files, without leaving the page; a point cloud is refused with the reason, until scale and shift are said."""
    broken = []
    page.on("requestfailed", lambda request: broken.append(request.url))
    for kind in ("png", "png16", "npy"):
        with page.expect_download() as found:
            page.locator(f".file[data-kind={kind}]").click()
        found.value.save_as(folder / kind)
    np.testing.assert_allclose(np.load(folder / "npy"), expected, rtol=1e-4)
    assert cv2.imread(str(folder / "png")).shape == (120, 160, 3)
    assert cv2.imread(str(folder / "png16"), cv2.IMREAD_UNCHANGED).dtype == np.uint16
    playwright.expect(page.locator("#files")).to_contain_text("No point cloud")
    page.locator("#camera button").first.click()
    page.locator("#scale input").fill("0.001")
    page.locator("#shift input").fill("0.05")
    with page.expect_download(timeout=PATIENCE) as found:
        page.locator("a.file[data-kind=ply]").click(timeout=PATIENCE)
    assert Path(found.value.path()).read_bytes().startswith(b"ply")
    playwright.expect(page.locator("#viewer")).to_contain_text("Metres along the optical axis")
    assert not [address for address in broken if "heartbeat" in address]  # gradio drops a page that is left


def turn(page):
    """The shape stands there, and turns as it is dragged."""
    page.get_by_role("tab", name="3-D view").click()
    canvas = page.locator("#shape canvas")
    canvas.wait_for(timeout=PATIENCE)
    playwright.expect(page.locator("#caption")).to_contain_text("Metric depth", timeout=PATIENCE)
    box, until = canvas.bounding_box(), time.monotonic() + 60
    before = canvas.screenshot()
    while spread_of(before) < 5 and time.monotonic() < until:
        time.sleep(1)
        before = canvas.screenshot()
    page.mouse.move(box["x"] + 300, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 450, box["y"] + 240, steps=5)
    page.mouse.up()
    time.sleep(2)
    after = canvas.screenshot()
    decoded = [cv2.imdecode(np.frombuffer(one, np.uint8), 1).astype(float) for one in (before, after)]
    assert spread_of(before) > 5 and np.abs(decoded[0] - decoded[1]).mean() > 1


def spread_of(screenshot):
    """How much a picture is more than one colour."""
    return cv2.imdecode(np.frombuffer(screenshot, np.uint8), 1).std()


def test_bad_and_large_files(page, tmp_path, server):
    """One line for each, and the page works on."""
    (tmp_path / "text.png").write_text("no picture")
    bring(page, tmp_path / "text.png")
    says(page, "text.png")
    assert "\n" not in page.locator("#status").inner_text().strip() and str(server[1]) not in page.content()
    noise = np.random.default_rng(0).integers(0, 256, (3000, 3500, 3), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / "large.png"), noise)
    assert (tmp_path / "large.png").stat().st_size > 30e6
    bring(page, tmp_path / "large.png")
    says(page, "large: 3500 x 3000 pixels")
    cv2.imwrite(str(tmp_path / "huge.png"), np.zeros((6000, 6000, 3), np.uint8))
    bring(page, tmp_path / "huge.png")
    says(page, "huge.png: has 6000 x 6000 pixels, expected 25 million at most")
    film = cv2.VideoWriter(str(tmp_path / "film.mp4"), cv2.VideoWriter_fourcc(*"mp4v"), 10, (96, 64))
    for brightness in range(0, 200, 10):
        film.write(np.full((64, 96, 3), brightness, np.uint8))
    film.release()
    bring(page, tmp_path / "film.mp4")
    says(page, "film: 20 frames")
    page.wait_for_function("document.querySelector('video.film')?.videoWidth === 192", timeout=PATIENCE)


def test_ten_visitors_at_once(browser, server, tmp_path):
    """Each gets the result of the own picture."""
    # A context each: a browser opens six connections to one host for all pages of one, and each page keeps one.
    contexts = [browser.new_context(viewport={"width": 800, "height": 600}) for _ in range(10)]
    visitors = [opened(context.new_page(), server[0]) for context in contexts]
    for number, one in enumerate(visitors):
        bring(one, picture(tmp_path / f"of{number}.png", (100 + number, 140), number))
    for number, one in enumerate(visitors):
        says(one, f"of{number}: 140 x {100 + number} pixels")
    names = {one.locator(".stage .picture").get_attribute("src") for one in visitors}
    assert len(names) == 10
    for context in contexts:
        context.close()


def test_an_upload_that_stops_half_way(page, server, tmp_path):
    """The page works on, and what came of the file is where the sweeper goes."""
    address = urlsplit(server[0])
    head = (
        b"POST /gradio_api/upload HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n"
        b'Content-Disposition: form-data; name="files"; filename="half.png"\r\n\r\n'
    )
    with socket.create_connection((address.hostname, address.port)) as line:
        line.sendall(head + bytes(100_000))
    time.sleep(1)
    (place,) = server[1].glob("mdetools-demo-*")
    files = [path for path in server[1].rglob("*") if path.is_file() and path.name != "log.txt"]
    assert all(place in path.parents for path in files)
    bring(page, picture(tmp_path / "after.png"))
    says(page, "after: 160 x 120 pixels")
