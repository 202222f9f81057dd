"""Public pages and the owner's page in a real browser (headless Chromium)."""

import json
import os
import pathlib
import signal
import subprocess
import unittest.mock

from support import contents, lt
from support.accessibility import axe_script, violations
from support.browser import Browser
from support.firefox import Firefox
from support.case import InteropCase, eventually, need_program
from support.duplex import die_with_parent
from support.web import WebHost, curl, curl_bytes, headers


class PublicPages(InteropCase):
    def setUp(self):
        super().setUp()
        self.browser = Browser(self)
        self.host = WebHost(self)

    def test_browse_without_errors_at_every_width(self):
        tree = contents.make_tree(self.dir("source") / "Bäume")
        name = self.host.share(tree)
        pages = [self.host.root + "/", self.host.url("s", name, folder=True),
                 self.host.url("-", "view", name, "readme.txt")]
        for width in (320, 1280):
            for dark in (False, True):
                self.browser.size(width, dark=dark)
                for number, page in enumerate(pages):
                    self.browser.open(page)
                    self.assertLessEqual(self.browser.run("document.documentElement.scrollWidth"), width, page)
                    if pictures := os.environ.get("PICTURES"):
                        self.browser.picture(pathlib.Path(pictures) / f"public-{number}-{width}-{'dark' if dark else 'light'}.png")
        self.browser.open(pages[0])
        self.browser.run("document.querySelector('tbody a').click()")
        self.browser.wait("location.pathname.startsWith('/s/') && !!document.querySelector('h1')")
        self.assertEqual(self.browser.run("document.querySelector('h1').textContent"), name)
        self.assertEqual(self.browser.complaints, [])

    def test_a_film_is_sought_in(self):
        film = self.dir("source") / "film.webm"
        # Noise, so that it is too large to be loaded in one go.
        subprocess.run(
            [need_program("ffmpeg"), "-v", "error", "-f", "lavfi", "-i", "testsrc2=duration=60:size=640x360:rate=10",
             "-vf", "noise=alls=60:allf=t", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "16", "-b:v", "6M",
             "-g", "20", "-cues_to_front", "1", str(film)], check=True, timeout=120)
        self.assertGreater(film.stat().st_size, 12 << 20)
        name = self.host.share(film)
        browser = self.browser
        browser.call("Network.enable")
        # Slower than the film would be loaded from this very computer.
        browser.call("Network.emulateNetworkConditions", offline=False, latency=5, downloadThroughput=3e6, uploadThroughput=3e6)
        browser.open(self.host.url("-", "view", name))
        browser.wait("document.querySelector('video').readyState >= 1")
        self.assertAlmostEqual(browser.run("document.querySelector('video').duration"), 60, delta=1)
        browser.run("document.querySelector('video').currentTime = 50; 0")
        browser.wait("(() => { const film = document.querySelector('video');"
                     " return !film.seeking && film.readyState >= 2 && film.currentTime >= 49.9 })()", timeout=60)
        answers = [message["params"]["response"] for message in browser.messages
                   if message["method"] == "Network.responseReceived"]
        parts = [answer["headers"].get("content-range", answer["headers"].get("Content-Range", ""))
                 for answer in answers if answer["status"] == 206]
        starts = [int(part.split(" ")[1].split("-")[0]) for part in parts if part]
        self.assertTrue(any(start > film.stat().st_size // 2 for start in starts), parts)
        # It goes on from there.
        browser.run("document.querySelector('video').muted = true; document.querySelector('video').play().then(() => 0)")
        browser.wait("document.querySelector('video').currentTime > 50.5")
        self.assertEqual(browser.complaints, [])

    def test_everybody_can_use_them(self):
        script = axe_script()
        tree = contents.make_tree(self.dir("source") / "Bäume")
        name = self.host.share(tree)
        self.host.share(contents.make_file(self.dir("source") / "alone.bin", 1000))
        (self.folder / "source" / "note.txt").write_text("Some text to read.\n" * 200)
        note = self.host.share(self.folder / "source" / "note.txt")
        pages = [self.host.root + "/", self.host.url("s", name, folder=True), self.host.url("s", name, "deep", folder=True),
                 self.host.url("-", "view", name, "readme.txt"), self.host.url("-", "view", note),
                 self.host.url("-", "view", name, "bin", "tool"), self.host.root + "/nothing"]
        for dark in (False, True):
            for width in (320, 1280):
                self.browser.size(width, dark=dark)
                for page in pages:
                    with self.subTest(page, dark=dark, width=width):
                        self.browser.open(page)
                        self.assertEqual(violations(self.browser, script), [])


class PagesInFirefox(InteropCase):
    def test_browse_and_download(self):
        host = WebHost(self)
        tree = contents.make_tree(self.dir("source") / "Bäume")
        name = host.share(tree)
        downloads = self.dir("downloads")
        firefox = Firefox(self, downloads)
        firefox.open(host.root + "/")
        firefox.run("document.querySelector('tbody a').click()")
        firefox.wait("location.pathname.startsWith('/s/') && document.readyState === 'complete'")
        self.assertEqual(firefox.run("document.querySelector('h1').textContent"), name)
        self.assertTrue(firefox.run("getComputedStyle(document.querySelector('.crumbs ol')).listStyleType === 'none'"))
        firefox.open(host.url("-", "view", name, "bin", "tool"))
        firefox.run("document.querySelector('a[download]').click()")
        wanted = (tree / "bin/tool").read_bytes()
        self.assertTrue(eventually(
            lambda: (downloads / "tool").exists() and (downloads / "tool").read_bytes() == wanted, timeout=20),
            os.listdir(downloads))
        self.assertEqual(firefox.complaints, [])


class OwnersPage(InteropCase):
    def setUp(self):
        super().setUp()
        self.browser = Browser(self)
        self.host = WebHost(self, "--owner", "127.0.0.1:0")
        opened = self.run_duplex("open", "--print", home=self.host.home)
        self.assertEqual(opened.finish(20), 0, opened.describe())
        self.url = opened.events[0]["url"]
        self.root, token = self.url.split("/?token=")
        self.bearer = ("-H", f"Authorization: Bearer {token}")
        self.assertEqual(self.root, self.host.ready["owner"])

    def test_a_stranger_is_refused(self):
        self.assertEqual(headers(self.root + "/")[0], 401)
        self.assertEqual(headers(self.root + "/api/status")[0], 401)
        self.assertEqual(headers(self.root + "/?token=wrong")[0], 401)
        self.assertEqual(headers(*self.bearer, self.root + "/api/status")[0], 200)
        self.assertEqual(headers(*self.bearer, "-H", "Host: evil.example", self.root + "/api/status")[0], 403)
        self.assertEqual(headers(*self.bearer, "-H", "Origin: http://evil.example", self.root + "/api/status")[0], 403)
        self.assertEqual(curl(*self.bearer, self.root + "/api/openapi.json")[1][:10], '{"openapi"')
        saved = [path for path in self.host.home.rglob("owner-token*")]
        self.assertEqual([oct(path.stat().st_mode & 0o777) for path in saved], ["0o600"])
        refused = self.run_duplex("up", "--owner", "0.0.0.0:0", "--listen", "127.0.0.1:0", json_output=False)
        self.assertEqual(refused.finish(20), 64)

    def open_by_file(self, **environment):
        """What `duplex open` has a browser open: the arguments, and the file."""
        programs, told = self.dir("programs"), self.folder / "told"
        (programs / "xdg-open").write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >{told}\n')
        (programs / "xdg-mime").write_text("#!/bin/sh\necho firefox_firefox.desktop\n")
        for program in programs.iterdir():
            program.chmod(0o755)
        path = f"{programs}:{os.environ['PATH']}"
        with unittest.mock.patch.dict(os.environ, {"PATH": path, "DISPLAY": ":none"}):
            opened = self.run_duplex("open", home=self.host.home, json_output=False)
            self.assertEqual(opened.finish(20), 0, opened.describe())
        said = told.read_text().splitlines()
        told.unlink()
        self.assertEqual(len(said), 1)
        self.assertNotIn("token", said[0])
        file = pathlib.Path(said[0])
        self.assertEqual(oct(file.stat().st_mode & 0o777), "0o600")
        self.assertIn(self.url, file.read_text())
        return file

    def test_opened_by_a_file_that_has_the_token(self):
        file = self.open_by_file()
        self.assertEqual(file, self.host.home / "state/duplex/open.html")
        self.assertEqual(self.open_by_file(), file)
        self.browser.open(file.as_uri())
        self.browser.wait(f"location.href === '{self.root}/' && document.getElementById('live')?.textContent === 'live'")
        # A browser of a snap does not see hidden folders.
        common = self.host.home / "snap/firefox/common"
        common.mkdir(parents=True)
        self.assertEqual(self.open_by_file(), common / "duplex-open.html")
        self.host.program.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.host.program.finish(20), 0)
        self.assertFalse(file.exists())

    def test_a_refusal_is_shown_once(self):
        source = contents.make_file(self.dir("source") / "gone.bin", 500_000)
        _, sharing = self.share(source)
        got = self.run_duplex("get", sharing["magnet"], "--to", self.dir("to"), home=self.host.home)
        got.wait("done", timeout=60)
        self.assertEqual(got.finish(20), 0)
        browser = self.browser
        browser.open(self.url)
        for label in ("Pause serving", "Resume"):
            button = f"[...document.querySelectorAll('#transfer-list button')].find((it) => it.textContent === '{label}')"
            browser.wait(f"{button} !== undefined")
            if label == "Resume":
                (self.folder / "to/gone.bin").unlink()
                browser.run("window.told = []; new MutationObserver(() => window.told.push(["
                            "...document.querySelectorAll('#notices p')].map((it) => it.textContent))).observe("
                            "document.getElementById('notices'), {childList: true}); 0")
            browser.run(f"{button}.click()")
        # Once as what happened, and once as the answer.
        browser.wait("window.told.length >= 2")
        told = browser.run("window.told")
        self.assertTrue(all(len(set(shown)) == len(shown) for shown in told), told)
        self.assertTrue(all("gone.bin" in text for shown in told for text in shown), told)

    def test_what_is_not_known_yet_is_not_said_to_be_nothing(self):
        self.browser.call("Page.addScriptToEvaluateOnNewDocument", source="window.fetch = () => new Promise(() => {});")
        self.browser.size(1280)
        self.browser.open(self.url)
        for view in ("transfer", "share", "host", "setting"):
            self.browser.run(f"location.hash = '#{view}s'")
            self.browser.wait(f"document.getElementById('{view}-list').innerText === 'Loading\u2026'")

    def test_share_fetch_and_roles(self):
        browser, other = self.browser, WebHost(self, name="bert")
        source = contents.make_file(self.dir("source") / "from bert.bin", 5_000_000)
        other.share(source)
        mine = contents.make_tree(self.dir("source") / "mine")
        browser.size(1280)
        browser.open(self.url)
        browser.wait("document.getElementById('live').textContent === 'live'")
        self.assertEqual(browser.run("location.search"), "")
        self.assertEqual(browser.run("document.getElementById('brand').textContent"), "anna")
        self.assertNotIn("duplex", browser.run("document.cookie"))

        def submit(form, **values):
            for name, value in values.items():
                browser.run(f"document.querySelector('#{form} [name={name}]').value = {value!r}")
            browser.run(f"document.getElementById('{form}').requestSubmit()")

        browser.run("location.hash = '#shares'")
        submit("add-share", path=str(mine), scope="public")
        browser.wait("document.getElementById('share-list').innerText.includes('14 files')")
        self.assertTrue(eventually(lambda: self.host.status("/s/mine/") == 200))
        browser.run("location.hash = '#hosts'")
        submit("add-host", address=other.ready["listen"][0])
        browser.wait("document.getElementById('host-list').innerText.includes('from bert.bin')")
        browser.run("location.hash = '#transfers'")
        submit("add-transfer", link="bert/from bert.bin")
        browser.wait("document.getElementById('notices').innerText.includes('is complete')"
                     " || document.getElementById('transfer-list').innerText.includes('complete')")
        fetched = self.host.home / "Downloads/Duplex/from bert.bin"
        self.assertEqual(fetched.read_bytes(), source.read_bytes())
        browser.run("location.hash = '#roles'")
        browser.wait("document.getElementById('client-side').innerText.includes('MiB')")
        # Now somebody fetches from here.
        link = curl(*self.bearer, self.root + "/api/shares/mine")[1]
        magnet = link.split('"magnet":"')[1].split('"')[0]
        to = self.dir("to")
        self.fetch(magnet, to)
        browser.wait("document.getElementById('server-side').innerText.includes('KiB')")
        # And live, while somebody fetches slowly.
        lt.need_libtorrent()
        session = lt.Session(self)
        slow = contents.make_file(self.dir("source") / "slow.bin", 6_000_000, seed=9)
        torrent = self.folder / "slow.torrent"
        described = lt.libtorrent.bdecode(
            curl_bytes(self.host.url("-", "torrent", self.host.share(slow) + ".torrent"))[1])
        # As a peer alone: what it took from the web seed would not be in the swarm's rates.
        described.pop(b"url-list", None)
        torrent.write_bytes(lt.libtorrent.bencode(described))
        browser.run("window.seen = new Set(); new MutationObserver(() => window.seen.add("
                    "document.querySelector('#server-side .total').textContent)).observe("
                    "document.getElementById('server-side'), {childList: true}); 0")
        handle = session.fetch(torrent, self.dir("slow"))
        handle.set_download_limit(1_000_000)
        browser.wait("[...window.seen].filter((text) => !text.startsWith('0 ')).length >= 2")
        browser.wait("[...document.querySelectorAll('#figure-list dt')].some((name) =>"
                     " name.textContent === 'Transferred now, as a server duplex_payload_bytes_per_second'"
                     " && !name.nextElementSibling.textContent.startsWith('0 '))")
        session.wait_complete(self, handle)
        browser.run("location.hash = '#settings'")
        browser.wait("document.getElementById('setting-list').innerText.includes('DUPLEX_INBOX_LIMIT')")
        self.assertIn("/duplex/settings", browser.run("document.getElementById('setting-list').innerText"))
        browser.wait("[...document.querySelectorAll('#transfer-list figcaption')].some((it) => /^(At most|Nothing moved)"
                     ".* in the last [0-9]+ (s|min)$/.test(it.textContent))")
        # What is complete is served until its user has it stop; the keyboard's focus would hold the list as it is.
        browser.run("location.hash = '#transfers'")
        for button, tag in (("Pause serving", "paused, not served"), ("Resume", "complete")):
            browser.run(f"[...document.querySelectorAll('#transfer-list button')].find((it) => it.textContent === '{button}').click()")
            browser.wait(f"document.querySelector('#transfer-list .tag').textContent === '{tag}'")
        script = axe_script()
        for view in ("transfers", "shares", "hosts", "roles", "settings", "doctor"):
            for width in (320, 1280):
                browser.size(width, dark=view in ("shares", "roles"))
                browser.run(f"location.hash = '#{view}'")
                browser.wait(f"!document.getElementById('{view}').hidden")
                if view == "doctor":
                    browser.wait("document.querySelector('#finding-list h2') !== null", timeout=40)
                self.assertLessEqual(browser.run("document.documentElement.scrollWidth"), width, view)
                self.assertEqual(violations(browser, script), [], view)
                if pictures := os.environ.get("PICTURES"):
                    browser.picture(pathlib.Path(pictures) / f"owner-{view}-{width}.png")
        self.assertEqual(browser.complaints, [])

    def test_rates_of_partners_add_up_to_that_of_the_host(self):
        browser = self.browser
        browser.open(self.url)
        looks = [(0, 0, 0), (3000, 1000, 900), (3000, 1000, 400)]
        models = [{"transfers": [{"partners": [
            {"address": "10.0.0.1:1", "protocol": "bittorrent", "downloaded": one, "uploaded": 0},
            {"address": "10.0.0.2:1", "protocol": "bittorrent", "downloaded": two, "uploaded": 0}]}],
            "downloads": {"partners": [{"address": "web", "downloaded": 1, "down": 100}]},
            "figures": [{"name": "duplex_payload_bytes_per_second", "value": rate,
                         "labels": [{"name": "role", "value": "client"}]}]} for one, two, rate in looks]
        rates = browser.run(
            "import('/-/api.js').then(({ status }) => " + json.dumps(models) + ".map((model) => {"
            " const { rate, partners } = status(model).client; return [rate, partners.map((it) => it.rate)]; }))")
        # In the last one nothing came since: it goes on as it was, at the rate that the host says.
        self.assertEqual(rates, [[0, [100]], [900, [600, 200, 100]], [400, [225, 75, 100]]])

    def test_visitors_are_seen_in_the_roles(self):
        browser = self.browser
        large = self.host.url("s", self.host.share(contents.make_file(self.dir("source") / "large.bin", 20_000_000)))
        program = self.run_duplex("share", self.dir("box"), "--inbox", home=self.host.home)
        inbox = program.wait("sharing", timeout=60)["inbox"]
        self.assertEqual(program.finish(20), 0)
        browser.size(1280)
        browser.open(self.url)
        browser.run("location.hash = '#roles'")
        browser.wait("document.getElementById('live').textContent === 'live'")
        browser.run("window.seen = new Set(); new MutationObserver(() => window.seen.add("
                    "document.querySelector('#server-side .total').textContent)).observe("
                    "document.getElementById('server-side'), {childList: true}); 0")
        # The headline is the figure of the table.
        browser.run("window.other = []; new MutationObserver(() => { for (const side of ['client', 'server']) {"
                    " const row = [...document.querySelectorAll('#figure-list dt')].find((it) => it.textContent.includes("
                    "'as a ' + side) && it.textContent.includes('bytes_per_second'));"
                    " const total = document.querySelector('#' + side + '-side .total').textContent;"
                    " if (row.nextSibling.textContent !== total) window.other.push([side, total, row.nextSibling.textContent]);"
                    " } }).observe(document.getElementById('figure-list'), {childList: true}); 0")
        process = subprocess.Popen(
            ["curl", "-s", "--interface", "127.0.0.2", "--limit-rate", "3M", "-o", os.devnull, large],
            preexec_fn=die_with_parent)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        row = ("[...document.querySelectorAll('#server-side li')].some((row) => row.innerText.includes('%s')"
               " && row.querySelector('small').textContent === '%s')")
        browser.wait(row % ("127.0.0.2", "HTTP"))
        browser.wait("[...window.seen].some((text) => !text.startsWith('0 '))")
        self.assertEqual(process.wait(60), 0)
        self.assertEqual(browser.run("window.other"), [])
        brought = contents.make_file(self.dir("source") / "brought.bin", 2_000_000)
        self.assertEqual(headers("--interface", "127.0.0.3", "-T", brought, inbox)[0], 201)
        browser.wait(row % ("127.0.0.3", "HTTP upload"))
        self.assertNotIn("127.0.0.3", browser.run("document.getElementById('client-side').innerText"))
        if pictures := os.environ.get("PICTURES"):
            browser.picture(pathlib.Path(pictures) / "owner-visitors.png")
        self.assertEqual(browser.complaints, [])
