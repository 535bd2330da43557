"""Screenshots of every page in both themes, with real content: `make shots`, or `python -m tests.e2e.shots OUT`.

Starts a studio on a home of its own, works with it as two people would, and looks at what they see.
"""

from __future__ import annotations

import sys
import tempfile
import uuid
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.e2e.camera import PATIENCE, Camera
from tests.e2e.running import ROOT, RunningStudio, browser, running_studio
from tests.e2e.shots_of_a_day import begin_day, end_day
from tests.e2e.shots_of_a_recall import recall_category
from tests.e2e.working_day import LUMA

BRIEFS = ("red dress", "black formal shoes for men", "blue backpack", "white t-shirt")

BROKEN_TABLE = """sku,title,category,colour
SHIRT-NEW,"Linen shirt, white",Shirts,White
SHIRT-NEW,"Linen shirt, white, again",Shirts,White
,"Nameless product",Shirts,Blue
BAG-NEW,"Canvas tote, green",Handbags,Green
"""


def main(out: Path) -> None:
    """Everything from the empty studio to the filled one."""
    out.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=PATIENCE)
    with (
        tempfile.TemporaryDirectory(prefix="shots") as home,
        running_studio(Path(home), timeout=300) as studio,
        browser() as chromium,
    ):
        photograph(chromium, studio, out)


def photograph(chromium: Browser, studio: RunningStudio, out: Path) -> None:
    """Work with the studio and take the pictures on the way."""
    anna = Camera(chromium, studio, out, studio.link)
    anna.take("home-empty", "", lambda page: page.get_by_role("button", name="Load the sample catalogue").wait_for())
    job = fill(anna)
    bo = Camera(chromium, studio, out, studio.sign_in_link("Bo", "reviewer"))
    decide(anna, bo)
    with_export = LUMA.is_dir()
    if with_export:
        begin_day(anna)
    pages(anna, bo, job)
    recall_category(anna, "Handbags")
    if with_export:
        end_day(anna, Camera(chromium, studio, out, studio.sign_in_link("admin"), locale="zh-CN"))
    chinese = Camera(chromium, studio, out, studio.sign_in_link("Bo"), locale="zh-CN")
    chinese.take("review-zh", "review", lambda page: page.locator(".card").first.wait_for(), ("light",))
    chinese.take("quality-zh", "quality", lambda page: page.locator(".js-plotly-plot").first.wait_for(), ("light",))


def fill(anna: Camera) -> str:
    """Load the sample, make images of its products and of a few texts, send most to review; returns the last order."""

    def work(page: Page) -> None:
        page.get_by_role("button", name="Load the sample catalogue").click()
        page.get_by_role("button", name="Generate images of").wait_for()  # there as soon as a model is

    anna.take("home-sample", "", work, ("light",))
    job = ""
    with anna.page("light") as page:
        page.goto(f"{anna.studio.url}/catalogue")
        page.get_by_role("button", name="Generate for all").click()
        page.get_by_label("Images for each product").fill("3")
        page.keyboard.press("Tab")
        page.get_by_role("button", name="Generate 183 images").click()
        page.locator(".card").first.wait_for()
        page.wait_for_timeout(600)
        page.screenshot(path=anna.out / "generate-running-light.png")
        wait_for_order(page)
        send_all(page)
        for brief in BRIEFS:
            page.goto(f"{anna.studio.url}/generate")
            page.get_by_label("What should be on the images?").fill(brief)
            page.get_by_role("button", name="Generate 8 images").click()
            job = wait_for_order(page)
            if brief != BRIEFS[-1]:
                send_all(page)
    return job


def wait_for_order(page: Page) -> str:
    """Wait for the last image of the order on the page; returns the order's id."""
    page.get_by_text("best first").wait_for()
    return page.url.split("job=")[1].split("&")[0]


def send_all(page: Page) -> None:
    """Send all images on the page to review."""
    page.get_by_role("button", name="Select all").click()
    page.get_by_role("button", name="Send selected to review").click()
    page.get_by_text("sent to review").wait_for()


def decide(anna: Camera, bo: Camera) -> None:
    """Bo decides on most of what Anna sent, as a reviewer with a taste: some categories come out better than others."""
    reasons = ("halo", "colour", "texture", "shape", "halo", "background")
    waiting = [image for job in bo.get("jobs") for image in bo.get(f"jobs/{job['id']}")["images"]]
    waiting = [image for image in waiting if image["state"] == "in_review"]
    for at, image in enumerate(waiting[: len(waiting) * 4 // 5]):
        good = (at * 7 + len(image["category"]) * 3) % 10 < 4 + len(image["category"]) % 5
        body = {
            "asset_id": image["id"],
            "revision": image["revision"],
            "action": "approve" if good else "reject",
            "reason": None if good else reasons[at % len(reasons)],
            "idempotency_key": uuid.uuid4().hex,
            "seen_sha256": image["sha256"],
        }
        bo.post("decisions", body)


def learn_styles(anna: Camera) -> None:
    """Have the house styles learnt, and wait until they are."""
    with anna.page("light") as page:
        page.goto(f"{anna.studio.url}/house_style")
        button = page.get_by_role("button", name="Learn again")
        button.click()
        button.wait_for(state="detached")
        button.wait_for()


def pages(anna: Camera, bo: Camera, job: str) -> None:
    """Every page, and what opens on it."""
    cards = lambda page: page.locator(".card").first.wait_for()  # noqa: E731
    anna.take("home", "", cards)
    anna.take("catalogue", "catalogue", lambda page: page.get_by_test_id("stDataFrame").wait_for())
    learn_styles(anna)
    anna.take("house-style", "house_style", lambda page: page.locator(".shelf").wait_for())
    anna.take("shot-list", "catalogue?view=shots", lambda page: page.get_by_text("photographer").first.wait_for())
    anna.take("import", "catalogue?view=import", check_table)
    anna.take("generate", f"generate?job={job}", cards)
    anna.take("generate-brief", "generate", write_brief)
    anna.take("review-own", "review", cards)
    bo.take("review", "review", decide_some)
    bo.take("review-reasons", "review", lambda page: (cards(page), page.keyboard.press("r")))
    bo.take("review-large", "review", lambda page: (cards(page), page.keyboard.press("z")))
    bo.take("review-keys", "review", lambda page: (cards(page), page.keyboard.press("?")))
    anna.take("export", "review?state=approved", lambda page: page.get_by_role("button", name="Export").first.click())
    anna.take("library", "library", cards)
    anna.take("library-meaning", "library?text=something%20to%20wear%20to%20a%20party&way=meaning", find_by_meaning)
    anna.take("library-image", f"library?image={anna.get(f'jobs/{job}')['images'][0]['id']}", cards)
    anna.take("activity", "activity", lambda page: page.locator(".log").wait_for())
    bo.take("quality", "quality", lambda page: page.locator(".js-plotly-plot").nth(1).wait_for())
    bo.take("reviewers-own", "reviewers", lambda page: page.locator(".st-key-person").wait_for())
    anna.take("alerts", "alerts", lambda page: page.get_by_text("Whom it is told").wait_for())
    anna.take("reviewers", "reviewers", lambda page: page.get_by_test_id("stDataFrame").wait_for())
    anna.take("jobs", "jobs", lambda page: page.get_by_text("ready").first.wait_for())
    anna.take("people", "people", lambda page: page.get_by_role("button", name="Invite").wait_for())
    anna.take("my-account", "account", lambda page: page.get_by_role("button", name="Make a key").wait_for())
    anna.take("settings", "settings", lambda page: page.get_by_text("Measure the folders").wait_for())
    anna.take("account", "", lambda page: (cards(page), page.locator(".st-key-account button").first.click()))
    stranger = Camera(anna.chromium, anna.studio, anna.out, None)
    stranger.take("sign-in", "signin", lambda page: page.get_by_role("button", name="Sign in").wait_for())


def find_by_meaning(page: Page) -> None:
    """Wait until the worker has prepared every image for it."""
    page.get_by_text("closest in meaning first").wait_for()
    while page.locator(".st-key-search-readiness").count():
        page.wait_for_timeout(2_000)
        page.reload()
        page.get_by_text("closest in meaning first").wait_for()
    page.locator(".card").first.wait_for()


def check_table(page: Page) -> None:
    """Choose a file with faults and wait for the report."""
    file = {"name": "spring.csv", "mimeType": "text/csv", "buffer": BROKEN_TABLE.encode()}
    page.locator("input[type=file]").set_input_files([file])
    page.get_by_role("button", name="Check the file").click()
    page.get_by_text("What the import would do").wait_for()


def write_brief(page: Page) -> None:
    """A text of which not all is understood."""
    page.get_by_label("What should be on the images?").fill("mens red running shoes size 9")
    page.get_by_text("Not understood").wait_for()


def decide_some(page: Page) -> None:
    """Two approvals and the step to the next image."""
    page.locator(".card").first.wait_for()
    page.keyboard.press("a")
    page.keyboard.press("a")
    page.get_by_text("All decisions saved").wait_for()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "shots")
