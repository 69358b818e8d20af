// The web map in headless Chromium, as people use it. Prints what was proven; the
// first thing that is not so ends it with exit code 1.
//
// MISTO_URL, MISTO_DISPATCHER_LINK, MISTO_PLANNER_LINK; MISTO_SCREENSHOTS names a
// folder to keep pictures in.
import assert from "node:assert/strict";
import { access } from "./access.mjs";
import { accessible, base, browser, DESK, PATIENCE, PHONE, picture, visitor } from "./stage.mjs";

/** Waits until two pictures of the map differ: something moves. */
async function moves(page) {
  const canvas = page.locator("canvas.maplibregl-canvas");
  const before = await canvas.screenshot({ timeout: PATIENCE });
  for (let tries = 0; tries < 20; tries += 1) {
    await page.waitForTimeout(1_000);
    if (!before.equals(await canvas.screenshot({ timeout: PATIENCE }))) return;
  }
  assert.fail("nothing moves on the map");
}

async function residents() {
  for (const [size, viewport] of [["phone", PHONE], ["desk", DESK]]) {
    for (const scheme of ["light", "dark"]) {
      const { context, page, wrong } = await visitor(viewport, scheme);
      const name = `resident ${size} ${scheme}`;
      await page.goto(base);
      await page.getByText("Площа Ринок").first().waitFor();
      await page.locator("canvas.maplibregl-canvas").waitFor();
      await page.waitForTimeout(3_000);
      await picture(page, name.replaceAll(" ", "-"));
      await accessible(page, name);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${name}: ${wide} px too wide`);
      if (size === "desk" && scheme === "light") await moves(page);
      assert.deepEqual(wrong, [], name);
      await context.close();
      console.log(`ok  ${name}: list, map, axe, nothing from elsewhere`);
    }
  }
}

/** The keyboard alone opens a vehicle and comes back. */
async function keyboard() {
  const { context, page } = await visitor(DESK, "light");
  await page.goto(base);
  await page.getByText("Транспорт на карті").waitFor();
  await page.waitForTimeout(1_000);
  const reached = [];
  for (let n = 0; n < 40; n += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const focused = document.activeElement;
      const outline = getComputedStyle(focused);
      const seen = outline.outlineStyle !== "none" || outline.boxShadow !== "none" || focused.matches("canvas");
      return { text: (focused.getAttribute("aria-label") ?? focused.textContent).trim().slice(0, 40), tag: focused.tagName, seen };
    });
    reached.push(at);
    if (/Автобус|Тролейбус/.test(at.text)) break;
  }
  const last = reached.at(-1);
  assert.match(last.text, /Автобус|Тролейбус/, `reached ${reached.map(({ text }) => text).join(" | ")}`);
  assert.deepEqual(reached.filter(({ seen, tag }) => !seen && tag !== "BODY"), [], "focus is visible everywhere");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => location.search.includes("vehicle="));
  await accessible(page, "a vehicle");
  await picture(page, "resident-vehicle");
  await page.goBack();
  await page.waitForFunction(() => !location.search.includes("vehicle="));
  await context.close();
  console.log(`ok  keyboard: ${reached.length} steps to the first vehicle, Enter opens it, back returns`);
}

async function dispatchers() {
  const strange = await visitor(DESK, "light");
  await strange.page.goto(`${base}/dispatch`);
  await strange.page.locator("form").first().waitFor();
  await accessible(strange.page, "sign-in");
  assert.equal(await strange.page.locator("table").count(), 0, "a stranger sees no table");
  await strange.context.close();
  const { context, page, wrong } = await visitor(DESK, "dark");
  await page.goto(process.env.MISTO_DISPATCHER_LINK);
  await page.locator("table tbody tr").first().waitFor();
  await page.keyboard.press("j");
  await page.waitForFunction(() => location.search.includes("vehicle="));
  await page.waitForTimeout(2_000);
  await picture(page, "dispatch");
  await accessible(page, "dispatch");
  await page.goto(`${base}/dispatch?tab=rejected`);
  await page.locator("table, li").first().waitFor();
  await accessible(page, "rejected messages");
  assert.deepEqual(wrong, []);
  await context.close();
  console.log("ok  dispatcher: signed in by link, table by keyboard, rejected messages, axe");
}

/** What a planner saves is on the map of a second browser without reload. */
async function planners() {
  const second = await visitor(DESK, "light");
  await second.page.goto(base);
  await second.page.getByText("Площа Ринок").first().waitFor();
  await second.page.waitForTimeout(5_000);
  const refreshed = [];
  second.page.on("request", (request) => {
    if (request.url().includes("/tiles/") || request.url().includes("/access/venues")) refreshed.push(Date.now());
  });
  const { context, page, wrong } = await visitor(DESK, "light");
  await page.goto(process.env.MISTO_PLANNER_LINK);
  await page.waitForURL("**/edit");
  await page.goto(`${base}/edit?layer=venues&item=2`);
  await page.locator("#field-name").waitFor();
  await page.locator("#field-name").fill("Заклад «Змінено в браузері»");
  await picture(page, "edit");
  await accessible(page, "edit");
  await page.locator("#reason").fill("Перевірка");
  const saved = page.waitForResponse((response) => response.request().method() === "PUT");
  // It may fetch before the answer has reached the planner.
  refreshed.length = 0;
  const at = Date.now();
  await page.locator("button.primary").first().click();
  assert.equal((await saved).status(), 200);
  while (refreshed.length === 0 && Date.now() - at < 20_000) await second.page.waitForTimeout(50);
  assert.ok(refreshed.length > 0, "the second browser fetched what changed");
  const item = await (await fetch(`${base}/ogc/collections/venues/items/2`)).json();
  assert.equal(item.properties.name, "Заклад «Змінено в браузері»");
  assert.deepEqual([...wrong, ...second.wrong], []);
  console.log(`ok  planner: saved with reason; the second browser fetched it ${refreshed[0] - at} ms after the click`);
  await second.context.close();
  const session = await context.storageState();
  await context.close();
  return session;
}

/** A blocked ramp is told in two steps by keyboard alone, once without connection; a planner decides, by keys too. */
async function reports() {
  const venue = (await (await fetch(`${base}/access/venues`)).json()).features.find(({ properties }) => properties.has_ramp);
  const { context, page, wrong } = await visitor(PHONE, "light");
  await page.goto(`${base}/?venue=${venue.id}`);
  const open = page.getByRole("button", { name: "Повідомити про це місце" });
  await open.waitFor();
  await page.waitForTimeout(2_000);
  await context.setOffline(true);
  await open.focus();
  await page.keyboard.press("Enter");
  const ramp = page.getByRole("button", { name: "Пандус заблоковано" });
  await ramp.waitFor();
  await picture(page, "report-sheet");
  await accessible(page, "the sheet of a report");
  const low = await page.locator("dialog[open] :is(button, label.button, select)").evaluateAll((all) =>
    all.filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.textContent.trim()),
  );
  assert.deepEqual(low, [], "targets of 44 px");
  await ramp.focus();
  await page.keyboard.press("Enter");
  await page.getByText("Немає зв’язку. Повідомлення збережено").waitFor();
  await page.keyboard.press("Escape");
  await page.getByText("1 повідомлення чекає на зв’язок").waitFor();
  assert.equal((await standing(venue.id)).length, 0, "nothing was sent yet");
  const sent = page.waitForResponse((response) => response.url().endsWith("/reports") && response.request().method() === "POST");
  await context.setOffline(false);
  const answer = await sent;
  assert.equal(answer.status(), 201);
  assert.equal((await answer.request().allHeaders()).cookie, undefined, "no cookie goes with it");
  const told = (await standing(venue.id))[0];
  assert.deepEqual([told.kind, told.state, told.counts], ["blocked", "open", false]);
  await page.reload();
  await page.getByText("не підтверджено").waitFor();
  await picture(page, "report-standing");
  await accessible(page, "a venue with a report");
  assert.deepEqual(wrong, []);
  await context.close();
  const second = await visitor(PHONE, "dark");
  await second.page.goto(`${base}/?venue=${venue.id}`);
  await second.page.getByRole("button", { name: "Я теж це бачу" }).click();
  await second.page.getByText("Дякуємо, враховано.").waitFor();
  await accessible(second.page, "a report confirmed");
  assert.equal((await standing(venue.id))[0].counts, true, "a second device confirms");
  await second.context.close();
  console.log("ok  report: two steps by keyboard, waits without connection, sent once, confirmed by a second device");
}

const standing = async (venue) => (await (await fetch(`${base}/access/venues/${venue}/reports`)).json()).reports;

/** The planner signed in by link before; the session is in `state`. */
async function moderation(state) {
  const { context, page, wrong } = await visitor(DESK, "light", { storageState: state });
  await page.goto(`${base}/edit?desk=reports`);
  await page.getByRole("heading", { name: "Пандус заблоковано" }).waitFor();
  await picture(page, "reports-desk");
  await accessible(page, "the desk of reports");
  await page.getByRole("button", { name: "Обстеження" }).click();
  await page.getByRole("group", { name: "Пандус має поручні" }).waitFor();
  await accessible(page, "the survey card");
  await page.keyboard.press("r");
  await page.getByText("Напишіть, чому відхиляєте").waitFor();
  await page.keyboard.type("пандус вільний");
  const decided = page.waitForResponse((response) => response.url().endsWith("/refuse"));
  await page.getByRole("button", { name: "Відхилити" }).focus();
  await page.keyboard.press("Enter");
  assert.equal((await decided).status(), 200);
  await page.getByText("Відхилено: Пандус заблоковано").waitFor();
  await accessible(page, "the desk after a decision");
  assert.deepEqual(wrong, []);
  await context.close();
  console.log("ok  moderation: difference, survey card, refused with a reason by keyboard, axe");
}

try {
  await residents();
  await access();
  await keyboard();
  await dispatchers();
  const session = await planners();
  await reports();
  await moderation(session);
} finally {
  await browser.close();
}
