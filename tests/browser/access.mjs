// Places for somebody who needs something: every screen of the residents for everybody, the tasks by
// keyboard alone, what a screen reader is told, and that nobody learns what the reader needs.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { accessible, base, DESK, fitsTheWidth, PATIENCE, PHONE, picture, tabTo, visitor } from "./stage.mjs";

const NARROW = { width: 320, height: 640 };
/** A desktop window of 1280 × 1024 at 400 %. */
const ENLARGED = { width: 320, height: 256 };
const NEEDS = JSON.stringify({ presets: ["powered_chair"], changes: {} });

/** The map is a picture to a screen reader, and slow to draw: these stories do without it. */
const withoutMap = (page) => page.route(/assets\/mount-/, (route) => route.abort());
/** What is kept for a time without connection would bring the map all the same. */
const KEEPS_NOTHING = { serviceWorkers: "block" };
const settings = (page, values) =>
  page.addInitScript((set) => {
    for (const [name, value] of Object.entries(set)) localStorage.setItem(`misto.${name}`, value);
  }, values);

/** A place of which everything is known, as no place of the sample is; the rest is what the server says. */
const EVERYTHING = 4;
const measured = {
  door_automatic: true, door_turning_space_cm: 150, approach_surface: "asphalt", help_can_be_called: true,
  bell_height_cm: 95, accessible_parking_spaces: 2, parking_distance_m: 12, accessible_toilet: true,
  toilet_door_width_cm: 90, toilet_grab_bars: true, induction_loop: true, captions: true, braille: false,
  lift_required: true, staff_assist: true, staff_languages: "uk, en",
  provenance: JSON.stringify({ toilet_door_width_cm: { measured_by: "Обстежувачка", measured_on: "2026-08-01", measured_how: "рулетка" } }),
  entrances: [
    { name: "з вулиці", door_width_cm: 95, entrance_steps: 4, has_ramp: false, measured_by: "Обстежувачка" },
    { name: "з двору", door_width_cm: 95, entrance_steps: 2, has_ramp: true, ramp_slope_percent: 6, ramp_width_cm: 120 },
    { door_width_cm: 70_000 },
  ],
  lifts: [
    { name: "ліворуч", is_working: false, out_of_order_reason: "міняють двері", works_again_on: "2026-12-10", other_way: "ліфт праворуч" },
    { is_working: true, lift_door_width_cm: 90, car_width_cm: 110, car_depth_cm: 140 },
  ],
};
const withEverything = (page) =>
  page.route(/\/access\/venues$/, async (route) => {
    const response = await route.fetch();
    const told = await response.json();
    for (const { id, properties } of told.features) if (id === EVERYTHING) Object.assign(properties, measured);
    await route.fulfill({ response, json: told });
  });

/** Every screen and state of the residents: where it is, how one gets there, what shows that it is there. */
const SCREENS = [
  { name: "near", path: "/", ready: "#stops-title" },
  { name: "places", path: "/?tab=places", ready: "section[aria-labelledby=venues-title] li" },
  { name: "air", path: "/?tab=air", ready: "#list li, #list p" },
  { name: "needs", path: "/?needs=1", ready: "#chair_width_cm" },
  {
    name: "needs that cannot be meant",
    path: "/?needs=1",
    ready: "#chair_width_cm",
    act: (page) => page.locator("#chair_width_cm").fill("680"),
  },
  { name: "places for a wheelchair", path: "/?tab=places", ready: "li b", needs: NEEDS },
  { name: "a place", path: "/?venue=2", ready: "#norms ~ ul" },
  { name: "a place for a wheelchair", path: "/?venue=3", ready: "section.verdict", needs: NEEDS, act: openAll },
  { name: "a place with everything", path: `/?venue=${EVERYTHING}`, ready: "#entrances", needs: NEEDS, act: openAll },
  { name: "a place that is not there", path: "/?venue=999999", ready: "#list .notice" },
  {
    name: "search results",
    path: "/",
    ready: ".field",
    act: async (page) => {
      await page.locator(".search .field").fill("аптека");
      await page.locator("#list li").first().waitFor();
    },
  },
  {
    name: "nothing found",
    path: "/",
    ready: ".field",
    act: async (page) => {
      await page.locator(".search .field").fill("ъъъ");
      await page.locator("#list .notice").waitFor();
    },
  },
  { name: "settings", path: "/?settings=1", ready: "a[href='/accessibility']" },
  { name: "help", path: "/help", ready: "main section" },
  { name: "statement", path: "/accessibility", ready: "main ul" },
];

async function openAll(page) {
  await page.locator("#norms").waitFor();
  await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
}

async function shown(page, { path, ready, act }) {
  await page.goto(`${base}${path}`);
  await page.locator(ready).first().waitFor();
  await act?.(page);
}

/** Each language with each width and each appearance, and each width with each appearance. */
const LOOKS = {
  uk: [[PHONE, "light"], [PHONE, "dark"], [NARROW, "dark"], [DESK, "light"], [DESK, "dark"]],
  en: [[NARROW, "light"], [PHONE, "dark"], [DESK, "light"]],
};

/** axe on every screen in these looks, and nothing is too wide. */
async function everyScreenIn(locale, needs) {
  let looks = 0;
  const { context, page, wrong } = await visitor(PHONE, "light", KEEPS_NOTHING);
  await withoutMap(page);
  await withEverything(page);
  await settings(page, { locale, ...(needs && { needs }) });
  for (const screen of SCREENS.filter((one) => one.needs === needs)) {
    await shown(page, screen);
    for (const [size, colorScheme] of LOOKS[locale]) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme });
      const name = `${screen.name}, ${locale}, ${size.width} px, ${colorScheme}`;
      await accessible(page, name);
      await fitsTheWidth(page, name);
      await picture(page, `access ${name}`.replaceAll(/[ ,]+/g, "-"));
      looks += 1;
    }
  }
  assert.deepEqual(wrong, []);
  await context.close();
  return looks;
}

async function everyScreen() {
  const all = ["uk", "en"].flatMap((locale) => [undefined, NEEDS].map((needs) => everyScreenIn(locale, needs)));
  const looks = (await Promise.all(all)).reduce((sum, n) => sum + n, 0);
  console.log(`ok  axe on ${SCREENS.length} screens in ${looks} looks: no violation, nothing scrolls sideways`);
}

/** Enlarged to 400 % everything is still there, one column, no sideways scroll; forced colours and no motion too. */
async function enlarged() {
  const { context, page, wrong } = await visitor(ENLARGED, "light", { ...KEEPS_NOTHING, forcedColors: "active", reducedMotion: "reduce" });
  await withoutMap(page);
  await withEverything(page);
  await settings(page, { needs: NEEDS });
  for (const screen of SCREENS) {
    await shown(page, screen);
    const name = `${screen.name} at 400 %`;
    await fitsTheWidth(page, name);
    await picture(page, `access ${name}`.replaceAll(/[ ,]+/g, "-"));
    const last = page.locator("#list a, #list button, main a").last();
    await last.scrollIntoViewIfNeeded();
    const box = await last.boundingBox();
    assert.ok(box && box.y >= 0 && box.y < ENLARGED.height, `${name}: its end cannot be scrolled to`);
  }
  const moving = await page.evaluate(() =>
    [...document.querySelectorAll("*")].filter((one) =>
      getComputedStyle(one).transitionDuration.split(", ").some((time) => parseFloat(time) > 0.001),
    ).length,
  );
  assert.equal(moving, 0, "nothing moves for who asked for no motion");
  assert.deepEqual(wrong, []);
  await context.close();
  console.log("ok  400 %: every screen in one column to its end, in forced colours, without motion");
}

/** On a touch screen nothing that is pressed is smaller than 44 px; a link within text is text. */
async function targets() {
  const { context, page } = await visitor(PHONE, "light", { ...KEEPS_NOTHING, hasTouch: true, isMobile: true });
  await withoutMap(page);
  await withEverything(page);
  await settings(page, { needs: NEEDS });
  let seen = 0;
  for (const screen of SCREENS) {
    await shown(page, screen);
    const { small, all } = await page.evaluate(() => {
      const pressed = [...document.querySelectorAll("button, a[href], input, select, summary")];
      const boxes = pressed
        .filter((one) => one.checkVisibility() && !one.closest(".skip, .visually-hidden, [inert]") && !one.matches(".skip"))
        .map((one) => ({ one, box: (one.closest("label") ?? one).getBoundingClientRect() }))
        .filter(({ box }) => box.width > 0);
      const small = boxes
        .filter(({ one, box }) => box.height < 43.5 || box.width < 43.5)
        // The grip of the sheet is as wide as the screen; buttons at its head do the same.
        .filter(({ one }) => !one.matches(".grip"))
        .map(({ one, box }) => `${one.tagName} ${one.textContent.trim() || one.ariaLabel} ${box.width}×${box.height}`);
      return { small, all: boxes.length };
    });
    assert.deepEqual(small, [], `targets on ${screen.name}`);
    seen += all;
  }
  await context.close();
  console.log(`ok  ${seen} targets of 44 px and more`);
}

/** By keyboard alone: say what one needs, find a pharmacy that fits, see why another place does not. */
async function keyboardAlone() {
  const { context, page, wrong } = await visitor(DESK, "light", KEEPS_NOTHING);
  await withoutMap(page);
  await page.goto(base);
  await page.locator("#stops-title").waitFor();
  let steps = await tabTo(page, /^Мої потреби$/);
  await page.keyboard.press("Enter");
  await page.locator("#chair_width_cm").waitFor();
  steps += await tabTo(page, /Електричне крісло/);
  await page.keyboard.press("Space");
  steps += await tabTo(page, /Показати заклади/);
  await page.keyboard.press("Enter");
  await page.locator("li b.fits").first().waitFor();
  // Back to the search, which stands before the list.
  for (let n = 0; n < 80; n += 1) {
    await page.keyboard.press("Shift+Tab");
    if (await page.evaluate(() => document.activeElement.matches(".search .field"))) break;
  }
  await page.keyboard.type("аптека");
  await page.locator("#list ul li").first().waitFor();
  steps += await tabTo(page, /^(?!.*(Не підходить|Не можна)).*Підходить/);
  await page.keyboard.press("Enter");
  await page.locator("section.verdict.fits").waitFor();
  assert.match(await page.locator("#list").innerText(), /Аптека/);
  await accessible(page, "a fitting pharmacy");
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "H2", "the focus follows to what was opened");
  await page.goto(`${base}/?tab=places`);
  await page.locator("li b.does_not_fit").first().waitFor();
  await page.locator("#venues-title").focus().catch(() => undefined);
  steps += await tabTo(page, /Не підходить/, 120);
  await page.keyboard.press("Enter");
  const why = page.locator("section.verdict.does_not_fit li");
  await why.first().waitFor();
  const reason = await why.first().innerText();
  assert.match(reason, /\d|немає|не /, "the reason says what and how much");
  assert.deepEqual(wrong, []);
  await context.close();
  console.log(`ok  keyboard: a fitting pharmacy and why another place does not fit („${reason}“) in ${steps} steps`);
}

const GOLDEN = new URL("./golden/", import.meta.url);
const TIMES = /(?:Відчинено(?! зараз)|Зачинено|Чи відчинено)[^"·\n]*?(?=\s*(?:·|"|$))/gm;

/** What a screen reader is told, beside what it was told before; BLESS=1 writes it anew. */
async function told(page, name) {
  const found = `${(await page.locator("#list").ariaSnapshot()).replaceAll(TIMES, "<години>")}\n`;
  const file = new URL(`${name}.yml`, GOLDEN);
  if (process.env.BLESS) {
    mkdirSync(GOLDEN, { recursive: true });
    writeFileSync(file, found);
  }
  assert.ok(existsSync(file), `${name}: BLESS=1 writes the first sample`);
  assert.equal(found, readFileSync(file, "utf8"), `what a screen reader is told of ${name}; BLESS=1 writes it anew`);
}

async function screenReader() {
  const { context, page } = await visitor(DESK, "light", KEEPS_NOTHING);
  await withoutMap(page);
  await withEverything(page);
  await settings(page, { needs: NEEDS });
  const places = SCREENS.find(({ name }) => name === "places for a wheelchair");
  await shown(page, places);
  // What changed is said once, in one place.
  const polite = page.locator("[role=status]", { hasText: "на карті" });
  await polite.waitFor({ state: "attached" });
  assert.equal(await polite.count(), 1);
  await told(page, "places-for-a-wheelchair");
  await page.locator("button.needs").click();
  await page.locator("#chair_width_cm").waitFor();
  await told(page, "needs");
  await page.goto(`${base}/?venue=3`);
  await page.locator("#norms ~ ul").waitFor();
  await told(page, "a-place");
  const everything = SCREENS.find(({ name }) => name === "a place with everything");
  await shown(page, everything);
  await page.locator("#norms ~ ul").waitFor();
  // The norms come a moment later than the rest was opened.
  await openAll(page);
  await told(page, "a-place-with-everything");
  await page.goto(base);
  await page.locator(".search .field").fill("fgntrf ");
  await page.locator("#list ul li").first().waitFor();
  await told(page, "search-for-a-pharmacy");
  await context.close();
  console.log("ok  screen reader: list, needs, a place and a search are told as before");
}

/** The filter changes list and map alike, no unmeasured door is green, and no request carries the chair. */
async function wheelchair() {
  const { context, page, wrong } = await visitor(DESK, "light");
  const sent = [];
  page.on("request", (request) => sent.push(request));
  await page.goto(base);
  await page.getByText("Заклади", { exact: true }).click();
  await page.locator("section[aria-labelledby=venues-title] li").first().waitFor();
  await page.waitForTimeout(3_000);
  const canvas = page.locator("canvas.maplibregl-canvas");
  const before = await canvas.screenshot({ timeout: PATIENCE });
  const asked = () => sent.filter((request) => new URL(request.url()).pathname.startsWith("/access"));
  const first = asked().length;
  await page.locator("button.needs").click();
  for (const [field, number] of [["chair_width_cm", "68,25"], ["clearance_cm", "3,5"], ["max_climb_cm", "77"]]) {
    await page.locator(`#${field}`).fill(number);
  }
  await page.getByLabel("Тверде й рівне покриття").check();
  await page.getByLabel("Тверде й рівне покриття").uncheck();
  await page.locator("form button.primary").click();
  await page.locator("li b.unknown").first().waitFor();
  await page.waitForTimeout(2_000);
  await picture(page, "resident-needs");
  await accessible(page, "venues for a wheelchair");
  assert.ok(!before.equals(await canvas.screenshot({ timeout: PATIENCE })), "the map changed with the list");
  const shownRows = await page.locator("section[aria-labelledby=venues-title] li").evaluateAll((rows) =>
    rows.map((row) => ({ name: row.querySelector(".name").textContent.trim(), verdict: row.querySelector("b").className })),
  );
  const venues = (await (await fetch(`${base}/access/venues`)).json()).features;
  const doorOf = new Map(venues.map(({ properties }) => [properties.name, properties.door_width_cm]));
  const green = shownRows.filter(({ verdict }) => /\bfits/.test(verdict));
  assert.ok(shownRows.length > 5 && green.length > 0, `${shownRows.length} shown, ${green.length} green`);
  for (const { name } of green) assert.ok((doorOf.get(name) ?? 0) >= 68.25, `${name} is green with door ${doorOf.get(name)}`);
  // Opening a place asks for its standing to the norms, and for nothing of the person.
  await page.locator("li button").first().click();
  await page.locator("#norms ~ ul").waitFor();
  for (const request of sent) {
    const text = `${request.url()} ${request.postData() ?? ""} ${JSON.stringify(request.headers())}`;
    for (const secret of ["68.25", "68,25", "chair_width", "clearance", "climb", "surface", "toilet"]) {
      assert.ok(!text.replaceAll(base, "").includes(secret), `${secret} left the device: ${request.method()} ${text}`);
    }
    assert.equal((await request.allHeaders()).cookie, undefined, "no request carries a cookie");
  }
  const paths = asked().slice(first).map((request) => new URL(request.url()).pathname.replace(/\d+/, "n"));
  assert.deepEqual([...new Set(paths)].sort(), ["/access/venues/n", "/access/venues/n/reports"], "a new profile asks nobody; the open place its norms and reports");
  assert.deepEqual(await context.cookies(), [], "no cookie is set");
  assert.deepEqual(wrong, []);
  await context.close();
  console.log(`ok  chair 68.25 cm: ${shownRows.length} places, ${green.length} green with a measured door; nobody was told`);
}

/** A page that was opened once shows places and verdicts without connection, and says how old they are. */
async function offline() {
  const { context, page } = await visitor(PHONE, "light");
  await settings(page, { needs: NEEDS });
  await page.goto(`${base}/?tab=places`);
  await page.locator("li b.fits").first().waitFor();
  const before = await page.locator("li .name").allInnerTexts();
  await page.evaluate(() => navigator.serviceWorker.ready);
  // What may be opened comes after the list, and is kept too.
  await page.locator("canvas.maplibregl-canvas").waitFor();
  await page.waitForFunction(async () => {
    const kept = await (await caches.open("misto-files")).keys();
    return ["VenueDetail", "NeedsPanel", "StopDetail"].every((name) => kept.some(({ url }) => url.match(`${name}-.*js`)));
  });
  await context.setOffline(true);
  await page.reload();
  await page.getByText("Без зв’язку. Заклади станом на").first().waitFor();
  await page.locator("li b.fits").first().waitFor();
  // The map is kept too, and the list shows what it shows.
  const again = await page.locator("li .name").allInnerTexts();
  assert.ok(again.length > 5 && again.every((name) => before.includes(name)), "the same places, judged again");
  await picture(page, "access-offline");
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await accessible(page, `places without connection, ${colorScheme}`);
  }
  await page.locator("li button").first().click();
  await page.getByText("Без зв’язку цього не сказати.").waitFor();
  await accessible(page, "a place without connection");
  await context.setOffline(false);
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  await page.getByText("Без зв’язку. Заклади станом на").waitFor({ state: "detached" });
  await context.close();
  console.log(`ok  offline: ${before.length} places judged on the device, with their age; connection takes it away`);
}

/** What comes over the line before the map library, and that the list does not wait for it. */
async function firstScreen() {
  const { context, page } = await visitor(PHONE, "light", KEEPS_NOTHING);
  const finished = [];
  page.on("requestfinished", (request) => finished.push(request));
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route(/assets\/mount-.*js/, async (route) => {
    await held;
    await route.continue().catch(() => undefined);
  });
  await page.goto(`${base}/?tab=places`);
  const first = page.locator("section[aria-labelledby=venues-title] li button").first();
  await first.waitFor();
  await page.evaluate(() => document.fonts.ready);
  const before = finished.map((request) => ({ request, path: new URL(request.url()).pathname }));
  // The list answers while the library is still on its way.
  await first.click();
  await page.locator("#norms").waitFor();
  const sizes = await Promise.all(
    before
      // What comes with the map library, or later for what may be opened next, is no part of it.
      .filter(({ path }) => path === "/" || /^\/assets\/(?!(mount|style|\w+(Detail|Panel|List|Results))-)/.test(path))
      .map(async ({ request, path }) => ({ path, bytes: Math.max(0, (await request.sizes()).responseBodySize) })),
  );
  const bytes = sizes.reduce((sum, one) => sum + one.bytes, 0);
  const listed = sizes.map(({ path, bytes: size }) => `${path} ${size}`).join("\n");
  assert.ok(bytes > 80_000 && bytes <= 150_000, `${bytes} bytes before the map library\n${listed}`);
  release();
  await context.close();
  console.log(`ok  first screen: ${Math.round(bytes / 1000)} kB before the map library; the list works without it`);
}

export async function access() {
  await firstScreen();
  await wheelchair();
  // Each has its own visitors.
  await Promise.all([everyScreen(), enlarged().then(targets), keyboardAlone().then(screenReader), offline()]);
}
