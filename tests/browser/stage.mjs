// What the browser's stories share: a browser, its visitors, and what is looked at on every screen.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(new URL("../../web-map/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const base = process.env.MISTO_URL;
const pictures = process.env.MISTO_SCREENSHOTS;
if (pictures) mkdirSync(pictures, { recursive: true });
// Software WebGL on a busy machine: slow is not wrong.
export const PATIENCE = 60_000;

export const browser = await chromium.launch({
  executablePath: process.env.MISTO_CHROMIUM ?? "/usr/bin/chromium",
  headless: true,
  args: [
    "--no-sandbox", "--disable-gpu", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
  ],
});

export const PHONE = { width: 390, height: 844 };
export const DESK = { width: 1440, height: 900 };

/** A page of its own visitor; requests to elsewhere and script errors are collected. */
export async function visitor(viewport, colorScheme, more = {}) {
  const context = await browser.newContext({ viewport, colorScheme, locale: "uk-UA", ...more });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.setDefaultNavigationTimeout(PATIENCE);
  const wrong = [];
  page.on("request", (request) => {
    const to = new URL(request.url());
    if (!["data:", "blob:"].includes(to.protocol) && to.origin !== base) wrong.push(`asks ${to}`);
  });
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("console", (message) => {
    const text = message.text();
    if (message.type() === "error" && /Content.Security.Policy|Refused to/i.test(text)) wrong.push(text);
  });
  return { context, page, wrong };
}

export async function picture(page, name) {
  if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), timeout: PATIENCE });
}

/** WCAG 2.0 to 2.2, levels A and AA, and whatever else axe knows to be wrong. */
export async function accessible(page, name) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axeSource);
  const violations = await page.evaluate(async () => {
    const result = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return result.violations.map((v) => `${v.id}: ${v.nodes.map((node) => node.target.join(" ")).join(", ")}`);
  });
  assert.deepEqual(violations, [], `axe on ${name}`);
}

/** Nothing is wider than the screen, so nobody scrolls sideways to read. */
export async function fitsTheWidth(page, name) {
  const wide = await page.evaluate(() => {
    const inside = [...document.querySelectorAll("body *")].filter((one) => {
      const { overflowX } = getComputedStyle(one);
      return one.scrollWidth > one.clientWidth + 1 && (overflowX === "auto" || overflowX === "scroll");
    });
    const page = document.documentElement.scrollWidth - innerWidth;
    return [...(page > 0 ? [`the page by ${page} px`] : []), ...inside.map((one) => one.className || one.tagName)];
  });
  assert.deepEqual(wide, [], `${name} scrolls sideways`);
}

/** Presses Tab until what has the focus is named so; tells how many steps that took. */
export async function tabTo(page, name, most = 60) {
  const reached = [];
  for (let steps = 1; steps <= most; steps += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const one = document.activeElement;
      const label = one.labels?.[0]?.textContent ?? "";
      const outline = getComputedStyle(one);
      const seen = outline.outlineStyle !== "none" || outline.boxShadow !== "none" || one.matches("canvas, body");
      return { seen, text: (one.getAttribute("aria-label") ?? (label || one.textContent)).trim().replace(/\s+/g, " ") };
    });
    assert.ok(at.seen, `the focus on ${at.text} cannot be seen`);
    reached.push(at.text.slice(0, 40));
    if (name.test(at.text)) return steps;
  }
  return assert.fail(`${name} was not reached: ${reached.join(" | ")}`);
}
