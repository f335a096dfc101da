//! The live page of the real program: who may see it, what it shows and does, and what a bundle for a bug report holds.

mod access;
mod browser;
mod diagnose;

use std::net::SocketAddr;

use crate::common::http::{Reply, ask};
use crate::common::program::{NEVER, Place, Running};
use crate::common::wait::wait_for;

/// A search with a page that goes on until it is told to stop, its address, and the token of its link.
fn search(place: &Place, more: &[&str]) -> (Running, SocketAddr, String) {
    let words = [
        "--prefix",
        NEVER,
        "--workers",
        "1",
        "--session",
        "night",
        "--dashboard",
    ];
    let mut running = Running::new(place.command(&[&words[..], more].concat()));
    running.read_until("Dashboard");
    let (address, token) = link(running.said());
    running.read_until("Searching for");
    (running, address, token)
}

/// Address and token of the link that a program printed.
fn link(said: &str) -> (SocketAddr, String) {
    let (_, rest) = said.split_once("http://").unwrap();
    let (address, token) = rest.split_once("/?token=").unwrap();
    (
        address.parse().unwrap(),
        token.lines().next().unwrap().to_owned(),
    )
}

/// The header with the cookie that a token is exchanged for.
fn enter(at: SocketAddr, token: &str) -> String {
    let reply = ask(at, "GET", &format!("/?token={token}"), "");
    assert_eq!(reply.status, 200, "{}", reply.body);
    let cookie = reply
        .head
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "))
        .unwrap();
    format!("Cookie: {}\r\n", cookie.split(';').next().unwrap())
}

/// What the page is told of the session.
fn picture(at: SocketAddr, cookie: &str) -> serde_json::Value {
    use std::io::{BufRead, BufReader, Write};
    let mut stream = crate::common::http::connect(at);
    write!(stream, "GET /live HTTP/1.1\r\nHost: {at}\r\n{cookie}\r\n").unwrap();
    let lines = BufReader::new(stream).lines().map(Result::unwrap);
    let data = lines
        .into_iter()
        .find_map(|line| line.strip_prefix("data: ").map(str::to_owned));
    serde_json::from_str(&data.unwrap()).unwrap()
}

/// Asks the search through its page, as the page does.
fn act(at: SocketAddr, cookie: &str, body: &str) -> Reply {
    let length = body.len();
    let headers = format!(
        "{cookie}Origin: http://{at}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    // The body follows the headers; what the helper adds behind it is read by nobody.
    ask(at, "POST", "/act", headers.trim_end_matches("\r\n"))
}

/// The session once the page has its files, too.
fn session_of(at: SocketAddr, cookie: &str) -> serde_json::Value {
    wait_for("the session's files", || {
        let session = picture(at, cookie)["sessions"][0].clone();
        session["created"].is_string().then_some(session)
    })
}
