//! The transport: one JSON-RPC message a line on standard input and output. What is no message is answered with an error
//! of the protocol, and the next line is read.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::sync::Arc;

use rmcp::model::{ClientJsonRpcMessage, ErrorData, RequestId, ServerJsonRpcMessage};
use rmcp::transport::Transport;
use rmcp::{RoleServer, service::TxJsonRpcMessage};
use serde_json::Value;
use tokio::sync::{Mutex, mpsc};

/// Bytes of a line that is read; a call of a tool takes a few hundred.
const LONGEST: u64 = 1 << 20;

/// Messages that wait to be handled; further ones wait in the client's pipe.
const WAITING: usize = 64;

/// The messages of the client; clones share them.
#[derive(Clone, Debug)]
pub(super) struct Lines(Arc<Mutex<mpsc::Receiver<ClientJsonRpcMessage>>>);

impl Lines {
    /// Reads standard input on a thread of its own, which ends with it.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(super) fn of_standard_input() -> io::Result<Self> {
        let (sender, messages) = mpsc::channel(WAITING);
        std::thread::Builder::new()
            .name("requests".to_owned())
            .spawn(move || {
                let take = |message| sender.blocking_send(message).is_ok();
                read_all(io::stdin().lock(), take, |error| write(&error).is_ok());
            })?;
        Ok(Self(Arc::new(Mutex::new(messages))))
    }

    /// Whether the client has closed its side, and everything was handled.
    pub(super) async fn is_over(&self) -> bool {
        let messages = self.0.lock().await;
        messages.is_closed() && messages.is_empty()
    }
}

impl Transport<RoleServer> for Lines {
    type Error = io::Error;

    fn send(
        &mut self,
        message: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        std::future::ready(write(&message))
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        self.0.lock().await.recv().await
    }

    async fn close(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn write(message: &ServerJsonRpcMessage) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    let mut out = io::stdout().lock();
    out.write_all(&line)?;
    out.flush()
}

/// Reads lines until `input` ends or one of the two says that it takes no more.
fn read_all(
    input: impl Read,
    take: impl Fn(ClientJsonRpcMessage) -> bool,
    refuse: impl Fn(ServerJsonRpcMessage) -> bool,
) {
    let mut input = BufReader::new(input);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut input).take(LONGEST).read_until(b'\n', &mut line);
        if !matches!(read, Ok(1..)) {
            return;
        }
        let whole = line.ends_with(b"\n") || (line.len() as u64) < LONGEST;
        let goes_on = match whole {
            true => match message(&line) {
                Ok(message) => message.is_none_or(&take),
                Err((error, id)) => refuse(ServerJsonRpcMessage::error(error, id)),
            },
            false => {
                let error = format!("a message has more than {LONGEST} bytes");
                let error = ErrorData::invalid_request(error, None);
                input.skip_until(b'\n').is_ok() && refuse(ServerJsonRpcMessage::error(error, None))
            }
        };
        if !goes_on {
            return;
        }
    }
}

type Refusal = (ErrorData, Option<RequestId>);

/// The message on a line; `None`: there is none, or it is a notification that this version does not know.
fn message(line: &[u8]) -> Result<Option<ClientJsonRpcMessage>, Refusal> {
    if line.trim_ascii().is_empty() {
        return Ok(None);
    }
    let value: Value = serde_json::from_slice(line).map_err(|error| {
        (
            ErrorData::parse_error(format!("not JSON: {error}"), None),
            None,
        )
    })?;
    let id = serde_json::from_value(value["id"].clone()).ok();
    let is_notification = value["method"].is_string() && value.get("id").is_none();
    match serde_json::from_value(value) {
        Ok(message) => Ok(Some(message)),
        Err(_) if is_notification => Ok(None),
        Err(_) => {
            let error = "not a request, notification or response of JSON-RPC 2.0";
            Err((ErrorData::invalid_request(error, None), id))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// How many messages were read, and the codes of the errors with which others were answered.
    fn read(input: &[u8]) -> (usize, Vec<Value>) {
        let (taken, refused) = (RefCell::new(0), RefCell::new(Vec::new()));
        let take = |_| {
            *taken.borrow_mut() += 1;
            true
        };
        let refuse = |error: ServerJsonRpcMessage| {
            refused
                .borrow_mut()
                .push(serde_json::to_value(error).unwrap());
            true
        };
        read_all(input, take, refuse);
        (taken.into_inner(), refused.into_inner())
    }

    const PING: &[u8] = b"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ping\"}\n";

    #[test]
    fn rubbish_is_answered_with_an_error_and_the_next_message_is_read() {
        for (rubbish, code) in [
            (&b"rubbish\n"[..], -32700),
            (b"{\"jsonrpc\":\"2.0\",\"id\":1,\n", -32700),
            (b"\xFF\xFE\n", -32700),
            (b"[]\n", -32600),
            (b"17\n", -32600),
            (
                b"{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}\n",
                -32600,
            ),
            (&[vec![b'x'; 3 << 20], b"\n".to_vec()].concat(), -32600),
        ] {
            let (taken, refused) = read(&[rubbish, PING].concat());
            let shown = String::from_utf8_lossy(&rubbish[..rubbish.len().min(40)]);
            assert_eq!((taken, refused.len()), (1, 1), "{shown}");
            assert_eq!(refused[0]["error"]["code"], code, "{shown}");
        }
    }

    #[test]
    fn an_error_has_the_id_of_the_request_where_there_is_one() {
        let (_, refused) = read(b"{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":5}\n");
        assert_eq!(refused[0]["id"], "a");
    }

    #[test]
    fn empty_lines_and_unknown_notifications_are_no_error_and_the_last_line_needs_no_end() {
        let unknown = b"\n  \r\n{\"jsonrpc\":\"2.0\",\"method\":\"$/x\",\"params\":[1]}\n";
        let (_, refused) = read(unknown);
        assert!(refused.is_empty(), "{refused:?}");
        assert_eq!(read(PING.trim_ascii()).0, 1);
    }
}
