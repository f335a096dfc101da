// Drives a real browser over the live page: reads a command a line, answers each with "ok" or with what is wrong.
//
//   open LINK | see SELECTOR WORDS | moves SELECTOR | hidden SELECTOR | choose BUTTON yes|no | fits | axe | foreign | clean
//   shot NAME WIDTH HEIGHT light|dark

import { createRequire } from "node:module";
import { createServer } from "node:http";
import { createInterface } from "node:readline";

const [modules, program, folder] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const { chromium } = require("playwright-core");
const axe = require.resolve("axe-core");
const PATIENCE = 60_000;

const browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox", "--disable-gpu"] });
const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, bypassCSP: false });
context.setDefaultTimeout(PATIENCE);
const page = await context.newPage();
const troubles = [];
const requests = [];
let expected = false;
page.on("console", (message) => message.type() === "error" && !expected && troubles.push(message.text()));
page.on("pageerror", (error) => troubles.push(String(error)));
page.on("request", (request) => requests.push(request.url()));

const wrong = (words) => {
  throw new Error(words);
};

const commands = {
  async open(link) {
    await page.goto(link);
    await page.waitForSelector("#main:not([hidden])");
    if (page.url().includes("token")) wrong(`the token stayed in the address: ${page.url()}`);
  },
  async see(selector, ...words) {
    const wanted = words.join(" ");
    await page.waitForFunction(([selector, wanted]) => document.querySelector(selector)?.textContent.includes(wanted), [selector, wanted]).catch(async () => {
      wrong(`${selector} has ${JSON.stringify(await page.textContent(selector))}, not ${JSON.stringify(wanted)}`);
    });
  },
  async moves(selector) {
    const before = await page.textContent(selector);
    await page.waitForFunction(([selector, before]) => document.querySelector(selector)?.textContent !== before, [selector, before]);
  },
  async hidden(selector) {
    await page.waitForSelector(selector, { state: "hidden" });
  },
  /** Presses a button by the keyboard alone, and answers its question. */
  async choose(...words) {
    const answer = words.pop();
    const name = words.join(" ");
    await page.evaluate(() => document.activeElement?.blur());
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label") || document.activeElement?.textContent);
    for (let tab = 0; (await focused()) !== name; tab++) {
      if (tab > 60) wrong(`the keyboard does not reach ${name}`);
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    await page.waitForSelector("#ask[open]");
    if (answer === "no") await page.keyboard.press("Escape");
    else await page.keyboard.press("Enter");
    await page.waitForSelector("#ask", { state: "hidden" });
  },
  async fits() {
    const [needed, there] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    if (needed > there) wrong(`the page is ${needed} wide, the window ${there}`);
  },
  async axe() {
    // The policy of the page allows no script from elsewhere; this one comes by the debugger.
    await page.evaluate(require("node:fs").readFileSync(axe, "utf8"));
    const found = await page.evaluate(() => window.axe.run());
    const serious = found.violations.filter((violation) => ["moderate", "serious", "critical"].includes(violation.impact));
    const told = serious.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 200)).join(" | ")}`);
    if (told.length) wrong(told.join("; "));
  },
  /** What a page of another port of the same host can do, which has the cookie but not the origin. */
  async foreign() {
    const other = createServer((_, answer) => answer.end("<!DOCTYPE html><title>other</title>")).listen(0, "127.0.0.1");
    await new Promise((done) => other.once("listening", done));
    const target = new URL(page.url()).origin;
    const stranger = await context.newPage();
    await stranger.goto(`http://127.0.0.1:${other.address().port}/`);
    const read = await stranger.evaluate(async (target) => {
      const tries = [
        fetch(`${target}/act`, { method: "POST", mode: "no-cors", credentials: "include", body: '{"session":"night","command":"pause"}' }).then((answer) => (answer.type === "opaque" ? null : "act")),
        fetch(`${target}/past?session=night`, { credentials: "include" }).then(() => "past"),
        fetch(`${target}/`, { credentials: "include" }).then(() => "page"),
        new Promise((done) => {
          const source = new EventSource(`${target}/live`, { withCredentials: true });
          source.onmessage = () => done("live");
          source.onerror = () => done(null);
        }),
      ];
      return (await Promise.all(tries.map((one) => one.catch(() => null)))).filter(Boolean);
    }, target);
    await stranger.close();
    other.close();
    if (read.length) wrong(`another origin could read ${read}`);
  },
  async clean() {
    const outside = requests.filter((url) => !url.startsWith(new URL(page.url()).origin) && !url.startsWith("data:"));
    if (outside.length || troubles.length) wrong(JSON.stringify({ outside, troubles }));
  },
  /** From here on connections break, and the browser says so. */
  async breaks() {
    expected = true;
  },
  async shot(name, width, height, scheme) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width: Number(width), height: Number(height) });
    await page.waitForTimeout(400);
    await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...words] = line.split(" ");
  try {
    await commands[command](...words);
    console.log("ok");
  } catch (error) {
    console.log(`wrong: ${String(error.message || error).replaceAll("\n", " ")}`);
  }
}
await browser.close();
