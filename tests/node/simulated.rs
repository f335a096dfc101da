//! A node that is simulated from the description of its formats: console or companion, on TCP or a pseudo-terminal, with
//! the troubles that real ones have.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use meshcore_keygen::testing::key::{PrivateKey, VerifiedKey, hex};
use serialport::{SerialPort, TTYPort};

use crate::common::key_samples::key;

/// How it talks and what it does. The default is a repeater of 1.17 that works.
#[derive(Clone, Default)]
pub struct Behaviour {
    pub companion: bool,
    /// Debug text before each answer.
    pub noise: bool,
    /// Each byte of an answer for itself.
    pub slow: bool,
    /// Answers come in two parts with a pause between them.
    pub cut: bool,
    /// So many answers lose a byte on their way.
    pub lose_answers: usize,
    /// So many commands for a new key lose a byte on their way.
    pub lose_keys: usize,
    /// The first so many bytes meet a node that starts, and prints what nodes print then.
    pub booting: usize,
    pub silent: bool,
    /// Takes no key.
    pub refuses: bool,
    /// Stores another key than it gets.
    pub other_key: bool,
    /// Damages the second half of the private key that it gets.
    pub damages_secret: bool,
    pub export_off: bool,
    pub import_off: bool,
    /// It can't write its file.
    pub full: bool,
    /// It stores a key and answers nothing to that.
    pub mute_about_keys: bool,
    /// Firmware before 1.12.
    pub old: bool,
    /// Goes silent when it gets a key.
    pub dies: bool,
    /// Does what this command says, by its number, and is unplugged before it answers.
    pub unplugged_at: Option<usize>,
    /// Closes the connection instead of answering this command, and takes another.
    pub closes_at: Option<usize>,
    /// Answers this command when nobody waits for it any more.
    pub late_at: Option<usize>,
    /// Very long lines before each answer.
    pub long_lines: bool,
    /// No node: something that talks all the time and answers nothing.
    pub chatter: bool,
}

/// How late an answer is that comes late.
const LATE: Duration = Duration::from_millis(350);

struct State {
    does: Behaviour,
    /// The key in use, and the one after a restart.
    key: [u8; 64],
    stored: [u8; 64],
    /// Every key that it ever had or got.
    seen: Vec<[u8; 64]>,
    /// Commands that it got, without keys.
    commands: Vec<String>,
    heard: usize,
    dead: bool,
    unplugged: bool,
}

/// A node that runs until it is dropped.
pub struct Simulated {
    state: Arc<Mutex<State>>,
    stop: Arc<AtomicBool>,
    option: [String; 2],
    server: Option<thread::JoinHandle<()>>,
    /// Held open, so that the other side outlives each client.
    _line: Option<TTYPort>,
}

impl Behaviour {
    pub fn companion() -> Self {
        Self {
            companion: true,
            ..Self::default()
        }
    }

    fn state(self) -> Arc<Mutex<State>> {
        let key = private_of(&key(5_000));
        Arc::new(Mutex::new(State {
            does: self,
            key,
            stored: key,
            seen: vec![key],
            commands: Vec::new(),
            heard: 0,
            dead: false,
            unplugged: false,
        }))
    }

    pub fn on_tcp(self) -> Simulated {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let option = ["--tcp".to_owned(), address];
        Simulated::start(self, option, None, move |state, stop| {
            while !is_over(state, stop) {
                match listener.accept() {
                    Ok((mut stream, _)) => {
                        stream.set_nonblocking(false).unwrap();
                        stream.set_read_timeout(Some(TURN)).unwrap();
                        Session::new(state, stop, true).serve(&mut stream);
                    }
                    Err(_) => thread::sleep(Duration::from_millis(2)),
                }
            }
        })
    }

    pub fn on_terminal(self) -> Simulated {
        let (mut master, line) = TTYPort::pair().unwrap();
        master.set_timeout(TURN).unwrap();
        let option = ["--port".to_owned(), line.name().unwrap()];
        Simulated::start(self, option, Some(line), move |state, stop| {
            while !is_over(state, stop) {
                Session::new(state, stop, false).serve(&mut master);
            }
        })
    }
}

fn is_over(state: &Mutex<State>, stop: &AtomicBool) -> bool {
    stop.load(Ordering::Relaxed) || state.lock().unwrap().unplugged
}

/// How long a read waits before it is looked whether the test is over.
const TURN: Duration = Duration::from_millis(20);

impl Simulated {
    fn start(
        does: Behaviour,
        option: [String; 2],
        line: Option<TTYPort>,
        serve: impl FnOnce(&Mutex<State>, &AtomicBool) + Send + 'static,
    ) -> Self {
        let state = does.state();
        let stop = Arc::new(AtomicBool::new(false));
        let (of_server, stop_server) = (Arc::clone(&state), Arc::clone(&stop));
        let server = thread::spawn(move || serve(&of_server, &stop_server));
        Self {
            state,
            stop,
            option,
            server: Some(server),
            _line: line,
        }
    }

    /// The option that names it.
    pub fn option(&self) -> [String; 2] {
        self.option.clone()
    }

    /// What `--import-to` takes.
    pub fn target(&self) -> String {
        match self.option[0].as_str() {
            "--tcp" => format!("tcp:{}", self.option[1]),
            _ => self.option[1].clone(),
        }
    }

    /// The TCP port.
    pub fn tcp_port(&self) -> String {
        self.option[1].rsplit(':').next().unwrap().to_owned()
    }

    /// Whether waiting for it is in vain at some time.
    pub fn is_silent(&self) -> bool {
        let does = &self.state.lock().unwrap().does;
        does.silent
            || does.dies
            || does.chatter
            || does.unplugged_at.is_some()
            || does.late_at.is_some()
    }

    /// The private key in use.
    pub fn private(&self) -> [u8; 64] {
        self.state.lock().unwrap().key
    }

    /// The private key that it has stored.
    pub fn stored(&self) -> [u8; 64] {
        self.state.lock().unwrap().stored
    }

    /// The public key in use, in hex.
    pub fn public(&self) -> String {
        hex::encode(&public_of(&self.private()))
    }

    /// Another node takes its place.
    pub fn becomes(&self, key: &VerifiedKey) {
        let mut state = self.state.lock().unwrap();
        state.key = private_of(key);
        state.stored = state.key;
        let key = state.key;
        state.seen.push(key);
    }

    pub fn secrets(&self) -> Vec<[u8; 64]> {
        self.state.lock().unwrap().seen.clone()
    }

    pub fn commands(&self) -> Vec<String> {
        self.state.lock().unwrap().commands.clone()
    }

    pub fn has_got_a_key(&self) -> bool {
        let is_set = |command: &String| command.starts_with("set") || command == "24";
        self.commands().iter().any(is_set)
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.server.take().map(thread::JoinHandle::join);
    }
}

pub fn private_of(key: &VerifiedKey) -> [u8; 64] {
    *key.private().expose()
}

pub fn public_of(private: &[u8; 64]) -> [u8; 32] {
    PrivateKey::from_bytes(private).public()
}

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

/// One connection.
struct Session<'a> {
    state: &'a Mutex<State>,
    stop: &'a AtomicBool,
    /// Whether a restart ends the connection.
    closes: bool,
    buffer: Vec<u8>,
    restarted: bool,
    closed: bool,
}

impl<'a> Session<'a> {
    fn new(state: &'a Mutex<State>, stop: &'a AtomicBool, closes: bool) -> Self {
        Self {
            state,
            stop,
            closes,
            buffer: Vec::new(),
            restarted: false,
            closed: false,
        }
    }

    fn serve(mut self, stream: &mut dyn Stream) {
        let mut byte = [0];
        while !(is_over(self.state, self.stop) || self.closed || self.restarted && self.closes) {
            match stream.read(&mut byte) {
                Ok(0) => return,
                Ok(_) => self.byte(byte[0], stream),
                Err(e) if matches!(e.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock) => {
                    self.chat(stream);
                }
                Err(_) => return,
            }
        }
    }

    fn chat(&self, stream: &mut dyn Stream) {
        if self.state.lock().unwrap().does.chatter {
            send(
                stream,
                b"$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9*47\r\n> ",
            );
        }
    }

    /// Whether the command that came just now is answered; what happens instead, happens.
    fn answers(&mut self) -> bool {
        let mut state = self.state.lock().unwrap();
        let number = Some(state.commands.len());
        state.unplugged |= state.does.unplugged_at == number;
        self.closed |= state.does.closes_at == number;
        let (silent, late) = (state.unplugged || self.closed, state.does.late_at == number);
        drop(state);
        if late {
            thread::sleep(LATE);
        }
        !silent
    }

    fn byte(&mut self, byte: u8, stream: &mut dyn Stream) {
        let (does, heard, dead) = {
            let mut state = self.state.lock().unwrap();
            state.heard += 1;
            (state.does.clone(), state.heard, state.dead)
        };
        if does.silent || does.chatter || dead {
            return;
        }
        if heard <= does.booting {
            if heard == 1 {
                send(
                    stream,
                    b"ets Jul 29 2019 12:21:46\r\nrst:0x1 (POWERON_RESET)\r\n> boot <\r\n",
                );
            }
            return;
        }
        if does.companion {
            self.frame_byte(byte, &does, stream);
        } else {
            self.console_byte(byte, &does, stream);
        }
    }

    fn console_byte(&mut self, byte: u8, does: &Behaviour, stream: &mut dyn Stream) {
        match byte {
            b'\n' => {}
            b'\r' => {
                let line = String::from_utf8_lossy(&self.buffer).into_owned();
                self.buffer.clear();
                let reply = self.command(&line, does);
                if let Some(reply) = reply.filter(|_| self.answers()) {
                    self.answer(format!("\n  -> {reply}\r\n").as_bytes(), does, stream);
                }
            }
            // One byte of its buffer is for the end of the line.
            byte if self.buffer.len() < 159 => {
                self.buffer.push(byte);
                send(stream, &[byte]);
            }
            _ => {}
        }
    }

    fn command(&mut self, line: &str, does: &Behaviour) -> Option<String> {
        let mut state = self.state.lock().unwrap();
        let name = line.split_inclusive(' ').take(2).collect::<String>();
        if !line.is_empty() {
            state.commands.push(name.trim().to_owned());
        }
        let public = |key: &[u8; 64]| hex::encode_upper(&public_of(key));
        Some(match line {
            "" => return None,
            "get public.key" => format!("> {}", public(&state.key)),
            "get prv.key" if does.export_off => "??: prv.key".to_owned(),
            "get prv.key" => format!("> {}", hex::encode_upper(&state.key)),
            "get name" => "> Hill \x1b[31mTop".to_owned(),
            "get role" => "> repeater".to_owned(),
            "ver" => "v1.17.1 (Build: 14-Aug-2026)".to_owned(),
            "board" => "RAK 4631".to_owned(),
            "reboot" => {
                state.key = state.stored;
                self.restarted = true;
                self.buffer.clear();
                return None;
            }
            _ => match line.strip_prefix("set prv.key ") {
                Some(digits) => state.set_by_console(digits, does)?,
                None => format!("Unknown command: {line}"),
            },
        })
    }

    fn frame_byte(&mut self, byte: u8, does: &Behaviour, stream: &mut dyn Stream) {
        if self.buffer.is_empty() && byte != b'<' {
            return;
        }
        self.buffer.push(byte);
        let Some(&[_, low, high]) = self.buffer.first_chunk::<3>() else {
            return;
        };
        let length = usize::from(u16::from_le_bytes([low, high]));
        if self.buffer.len() < 3 + length {
            return;
        }
        let payload = self.buffer.split_off(3);
        self.buffer.clear();
        let answers = self.frame(&payload, does);
        if !self.answers() {
            return;
        }
        for answer in answers {
            let length = u16::try_from(answer.len()).unwrap().to_le_bytes();
            let frame = [&b">"[..], &length, &answer].concat();
            self.answer(&frame, does, stream);
        }
    }

    fn frame(&mut self, payload: &[u8], does: &Behaviour) -> Vec<Vec<u8>> {
        let mut state = self.state.lock().unwrap();
        let Some((&command, rest)) = payload.split_first() else {
            return Vec::new();
        };
        state.commands.push(command.to_string());
        let answer = match command {
            1 => self_info(&public_of(&state.key)),
            // No contacts: their number, then the end.
            4 => return vec![vec![2, 0, 0, 0, 0], vec![4, 0, 0, 0, 0]],
            5 => vec![9, 0, 0, 0, 0x68],
            6 => vec![0],
            10 => vec![10],
            20 => vec![12, 0x68, 0x10],
            22 => device_info(),
            23 if does.export_off => vec![15],
            23 => [&[14][..], &state.key].concat(),
            24 => match state.set_by_frame(rest, does) {
                Some(answer) => answer,
                None => return Vec::new(),
            },
            _ => vec![1, 1],
        };
        // A push that nobody asked for comes before it: a message waits.
        vec![vec![0x83], answer]
    }

    /// Sends an answer with the troubles that this node has.
    fn answer(&mut self, bytes: &[u8], does: &Behaviour, stream: &mut dyn Stream) {
        if does.long_lines {
            let line = format!("log: {}\r\n", "x>".repeat(3000));
            send(stream, line.as_bytes());
        }
        if does.noise {
            send(stream, b"\r\nDEBUG: rx -> len=12 > rssi=-90, a<b\r\n");
        }
        let mut bytes = bytes.to_vec();
        {
            let mut state = self.state.lock().unwrap();
            if state.does.lose_answers > 0 {
                state.does.lose_answers -= 1;
                bytes.remove(bytes.len() / 2);
            }
        }
        if does.slow {
            for byte in bytes {
                send(stream, &[byte]);
                thread::sleep(Duration::from_micros(300));
            }
        } else if does.cut {
            let (first, second) = bytes.split_at(bytes.len() / 2);
            send(stream, first);
            thread::sleep(Duration::from_millis(20));
            send(stream, second);
        } else {
            send(stream, &bytes);
        }
    }
}

/// A client that has gone gets nothing.
fn send(stream: &mut dyn Stream, bytes: &[u8]) {
    let _ = stream.write_all(bytes).and_then(|()| stream.flush());
}

impl State {
    fn set_by_console(&mut self, digits: &str, does: &Behaviour) -> Option<String> {
        let mut digits = digits.to_owned();
        if self.does.lose_keys > 0 {
            self.does.lose_keys -= 1;
            digits.remove(40);
        }
        if does.import_off {
            return Some("unknown config: prv.key".to_owned());
        }
        let error = if does.old {
            "Error, invalid key"
        } else {
            "Error, bad key"
        };
        if does.refuses || digits.len() != 128 {
            return Some(error.to_owned());
        }
        // What is no digit counts as 0.
        let digit = |c: char| c.to_digit(16).unwrap_or(0) as u8;
        let digits: Vec<u8> = digits.chars().map(digit).collect();
        let bytes: Vec<u8> = digits.chunks(2).map(|two| two[0] << 4 | two[1]).collect();
        let key = bytes.try_into().unwrap();
        self.store(key, does)?;
        if does.mute_about_keys {
            return None;
        }
        Some(if does.old {
            "OK".to_owned()
        } else {
            let public = hex::encode_upper(&public_of(&self.stored));
            format!("OK, reboot to apply! New pubkey: {public}")
        })
    }

    fn set_by_frame(&mut self, bytes: &[u8], does: &Behaviour) -> Option<Vec<u8>> {
        if self.does.lose_keys > 0 {
            // It waits for a byte that was lost, and the next command ends this one.
            self.does.lose_keys -= 1;
            return None;
        }
        if does.import_off {
            return Some(vec![15]);
        }
        let key = *bytes.first_chunk::<64>()?;
        let public = public_of(&key);
        if does.refuses || public[0] == 0 || public[0] == 0xff {
            return Some(vec![1, 6]);
        }
        if does.full {
            return Some(vec![1, 5]);
        }
        self.store(key, does)?;
        self.key = self.stored;
        Some(vec![0])
    }

    fn store(&mut self, mut bytes: [u8; 64], does: &Behaviour) -> Option<()> {
        self.seen.push(bytes);
        if does.dies {
            self.dead = true;
            return None;
        }
        if does.other_key {
            bytes = private_of(&key(9_000));
        }
        if does.damages_secret {
            bytes[50] ^= 1;
        }
        self.seen.push(bytes);
        self.stored = bytes;
        Some(())
    }
}

fn self_info(public: &[u8; 32]) -> Vec<u8> {
    let mut info = vec![5, 1, 22, 22];
    info.extend(public);
    info.extend([0; 12]);
    info.extend(869_525_u32.to_le_bytes());
    info.extend(250_000_u32.to_le_bytes());
    info.extend([11, 5]);
    info.extend(b"Hill Companion");
    info
}

fn device_info() -> Vec<u8> {
    let mut info = vec![13, 13, 50, 8, 0, 0, 0, 0];
    let mut field = |text: &str, length: usize| {
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(length, 0);
        info.extend(bytes);
    };
    field("14 Aug 2026", 12);
    field("Heltec V3", 40);
    field("v1.17.1", 20);
    info.extend([0, 0]);
    info
}
