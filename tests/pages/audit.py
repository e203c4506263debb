"""Checks of a page by machine: axe-core, the outline of its headings and fields, its width."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
# The rules of axe-core that a change of colours alone can break.
COLOURS = ("color-contrast", "link-in-text-block")
RUN = """async ([type, values]) => {
  const answer = await axe.run(document, {runOnly: {type, values}, resultTypes: ['violations']});
  return answer.violations.map((one) => ({rule: one.id, nodes: one.nodes.map((node) =>
    `${node.target.join(' ')}: ${[...node.any, ...node.all, ...node.none].map((one) => one.message).join('; ')}`)}));
}"""
# What the bars of HTML ask of every page: told in words, so that a failure reads by itself.
MARKUP = """() => {
  const faults = [];
  const all = (what) => [...document.querySelectorAll(what)];
  const ids = all('[id]').map((one) => one.id);
  for (const id of new Set(ids.filter((one, at) => ids.indexOf(one) !== at))) faults.push(`id ${id} is there twice`);
  if (!document.documentElement.lang) faults.push('the language is not told');
  if (!document.title.trim()) faults.push('it has no title');
  const headings = all('h1, h2, h3, h4, h5, h6').filter((one) => !one.closest('#swagger, template'));
  const levels = headings.map((one) => Number(one.tagName[1]));
  const tops = levels.filter((one) => one === 1).length;
  if (tops !== 1) faults.push(`h1 is there ${tops} times`);
  levels.forEach((level, at) => {
    if (level > (at ? levels[at - 1] : 0) + 1) faults.push(`${headings[at].outerHTML.slice(0, 80)} skips a level`);
  });
  for (const field of all('input:not([type=hidden], [hidden]), select, textarea')) {
    const named = field.labels && field.labels.length || field.ariaLabel || field.getAttribute('aria-labelledby');
    if (!named && !field.closest('#swagger')) faults.push(`${field.outerHTML.slice(0, 80)} has no label`);
  }
  for (const link of all('[aria-describedby], [aria-labelledby], label[for]')) {
    const wanted = ['aria-describedby', 'aria-labelledby', 'for'].map((one) => link.getAttribute(one) || '').join(' ');
    for (const id of wanted.split(/\\s+/).filter(Boolean)) {
      if (!document.getElementById(id)) faults.push(`${id} is named but not there`);
    }
  }
  // A list of suggestions stands where its field is. On a busy machine it has come by now, else perhaps not yet.
  const styled = all('[style]').find((one) => !one.closest('#map, .map, #swagger, .suggestions'));
  if (styled) faults.push(`a style attribute: ${styled.outerHTML.slice(0, 80)}`);
  if (all('main').filter((one) => !one.closest('#swagger')).length !== 1) faults.push('main is not there once');
  return faults;
}"""
WIDER = """() => {
  const room = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth <= room) return [];
  const wide = [...document.body.querySelectorAll('*')].filter((one) => {
    const box = one.getBoundingClientRect();
    return (box.right > room + 0.5 || box.left < -0.5) && !one.closest('.skip, .leaflet-pane');
  });
  // A word may reach out of an element that is itself within.
  const long = [...document.body.querySelectorAll('*')].filter((one) => one.clientWidth > 1
    && one.scrollWidth > one.clientWidth + 1 && !one.children.length);
  return [`${document.scrollingElement.scrollWidth} px in ${room}`,
    ...[...wide, ...long].slice(0, 4).map((one) => one.outerHTML.slice(0, 100))];
}"""


def violations(page: Page) -> list[str]:
    """Each violation of WCAG 2.0 to 2.2, A and AA, with its selector."""
    return _violations(page, "tag", TAGS)


def violations_of_colours(page: Page) -> list[str]:
    """Those that a change of theme alone can bring: only the colours of elements differ."""
    return _violations(page, "rule", COLOURS)


def _violations(page: Page, kind: str, values: tuple[str, ...]) -> list[str]:
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate(RUN, [kind, list(values)])
    return [f"{one['rule']}: {node}" for one in found for node in one["nodes"]]


def faults_of_markup(page: Page) -> list[str]:
    return list(page.locator("html").evaluate(MARKUP))


def wider_than_window(page: Page) -> list[str]:
    """Return the elements that make the page scroll sideways; empty if none."""
    return list(page.locator("html").evaluate(WIDER))
