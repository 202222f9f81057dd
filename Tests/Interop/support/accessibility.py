"""axe-core, the checker of accessibility, in pages of a test's browser. Its script comes with a package from PyPI."""

import json
import unittest

from .case import MISSING_PROGRAM
from .duplex import ROOT


def axe_script():
    """scripts/setup puts it into an environment of its own."""
    found = sorted((ROOT / ".build/test-python").glob("lib/*/site-packages/axe_playwright_python/axe.min.js"))
    if not found:
        raise unittest.SkipTest(f"{MISSING_PROGRAM}axe-core")
    return found[0].read_text()


def violations(browser, script):
    """What WCAG 2.2 AA and axe's best practices find wrong: [(rule, what it says, where)]."""
    if not browser.run("typeof axe === 'object'"):
        # By the debugger: the page's own policy would refuse it.
        browser.run(script + ";0")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = json.loads(browser.run(
        f"axe.run(document, {{runOnly: {json.dumps(tags)}}}).then((result) => JSON.stringify(result.violations))"))
    return [(rule["id"], rule["help"], [node["html"][:160] for node in rule["nodes"][:3]]) for rule in found]
