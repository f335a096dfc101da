//! The protocol byte for byte, where a client library would not let wrong things through.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::Cleared;
use crate::common::program::{DEADLINE, Place, end_of};
use crate::common::searches::{SEARCH, status};

/// A client that writes whatever it is told.
struct Raw {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Raw {
    fn start(place: &Place, words: &[&str]) -> Self {
        let mut command = place.command(&[&["mcp"], words].concat());
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        Self {
            input: child.stdin.take().unwrap(),
            output: BufReader::new(child.stdout.take().unwrap()),
            child,
        }
    }

    fn write(&mut self, frame: &[u8]) {
        self.input.write_all(frame).unwrap();
        self.input.write_all(b"\n").unwrap();
    }

    fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    fn asks(&mut self, message: &Value) -> Value {
        self.write(message.to_string().as_bytes());
        self.answer()
    }

    fn initialize(&mut self) -> Value {
        let client = json!({"name": "raw", "version": "1"});
        let params =
            json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client});
        let answer = self
            .asks(&json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params}));
        self.write(br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
        answer
    }

    /// Closes standard input; the program must end by itself.
    fn end(self) -> Option<i32> {
        drop(self.input);
        end_of(self.child, DEADLINE).status.code()
    }
}

fn ping(id: u32) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": "ping"})
}

#[test]
fn frames_that_are_no_messages_get_errors_of_the_protocol_and_the_next_one_is_answered() {
    let place = Place::new();
    let mut client = Raw::start(&place, &[]);
    let hello = client.initialize();
    assert_eq!(hello["result"]["serverInfo"]["name"], "keygen", "{hello}");
    assert!(
        hello["result"]["capabilities"]["tools"].is_object(),
        "{hello}"
    );
    for (number, (frame, code)) in [
        (&b"rubbish"[..], -32700),
        (b"\xFF\xFE\x00", -32700),
        (br#"{"jsonrpc":"2.0","id":1"#, -32700),
        (b"[]", -32600),
        (b"null", -32600),
        (br#"{"id":1,"method":"ping"}"#, -32600),
        (&vec![b'x'; 2 << 20], -32600),
        (br#"{"jsonrpc":"2.0","id":1,"method":"no/such/method"}"#, -32601),
        (br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}"#, -32602),
        (br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_health","arguments":[]}}"#, -32602),
        (br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_health"}}"#, -32602),
        (br#"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"file:///etc/passwd"}}"#, -32002),
    ]
    .into_iter()
    .enumerate()
    {
        let shown = String::from_utf8_lossy(&frame[..frame.len().min(80)]).into_owned();
        client.write(frame);
        let answer = client.answer();
        assert_eq!(answer["error"]["code"], code, "{shown}: {answer}");
        let id = u32::try_from(number).unwrap() + 100;
        assert_eq!(client.asks(&ping(id))["id"], id, "{shown}");
    }
    assert_eq!(client.end(), Some(0));
}

#[test]
fn a_client_that_begins_with_something_else_may_still_begin() {
    let place = Place::new();
    let mut client = Raw::start(&place, &[]);
    client.write(br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    client.write(br#"{"jsonrpc":"2.0","id":9,"result":{}}"#);
    let early = client.asks(&json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}));
    assert_eq!(early["error"]["code"], -32602, "{early}");
    client.initialize();
    let tools = client.asks(&json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list"}));
    assert_eq!(
        tools["result"]["tools"].as_array().unwrap().len(),
        8,
        "{tools}"
    );
    assert_eq!(client.end(), Some(0));
}

#[test]
fn what_was_asked_before_standard_input_ended_is_answered() {
    let place = Place::new();
    let mut client = Raw::start(&place, &[]);
    client.initialize();
    let call = json!({"name": "list_sessions", "arguments": {}});
    let call = json!({"jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": call});
    client.write(call.to_string().as_bytes());
    let Raw {
        child,
        input,
        mut output,
    } = client;
    drop(input);
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    let answer: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        answer["result"]["structuredContent"]["sessions"],
        json!([]),
        "{answer}"
    );
    drop(output);
    assert_eq!(end_of(child, DEADLINE).status.code(), Some(0));
}

#[test]
fn a_signal_ends_it_after_what_had_begun() {
    let place = Cleared(Place::new());
    place
        .0
        .finds(&[&SEARCH[..], &["--session", "night", "--background"]].concat());
    let mut client = Raw::start(&place.0, &["--allow-control"]);
    client.initialize();
    let call = json!({"name": "restart_process", "arguments": {"session": "night"}});
    let call = json!({"jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": call});
    client.write(call.to_string().as_bytes());
    kill_process(Pid::from_child(&client.child), Signal::TERM).unwrap();
    // Closing standard input is not what ends it.
    let code = end_of(client.child, DEADLINE).status.code();
    assert_eq!(code, Some(143));
    assert_eq!(status(&place.0, "night")["state"], "running");
}
