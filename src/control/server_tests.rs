//! Tests of both kinds of endpoints with a loop that answers, and of abuse.

use std::io::{Read, Write};
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};

use super::super::client::{AskError, ask};
use super::super::protocol::Request;
use super::*;
use crate::control::Answer;

const PATIENCE: Duration = Duration::from_secs(30);

/// A search that answers everything with the name of the command.
fn answering(asks: Receiver<Ask>) {
    std::thread::spawn(move || {
        for ask in asks {
            let answer = match ask.request {
                Request::Stop => Answer::Refused("not today".to_owned()),
                _ => Answer::Done(ask.request.name().to_owned()),
            };
            ask.answer(answer);
        }
    });
}

fn servers() -> Vec<(tempfile::TempDir, Server)> {
    let folder = || tempfile::tempdir().unwrap();
    let start = |folder: tempfile::TempDir, listener: io::Result<Listener>| {
        let (asks, asked) = bounded(16);
        answering(asked);
        let server = Server::start(listener.unwrap(), asks).unwrap();
        (folder, server)
    };
    let (first, second) = (folder(), folder());
    let listeners = [
        Listener::open(first.path()),
        Listener::open_port(second.path()),
    ];
    let mut listeners = listeners.into_iter();
    vec![
        start(first, listeners.next().unwrap()),
        start(second, listeners.next().unwrap()),
    ]
}

#[test]
fn what_is_asked_is_answered_by_socket_and_by_port() {
    for (folder, server) in servers() {
        let reply = ask(folder.path(), &Request::Pause, PATIENCE).unwrap();
        assert_eq!(reply.fields["said"], "pause");
        let refused = ask(folder.path(), &Request::Stop, PATIENCE).unwrap_err();
        assert!(matches!(refused, AskError::Refused(why) if why == "not today"));
        drop(server);
        let gone = ask(folder.path(), &Request::Pause, PATIENCE).unwrap_err();
        assert!(matches!(gone, AskError::Nobody(_)), "{gone}");
    }
}

#[test]
fn what_is_answered_is_underway_until_it_is_told_and_what_is_not_delays_no_end() {
    let folder = tempfile::tempdir().unwrap();
    let (asks, asked) = bounded(16);
    let server = Server::start(Listener::open(folder.path()).unwrap(), asks).unwrap();
    let path = folder.path().to_owned();
    let client = std::thread::spawn(move || ask(&path, &Request::Stop, PATIENCE));
    let waiting = asked.recv().unwrap();
    assert!(server.underway.wait(Duration::ZERO));
    waiting.answer(Answer::Done("stops".to_owned()));
    assert!(server.underway.wait(PATIENCE));
    assert_eq!(client.join().unwrap().unwrap().fields["said"], "stops");
    let untold = Underway::begin(&server.underway);
    let begin = Instant::now();
    drop(server);
    assert!(begin.elapsed() >= FAREWELL);
    drop(untold);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_what_leads_to_it() {
    use std::os::unix::fs::PermissionsExt;
    for (_folder, server) in servers() {
        let mode = std::fs::metadata(&server.file)
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_port_answers_nobody_without_the_token() {
    let (folder, server) = servers().pop().unwrap();
    let text = std::fs::read_to_string(&server.file).unwrap();
    let wrong = text.replacen("\"token\":\"", "\"token\":\"x", 1);
    std::fs::write(&server.file, wrong).unwrap();
    let refused = ask(folder.path(), &Request::Pause, PATIENCE).unwrap_err();
    assert!(matches!(refused, AskError::Refused(why) if why.contains("token")));
}

#[test]
fn garbage_half_lines_and_crowds_disturb_no_other_client() {
    for (folder, _server) in servers() {
        let connect = || super::super::endpoint::connect(folder.path()).unwrap().0;
        // This client's answer is read below, so it writes at once: one that is silent for long gets none.
        let mut first = connect();
        set_timeouts(&first, PATIENCE, PATIENCE).unwrap();
        first.write_all(b"\xFF\xFE\n").unwrap();
        let mut crowd: Vec<_> = (1..200).map(|_| connect()).collect();
        for (number, stream) in crowd.iter_mut().enumerate() {
            let rubbish: &[u8] = match number % 4 {
                0 => b"{\"v\":1,",
                1 => &[b'x'; 9000],
                2 => b"",
                _ => b"\xFF\xFE\n",
            };
            // Those who are refused for their number can't write.
            let _ = stream.write_all(rubbish);
        }
        let reply = ask(folder.path(), &Request::Pause, PATIENCE).unwrap();
        assert_eq!(reply.fields["said"], "pause");
        let mut said = String::new();
        first.read_to_string(&mut said).unwrap();
        assert!(said.contains("not a JSON object"), "{said}");
    }
}
