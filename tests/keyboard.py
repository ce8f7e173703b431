# SPDX-License-Identifier: Apache-2.0
"""キーボード操作 — what a user without a mouse does on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page


def focused(page: Page, expression: str) -> Any:
    """What an expression in JavaScript says of the element that holds the focus."""
    return page.evaluate(f"(() => {{ const here = document.activeElement; return {expression}; }})()")


def press_until(page: Page, key: str, expression: str, most: int = 60) -> None:
    """Presses a key until the focused element is the wanted one, as a user would."""
    for _ in range(most):
        if focused(page, expression):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{most}× {key} does not reach: {expression}")


def wait_for(locator: Any) -> None:
    """Waits for something on the page after this one, until that page answers to keys."""
    locator.wait_for()
    locator.page.wait_for_load_state()


def signed_out_elsewhere(page: Page) -> None:
    """サインアウト — by another tab of the same browser."""
    other = page.context.new_page()
    other.goto("/")
    other.get_by_role("button", name="サインアウト").press("Enter")
    other.wait_for_url("**/login/**")
    other.close()
