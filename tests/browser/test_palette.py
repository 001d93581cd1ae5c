"""Tabler's classes as pages use them, in both themes: what axe finds there is mended once, in console.css."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import House
from tests.browser.look import AXE, RUN_AXE

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

COLOURS = (
    "primary secondary success warning danger info red orange yellow lime green teal cyan azure blue indigo purple pink"
).split()


def each(form: str) -> str:
    return "".join(form.replace("%", colour) for colour in COLOURS)


PALETTE = f"""<h2>A heading</h2><p class="text-secondary">secondary <a href="#a">link</a></p><p class="text-muted">muted</p>
<div class="card"><div class="card-header"><h3 class="card-title">Card</h3></div><div class="card-body">
<p>{each('<span class="badge bg-%-lt">word</span> ')}</p>
<p>{each('<span class="badge bg-% text-%-fg">word</span> ')}</p>
<p>{each('<span class="text-%">word</span> ')}</p>
<p>{each('<button class="btn btn-%" type="button">word</button> ')}</p>
<p>{each('<button class="btn btn-outline-%" type="button">word</button> ')}</p>
<p>{each('<button class="btn btn-ghost-%" type="button">word</button> ')}</p>
{each('<div class="alert alert-%" role="note"><div class="alert-title">word</div>word <a class="alert-link" href="#a">link</a></div>')}
<p class="subheader">subheader</p><span class="status status-green">status</span> <span class="status status-red">status</span>
<label class="form-label required" for="f">label</label><input class="form-control is-invalid" id="f" placeholder="word">
<div class="invalid-feedback d-block">feedback</div><small class="form-hint">hint</small>
<select class="form-select" aria-label="x"><option>word</option></select>
<label class="form-check"><input class="form-check-input" type="checkbox"> <span class="form-check-label">check</span>
<span class="form-check-description">description</span></label>
</div><div class="card-footer">footer <span class="text-secondary">secondary</span></div></div>
<div class="table-responsive" tabindex="0" role="region" aria-label="x"><table class="table table-vcenter card-table">
<thead><tr><th scope="col">Head</th><th scope="col"><a class="text-reset" href="#a">Head</a></th></tr></thead>
<tbody><tr><td>cell</td><td class="text-secondary"><a href="#a">cell</a></td></tr></tbody></table></div>
<ul class="nav nav-tabs"><li class="nav-item"><a class="nav-link active" href="#a">tab</a></li>
<li class="nav-item"><a class="nav-link" href="#a">tab</a></li></ul>
<div class="empty"><p class="empty-title">empty</p><p class="empty-subtitle text-secondary">subtitle</p></div>
<ol class="breadcrumb"><li class="breadcrumb-item"><a href="#a">crumb</a></li><li class="breadcrumb-item active">crumb</li></ol>
<ul class="steps steps-counter"><li class="step-item">step</li><li class="step-item active">step</li><li class="step-item">step</li></ul>
<div class="list-group"><a class="list-group-item list-group-item-action" href="#a">item <span class="text-secondary">x</span></a></div>
<ul class="pagination"><li class="page-item"><a class="page-link" href="#a">1</a></li>
<li class="page-item active"><a class="page-link" href="#a">2</a></li></ul>
<div class="datagrid"><div class="datagrid-item"><div class="datagrid-title">title</div><div class="datagrid-content">x</div></div></div>
<p><span class="badge colour-1">red</span> <span class="badge colour-2">orange</span> <span class="badge colour-3">yellow</span>
<span class="badge colour-4">blue</span></p>
<kbd>/</kbd> <code>code</code> <blockquote class="text-secondary">quote</blockquote>"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_class_is_too_pale(house: House, theme: str) -> None:
    def judge(context: BrowserContext) -> Any:
        page = context.new_page()
        page.goto(house.server.url + "/")
        page.evaluate(
            "([theme, html]) => { document.documentElement.setAttribute('data-bs-theme', theme);"
            " document.querySelector('#content .container-xl').innerHTML = html; }",
            [theme, PALETTE],
        )
        page.add_script_tag(content=AXE.read_text(encoding="utf-8"))
        page.wait_for_timeout(300)  # colours fade over
        found = page.evaluate(RUN_AXE)
        page.close()
        return found

    found = house.see("officer", 1440, judge)
    if found:
        pytest.fail("\n".join(found).replace("; ", "\n"))
