//! An independent client, the Python packages meshcore and meshcore-cli, on the same simulated node: it understands it,
//! so the simulation is right in what both use.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::simulated::{Behaviour, private_of};
use super::{import, key_file, on_node};
use crate::common::key_samples::key;
use crate::common::program::{Place, has, hex};

/// Where `.ci/run` installs them.
fn installed(program: &str) -> PathBuf {
    let environment = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/meshcore/bin");
    environment.join(program)
}

/// What a client prints; it must succeed.
fn says(program: &str, words: &[&str]) -> String {
    let home = Place::new();
    let output = Command::new(installed(program))
        .args(words)
        .env("HOME", home.path("home"))
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert!(output.status.success(), "{out}{err}");
    out
}

/// Prints the public key, the private key, and what came of a new one, which is the second argument.
const CLIENT: &str = "
import asyncio, sys
from meshcore import MeshCore
async def main():
    node = await MeshCore.create_tcp('127.0.0.1', int(sys.argv[1]))
    print(node.self_info['public_key'])
    print((await node.commands.export_private_key()).payload['private_key'].hex())
    print((await node.commands.import_private_key(bytes.fromhex(sys.argv[2]))).type.name)
    await node.disconnect()
asyncio.run(main())
";

#[test]
fn another_client_reads_and_writes_the_same_keys() {
    let python = installed("python");
    if !has(
        "another_client",
        python.to_str().unwrap(),
        &["-c", "import meshcore"],
    ) {
        return;
    }
    let (place, node) = (Place::new(), Behaviour::companion().on_tcp());
    let (first, second) = (key(1), key(2));
    assert_eq!(import(&place, &node, &first, &[]).code, Some(0));
    let said = says(
        "python",
        &["-c", CLIENT, &node.tcp_port(), &hex(&private_of(&second))],
    );
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(
        lines,
        [&hex(first.public()), &hex(&private_of(&first)), "OK"]
    );
    let file = key_file(&place, "second.json", &second);
    let run = on_node(&place, &node, &["import", &file, "--yes"]);
    assert!(
        run.out.contains("already: verified"),
        "{}{}",
        run.out,
        run.err
    );
}

#[test]
fn the_command_line_client_shows_the_same_public_key() {
    let client = installed("meshcli");
    if !has("the_command_line_client", client.to_str().unwrap(), &["-v"]) {
        return;
    }
    let node = Behaviour::companion().on_tcp();
    let said = says(
        "meshcli",
        &["-j", "-t", "127.0.0.1", "-p", &node.tcp_port(), "infos"],
    );
    assert!(said.contains(&node.public()), "{said}");
}
