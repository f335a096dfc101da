"use strict";
// Draws what the server tells each second. Whatever is missing there is "unknown" here, never made up.

const SECOND = 1000;
/** A picture that is older is said to be old; sooner, where the connection broke. */
const STALE = 5 * SECOND;
const BROKEN = 2 * SECOND;
/** The live chart has so many seconds. */
const LIVE = 600;
/** Time between two readings of the history. */
const PAST = 30 * SECOND;
/** Values that stand still are written every five minutes: where there is none for longer, nothing was searched. */
const HOLE = 6 * 60 * SECOND;

const by = (id) => document.getElementById(id);
const state = { picture: null, at: 0, chosen: null, rates: new Map(), past: null, pastAt: 0, control: null, source: null, broken: false };

// Words

const known = (value) => value !== null && value !== undefined && !Number.isNaN(value);
const or = (value, words) => (known(value) ? words(value) : "unknown");
const whole = (value) => Math.round(value).toLocaleString("en");
const about = (value) => (value < 1e9 ? whole(value) : value.toLocaleString("en", { notation: "compact", compactDisplay: "long", maximumFractionDigits: 1 }));
const plain = (message) => message.replace(/^WARNING: /, "");
const percent = (share) => {
  if (share > 0 && share < 1e-4) return "under 0.01 %";
  const value = 100 * share;
  const digits = value > 99 && value < 100 ? 3 : value < 1 ? 2 : 1;
  return `${Number(value.toFixed(digits))} %`;
};
const rate = (value) => {
  const units = [[1e9, "G"], [1e6, "M"], [1e3, "k"]];
  const [size, name] = units.find(([size]) => value >= size) || [1, ""];
  return `${(value / size).toFixed(1)} ${name}/s`.replace(" /s", "/s");
};
const bytes = (value) => (value >= 2 ** 30 ? `${(value / 2 ** 30).toFixed(1)} GiB` : `${(value / 2 ** 20).toFixed(1)} MiB`);
const span = (seconds) => {
  if (!Number.isFinite(seconds)) return "unknown";
  const units = [[365.25 * 86400, "years"], [86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const [size, name] = units.find(([size]) => seconds >= size) || [1, "s"];
  const value = seconds / size;
  return `${value >= 100 ? whole(value) : value.toFixed(1)} ${name}`;
};
const clock = (time) => new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const moment = (time) => new Date(time).toLocaleString([], { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
const plural = (count, word) => `${whole(count)} ${word}${count === 1 ? "" : "s"}`;

// Elements

function text(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

function node(name, words, ...classes) {
  const element = document.createElement(name);
  if (words !== undefined) element.textContent = words;
  element.classList.add(...classes.filter(Boolean));
  return element;
}

/** Makes the children of an element those of the items, each with the element that it had before, so that focus stays. */
function children(parent, items, keyOf, make, update) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const wanted = items.map((item) => {
    const key = String(keyOf(item));
    const child = old.get(key) || make(item);
    child.dataset.key = key;
    update(child, item);
    return child;
  });
  const same = wanted.length === parent.children.length && wanted.every((child, place) => parent.children[place] === child);
  if (!same) parent.replaceChildren(...wanted);
}

/** A list of lines, or what to say where there are none. */
function lines(parent, items, none) {
  const all = items.length ? items : [{ words: none, classes: ["quiet"] }];
  children(parent, all, (item) => item.words, (item) => node("li", item.words, ...(item.classes || [])), () => {});
}

function facts(list, pairs) {
  const shown = pairs.filter(Boolean);
  children(list, shown, ([name]) => name, ([name]) => {
    const group = node("div");
    group.append(node("dt", name), node("dd"));
    return group;
  }, (group, [, value]) => text(group.lastChild, value));
}

// Charts

function svg(name, attributes, words) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (words !== undefined) element.textContent = words;
  return element;
}

/** Replaces the chart in a box: a picture with these words for whoever does not see it, as wide as the box. */
function chart(box, label, draw) {
  const width = Math.max(260, Math.min(1100, box.clientWidth || 600));
  const height = width < 420 ? 170 : 190;
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  draw({
    width, height, left: 56, right: width - 14, top: 12, bottom: height - 24,
    add: (name, attributes, words) => picture.append(svg(name, attributes, words)),
  });
  box.replaceChildren(picture);
}

function axes(area, low, high, words, ends) {
  const { left, right, top, bottom } = area;
  const y = (value) => bottom - ((value - low) / (high - low || 1)) * (bottom - top);
  for (const value of [low, (low + high) / 2, high]) {
    area.add("line", { x1: left, x2: right, y1: y(value), y2: y(value), class: "axis" });
    area.add("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, words(value));
  }
  area.add("text", { x: left, y: bottom + 17 }, ends[0]);
  area.add("text", { x: right, y: bottom + 17, "text-anchor": "end" }, ends[1]);
  return y;
}

const path = (points) => points.map(([x, y, gap], place) => `${place && !gap ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

const short = (value) => rate(value).replace("/s", "").replace(".0 ", " ");

function drawChance(session) {
  const { probability: chance, rate: speed, so_far: soFar, searched } = odds(session);
  const box = by("chance");
  if (!known(chance) || !(speed > 0)) {
    text(by("chance-text"), `Chance so far: ${or(soFar, percent)}`);
    box.replaceChildren();
    return;
  }
  const step = -Math.log1p(-Math.min(chance, 1 - 1e-12)) * speed;
  const times = [0.5, 0.9, 0.99].map((share) => [share, -Math.log1p(-share) / step]);
  const told = times.map(([share, time]) => `${percent(share)} in ${span(time)}`).join(", ");
  const words = `Chance so far: ${percent(soFar)}. From now: ${told}.`;
  text(by("chance-text"), words);
  chart(box, words, (area) => {
    const last = times[2][1] * 1.04;
    const before = Math.min(searched, last);
    const x = (time) => area.left + ((time + before) / (last + before)) * (area.right - area.left);
    const at = (time) => 1 - (1 - soFar) * Math.exp(-step * time);
    const y = axes(area, 0, 1, percent, [before > 0 ? `${span(before)} searched` : "now", `+${span(last)}`]);
    const points = Array.from({ length: 121 }, (_, place) => -before + ((last + before) * place) / 120);
    area.add("path", { d: path(points.map((time) => [x(time), y(Math.max(0, at(time)))])), class: "curve" });
    area.add("line", { x1: x(0), x2: x(0), y1: area.top, y2: area.bottom, class: "now" });
    area.add("text", { x: x(0) + 4, y: area.bottom - 6 }, "now");
    for (const [share, time] of times) {
      area.add("circle", { cx: x(time), cy: y(at(time)), r: 4, class: "dot" });
      const right = x(time) > area.right - 40;
      area.add("text", { x: x(time) + (right ? 0 : 6), y: y(at(time)) + 18, "text-anchor": right ? "end" : "start" }, percent(share));
    }
  });
}

/** Chance a candidate, rate, chance so far and seconds of searching for it. */
function odds(session) {
  const live = session.snapshot;
  // The mean of the time that was searched: the rate of the last seconds says little about hours.
  const speed = session.rate > 0 || !live ? session.rate : live.rate;
  const soFar = live ? live.chance : session.chance_so_far;
  const step = speed > 0 && known(session.probability) ? -Math.log1p(-Math.min(session.probability, 1 - 1e-12)) * speed : 0;
  const searched = step > 0 && soFar < 1 ? -Math.log1p(-soFar) / step : 0;
  return { probability: session.probability, rate: speed, so_far: soFar, searched };
}

function drawRate(box, points, marks, from, to, words) {
  chart(box, words, (area) => {
    const high = 1.08 * Math.max(1, ...points.map((point) => point.most));
    const x = (time) => area.left + ((time - from) / (to - from || 1)) * (area.right - area.left);
    const name = to - from > 3600 * SECOND ? moment : clock;
    const y = axes(area, 0, high, short, [name(from), name(to)]);
    const inside = points.filter((point) => point.at >= from);
    const drawn = inside.map((point, place) => [x(point.at), y(point.mean), place && point.at - inside[place - 1].at > HOLE]);
    const bars = inside.filter((point) => point.most > point.least);
    area.add("path", { d: bars.map((p) => `M${x(p.at).toFixed(1)} ${y(p.least).toFixed(1)}V${y(p.most).toFixed(1)}`).join(""), class: "curve", opacity: 0.35 });
    area.add("path", { d: path(drawn), class: "curve" });
    for (const mark of marks.filter((mark) => mark.at >= from)) {
      area.add("line", { x1: x(mark.at), x2: x(mark.at), y1: area.bottom - 14, y2: area.bottom, class: `mark ${mark.severity}` });
    }
  });
}

function drawLive(session) {
  const points = state.rates.get(session.session) || [];
  const now = session.snapshot ? session.snapshot.rate : null;
  text(by("live-text"), session.snapshot ? `Now ${rate(now)}` : `Unknown: ${silence(session)}.`);
  if (!points.length) return by("live").replaceChildren();
  const to = points[points.length - 1].at;
  const from = Math.min(points[0].at, to - 60 * SECOND);
  drawRate(by("live"), points, [], from, to, `Rate from ${clock(from)} to ${clock(to)}, now ${rate(points[points.length - 1].mean)}`);
}

function drawPast() {
  const past = state.past;
  const box = by("past");
  if (!past || past.error) {
    text(by("past-text"), past ? past.error : "");
    box.replaceChildren();
    return;
  }
  const points = past.rates.map((point) => ({ ...point, at: Date.parse(point.at) }));
  const marks = past.incidents.map((alert) => ({ at: Date.parse(alert.timestamp), severity: alert.severity }));
  const hours = Number(by("hours").value);
  const to = Date.now();
  const from = to - hours * 3600 * SECOND;
  const words = points.length
    ? `${plural(marks.length, "incident")}; rate between ${rate(Math.min(...points.map((p) => p.least)))} and ${rate(Math.max(...points.map((p) => p.most)))}`
    : "The history has no rate in this time.";
  text(by("past-text"), words);
  if (!points.length) return box.replaceChildren();
  drawRate(box, points, marks, Math.max(from, Math.min(points[0].at, to - 600 * SECOND)), to, words);
}

function drawChecks(session) {
  const live = session.snapshot && session.snapshot.spot_checks;
  const confirmed = live ? live.confirmed : session.spot_checks;
  const expected = live ? live.expected : session.spot_checks_expected;
  const refuted = live ? live.refuted : session.refuted;
  const box = by("checks");
  if (!known(confirmed) || !(expected > 0)) {
    text(by("checks-text"), "None expected yet.");
    box.replaceChildren();
    return;
  }
  // 99.9 % of all healthy searches are within 3.29 standard deviations.
  const half = 3.29 * Math.sqrt(expected);
  const inside = Math.abs(confirmed - expected) <= half || expected < 25;
  const band = `${whole(Math.max(0, expected - half))} to ${whole(expected + half)}`;
  const wrong = refuted > 0 ? ` ${whole(refuted)} refuted.` : "";
  const words = `${whole(confirmed)} confirmed, ${whole(expected)} expected; chance allows ${band}: ${inside ? "fine" : "outside"}.${wrong}`;
  text(by("checks-text"), words);
  by("checks-text").className = inside && !wrong ? "good" : "bad";
  chart(box, words, (area) => {
    const reach = Math.max(2 * half, 1.15 * Math.abs(confirmed - expected), 1);
    const low = Math.max(0, expected - reach);
    const x = (value) => area.left + ((value - low) / (expected + reach - low)) * (area.right - area.left);
    const middle = (area.top + area.bottom) / 2;
    const edge = x(Math.max(low, expected - half));
    area.add("rect", { x: edge, y: area.top, width: x(expected + half) - edge, height: area.bottom - area.top, class: "band" });
    area.add("line", { x1: area.left, x2: area.right, y1: middle, y2: middle, class: "axis" });
    area.add("line", { x1: x(expected), x2: x(expected), y1: area.top, y2: area.bottom, class: "now" });
    area.add("circle", { cx: x(confirmed), cy: middle, r: 6, class: "dot" });
    area.add("text", { x: x(expected), y: area.bottom + 17, "text-anchor": "middle" }, `expected ${whole(expected)}`);
    area.add("text", { x: x(confirmed), y: middle - 12, "text-anchor": "middle" }, whole(confirmed));
  });
}

// Parts of the page

const MOODS = { running: "good", healthy: "good", finished: "good", ended: "good", found: "good", paused: "warn", interrupted: "warn", degraded: "warn", ending: "warn", starting: "warn", restarting: "warn", warning: "warn" };
const mood = (word) => MOODS[word] || (word ? "bad" : "");

function showFacts(session) {
  text(by("what"), `${session.session}: ${session.pattern}`);
  text(by("state"), session.state);
  by("state").className = `state ${mood(session.state)}`;
  text(by("reason"), session.reason ? `(${session.reason})` : "");
  const live = session.snapshot || {};
  const limit = session.limits && session.limits.count;
  const health = live.health || session.health;
  facts(by("facts"), [
    ["Keys", known(limit) ? `${whole(session.found)} of ${whole(limit)}` : whole(session.found || 0)],
    ["Odds", or(session.probability, (p) => `1 in ${about(1 / p)}`)],
    ["Candidates", or(live.session_candidates ?? session.candidates, whole)],
    ["Searched", or(live.working_seconds ?? session.working_seconds, span)],
    ["Rate", session.snapshot ? rate(live.rate) : or(session.rate, (value) => `${rate(value)} (mean)`)],
    ["Health", health || "unknown"],
    ["Confirmed progress", session.snapshot ? or(live.progress_age_seconds, (age) => `${span(age)} ago`) : silence(session)],
    session.chance_within_limit != null && ["Within the limit", percent(session.chance_within_limit)],
  ]);
}

/** Why a session has no snapshot. */
const silence = (session) => (session.process ? "its process does not answer" : "not running");

function showMachine(session) {
  const process = session.process || {};
  const measured = (state.past && state.past.measured) || [];
  const last = (name) => measured.filter((m) => m.metric_name === name).sort((a, b) => (a.at < b.at ? 1 : -1))[0];
  const share = (name) => or(last(name) && last(name).last, percent);
  facts(by("machine"), [
    ["Process", process.id ? `${process.state} (${process.id})` : process.state || "none"],
    ["Memory of the process", or(process.memory, bytes)],
    ["Processors used", or(process.processor, (value) => value.toFixed(2))],
    ["Threads", or(process.threads, whole)],
    ["Answered in", process.response_ms ? `${process.response_ms.toFixed(1)} ms` : session.snapshot ? "this process" : "unknown"],
    ["Memory used", share("memory-used")],
    ["Disk used", share("disk-used")],
    ["Temperature", or(last("temperature") && last("temperature").last, (value) => `${value.toFixed(0)} °C`)],
    ["Abandoned threads", or(session.snapshot && session.snapshot.zombies, whole)],
    ["Checkpoint", or((session.snapshot && session.snapshot.checkpoint) || session.updated, clock)],
  ]);
}

function showWorkers(session) {
  const workers = (session.snapshot && session.snapshot.workers) || [];
  by("acts").hidden = !state.control;
  const cells = (worker) => [
    String(worker.worker),
    worker.state,
    String(worker.score),
    or(worker.rate, rate),
    or(worker.performance, percent),
    or(worker.processor, percent),
    Object.entries(worker.restarts).map(([cause, count]) => `${count} × ${cause}`).join(", ") || "none",
  ];
  const make = (worker) => {
    const row = node("tr");
    const head = node("th");
    head.scope = "row";
    row.append(head, ...Array.from({ length: 6 }, () => node("td")));
    if (state.control) {
      const cell = node("td");
      const button = node("button", "Restart");
      button.setAttribute("aria-label", `Restart worker ${worker.worker}`);
      button.onclick = () => act(`Restart worker ${worker.worker}? Its counts are kept.`, { command: "restart-workers", worker: worker.worker });
      cell.append(button);
      row.append(cell);
    }
    return row;
  };
  children(by("workers"), workers, (worker) => `${worker.worker}${state.control}`, make, (row, worker) => {
    cells(worker).forEach((words, place) => text(row.children[place], words));
    row.children[1].className = mood(worker.state);
  });
}

function sent(to) {
  const waits = to.sent - to.delivered;
  const latest = to.latest ? `, the latest: ${to.latest}, ${moment(to.at)}` : "";
  return { words: `${to.to}: ${whole(to.sent)} sent${waits ? `, ${whole(waits)} of them not delivered` : ""}${latest}`, classes: [waits ? "warn" : ""] };
}

function showLists(session) {
  const alerts = (session.snapshot && session.snapshot.alerts) || [];
  lines(by("alerts"), alerts.map((alert) => ({ words: `${alert.severity}: ${plain(alert.message)} (since ${moment(alert.since)})`, classes: [alert.severity === "critical" ? "bad" : "warn"] })), session.snapshot ? "No alert is open." : `Unknown: ${silence(session)}.`);
  const receivers = (session.snapshot && session.snapshot.deliveries) || [];
  lines(by("sent"), receivers.map(sent), session.snapshot ? "Nobody is sent messages." : `Unknown: ${silence(session)}.`);
  const keys = (session.keys || []).slice().reverse();
  const more = session.found > keys.length ? [{ words: `${whole(session.found - keys.length)} before these`, classes: ["quiet"] }] : [];
  lines(by("keys"), keys.map((key) => ({ words: `${key.kind === "watched" ? "watchlist: " : ""}${key.public_key} (${key.pattern}), ${key.files[0] || "no file"}`, classes: ["key"] })).concat(keys.length ? more : []), "None yet.");
  const gaps = (session.gaps || []).slice().reverse().map((gap) => ({ words: `${gap.kind}: ${moment(gap.from)} to ${moment(gap.to)} (${span((Date.parse(gap.to) - Date.parse(gap.from)) / SECOND)})` }));
  const warnings = (session.warnings || []).slice().reverse().map((words) => ({ words: `Warning: ${words}`, classes: ["warn"] }));
  lines(by("gaps"), gaps.concat(warnings), "None.");
}

function showIncidents() {
  const past = state.past;
  const incidents = past && past.incidents ? past.incidents.slice().reverse() : [];
  lines(by("incidents"), incidents.map((alert) => ({
    words: `${moment(alert.timestamp)} ${alert.resource_id} ${alert.alert_type} (${alert.severity}, ${alert.resolved ? "over" : "open"}): ${plain(alert.message)}`,
    classes: [alert.resolved ? "" : "warn"],
  })), past && past.error ? past.error : "None in this time.");
}

function showSessions(sessions) {
  by("sessions").hidden = sessions.length < 2;
  children(by("sessions"), sessions, (session) => session.session, (session) => {
    const button = node("button");
    button.onclick = () => choose(session.session);
    return button;
  }, (button, session) => {
    text(button, `${session.session}: ${session.state}`);
    if (session.session === state.chosen) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  });
}

function showControl(session) {
  const box = by("control");
  const resume = ["Continue", "Continue the search?", { command: "resume" }];
  const runs = Boolean(session.snapshot) && !["ending", "ended"].includes(session.snapshot.phase);
  box.hidden = !state.control || !(runs || session.continues);
  const paused = runs && session.snapshot.phase === "paused";
  const acts = !runs ? [resume] : [
    paused ? ["Continue", "Continue the search?", { command: "unpause" }] : ["Pause", "Pause the search? No limit of time is used up.", { command: "pause" }],
    ["Stop", "Stop the search? It saves what it has; keygen resume continues it.", { command: "stop" }],
    ["Full check", "Check every worker against known answers? That takes a second or two.", { command: "check", full: true }],
  ];
  children(box, acts, ([name, , request]) => name + request.command, ([name, question, request]) => {
    const button = node("button", name);
    button.onclick = () => act(question, request);
    return button;
  }, () => {});
}

function show() {
  const sessions = state.picture.sessions;
  lines(by("problems"), state.picture.problems.map((words) => ({ words })), "");
  by("problems").hidden = !state.picture.problems.length;
  if (!sessions.some((session) => session.session === state.chosen)) {
    const first = sessions.find((session) => session.snapshot) || sessions[0];
    state.chosen = first ? first.session : null;
    state.pastAt = 0;
  }
  showSessions(sessions);
  const session = sessions.find((session) => session.session === state.chosen);
  by("main").hidden = !session;
  if (!session) return;
  document.title = `${session.session}: ${session.state} - keygen`;
  for (const part of [showFacts, showControl, showMachine, showWorkers, showLists, drawChance, drawLive, drawChecks]) part(session);
  if (Date.now() - state.pastAt > PAST) readPast();
}

function showAge() {
  const age = Date.now() - state.at;
  const gone = state.at && age > (state.broken ? BROKEN : STALE);
  text(by("age"), state.at ? `Updated ${clock(state.at)}` : "Loading");
  by("gone").hidden = !gone;
  for (const button of by("main").querySelectorAll("button")) button.disabled = Boolean(gone);
  const phase = gone && state.picture.sessions.map((session) => session.snapshot && session.snapshot.phase).find(Boolean);
  const why = phase === "ended" ? "The search has ended." : "Nobody answers: the search or its machine may have ended.";
  if (gone) text(by("gone"), `${why} This is the last picture, of ${clock(state.at)}, ${span(age / SECOND)} ago. The page tries again by itself.`);
}

// What the server says

function take(picture) {
  state.picture = picture;
  state.at = Date.now();
  state.control = picture.control;
  for (const session of picture.sessions.filter((session) => session.snapshot)) {
    const points = state.rates.get(session.session) || [];
    points.push({ at: state.at, mean: session.snapshot.rate, least: session.snapshot.rate, most: session.snapshot.rate });
    state.rates.set(session.session, points.slice(-LIVE));
  }
  show();
  showAge();
}

function listen() {
  if (state.source) state.source.close();
  if (document.hidden) return;
  state.source = new EventSource("/live");
  state.source.onmessage = (message) => {
    state.broken = false;
    take(JSON.parse(message.data));
  };
  state.source.onerror = () => {
    state.broken = true;
  };
}

async function readPast() {
  state.pastAt = Date.now();
  const asked = state.chosen;
  const query = new URLSearchParams({ session: asked, hours: by("hours").value });
  try {
    const answer = await fetch(`/past?${query}`);
    const past = await answer.json();
    if (asked === state.chosen) state.past = past;
  } catch {
    // Whoever does not answer is told of by the age of the picture.
    return;
  }
  drawPast();
  showIncidents();
}

function choose(session) {
  state.chosen = session;
  state.past = null;
  state.pastAt = 0;
  text(by("answer"), "");
  show();
}

async function act(question, request) {
  const session = state.chosen;
  if (!(await asks(question))) return;
  text(by("answer"), "Asked; waiting for the search.");
  try {
    const answer = await fetch("/act", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ session, ...request }) });
    text(by("answer"), words(request, await answer.json()));
  } catch {
    text(by("answer"), "Nobody answered.");
  }
}

function words(request, answer) {
  if (!answer.ok) return `Not done: ${answer.error}`;
  if (request.command === "check") {
    return (answer.workers || []).map((worker) => `Worker ${worker.worker}: ${worker.state}, ${known(worker.answered_ms) ? `known answers right in ${worker.answered_ms.toFixed(1)} ms` : "did not answer"}`).join(". ");
  }
  if (request.command === "restart-workers") return answer.workers && answer.workers.length ? `Replaces worker ${answer.workers.join(", ")}.` : "No worker can be replaced now.";
  return `The search ${answer.said}.`;
}

function asks(question) {
  const dialog = by("ask");
  text(by("ask-text"), question);
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((done) => {
    dialog.onclose = () => done(dialog.returnValue === "yes");
  });
}

by("hours").onchange = () => readPast();
document.addEventListener("visibilitychange", listen);
setInterval(() => {
  showAge();
  // A server that refuses, such as one with another cookie, ends the stream for good.
  if (state.source && state.source.readyState === EventSource.CLOSED && !document.hidden) listen();
}, SECOND);
let width = 0;
new ResizeObserver(() => {
  if (width === document.body.clientWidth || !state.picture) return;
  width = document.body.clientWidth;
  show();
  drawPast();
}).observe(document.body);
listen();
